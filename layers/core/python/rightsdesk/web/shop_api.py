"""The JSON door for the shop's own systems. Each call is signed by a principal of the merchant's account.

GET  /api/permissions         may data of this person be used for this purpose, and handed to this recipient?
POST /api/provisions          may these data of these people go to somebody else? A yes is on record.
POST /api/provisions/received may these data, which somebody else offers, be taken in? The same.
POST /api/suppressions/check  was this person erased?

What it can do about consents, mailings and the policy: `shop_consents.py`.
"""

# serves: B-3, E-04, E-05, E-06, E-09, E-10, P-03, T-1, T-3, T-4

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rightsdesk.domain.errors import NotAllowedError
from rightsdesk.domain.permission import Permission
from rightsdesk.domain.provision_gate import ProvisionAnswers, ProvisionQuestion, principal
from rightsdesk.domain.request import PlainLine
from rightsdesk.domain.suppression import SuppressionAnswer
from rightsdesk.web.api_models import Body, Nothing, OpenApiDocument, Query
from rightsdesk.web.incoming import Incoming
from rightsdesk.web.json_door import ANYONE, Admission, Call, JsonDoor
from rightsdesk.web.rest_door import Report
from rightsdesk.web.shop_consents import ShopConsentDesk, add_consent_routes

MOST_IDENTIFIERS = 10  # of one person who signs up: an address, an account to log in with, and then some
MOST_SUBJECTS = 100  # people in one call
MOST_OF_ONE = 4  # identifiers of one of them
MOST_ITEMS = 50
MOST_CELLS = 5_000

Check = Callable[[Sequence[tuple[str, str]]], SuppressionAnswer]
"""(kind, value) of each identifier -> what is known. Raises InvalidInputError."""
Ask = Callable[[str, str, str, str | None], Permission]
"""(kind, value) of an identifier, purpose, recipient -> whether it may be done. Raises InvalidInputError."""


Provide = Callable[[ProvisionQuestion, Sequence[Sequence[tuple[str, str]]], Sequence[int]], ProvisionAnswers]
"""What goes to whom, the identifiers of each person, the cells of statistics. Raises InvalidInputError."""
Receive = Callable[[ProvisionQuestion, Sequence[Sequence[tuple[str, str]]]], ProvisionAnswers]
"""What comes from whom, the identifiers of each person. Raises InvalidInputError."""


@dataclass(frozen=True, kw_only=True)
class ShopDesk:
    """What the shop can ask for."""

    check: Check
    ask: Ask
    provide: Provide
    receive: Receive
    consents: ShopConsentDesk


class PermissionQuery(Query):
    """`subject`: an identifier, as `kind:value`. Without a recipient: used by the merchant alone."""

    subject: Annotated[
        str,
        Field(
            pattern=r"^[a-z][a-z0-9_]{0,59}:[^\s\x00-\x1f\x7f].{0,319}$",
            description="`email:hanako.sato@example.jp` or `member_id:M-000001`; kinds as in the data map",
            examples=["member_id:M-000001"],
        ),
    ]
    purpose: Annotated[PlainLine, Field(min_length=1, max_length=100, examples=["newsletter"])]
    recipient: Annotated[PlainLine, Field(min_length=1, max_length=100, examples=["mail_service"])] | None = None


class IdentifierBody(BaseModel):
    """One identifier, of a kind that the data map keeps digests of. Of a list of objects: its parts with colons."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$", description="as in `identifiers` of the data map")]
    value: Annotated[PlainLine, Field(min_length=1, max_length=320)]


class CheckBody(Body):
    """The identifiers of one person."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "identifiers": [
                        {"kind": "email", "value": "hanako.sato@example.jp"},
                        {"kind": "linked_account", "value": "line:U4af4980629"},
                    ]
                }
            ]
        }
    )

    identifiers: Annotated[tuple[IdentifierBody, ...], Field(min_length=1, max_length=MOST_IDENTIFIERS)]


Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Item = Annotated[
    str,
    Field(
        pattern=r"^[^\x00-\x20\x7f]{1,320}$",
        description="a category of the data map (`delivery`), or a field of it (`shop/members.phone`)",
    ),
]


