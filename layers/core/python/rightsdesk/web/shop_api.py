"""The JSON door for the shop's own systems. Each call is signed by a principal of the merchant's account.

GET  /api/permissions         may data of this person be used for this purpose, and handed to this recipient?
POST /api/suppressions/check  was this person erased?
"""

# serves: B-3, E-04, E-05, E-06, E-09, E-10, P-03, T-3

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rightsdesk.domain.errors import NotAllowedError
from rightsdesk.domain.permission import Permission
from rightsdesk.domain.request import PlainLine
from rightsdesk.domain.suppression import SuppressionAnswer
from rightsdesk.web.api_models import Body, Nothing, OpenApiDocument, Query
from rightsdesk.web.incoming import Incoming
from rightsdesk.web.json_door import ANYONE, Admission, Call, JsonDoor, Report

MOST_IDENTIFIERS = 10  # of one person who signs up: an address, an account to log in with, and then some

Check = Callable[[Sequence[tuple[str, str]]], SuppressionAnswer]
"""(kind, value) of each identifier -> what is known. Raises InvalidInputError."""
Ask = Callable[[str, str, str, str | None], Permission]
"""(kind, value) of an identifier, purpose, recipient -> whether it may be done. Raises InvalidInputError."""


@dataclass(frozen=True, kw_only=True)
class ShopDesk:
    """What the shop can ask for."""

    check: Check
    ask: Ask


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
        "/api/suppressions/check",
        summary="Ask whether any of these identifiers is of a person who was erased",
        admit=signed,
        takes=CheckBody,
        answers=SuppressionAnswer,
    )
    def check_suppression(call: Call[str, CheckBody]) -> SuppressionAnswer:
        return desk.check([(identifier.kind, identifier.value) for identifier in call.given.identifiers])

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
