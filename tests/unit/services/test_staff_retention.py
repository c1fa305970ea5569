"""Who sees what is kept, and who lets it go."""

from datetime import date

import pytest

from rightsdesk.domain.errors import (
    ApproverNeededError,
    ConflictError,
    NotAllowedError,
    NotFoundError,
    ServiceUnavailableError,
)
from rightsdesk.domain.retention_ledger import RetentionEntry
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.services.staff_retention import StaffRetention
from tests.support.desk import merchant
from tests.support.fake_subject_desk import MovableClock
from tests.support.fakes import Faults
from tests.support.retention import FakeLedger, new_entry

HELD = "gdpr_17_3_e"


class Rig:
    def __init__(self, *, unavailable: bool = False) -> None:
        self.ledger = FakeLedger(Faults())
        self.started: list[str] = []
        self.unavailable = unavailable
        self.retention = StaffRetention(
            ledger=self.ledger, erase_now=self._start, merchant=merchant(), clock=MovableClock()
        )

    def _start(self, entry_id: str) -> None:
        if self.unavailable:
            raise ServiceUnavailableError("TooManyRequests")
        self.started.append(entry_id)

    def entered(self, entry: RetentionEntry) -> str:
        self.ledger.create(*entry.entered())
        return entry.entry_id


def staff(role: Role) -> StaffMember:
    return StaffMember(user_id="u-1", roles=frozenset({role}))


@pytest.mark.parametrize("role", Role)
def test_all_staff_see_what_is_kept_and_why(role: Role) -> None:
    rig = Rig()
    for number in range(3):
        rig.entered(new_entry(f"case-{number}"))
    page = rig.retention.page(staff(role), 2, None)
    rest = rig.retention.page(staff(role), 2, page.next)
    assert (len(page.items), len(rest.items), rest.next) == (2, 1, None)
    assert page.items[0].law is not None
    assert page.items[0].until == date(2033, 5, 31)
    assert "case-" not in page.model_dump_json()  # the id of a case stays inside


def test_an_approver_lets_go_what_is_held_and_it_is_erased_at_once() -> None:
    rig = Rig()
    entry_id = rig.entered(new_entry("c1", until=None, ground=HELD, law=None))
    assert rig.retention.page(staff(Role.APPROVER), 25, None).items[0].may_be_lifted
    view = rig.retention.lift(staff(Role.APPROVER), entry_id)
    assert rig.started == [entry_id]
    assert (view.ground, view.may_be_lifted) == (None, False)
    assert rig.ledger.events[-1].actor == "staff:u-1"


def test_what_a_law_keeps_yet_is_not_erased_when_its_ground_is_gone() -> None:
    rig = Rig()
    then = new_entry("c1").kept_until
    entry_id = rig.entered(new_entry("c1", until=None, ground=HELD, then=then, then_period=new_entry("c1").period))
    assert rig.retention.lift(staff(Role.APPROVER), entry_id).until == date(2033, 5, 31)
    assert rig.started == []


@pytest.mark.parametrize("role", [Role.HANDLER, Role.AUDITOR, Role.ADMIN])
def test_nobody_else_lets_anything_go(role: Role) -> None:
    rig = Rig()
    entry_id = rig.entered(new_entry("c1", until=None, ground=HELD))
    with pytest.raises((ApproverNeededError, NotAllowedError)):
        rig.retention.lift(staff(role), entry_id)
    assert rig.ledger.get(entry_id).ground == HELD


def test_a_law_is_lifted_by_nobody_and_what_is_not_there_is_not_found() -> None:
    rig = Rig()
    with pytest.raises(ConflictError):
        rig.retention.lift(staff(Role.APPROVER), rig.entered(new_entry("c1")))
    for unknown in ("0" * 40, "x", "0" * 41):
        with pytest.raises(NotFoundError):
            rig.retention.lift(staff(Role.APPROVER), unknown)


def test_what_can_not_be_started_waits_for_the_daily_run() -> None:
    rig = Rig(unavailable=True)
    entry_id = rig.entered(new_entry("c1", until=None, ground=HELD))
    rig.retention.lift(staff(Role.APPROVER), entry_id)
    assert [entry.entry_id for entry in rig.ledger.due(date(2026, 9, 3))] == [entry_id]