class SubjectBody(BaseModel):
    """One person, by identifiers under which a record is found again; several where the shop has them."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    identifiers: Annotated[tuple[IdentifierBody, ...], Field(min_length=1, max_length=MOST_OF_ONE)]

    @property
    def named(self) -> list[tuple[str, str]]:
        return [(identifier.kind, identifier.value) for identifier in self.identifiers]


class _WhatGoes(Body):
    """What goes from one to the other. A name that the data map does not have is a no, not a mistake."""

    recipient: Annotated[Code, Field(description="as in the register of recipients: the other side")]
    purpose: Annotated[Code, Field(description="as in `purposes` of the data map")]
    ground: Annotated[
        Code,
        Field(
            description="consent, law, vital, health_child, state_organ, service_necessity, marketing_partner, "
            "own_advertising or statistics"
        ),
    ]
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=MOST_ITEMS)]
    id: Annotated[
        Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None,
        Field(description="your own name of this call: made again under it on the same day, it records nothing twice"),
    ] = None

    def question(self, caller: str) -> ProvisionQuestion:
        return ProvisionQuestion(
            recipient=self.recipient,
            purpose=self.purpose,
            ground=self.ground,
            items=self.items,
            asked_by=principal(caller),
            call=self.id,
        )


class ProvisionBody(_WhatGoes):
    """Data that are to go to a recipient: of these people, or as statistics with the numbers of people behind them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "recipient": "mail_service",
                    "purpose": "service",
                    "ground": "service_necessity",
                    "items": ["contact"],
                    "id": "orders-2026-11-23",
                    "subjects": [
                        {
                            "identifiers": [
                                {"kind": "email", "value": "hanako.sato@example.jp"},
                                {"kind": "member_id", "value": "M-000001"},
                            ]
                        }
                    ],
                }
            ]
        }
    )

    subjects: Annotated[tuple[SubjectBody, ...], Field(max_length=MOST_SUBJECTS)] = ()
    cells: Annotated[
        tuple[Annotated[int, Field(strict=True, ge=0, le=10**9)], ...],
        Field(max_length=MOST_CELLS, description="of statistics: how many people stand behind each number"),
    ] = ()


class ReceivedBody(_WhatGoes):
    """Data that a recipient of the register offers about these people."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "recipient": "payment_gateway",
                    "purpose": "fraud_prevention",
                    "ground": "consent",
                    "items": ["payment"],
                    "subjects": [{"identifiers": [{"kind": "member_id", "value": "M-000001"}]}],
                }
            ]
        }
    )

    subjects: Annotated[tuple[SubjectBody, ...], Field(min_length=1, max_length=MOST_SUBJECTS)]


def build_shop_api(desk: ShopDesk, *, report: Report, clock: Callable[[], datetime]) -> JsonDoor:
    """The door, to be called with `.resolve(event, context)`."""
    door = JsonDoor(title="Rightsdesk for the shop", report=report, clock=clock)
    signed = Admission(scheme="sigv4", admit=_principal)

    @door.serve(
        "GET",
        "/api/permissions",
        summary="Ask whether data of a person may be used for a purpose, and handed to a recipient",
        admit=signed,
        takes=PermissionQuery,
        answers=Permission,
    )
    def ask_permission(call: Call[str, PermissionQuery]) -> Permission:
        kind, _, value = call.given.subject.partition(":")
        return desk.ask(kind, value, call.given.purpose, call.given.recipient)

    @door.serve(
        "POST",
        "/api/provisions",
        summary="Ask whether data may go to a recipient; a yes is on record before it is given",
        admit=signed,
        takes=ProvisionBody,
        answers=ProvisionAnswers,
    )
    def provide(call: Call[str, ProvisionBody]) -> ProvisionAnswers:
        subjects = [subject.named for subject in call.given.subjects]
        return desk.provide(call.given.question(call.caller), subjects, call.given.cells)

    @door.serve(
        "POST",
        "/api/provisions/received",
        summary="Ask whether data that somebody offers may be taken in; a yes is on record before it is given",
        admit=signed,
        takes=ReceivedBody,
        answers=ProvisionAnswers,
    )
    def receive(call: Call[str, ReceivedBody]) -> ProvisionAnswers:
        return desk.receive(call.given.question(call.caller), [subject.named for subject in call.given.subjects])

    @door.serve(
        "POST",
        "/api/suppressions/check",
        summary="Ask whether any of these identifiers is of a person who was erased",
        admit=signed,
        takes=CheckBody,
        answers=SuppressionAnswer,
    )
    def check_suppression(call: Call[str, CheckBody]) -> SuppressionAnswer:
        return desk.check([(identifier.kind, identifier.value) for identifier in call.given.identifiers])

    add_consent_routes(door, desk.consents, signed=signed)

    @door.serve(
        "GET",
        "/api/shop/openapi.json",
        summary="This document",
        admit=ANYONE,
        takes=Nothing,
        answers=OpenApiDocument,
    )
    def describe_shop_api(call: Call[None, Nothing]) -> OpenApiDocument:
        return door.description(call.incoming)

    return door


def _principal(incoming: Incoming) -> str:
    """The gateway has verified the signature. A route that lost its authorizer must not answer everybody."""
    if incoming.principal is None:
        raise NotAllowedError
    return incoming.principal
