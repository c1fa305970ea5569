"""Collecting one source for a case (abuse cases 43, 77, 81)."""

import pytest

from rightsdesk.domain.errors import CaseClosedError, SourceBrokenError, SourceUnavailableError
from rightsdesk.domain.request import PrivacyRequest
from tests.support.desk import Desk
from tests.support.fakes import How


def statuses(desk: Desk, case: PrivacyRequest) -> dict[str, str]:
    return {name: state.status for name, state in desk.table.sources[case.request_id].items()}


def work(desk: Desk) -> set[str]:
    return {key.split("/", 2)[2] for key in desk.bucket.objects if key.startswith("work/")}


def test_each_collection_is_stored_and_counted() -> None:
    desk = Desk()
    case = desk.collected()
    assert statuses(desk, case) == {"shop": "done", "files": "done"}
    assert work(desk) == {"shop/members", "shop/orders", "files/letters"}
    orders = desk.table.sources[case.request_id]["shop"].collections["orders"]
    assert (orders.rows, orders.flagged) == (2, 1)


def test_a81_a_source_that_fails_keeps_what_it_had_and_goes_on_from_there() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.faults.before("cases.put_source", lambda: setattr(desk.reader, "broken", SourceUnavailableError("down")))
    with pytest.raises(SourceUnavailableError):
        desk.collect(case, "shop")
    desk.fail_source(case, "shop", "SourceUnavailableError")
    state = desk.table.sources[case.request_id]["shop"]
    assert (state.status, state.error, list(state.collections)) == ("failed", "SourceUnavailableError", ["members"])
    desk.reader.broken = None
    before = desk.faults.calls.count("source.read")
    desk.collect(case, "shop")
    assert statuses(desk, case) == {"shop": "done"}
    assert desk.faults.calls.count("source.read") == before + 1  # members were not read again


def test_a81_a_broken_source_is_an_error_and_never_an_empty_one() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.reader.broken = SourceBrokenError("shop/members")
    with pytest.raises(SourceBrokenError):
        desk.collect(case, "shop")
    assert statuses(desk, case) == {}
    assert work(desk) == set()


def test_a43_what_is_done_is_not_done_again() -> None:
    desk = Desk()
    case = desk.collected()
    before = desk.faults.calls.count("source.read")
    for source in case.sources:
        desk.collect(case, source)
    assert desk.faults.calls.count("source.read") == before


@pytest.mark.parametrize("moment", ["source.read", "records.write", "cases.put_source"])
def test_a77_withdrawn_while_it_is_collected_everything_that_was_written_goes(moment: str) -> None:
    desk = Desk()
    case = desk.collecting()
    desk.faults.before(moment, lambda: desk.withdraw(case))
    with pytest.raises(CaseClosedError):
        desk.collect(case, "shop")
    assert desk.bucket.objects == {}
    assert statuses(desk, case) == {}


def test_a77_nothing_is_read_for_a_case_that_is_closed() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.withdraw(case)
    with pytest.raises(CaseClosedError):
        desk.collect(case, "shop")
    assert "source.read" not in desk.faults.calls


def test_a_failure_is_noted_by_name_and_only_while_the_case_is_open() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.fail_source(case, "shop")
    assert desk.table.sources[case.request_id]["shop"].error == "SourceBrokenError"
    desk.withdraw(case)
    desk.fail_source(case, "files")
    assert "files" not in desk.table.sources[case.request_id]


def test_a_failure_that_could_not_be_noted_is_an_error() -> None:
    desk = Desk()
    case = desk.collecting()
    desk.faults.fail(len(desk.faults.calls) + 1, How.UNAVAILABLE)
    with pytest.raises(Exception, match="put_source"):
        desk.fail_source(case, "shop")
