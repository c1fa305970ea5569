"""What is missing or overdue with those who are given data: criteria, an agreement, a look each year (C-1)."""

# serves: C-1, P-10

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.oversight import Gap, oversights
from rightsdesk.domain.recipients import Recipient
from tests.unit.domain import maps

TODAY = date(2026, 11, 29)
SIGNED = {"reference": "A-1", "signed_on": "2024-02-29"}


def recipient(**changes: Any) -> Recipient:
    return Recipient.model_validate({"label": maps.LABEL, "role": "processor", "criteria": maps.LABEL} | changes)


@pytest.mark.parametrize(
    ("changes", "gaps"),
    [
        ({"contract": SIGNED, "reviewed_on": "2026-01-10"}, []),
        ({"contract": SIGNED, "reviewed_on": "2025-11-29"}, []),
        ({"contract": SIGNED, "reviewed_on": "2025-11-28"}, [(Gap.REVIEW_OVERDUE, date(2026, 11, 28))]),
        (
            {"contract": SIGNED, "reviewed_on": "2026-01-10", "review_every_months": 6},
            [(Gap.REVIEW_OVERDUE, date(2026, 7, 10))],
        ),
        ({"contract": SIGNED}, [(Gap.REVIEW_OVERDUE, date(2025, 2, 28))]),
        ({"reviewed_on": "2026-01-10"}, [(Gap.NO_CONTRACT, None)]),
        ({}, [(Gap.NO_CONTRACT, None), (Gap.NEVER_REVIEWED, None)]),
        ({"criteria": None, "contract": SIGNED, "reviewed_on": "2026-01-10"}, [(Gap.NO_CRITERIA, None)]),
        ({"role": "third_party", "criteria": None}, []),
        ({"role": "third_party", "contract": SIGNED}, [(Gap.REVIEW_OVERDUE, date(2025, 2, 28))]),
    ],
)
def test_what_is_missing_or_overdue(changes: dict[str, Any], gaps: list[tuple[Gap, date | None]]) -> None:
    found = oversights({"one": recipient(**changes)}, TODAY)
    assert [(each.gap, each.since) for each in found] == gaps


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 60), st.integers(-400, 4000))
def test_a_review_is_overdue_from_the_day_after_it_was_due(reviewed: date, months: int, days: int) -> None:
    one = recipient(contract=SIGNED, reviewed_on=reviewed, review_every_months=months)
    due_on = one.review_due_on
    assert due_on is not None
    today = due_on + timedelta(days=days)
    found = [each.gap for each in oversights({"one": one}, today)]
    assert found == ([Gap.REVIEW_OVERDUE] if days > 0 else [])
