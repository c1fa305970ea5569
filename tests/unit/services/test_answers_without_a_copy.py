"""Information, the purposes of use and the records of provision: what is said of the data, made for this person."""

import io
import json
import zipfile
from typing import Any

import pytest

from rightsdesk.domain.errors import AnsweredByPackageError, InvalidInputError, ServiceUnavailableError
from rightsdesk.domain.identifier_digest import identifier_digests
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.provision import KEY_PURPOSE
from rightsdesk.domain.request import ANSWERED_BY_ACCOUNT, PrivacyRequest, RequestType, Treatment, Withholding
from rightsdesk.services.withhold_fields import withhold_fields
from tests.support.desk import APPROVER, HANDLER, JANE, JANES_MEMBER_ID, Desk
from tests.support.fakes import How, PlainPress
from tests.support.play import Play
from tests.unit.export.package_of_a_shop import provision

KINDS = sorted(ANSWERED_BY_ACCOUNT)


def package(desk: Desk, case: PrivacyRequest) -> dict[str, bytes]:
    export = desk.now(case).export
    assert export is not None
    with zipfile.ZipFile(io.BytesIO(desk.bucket.objects[export.parts[0].key])) as opened:
        return {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}


def on_record(desk: Desk, kind: str, value: str, **changes: Any) -> None:
    desk.provisions.record(
        identifier_digests(desk.keys.key(KEY_PURPOSE), [(kind, value)]), provision(party="carrier", **changes)
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("held", [Treatment.WITHHOLD, Treatment.GIVE])
def test_each_is_collected_built_released_fetched_and_closed(kind: RequestType, held: Treatment) -> None:
    play = Play(types=(kind,), held=held)
    play.until_all_is_done()
    (case,) = play.all_cases()
    assert (case.status, case.outcome) == (Status.CLOSED, Outcome.FULFILLED)
    assert [mail for mail in play.mails() if mail != "access_code"] == [
        "verification_code",
        "staff_release",
        "information_ready",
        "downloaded",
        "closed",
    ]
    assert "carried_out" not in play.history(case)
    assert {"Collect", "BuildExport", "RequestRelease"} <= set(play.visited(case))


@pytest.mark.parametrize("kind", KINDS)
def test_no_row_about_others_waits_for_staff_and_no_field_can_be_held_back(kind: RequestType) -> None:
    desk = Desk()
    case = desk.awaiting_review(types=(kind,))
    assert case.export is not None
    assert (case.export.withheld_rows, case.export.left_out) == (0, 0)
    with pytest.raises(InvalidInputError, match="not_held"):
        desk.reviewer.release(APPROVER, case, case.version, {"shop/orders": Treatment.GIVE})
    why = {"shop/members.text": Withholding(ground="gdpr_15_4", reason="It names somebody else.")}
    with pytest.raises(InvalidInputError, match="not_given"):
        withhold_fields(HANDLER, case, case.version, why, cases=desk.cases, clock=desk.clock)
    with pytest.raises(AnsweredByPackageError):
        desk.complete(case)
    everything = b"".join(package(desk, case).values())
    for value in (b"a chair", b"Dear shop", b"Tom", JANE.encode(), JANES_MEMBER_ID.encode()):
        assert value not in everything


@pytest.mark.parametrize("kind", KINDS)
def test_that_nothing_is_held_is_said_in_letter_and_package(kind: RequestType) -> None:
    press = PlainPress()
    desk = Desk(press=press)
    desk.reader.rows = {}
    desk.answered(types=(kind,))
    (said,) = [printed.values for printed in press.printed if printed.letter == "information_ready"]
    assert said["says"].name == f"says.{kind}_none"


def test_records_are_found_by_what_was_verified_and_by_what_stands_in_the_account() -> None:
    desk = Desk()
    on_record(desk, "email", JANE.upper(), record_id="1" * 32, items=("contact",))
    on_record(desk, "member_id", JANES_MEMBER_ID, record_id="2" * 32, items=("delivery",))
    on_record(desk, "member_id", "M-000003", record_id="3" * 32)
    case = desk.awaiting_review(types=(RequestType.PROVISION_RECORDS,))
    assert case.export is not None
    assert case.export.provisions == 2
    said = json.loads(package(desk, case)["data/third_party_records.json"])
    assert [entry["record_id"] for entry in said["provided"]] == ["1" * 32, "2" * 32]
    assert desk.table.events[case.request_id][-2].details["provisions"] == 2


def test_the_letter_counts_the_records() -> None:
    press = PlainPress()
    desk = Desk(press=press)
    on_record(desk, "email", JANE)
    desk.answered(types=(RequestType.PROVISION_RECORDS,))
    (said,) = [printed.values for printed in press.printed if printed.letter == "information_ready"]
    assert (said["says"].name, said["says"].values) == ("says.provision_records", {"records": 1})


@pytest.mark.parametrize(
    ("types", "asks"),
    [
        ((RequestType.ACCESS,), True),
        ((RequestType.INFORMATION,), True),
        ((RequestType.PROVISION_RECORDS,), True),
        ((RequestType.PURPOSE_NOTICE,), False),
        ((RequestType.PORTABILITY,), False),
    ],
)
def test_the_ledger_is_asked_where_the_answer_says_it(types: tuple[RequestType, ...], asks: bool) -> None:
    desk = Desk()
    on_record(desk, "email", JANE)
    case = desk.awaiting_review(types=types)
    assert ("provisions.of_person" in desk.faults.calls) is asks
    assert case.export is not None
    assert case.export.provisions == asks
    assert ("data/third_party_records.json" in package(desk, case)) is asks


def test_while_the_ledger_can_not_be_asked_nothing_is_built() -> None:
    desk = Desk()
    case = desk.collected(types=(RequestType.PROVISION_RECORDS,))
    calls = len(desk.faults.calls)
    smooth = Desk()
    again = smooth.collected(types=(RequestType.PROVISION_RECORDS,))
    smooth.build(again)
    position = smooth.faults.calls.index("provisions.of_person", calls)
    desk.faults.fail(position, How.UNAVAILABLE)
    with pytest.raises(ServiceUnavailableError):
        desk.build(case)
    assert desk.now(case).export is None
    desk.build(case)
    assert desk.now(case).export is not None
