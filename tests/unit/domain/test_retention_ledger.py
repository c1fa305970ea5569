"""Entries of the retention ledger: when they are due, and what becomes of one whose ground is lifted."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.audit import verify_chain
from rightsdesk.domain.erasing import Kept
from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.retention_ledger import RetentionState, case_part, entry_id_of
from tests.support.retention import LABEL, LAW, new_entry

NOW = datetime(2030, 1, 2, 3, 0, tzinfo=UTC)
TODAY = date(2030, 1, 2)
LATER = Kept(retention="consent", until=date(2031, 1, 1))


@pytest.mark.parametrize(
    ("changes", "today", "due"),
    [
        ({}, date(2033, 5, 31), False),  # the last day itself
        ({}, date(2033, 6, 1), True),
        ({"until": None}, date(2099, 1, 1), False),
        ({"state": RetentionState.ERASED}, date(2033, 6, 1), True),  # the letter is not out
        ({"state": RetentionState.ERASED, "settled": True}, date(2033, 6, 1), False),
        ({"state": RetentionState.CHANGED, "settled": True}, date(2033, 6, 1), False),
    ],
)
def test_an_entry_is_due_the_day_after_its_last_until_it_is_settled(
    changes: dict[str, Any], today: date, due: bool
) -> None:
    assert new_entry("c1", **changes).is_due(today) is due


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"until": None, "ground": "gdpr_17_3_e"}, {"until": date(2030, 1, 1), "ground": None}),
        (
            {"until": None, "ground": "gdpr_17_3_e", "then": LATER, "then_period": LABEL, "then_law": LAW},
            {"until": date(2031, 1, 1), "ground": None, "retention": "consent", "law": LAW, "then": None},
        ),
        ({"until": None}, {"until": date(2030, 1, 1), "ground": None}),  # nobody but a person can say when
        (  # the law has let it go in the meantime
            {
                "until": None,
                "ground": "gdpr_17_3_e",
                "then": Kept(retention="consent", until=date(2029, 1, 1)),
                "then_period": LABEL,
            },
            {"until": date(2030, 1, 1), "ground": None, "then": None},
        ),
        (
            {"state": RetentionState.CHANGED, "settled": True, "erased": 1, "changed": 1},
            {"until": date(2030, 1, 1), "state": RetentionState.KEPT, "settled": False, "rows": 1, "changed": 0},
        ),
    ],
)
def test_what_is_lifted_goes_now_or_when_the_law_lets_it(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    entry, first = new_entry("c1", **changes).entered()
    after, event = entry.lifted(at=NOW, today=TODAY, actor="staff:1")
    assert {name: getattr(after, name) for name in expected} == expected
    assert (after.version, event.actor, event.type) == (2, "staff:1", "retention_lifted")
    assert verify_chain([first, event]) is None


@pytest.mark.parametrize("changes", [{}, {"state": RetentionState.ERASED}, {"state": RetentionState.ERASING}])
def test_a_law_is_lifted_by_nobody(changes: dict[str, Any]) -> None:
    with pytest.raises(ConflictError):
        new_entry("c1", **changes).lifted(at=NOW, today=TODAY, actor="staff:1")


def test_the_record_of_an_entry_goes_three_years_after_its_rows() -> None:
    ended = new_entry("c1", state=RetentionState.ERASED, settled=True, ended_at=NOW)
    assert ended.expires_at == datetime(2033, 1, 1, 3, 0, tzinfo=UTC)
    assert new_entry("c1", state=RetentionState.CHANGED, settled=True, ended_at=NOW).expires_at is None
    assert new_entry("c1").expires_at is None


@given(st.text(), st.text(), st.sampled_from([LATER, LATER.model_copy(update={"ground": "gdpr_17_3_e"})]))
def test_an_entry_is_known_by_its_reason_and_hides_its_case(request_id: str, path: str, kept: Kept) -> None:
    entry_id = entry_id_of(request_id, path, kept)
    assert entry_id == entry_id_of(request_id, path, kept)
    assert entry_id.startswith(case_part(request_id))
    assert len(entry_id) == 40
    assert entry_id != entry_id_of(request_id, f"{path}x", kept)
