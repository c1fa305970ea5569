"""The JSON door for the shop's own systems: was this person erased? Signed by a principal of the merchant's account.

The question comes as a POST, so that no address stands in a URL or in an access log.
"""

# serves: E-04, T-3

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rightsdesk.domain.errors import NotAllowedError
from rightsdesk.domain.request import PlainLine
from rightsdesk.domain.suppression import SuppressionAnswer
from rightsdesk.web.api_models import Body, Nothing, OpenApiDocument
from rightsdesk.web.incoming import Incoming
from rightsdesk.web.json_door import ANYONE, Admission, Call, JsonDoor, Report

MOST_IDENTIFIERS = 10  # of one person who signs up: an address, an account to log in with, and then some

Check = Callable[[Sequence[tuple[str, str]]], SuppressionAnswer]
"""(kind, value) of each identifier -> what is known. Raises InvalidInputError."""


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


def build_shop_api(check: Check, *, report: Report, clock: Callable[[], datetime]) -> JsonDoor:
    """The door, to be called with `.resolve(event, context)`."""
    door = JsonDoor(title="Suppression check", report=report, clock=clock)
    signed = Admission(scheme="sigv4", admit=_principal)

    @door.serve(
        "POST",
        "/api/suppressions/check",
        summary="Ask whether any of these identifiers is of a person who was erased",
        admit=signed,
        takes=CheckBody,
        answers=SuppressionAnswer,
    )
    def check_suppression(call: Call[str, CheckBody]) -> SuppressionAnswer:
        return check([(identifier.kind, identifier.value) for identifier in call.given.identifiers])

    @door.serve(
        "GET",
        "/api/suppressions/openapi.json",
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
