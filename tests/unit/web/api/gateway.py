"""Calls to a door as API Gateway makes them, from the samples in `events/`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rightsdesk.domain.permission import CLOSED_LIST, Permission, Reason
from rightsdesk.domain.provision_gate import ProvisionAnswer, ProvisionAnswers, ProvisionQuestion, ProvisionReason
from rightsdesk.domain.suppression import CheckedIdentifier, SuppressionAnswer
from rightsdesk.web.json_door import JsonDoor
from rightsdesk.web.public_api import build_public_api
from rightsdesk.web.shop_api import Ask, Check, Provide, Receive, ShopDesk, build_shop_api
from rightsdesk.web.shop_consents import ShopConsentDesk
from rightsdesk.web.staff_api import build_staff_api
from tests.support.consents import ConsentRoom
from tests.unit.web.api.desks import NOW, Log, staff_desk, subject_desk

EVENTS = Path(__file__).parents[4] / "events"
CONTEXT: Any = SimpleNamespace(aws_request_id="3b1f2c4d-0000-4000-8000-000000000001")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any
    text: str


def event(name: str, **changes: Any) -> dict[str, Any]:
    """The sample of that name. `headers` adds headers (None takes one away); other names replace parts."""
    sample: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    for header, value in changes.pop("headers", {}).items():
        for key in [k for k in sample["headers"] if k.lower() == header.lower()]:
            del sample["headers"][key], sample["multiValueHeaders"][key]
        if value is not None:
            sample["headers"][header], sample["multiValueHeaders"][header] = value, [value]
    return sample | changes


def ask(door: JsonDoor, asked: dict[str, Any]) -> Answer:
    answer = door.resolve(asked, CONTEXT)
    headers = {name: ", ".join(values) for name, values in answer["multiValueHeaders"].items()}
    return Answer(answer["statusCode"], headers, json.loads(answer["body"]), answer["body"])


def public_door() -> tuple[JsonDoor, Log]:
    desk, log = subject_desk()
    return build_public_api(desk, report=log.report, clock=lambda: NOW), log


def shop_door(
    check: Check | None = None,
    ask: Ask | None = None,
    *,
    provide: Provide | None = None,
    receive: Receive | None = None,
    consents: ShopConsentDesk | None = None,
) -> tuple[JsonDoor, Log]:
    """`check` finds nobody, of consents nothing is on record, and all else says no, unless others are given."""
    log = Log({})
    no = ProvisionAnswer(allowed=False, reason=ProvisionReason.UNKNOWN_RECIPIENT, rule=CLOSED_LIST)

    def not_to_anybody(_: ProvisionQuestion, subjects: Sequence[object], cells: Sequence[int] = ()) -> ProvisionAnswers:
        return ProvisionAnswers(allowed=False, answers=(no,) * (len(subjects) or 1))

    def nobody(identifiers: Sequence[tuple[str, str]]) -> SuppressionAnswer:
        checked = tuple(CheckedIdentifier(kind=kind, suppressed=False) for kind, _ in identifiers)
        return SuppressionAnswer(suppressed=False, identifiers=checked)

    def never(kind: str, value: str, purpose: str, recipient: str | None) -> Permission:
        return Permission(allowed=False, reason=Reason.UNKNOWN_PURPOSE, rule=CLOSED_LIST)

    desk = ShopDesk(
        check=check or nobody,
        ask=ask or never,
        provide=provide or not_to_anybody,
        receive=receive or not_to_anybody,
        consents=consents or ConsentRoom().shop_desk(),
    )
    return build_shop_api(desk, report=log.report, clock=lambda: NOW), log


def staff_door() -> tuple[JsonDoor, Log]:
    desk, log = staff_desk()
    return build_staff_api(desk, report=log.report, clock=lambda: NOW), log
