"""Routes of the shop's door about consents, mailings and the policy; like all of that door they are signed.

POST /api/consents             a consent that the shop was given, with its proof
POST /api/consents/withdrawal  one that is taken back
POST /api/unsubscribe-links    of each address: may a mail go there, and by which link is it stopped?
POST /api/acceptances          which version of the policy a member accepted
GET  /api/acceptances          the newest that they accepted, and whether it is the one in force
"""

# serves: B-3, B-7, E-09, N-1, P-03

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from rightsdesk.domain.acceptance import Acceptance, AcceptedPolicy
from rightsdesk.domain.consent_text import Version
from rightsdesk.domain.errors import WithdrawnSinceError
from rightsdesk.domain.permission import Permission
from rightsdesk.domain.request import EmailText, Language, NameInMap
from rightsdesk.domain.unsubscribing import Mailing
from rightsdesk.web.api_models import Body, Query
from rightsdesk.web.json_door import Admission, Call, JsonDoor

MOST_ADDRESSES = 25  # of one call: each is one reading of one item

Subject = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,59}:[^\s\x00-\x1f\x7f].{0,319}$",
        description="an identifier as `kind:value`: that by which permissions are asked for later",
        examples=["email:hanako.sato@example.jp"],
    ),
]
Proof = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9._:/-]{1,100}$",
        description="the id of your own record of it; never an address of a person or a machine",
        examples=["signup-20261129-4711"],
    ),
]
PurposeName = Annotated[NameInMap, Field(examples=["newsletter"])]


class RecordConsent(Protocol):
    def __call__(
        self,
        kind: str,
        value: str,
        purpose: str,
        /,
        *,
        text_version: str,
        language: Language,
        given_at: AwareDatetime,
        proof: str,
    ) -> Permission: ...


class WithdrawConsent(Protocol):
    def __call__(self, kind: str, value: str, purpose: str, /, *, withdrawn_at: AwareDatetime | None) -> Permission: ...


def _written(value: object) -> object:
    """A number may count seconds or milliseconds, and nobody knows of what."""
    if isinstance(value, str):
        return value
    raise ValueError("not a time of ISO 8601")


Moment = Annotated[AwareDatetime, BeforeValidator(_written, json_schema_input_type=AwareDatetime)]


@dataclass(frozen=True, kw_only=True)
class ShopConsentDesk:
    """What these routes can do. `mailing` takes a purpose and addresses; `accept` and `accepted` an identifier."""

    record: RecordConsent
    withdraw: WithdrawConsent
    mailing: Callable[[str, Sequence[str]], tuple[Mailing, ...]]
    accept: Callable[[str, str, Acceptance], AcceptedPolicy]
    accepted: Callable[[str, str], AcceptedPolicy]


class ConsentBody(Body):
    """A consent as it was given. The text is one of `consents.yaml`, in the language in which it was read."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject": "email:hanako.sato@example.jp",
                    "purpose": "newsletter",
                    "text_version": "2026-09",
                    "language": "ja",
                    "given_at": "2026-09-02T09:58:00Z",
                    "proof": "signup-20261123-4711",
                }
            ]
        }
    )

    subject: Subject
    purpose: PurposeName
    text_version: Annotated[Version, Field(examples=["2026-09"])]
    language: Language
    given_at: Moment
    proof: Proof


class WithdrawalBody(Body):
    """Without a time: now."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"subject": "email:hanako.sato@example.jp", "purpose": "newsletter"}]}
    )

    subject: Subject
    purpose: PurposeName
    withdrawn_at: Moment | None = None


class MailingBody(Body):
    """Addresses that mails for one purpose are about to be sent to."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"purpose": "newsletter", "emails": ["hanako.sato@example.jp", "taro.suzuki@example.jp"]}]
        }
    )

    purpose: PurposeName
    emails: Annotated[
        tuple[EmailText, ...],
        Field(min_length=1, max_length=MOST_ADDRESSES, examples=[["hanako.sato@example.jp"]]),
    ]


class Mailings(BaseModel):
    """In the order of the addresses."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    mailings: tuple[Mailing, ...]


class AcceptanceBody(Body):
    """A version of `policy.yaml`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject": "email:hanako.sato@example.jp",
                    "version": "2026-09",
                    "accepted_at": "2026-09-02T09:58:00Z",
                    "proof": "signup-20261123-4711",
                }
            ]
        }
    )

    subject: Subject
    version: Annotated[Version, Field(examples=["2026-09"])]
    accepted_at: Moment
    proof: Proof | None = None


class AcceptanceQuery(Query):
    subject: Subject


def add_consent_routes(door: JsonDoor, desk: ShopConsentDesk, *, signed: Admission[str]) -> None:
    @door.serve(
        "POST",
        "/api/consents",
        summary="Record a consent that the shop was given",
        admit=signed,
        takes=ConsentBody,
        answers=Permission,
        refuses=(WithdrawnSinceError,),
    )
    def record_consent(call: Call[str, ConsentBody]) -> Permission:
        given = call.given
        return desk.record(
            *_parts(given.subject),
            given.purpose,
            text_version=given.text_version,
            language=given.language,
            given_at=given.given_at,
            proof=given.proof,
        )

    @door.serve(
        "POST",
        "/api/consents/withdrawal",
        summary="Record that a consent is taken back",
        admit=signed,
        takes=WithdrawalBody,
        answers=Permission,
    )
    def withdraw_consent(call: Call[str, WithdrawalBody]) -> Permission:
        given = call.given
        return desk.withdraw(*_parts(given.subject), given.purpose, withdrawn_at=given.withdrawn_at)

    @door.serve(
        "POST",
        "/api/unsubscribe-links",
        summary="Ask whether mails may go to addresses, and get what each has to carry so that it can be stopped",
        admit=signed,
        takes=MailingBody,
        answers=Mailings,
    )
    def offer_mailing(call: Call[str, MailingBody]) -> Mailings:
        return Mailings(mailings=desk.mailing(call.given.purpose, call.given.emails))

    @door.serve(
        "POST",
        "/api/acceptances",
        summary="Record which version of the privacy policy a member accepted",
        admit=signed,
        takes=AcceptanceBody,
        answers=AcceptedPolicy,
    )
    def accept_policy(call: Call[str, AcceptanceBody]) -> AcceptedPolicy:
        given = call.given
        acceptance = Acceptance(version=given.version, accepted_at=given.accepted_at, proof=given.proof)
        return desk.accept(*_parts(given.subject), acceptance)

    @door.serve(
        "GET",
        "/api/acceptances",
        summary="Ask which version of the privacy policy a member accepted last",
        admit=signed,
        takes=AcceptanceQuery,
        answers=AcceptedPolicy,
    )
    def view_acceptance(call: Call[str, AcceptanceQuery]) -> AcceptedPolicy:
        return desk.accepted(*_parts(call.given.subject))


def _parts(subject: str) -> tuple[str, str]:
    kind, _, value = subject.partition(":")
    return kind, value
