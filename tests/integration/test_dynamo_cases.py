"""Cases in the table of the template: transactions, versions, indexes that hold keys only, the end of a case."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from rightsdesk.adapters import dynamo_cases
from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoCodeStore, DynamoTaskTokens
from rightsdesk.domain.audit import verify_chain
from rightsdesk.domain.clock import Breach, Extension, ExtensionReason, Question, QuestionKind
from rightsdesk.domain.collecting import CollectionResult, SourceState
from rightsdesk.domain.erasure_plan import CollectionPlan, ErasureStage, SourceErasure
from rightsdesk.domain.errors import ConflictError, NotFoundError, ServiceUnavailableError
from rightsdesk.domain.identity import CodePurpose
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import ExportPart, ExportState, Failure, PrivacyRequest, Treatment
from rightsdesk.domain.shards import WHOLE, Shard
from rightsdesk.domain.traversal import SourceStep
from rightsdesk.ports.codes import IssuedCode
from rightsdesk.ports.letters import CLAIM_LASTS
from tests.support.cases import RECEIVED, new_case
from tests.support.stack import PlayedStack, calls_of, together


@pytest.fixture
def cases(stack: PlayedStack) -> DynamoCaseStore:
    return DynamoCaseStore(stack.local.ref("CasesTable"), stack.client("dynamodb"))


def _created(cases: DynamoCaseStore, **changes: Any) -> PrivacyRequest:
    case, event = new_case(**changes)
    cases.create(case, event)
    return case


def _moved(cases: DynamoCaseStore, case: PrivacyRequest, event_type: str, **changes: Any) -> PrivacyRequest:
    after, event = case.changed(event_type, at=RECEIVED, actor="system", **changes)
    cases.save(case, after, event)
    return after


def test_a_case_comes_back_as_it_was_written(cases: DynamoCaseStore) -> None:
    case = _created(cases)
    assert cases.get(case.request_id) == case
    full = _moved(
        cases,
        case,
        "verification_started",
        status=Status.AWAITING_VERIFICATION,
        identifiers={"email": ("hanako@example.jp",), "member_id": ("M-000001", "M-000002")},
        waves=((SourceStep(name="shop", columnar=False),), (SourceStep(name="log", columnar=True),)),
        treatments={"shop/orders": Treatment.REDACT},
        export=ExportState(
            prefix="exports/x/",
            subject="0" * 64,
            parts=(ExportPart(key="exports/x/1", name="RD.zip", bytes=2**40, sha256="0" * 64),),
            rows=3,
            built_at=RECEIVED,
            expires_at=RECEIVED,
        ),
        failure=Failure(state="BuildExport", error="RuntimeError", at=RECEIVED),
        questions=(
            Question(kind=QuestionKind.IDENTITY, asked_at=RECEIVED, answered_at=RECEIVED),
            Question(kind=QuestionKind.CLARIFICATION, asked_at=RECEIVED, text="どの注文ですか。"),
        ),
        extension=Extension(reason=ExtensionReason.COMPLEXITY, explanation="Four archives.", told_at=RECEIVED),
        breaches=(Breach.LATE_ANSWER,),
        reminders=("target_in_7_days",),
        handled_by=("a", "b"),
        answered_at=RECEIVED.replace(microsecond=123456),
    )
    assert cases.get(case.request_id) == full
    assert cases.find(case.reference) == full


def test_one_transaction_writes_case_and_event_or_neither(cases: DynamoCaseStore, stack: PlayedStack) -> None:
    case, event = new_case()
    with calls_of(stack.client("dynamodb")) as calls:
        cases.create(case, event)
    assert calls == ["TransactWriteItems"]
    with pytest.raises(ConflictError):
        cases.create(case, event)
    # A case that could be written, with an event that is there already: nothing is written.
    after, _ = case.changed("verification_started", at=RECEIVED, actor="system", status=Status.AWAITING_VERIFICATION)
    with pytest.raises(ConflictError):
        cases.save(case, after, event)
    assert cases.get(case.request_id) == case
    assert cases.timeline(case.request_id) == [event]


def test_a_version_that_has_moved_on_is_a_conflict(cases: DynamoCaseStore) -> None:
    case = _created(cases)
    _moved(cases, case, "assigned", assignee="a")
    with pytest.raises(ConflictError):
        _moved(cases, case, "assigned", assignee="b")
    assert cases.get(case.request_id).assignee == "a"


def test_twenty_writers_at_once_are_one(cases: DynamoCaseStore) -> None:
    case = _created(cases)
    results = together(*[lambda n=n: _moved(cases, case, "assigned", assignee=str(n)) for n in range(20)])
    assert sum(isinstance(result, PrivacyRequest) for result in results) == 1
    assert sum(isinstance(result, ConflictError) for result in results) == 19
    assert len(cases.timeline(case.request_id)) == 2


def test_a_long_history_is_read_to_its_end_in_order(cases: DynamoCaseStore, stack: PlayedStack) -> None:
    case = _created(cases)
    for number in range(12):
        case = _moved(cases, case, "staff_reminded", details={"text": "x" * 1000, "number": number})
    small_pages = _pages_of(stack, 5)
    timeline = DynamoCaseStore(stack.local.ref("CasesTable"), small_pages).timeline(case.request_id)
    assert [event.sequence for event in timeline] == list(range(1, 14))
    assert verify_chain(timeline, expected_head=(case.event_sequence, case.event_hash)) is None


def test_what_is_not_there_is_not_found(cases: DynamoCaseStore) -> None:
    with pytest.raises(NotFoundError):
        cases.get(uuid4().hex)
    with pytest.raises(NotFoundError):
        cases.find("RD-0000-0000-0")
    assert cases.timeline(uuid4().hex) == []
    assert cases.sources(uuid4().hex) == {}


def test_the_indexes_hold_keys_only(stack: PlayedStack) -> None:
    """Personal data stand in one place, and a change of a case does not rewrite four indexes."""
    table = stack.client("dynamodb").describe_table(TableName=stack.local.ref("CasesTable"))["Table"]
    indexes = {index["IndexName"]: index["Projection"]["ProjectionType"] for index in table["GlobalSecondaryIndexes"]}
    assert indexes == dict.fromkeys(("by_due_date", "by_subject", "by_reference", "by_month"), "KEYS_ONLY")


def test_a_month_gives_all_its_cases_in_order(stack: PlayedStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamo_cases, "BATCH", 3)  # several pages of few
    cases = DynamoCaseStore(stack.local.ref("CasesTable"), stack.client("dynamodb"))
    begin = datetime(2031, 2, 1, tzinfo=UTC)
    moments = [begin + timedelta(days=n * 3) for n in range(9)]
    made = [
        _created(cases, received_at=moment, purged=True)
        for moment in (*reversed(moments), begin - timedelta(seconds=1))
    ]
    found = list(cases.received_in("2031-02"))
    assert [case.received_at for case in found] == moments
    assert found == sorted(made[:-1], key=lambda case: case.received_at)
    assert list(cases.received_in("2031-03")) == []


@pytest.fixture(scope="module")
def many(stack: PlayedStack) -> list[PrivacyRequest]:
    """Open cases over all shards, each with a target of its own, and one that is closed."""
    cases = DynamoCaseStore(stack.local.ref("CasesTable"), stack.client("dynamodb"))
    made = []
    for number in range(23):
        case = _created(
            cases,
            request_id=f"{number:08x}{uuid4().hex[8:]}",
            subject_key="many",
            target_on=date(2030, 1, 1) + timedelta(days=(number * 7) % 23),
            received_at=RECEIVED + timedelta(minutes=number),
            status=Status.AWAITING_REVIEW,
        )
        made.append(_moved(cases, case, "assigned", assignee="sub-1"))
    closed = _created(cases, subject_key="many", target_on=date(2030, 1, 1))
    _moved(cases, closed, "closed", status=Status.CLOSED, outcome=Outcome.WITHDRAWN, closed_at=RECEIVED, purged=True)
    return made


@pytest.mark.parametrize("limit", [1, 5, 22, 23, 100])
def test_the_work_list_pages_over_all_shards_in_the_order_of_targets(
    cases: DynamoCaseStore, many: list[PrivacyRequest], limit: int
) -> None:
    listed: list[PrivacyRequest] = []
    cursor, pages = f"{date(2029, 12, 31).isoformat()}", 0
    while cursor:
        page, after = cases.open_by_due_date(limit=limit, cursor=cursor)
        assert len(page) <= limit
        listed, cursor, pages = listed + page, after or "", pages + 1
    assert [case.request_id for case in listed] == [
        case.request_id for case in sorted(many, key=lambda case: case.due.target_on)
    ]
    assert pages == -(-len(many) // limit)


def test_what_is_due_by_a_day_includes_that_day_and_no_later_one(
    cases: DynamoCaseStore, many: list[PrivacyRequest]
) -> None:
    day = date(2030, 1, 10)
    due = set(cases.open_ids_due_by(day))
    assert {case.request_id for case in many if case.due.target_on <= day} <= due
    assert not {case.request_id for case in many if case.due.target_on > day} & due


def test_all_cases_of_a_person_newest_first_also_the_closed(cases: DynamoCaseStore, many: list[PrivacyRequest]) -> None:
    found = cases.of_subject("many")
    assert len(found) == len(many) + 1
    assert found[0] == max(many, key=lambda case: case.received_at).request_id


def test_a_source_is_noted_while_the_case_is_open_and_never_after(cases: DynamoCaseStore) -> None:
    case = _created(cases)
    result = CollectionResult(rows=2, flagged=1, bytes=3, sha256="0" * 64, as_of=RECEIVED, unmapped={"x": 1})
    state = SourceState(source="shop", status="done", at=RECEIVED, collections={"members": result})
    cases.put_source(case.request_id, state)
    assert cases.sources(case.request_id) == {"shop": state}
    with pytest.raises(ConflictError):
        cases.put_source(uuid4().hex, state)
    _moved(cases, case, "withdrawn", status=Status.CLOSED, closed_at=RECEIVED)
    with pytest.raises(ConflictError):
        cases.put_source(case.request_id, state.model_copy(update={"status": "failed"}))
    assert cases.sources(case.request_id) == {"shop": state}


def test_a80_a_letter_is_claimed_by_one_and_given_back_where_it_was_not_sent(cases: DynamoCaseStore) -> None:
    request_id = uuid4().hex

    def claim(*, recipient: str = "a" * 64, version: int = 1, at: datetime = RECEIVED) -> bool:
        return cases.claim_letter(request_id, "answer_ready", recipient_key=recipient, version=version, at=at)

    results = together(*[claim] * 20)
    assert [result is True for result in results].count(True) == 1
    assert {type(result) for result in results} == {bool, ServiceUnavailableError}
    cases.release_letter(request_id, "answer_ready", recipient_key="a" * 64, version=1)
    assert claim()
    # One that died while it was sending: its claim ends by itself.
    later = RECEIVED + CLAIM_LASTS + timedelta(seconds=1)
    assert claim(at=later)
    cases.letter_sent(request_id, "answer_ready", recipient_key="a" * 64, version=1, at=later, sha256="0" * 64)
    assert not claim(at=later + timedelta(days=400))
    assert claim(version=2)
    assert claim(recipient="b" * 64)


def test_a_closed_case_keeps_its_history_for_a_time_and_loses_its_secrets_at_once(
    cases: DynamoCaseStore, stack: PlayedStack
) -> None:
    table, dynamodb = stack.local.ref("CasesTable"), stack.client("dynamodb")
    case = _created(cases)
    codes, tokens = DynamoCodeStore(table, dynamodb), DynamoTaskTokens(table, dynamodb)
    code = IssuedCode(purpose=CodePurpose.ACCESS, digest="d", expires_at=RECEIVED)
    codes.issue(case.request_id, code, at=RECEIVED, min_gap=timedelta(0), per_day=9)
    codes.leave_evidence(case.request_id, order_number="K1", postcode="1", expires_at=RECEIVED)
    tokens.park(case.request_id, "release", "token")
    cases.put_source(case.request_id, SourceState(source="shop", status="done", at=RECEIVED))
    cases.claim_letter(case.request_id, "closed", recipient_key="a", version=1, at=RECEIVED)
    closed = _moved(cases, case, "closed", status=Status.CLOSED, closed_at=RECEIVED, purged=True)
    ends = RECEIVED + timedelta(days=3 * 365)
    for _ in range(2):  # again is no error
        cases.retire(case.request_id, expires_at=ends)

    query = {
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": f"REQ#{case.request_id}"}},
    }
    left = {item["sk"]["S"]: item for item in dynamodb.query(TableName=table, **query)["Items"]}
    assert sorted(left) == ["EVENT#000001", "EVENT#000002", "LETTER#closed#a#1", "REQUEST", "SOURCE#shop"]
    assert {item["expires_at"]["N"] for item in left.values()} == {str(int(ends.timestamp()))}
    assert "open_shard" not in left["REQUEST"]
    assert cases.get(case.request_id) == closed
    assert len(cases.timeline(case.request_id)) == 2
    assert cases.sources(case.request_id).keys() == {"shop"}


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "X"), ServiceUnavailableError),
        (ClientError({"Error": {"Code": "InternalServerError", "Message": ""}}, "X"), ServiceUnavailableError),
        (ReadTimeoutError(endpoint_url="https://dynamodb"), ServiceUnavailableError),
        (ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "X"), ClientError),
    ],
)
def test_trouble_is_translated_by_code(error: Exception, raised: type[Exception]) -> None:
    class Failing:
        def __getattr__(self, _: str) -> Any:
            def fail(**_: Any) -> None:
                raise error

            return fail

    case, event = new_case()
    store = DynamoCaseStore("cases", Failing())  # type: ignore[arg-type]
    for call in (
        lambda: store.get("x"),
        lambda: store.find("x"),
        lambda: store.create(case, event),
        lambda: store.put_source("x", SourceState(source="s", status="done", at=RECEIVED)),
        lambda: store.claim_letter("x", "closed", recipient_key="a", version=1, at=RECEIVED),
        lambda: store.open_by_due_date(limit=1, cursor=None),
    ):
        with pytest.raises(raised):
            call()


def test_a_transaction_that_met_another_asks_for_patience() -> None:
    class Busy:
        def transact_write_items(self, **_: Any) -> None:
            answer = {
                "Error": {"Code": "TransactionCanceledException", "Message": ""},
                "CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}],
            }
            raise ClientError(answer, "TransactWriteItems")  # type: ignore[arg-type]

    case, event = new_case()
    with pytest.raises(ServiceUnavailableError):
        DynamoCaseStore("cases", Busy()).create(case, event)  # type: ignore[arg-type]


def _pages_of(stack: PlayedStack, size: int) -> Any:
    """A client whose Query answers a few items at a time, as a full page of DynamoDB does."""
    client = stack.client("dynamodb")

    class Pages:
        def __getattr__(self, name: str) -> Any:
            return getattr(client, name)

        def get_paginator(self, name: str) -> Any:
            paginator = client.get_paginator(name)

            class Small:
                def paginate(self, **request: Any) -> Iterator[Any]:
                    return iter(paginator.paginate(**request, Limit=size))

            return Small()

    return Pages()


class TestErasure:
    """How far the erasing of a source is: an item, or one for each of its shards."""

    def state(self, source: str, shard: int = 0, of: int = 1, **changes: Any) -> SourceErasure:
        plans = (CollectionPlan(collection=f"{source}/rows", delete=3, digest=f"{shard + 1:064x}"),)
        given = {"round": 1, "stage": ErasureStage.PLANNED, "at": RECEIVED, "plans": plans} | changes
        return SourceErasure(source=source, shard=shard, shards=of, **given)

    def test_shards_are_kept_one_by_one_and_read_together(self, cases: DynamoCaseStore) -> None:
        case = _created(cases)
        whole, parts = self.state("shop"), [self.state("files", number, 3) for number in range(3)]
        for state in (whole, *parts[:-1]):
            cases.put_erasure(case.request_id, state)
        assert cases.erasures(case.request_id) == {"shop": whole}
        assert cases.erasure_shard(case.request_id, "files", Shard(2, 3)) is None
        cases.put_erasure(case.request_id, parts[2])
        assert cases.erasure_shard(case.request_id, "files", Shard(2, 3)) == parts[2]
        assert cases.erasure_shard(case.request_id, "shop", WHOLE) == whole
        assert cases.erasure_shards(case.request_id) == [*parts, whole]
        files = cases.erasures(case.request_id)["files"]
        assert (files.plans[0].delete, files.plans[0].digest) == (9, f"{6:064x}")

    def test_nothing_is_added_to_a_closed_case(self, cases: DynamoCaseStore) -> None:
        case = _created(cases)
        _moved(cases, case, "withdrawn", status=Status.CLOSED, outcome=Outcome.WITHDRAWN, closed_at=RECEIVED)
        with pytest.raises(ConflictError):
            cases.put_erasure(case.request_id, self.state("files", 1, 3))


def test_a_case_is_found_by_each_identifier_once_it_is_verified_and_these_go_with_it(cases: DynamoCaseStore) -> None:
    case, event = new_case(request_id="5a" * 16)
    cases.create(case, event)
    assert cases.of_subject("same-mailbox") == []
    verified = _moved(cases, case, "mailbox_confirmed", person_keys=("same-mailbox",))
    planned = _moved(cases, verified, "plan_decided", person_keys=("same-mailbox", "same-member"))
    assert cases.of_subject("same-mailbox") == cases.of_subject("same-member") == [case.request_id]
    assert cases.get(case.request_id).person_keys == planned.person_keys
    cases.retire(case.request_id, expires_at=RECEIVED)
    assert {item["expires_at"] for item in cases._partition(case.request_id, "SAME#")} == {int(RECEIVED.timestamp())}


def test_one_that_comes_verified_is_found_at_once(cases: DynamoCaseStore) -> None:
    case, event = new_case(person_keys=("came-verified",))
    cases.create(case, event)
    assert cases.of_subject("came-verified") == [case.request_id]
