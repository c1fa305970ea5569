"""Building the package of a case (abuse cases 12, 43, 77, 81, 90, 100)."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from rightsdesk.domain.acceptance import Acceptance
from rightsdesk.domain.errors import CaseClosedError, ConflictError, IncompleteCollectionError, ServiceUnavailableError
from rightsdesk.domain.identifier_digest import EMAIL, identifier_digest
from rightsdesk.domain.permission import KEY_PURPOSE
from rightsdesk.domain.request import Agent, AgentRole, PrivacyRequest, RequestType, Treatment
from rightsdesk.domain.review import subject_binding
from rightsdesk.domain.safeguard_state import SpecialKind
from rightsdesk.export import request_records
from rightsdesk.services.special_case import raise_special_case
from tests.support.desk import APPROVER, HANDLER, JANE, JANES_MEMBER_ID, Desk, shop_map
from tests.support.fakes import How
from tests.unit.domain import maps


def package(desk: Desk, case: PrivacyRequest) -> zipfile.ZipFile:
    export = desk.now(case).export
    assert export is not None
    return zipfile.ZipFile(io.BytesIO(desk.bucket.objects[export.parts[0].key]))


def manifest(desk: Desk, case: PrivacyRequest) -> dict[str, Any]:
    with package(desk, case) as opened:
        (name,) = [name for name in opened.namelist() if name.endswith("manifest.json")]
        return json.loads(opened.read(name))  # type: ignore[no-any-return]


def requests_told(desk: Desk, case: PrivacyRequest) -> Any:
    """`data/requests.json` of the package."""
    with package(desk, case) as opened:
        (name,) = [name for name in opened.namelist() if name.endswith("data/requests.json")]
        return json.loads(opened.read(name))


def references(desk: Desk, case: PrivacyRequest) -> list[str]:
    return [each["reference"] for each in requests_told(desk, case)["requests"]]


def packages(desk: Desk) -> set[str]:
    return {key for key in desk.bucket.objects if key.startswith("exports/")}


def test_a_package_is_built_from_what_was_collected() -> None:
    desk = Desk()
    case = desk.collected()
    desk.build(case)
    export = desk.now(case).export
    assert export is not None
    assert (export.rows, export.withheld_rows, export.final, export.expires_at) == (3, 1, False, None)
    (part,) = export.parts
    assert part.key.startswith(f"exports/{case.request_id}/")
    assert len(desk.bucket.objects[part.key]) == part.bytes
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.details["files"], event.details["rows"]) == ("export_built", [part.sha256], 3)


def test_a90_the_manifest_is_bound_to_the_person_verified() -> None:
    desk = Desk()
    case = desk.collected()
    desk.build(case)
    case = desk.now(case)
    assert case.export is not None
    assert manifest(desk, case)["subject"] == case.export.subject == subject_binding(case)


@pytest.mark.parametrize("state", ["absent", "collecting", "failed"])
def test_a81_without_every_source_there_is_no_package(state: str) -> None:
    desk = Desk()
    case = desk.collecting()
    desk.collect(case, "shop")
    if state == "failed":
        desk.fail_source(case, "files")
    with pytest.raises(IncompleteCollectionError) as refused:
        desk.build(case)
    assert refused.value.sources == ("files",)
    assert desk.now(case).export is None
    assert packages(desk) == set()


def test_a81_records_that_are_no_longer_there_are_collected_again() -> None:
    """What was collected is kept for some weeks; staff may take longer to decide."""
    desk = Desk()
    case = desk.collected()
    del desk.bucket.objects[f"work/{case.request_id}/shop/orders"]
    with pytest.raises(IncompleteCollectionError) as refused:
        desk.build(case)
    assert refused.value.sources == ("shop",)
    assert desk.table.sources[case.request_id]["shop"].status == "failed"
    desk.collect(case, "shop")
    desk.build(case)
    assert desk.now(case).export is not None


def test_a81_what_a_new_map_names_is_missing_until_it_is_searched() -> None:
    desk = Desk()
    case = desk.collected()
    wider = maps.table("member_id")
    shop = maps.source(
        "dynamodb",
        members=maps.table("email", gives={"member_id": "member_id"}, identity=True),
        orders=maps.table("member_id", gives={"order_id": "order_id"}),
        wishes=wider,
    )
    files = maps.source("s3", letters=maps.objects("letters/{member_id}.jsonl"))
    desk.data_map = maps.data_map(maps.written("email", "member_id", "order_id", shop=shop, files=files))
    with pytest.raises(IncompleteCollectionError):
        desk.build(case)
    desk.collect(case, "shop")
    desk.build(case)
    assert desk.now(case).export is not None


def test_what_is_on_record_under_two_spellings_of_one_address_is_told_once() -> None:
    shop = maps.source("dynamodb", members=maps.table("email", gives={"mail": "email"}, identity=True))
    written = maps.written("email", "member_id", shop=shop)
    written["identifiers"]["email"]["suppressed"] = True
    desk = Desk(data_map=maps.data_map(written))
    desk.reader.rows = {("shop/members", "email", JANE): [{"pk": "1", "sk": "P", "mail": JANE.title()}]}
    accepted = Acceptance(version="2026-09", accepted_at=desk.clock.now, proof="signup-1")
    desk.acceptances.enter(identifier_digest(desk.keys.key(KEY_PURPOSE), EMAIL, JANE), accepted)
    case = desk.collected()
    desk.build(case)
    with package(desk, case) as opened:
        (name,) = [name for name in opened.namelist() if name.endswith("data/acceptances.json")]
        said = json.loads(opened.read(name))
    assert [each["proof"] for each in said["acceptances"]] == ["signup-1"]


QUESTION: dict[str, Any] = {"types": (RequestType.QUESTION,), "details": "Whom do you give my address to?"}


def question(desk: Desk, **changes: Any) -> PrivacyRequest:
    """Asked, talked about, answered and closed; a week passes."""
    case = desk.to_be_carried_out(**(QUESTION | changes))
    desk.write(case, "In Berlin, I mean.")
    case = desk.write_back(desk.now(case), "To our carrier, as far as we see.", staff=HANDLER)
    desk.complete(case, "To our carrier alone.")
    desk.answer(case)
    desk.close(case)
    desk.clock.advance(timedelta(days=7))
    return desk.now(case)


def test_a100_the_requests_of_the_person_are_in_the_answer_with_all_that_hangs_on_them() -> None:
    desk = Desk()
    asked = question(desk)
    case = desk.collected()
    desk.build(case)
    told = requests_told(desk, case)
    first, own = told["requests"]
    assert (first["reference"], own["reference"]) == (asked.reference, case.reference)
    assert (first["details"], first["outcome"]) == (QUESTION["details"], "fulfilled")
    assert [message["text"] for message in first["messages"]] == [
        "In Berlin, I mean.",
        "To our carrier, as far as we see.",
    ]
    sent = [letter["letter"] for letter in first["letters"]]
    assert sent == ["verification_code", "message_waiting", "message_answer"]
    assert {letter.letter for letter in desk.cases.letters(asked.request_id)} - set(sent)  # staff had some, too
    assert [event["type"] for event in first["events"]] == desk.history(asked)
    assert (own["status"], own["messages"], own["kept_until"]) == ("collecting", [], None)
    with package(desk, case) as opened:
        everything = b"".join(opened.read(name) for name in opened.namelist())
    for staff in (HANDLER, APPROVER):
        assert staff.user_id.encode() not in everything
    salts = {message.salt for message in desk.messages.of(asked.request_id)}
    assert not [salt for salt in salts if salt.encode() in everything]


def of_somebody_else(desk: Desk) -> None:
    desk.add_account("tom@example.net", "M-000009")
    question(desk, email="tom@example.net", name="Tom")


def that_nobody_verified(desk: Desk) -> None:
    """Anybody may type this address."""
    desk.send_verification(desk.submit(**QUESTION))


def that_the_mailbox_disowns(desk: Desk) -> None:
    desk.disown(desk.collected(types=(RequestType.PORTABILITY,)))


def from_a_mailbox_of_several(desk: Desk) -> None:
    case = desk.collected(types=(RequestType.PORTABILITY,))
    raise_special_case(HANDLER, case, case.version, SpecialKind.HOUSEHOLD, cases=desk.cases, clock=desk.clock)


def for_a_child(desk: Desk) -> None:
    agent = Agent(role=AgentRole.GUARDIAN, name="Jane Murphy", email="jane@example.net", mandate="My daughter.")
    desk.verified(agent=agent, name="Mia Murphy")


@pytest.mark.parametrize(
    "other",
    [of_somebody_else, that_nobody_verified, that_the_mailbox_disowns, from_a_mailbox_of_several, for_a_child],
)
def test_a100_no_request_is_told_that_may_be_of_somebody_else(other: Callable[[Desk], None]) -> None:
    desk = Desk()
    other(desk)
    desk.clock.advance(timedelta(days=1))
    case = desk.collected()
    desk.build(case)
    assert references(desk, case) == [case.reference]


def test_a100_where_several_read_the_mailbox_only_the_request_itself_is_told() -> None:
    desk = Desk()
    question(desk)
    case = desk.collected()
    raise_special_case(HANDLER, case, case.version, SpecialKind.HOUSEHOLD, cases=desk.cases, clock=desk.clock)
    desk.build(desk.now(case))
    assert references(desk, case) == [case.reference]


def test_a100_a_request_from_an_earlier_mailbox_of_the_account_is_told() -> None:
    desk = Desk()
    asked = desk.collected(types=(RequestType.PORTABILITY,))
    del desk.directory.accounts[JANE]
    desk.add_account("jane.murphy@example.org", JANES_MEMBER_ID)
    case = desk.collected(email="jane.murphy@example.org")
    desk.build(case)
    assert set(references(desk, case)) == {asked.reference, case.reference}


def test_a100_of_many_the_newest_are_told_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rightsdesk.services.build_export.MOST_REQUESTS", 2)
    assert request_records.MOST_REQUESTS == 100
    desk = Desk()
    asked = []
    for _ in range(3):
        asked.append(desk.verified(**QUESTION))
        desk.clock.advance(timedelta(days=1))
    case = desk.collected()
    before = len(desk.faults.calls)
    desk.build(case)
    assert (references(desk, case), requests_told(desk, case)["not_listed"]) == (
        [asked[-1].reference, case.reference],
        2,
    )
    assert desk.faults.calls[before:].count("cases.timeline") == 2  # the others are not read any further


def test_a100_no_request_is_read_for_an_answer_that_tells_none() -> None:
    desk = Desk()
    case = desk.collected(types=(RequestType.PORTABILITY,))
    before = len(desk.faults.calls)
    desk.build(case)
    assert not {"cases.of_subject", "cases.timeline", "messages.of"} & set(desk.faults.calls[before:])


def test_who_is_not_in_the_shop_gets_a_package_that_says_so() -> None:
    desk = Desk()
    case = desk.collected(email="nobody@example.org")
    desk.build(case)
    export = desk.now(case).export
    assert export is not None
    assert export.rows == 0
    assert {source["status"] for source in manifest(desk, case)["sources"]} == {"empty"}


@pytest.mark.parametrize(
    ("held", "rows", "withheld"),
    [(Treatment.WITHHOLD, 3, 1), (Treatment.REDACT, 4, 0), (Treatment.GIVE, 4, 0)],
)
def test_a12_rows_on_others_are_given_as_staff_decided(held: Treatment, rows: int, withheld: int) -> None:
    desk = Desk()
    case = desk.answered(held)
    assert case.export is not None
    assert (case.export.rows, case.export.withheld_rows) == (rows, withheld)
    assert case.export.final is (held is not Treatment.WITHHOLD)
    assert len(packages(desk)) == 1  # the draft is gone
    with package(desk, case) as opened:
        content = b"".join(opened.read(name) for name in opened.namelist() if "orders" in name)
    assert (b"Tom" in content) is (held is Treatment.GIVE)


def test_a43_a_package_that_is_there_is_kept() -> None:
    desk = Desk()
    case = desk.answered(Treatment.GIVE)
    desk.build(case)
    desk.build(case, final=True)
    assert desk.now(case) == case


@pytest.mark.parametrize("moment", ["records.exists", "records.read", "exports.close_part", "cases.save"])
def test_a77_withdrawn_while_it_is_built_the_package_goes(moment: str) -> None:
    desk = Desk()
    case = desk.collected()
    desk.faults.before(moment, lambda: desk.withdraw(case))
    with pytest.raises(ConflictError):
        desk.build(case)
    assert packages(desk) == set()
    assert desk.now(case).export is None


def test_a77_nothing_is_built_for_a_case_that_is_closed() -> None:
    desk = Desk()
    case = desk.collected()
    desk.withdraw(case)
    with pytest.raises(CaseClosedError):
        desk.build(case)


def test_of_two_that_build_at_once_one_package_stays() -> None:
    desk = Desk()
    case = desk.collected()
    desk.faults.before("cases.save", lambda: desk.build(case))
    with pytest.raises(ConflictError):
        desk.build(case)
    now = desk.now(case)
    assert now.export is not None
    assert packages(desk) == {part.key for part in now.export.parts}


def test_a_package_that_failed_half_way_is_removed() -> None:
    desk = Desk()
    case = desk.collected()
    stored = _calls_of_a_build().index("exports.close_part")
    desk.faults.fail(len(desk.faults.calls) + stored, How.ANSWER_LOST)
    with pytest.raises(ServiceUnavailableError):
        desk.build(case)
    assert packages(desk) == set()
    desk.build(case)
    assert desk.now(case).export is not None


def test_a_package_whose_saving_is_in_doubt_is_not_removed() -> None:
    """The answer of the store got lost: the case may point to it."""
    desk = Desk()
    case = desk.collected()
    saved = _calls_of_a_build().index("cases.save")
    desk.faults.fail(len(desk.faults.calls) + saved, How.ANSWER_LOST)
    with pytest.raises(ServiceUnavailableError):
        desk.build(case)
    now = desk.now(case)
    assert now.export is not None
    assert packages(desk) == {part.key for part in now.export.parts}


def _calls_of_a_build() -> list[str]:
    desk = Desk()
    case = desk.collected()
    before = len(desk.faults.calls)
    desk.build(case)
    return desk.faults.calls[before:]


def test_the_map_that_the_answer_was_made_with_is_named() -> None:
    desk = Desk(data_map=shop_map(version="2026-11-23"))
    case = desk.collected()
    desk.build(case)
    assert manifest(desk, case)["datamap_version"] == "2026-11-23"
