"""Versions of the policy and their acceptance: the newest that was accepted is told, and nothing depends on it."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from rightsdesk.domain.acceptance import Acceptance, PolicyHistory, accepted_policy
from rightsdesk.domain.errors import NotFoundError
from tests.support.consents import POLICY

CORE = Path(__file__).parents[3] / "layers/core/python/rightsdesk"
FUNCTIONS = Path(__file__).parents[3] / "functions"


def version(name: str, day: str) -> dict[str, Any]:
    text = {"link": f"https://shop.example/{name}", "sha256": "a" * 64}
    return {"version": name, "valid_from": day, "changes": {"en": "c", "ja": "c"}, "en": text, "ja": text}


HISTORY = PolicyHistory.model_validate(
    [version("c", "2027-01-01"), version("b", "2026-01-01"), version("a", "2024-01-01")]
)


def accepted(name: str, year: int) -> Acceptance:
    return Acceptance(version=name, accepted_at=datetime(year, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("names", "on", "newest", "is_current"),
    [
        ([], date(2026, 6, 1), None, False),
        (["a"], date(2026, 6, 1), "a", False),
        (["a", "b"], date(2026, 6, 1), "b", True),
        (["b", "a"], date(2026, 6, 1), "b", True),
        (["b"], date(2026, 12, 31), "b", True),
        (["b"], date(2027, 1, 1), "b", False),
        (["gone"], date(2026, 6, 1), "gone", False),
        (["gone", "a"], date(2026, 6, 1), "a", False),
    ],
)
def test_the_newest_version_that_was_accepted_is_told(
    names: list[str], on: date, newest: str | None, is_current: bool
) -> None:
    told = accepted_policy([accepted(name, 2025) for name in names], HISTORY, on=on)
    assert (told.version, told.is_current) == (newest, is_current)


def test_before_the_first_version_the_first_one_is_the_current() -> None:
    assert HISTORY.current(date(1999, 1, 1)).version == "a"
    with pytest.raises(NotFoundError):
        HISTORY.version("z")


@pytest.mark.parametrize(
    "versions",
    [
        [],
        [version("a", "2024-01-01"), version("b", "2026-01-01")],
        [version("a", "2026-01-01"), version("a", "2024-01-01")],
        [version("a", "2024-01-01") | {"en": {"link": "http://shop.example", "sha256": "a" * 64}}],
    ],
)
def test_a_history_out_of_order_is_refused(versions: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        PolicyHistory.model_validate(versions)


def test_the_policy_that_ships_has_a_version_in_force() -> None:
    assert POLICY.current(date(2026, 11, 29)).version == "2026-09"


def test_n1_nothing_but_the_shops_door_and_the_answer_to_access_knows_of_an_acceptance() -> None:
    """So no step of a request can wait for one."""
    pattern = re.compile(r"acceptance|policy_history|accept_policy")
    services = {path.stem for path in (CORE / "services").glob("*.py") if pattern.search(path.read_text("utf-8"))}
    assert services == {"accept_policy", "build_export"}
    functions = {path.parent.name for path in FUNCTIONS.glob("*/app.py") if pattern.search(path.read_text("utf-8"))}
    assert functions == {"shop_api", "build_export"}
