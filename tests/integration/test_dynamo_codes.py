"""Codes, evidence, tokens and budgets in the tables of the template: every try counts, also at once (a27, a38)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from rightsdesk.adapters.dynamo_codes import DynamoCodeStore, DynamoMailBudget, DynamoTaskTokens
from rightsdesk.domain.errors import ServiceUnavailableError
from rightsdesk.domain.identity import CodePurpose
from rightsdesk.ports.codes import IssuedCode
from tests.support.stack import PlayedStack, together

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def codes(stack: PlayedStack) -> DynamoCodeStore:
    return DynamoCodeStore(stack.local.ref("CasesTable"), stack.client("dynamodb"))


@pytest.fixture
def budget(stack: PlayedStack) -> DynamoMailBudget:
    return DynamoMailBudget(stack.local.ref("PeopleTable"), stack.client("dynamodb"))


def _code(digest: str = "digest", purpose: CodePurpose = CodePurpose.VERIFICATION) -> IssuedCode:
    return IssuedCode(purpose=purpose, digest=digest, expires_at=NOW + 10 * MINUTE)


def _issue(
    codes: DynamoCodeStore, request_id: str, at: datetime = NOW, *, digest: str = "digest", per_day: int = 10
) -> bool:
    return codes.issue(request_id, _code(digest), at=at, min_gap=MINUTE, per_day=per_day)


def _try(codes: DynamoCodeStore, request_id: str, at: datetime = NOW) -> IssuedCode | None:
    return codes.count_try(request_id, at=at, per_code=5, per_day=10)


def test_a_code_comes_back_until_it_is_used_by_one(codes: DynamoCodeStore) -> None:
    request_id = uuid4().hex
    assert _try(codes, request_id) is None
    assert _issue(codes, request_id)
    live = _try(codes, request_id)
    assert live is not None
    assert (live.purpose, live.digest, live.expires_at) == (CodePurpose.VERIFICATION, "digest", NOW + 10 * MINUTE)
    assert not codes.consume(request_id, "another digest")
    results = together(*[lambda: codes.consume(request_id, "digest")] * 20)
    assert sorted(results) == [False] * 19 + [True]
    assert _try(codes, request_id) is None


def test_a27_twenty_tries_at_once_are_five_for_a_code(codes: DynamoCodeStore) -> None:
    request_id = uuid4().hex
    _issue(codes, request_id)
    results = together(*[lambda: _try(codes, request_id)] * 20)
    assert sum(result is not None for result in results) == 5
    assert not any(isinstance(result, Exception) for result in results)
    assert _try(codes, request_id) is None


def test_a29_ten_tries_a_day_whatever_codes_come_and_anew_the_next_day(codes: DynamoCodeStore) -> None:
    request_id = uuid4().hex
    counted = 0
    for number in range(4):
        at = NOW + 2 * number * MINUTE
        assert _issue(codes, request_id, at, digest=f"digest-{number}")
        counted += sum(_try(codes, request_id, at) is not None for _ in range(5))
    assert counted == 10
    assert _issue(codes, request_id, MIDNIGHT)
    assert _try(codes, request_id, MIDNIGHT) is not None


def test_the_first_tries_of_a_day_all_count_when_they_come_at_once(codes: DynamoCodeStore) -> None:
    request_id = uuid4().hex
    _issue(codes, request_id)
    _try(codes, request_id)
    _issue(codes, request_id, MIDNIGHT)
    results = together(*[lambda: _try(codes, request_id, MIDNIGHT)] * 20)
    assert sum(result is not None for result in results) == 5


def test_a_new_code_needs_a_pause_and_the_day_has_a_number_of_them(codes: DynamoCodeStore) -> None:
    request_id = uuid4().hex
    assert _issue(codes, request_id, per_day=3)
    assert not _issue(codes, request_id, NOW + timedelta(seconds=59), per_day=3)
    assert _issue(codes, request_id, NOW + MINUTE, per_day=3, digest="second")
    live = _try(codes, request_id)
    assert live is not None
    assert live.digest == "second"
    codes.consume(request_id, "second")
    assert _issue(codes, request_id, NOW + MINUTE, per_day=3, digest="third")  # one that was used makes way at once
    assert not _issue(codes, request_id, NOW + 10 * MINUTE, per_day=3)
    assert _issue(codes, request_id, MIDNIGHT, per_day=3)


def test_twenty_codes_asked_for_at_once_are_one(codes: DynamoCodeStore) -> None:
    request_id = uuid4().hex
    results = together(*[lambda n=n: _issue(codes, request_id, digest=f"digest-{n}") for n in range(20)])
    assert results.count(True) == 1
    assert results.count(False) == 19


def test_evidence_is_kept_until_it_is_compared_and_goes_by_itself(codes: DynamoCodeStore, stack: PlayedStack) -> None:
    request_id = uuid4().hex
    assert codes.left_evidence(request_id) is None
    codes.leave_evidence(request_id, order_number="K1", postcode="〒150-0001", expires_at=NOW)
    assert codes.left_evidence(request_id) == ("K1", "〒150-0001")
    codes.leave_evidence(request_id, order_number="K2", postcode="1", expires_at=NOW)
    codes.drop_evidence(request_id, ("K1", "〒150-0001"))  # what came meanwhile stays
    assert codes.left_evidence(request_id) == ("K2", "1")
    key = {"pk": {"S": f"REQ#{request_id}"}, "sk": {"S": "EVIDENCE"}}
    item = stack.client("dynamodb").get_item(TableName=stack.local.ref("CasesTable"), Key=key)["Item"]
    assert item["expires_at"]["N"] == str(int(NOW.timestamp()))
    codes.drop_evidence(request_id, ("K2", "1"))
    codes.drop_evidence(request_id, ("K2", "1"))
    assert codes.left_evidence(request_id) is None


def test_a05_tries_at_facts_count_under_their_key_also_at_once(codes: DynamoCodeStore) -> None:
    key = f"ORDER#{uuid4().hex}"
    results = together(*[lambda: codes.count_evidence_try(key, at=NOW, per_day=5)] * 20)
    assert results.count(True) == 5
    assert codes.count_evidence_try(key, at=MIDNIGHT, per_day=5)
    assert codes.count_evidence_try(f"ORDER#{uuid4().hex}", at=NOW, per_day=5)


def test_the_newest_token_of_a_task_is_kept(stack: PlayedStack) -> None:
    tokens = DynamoTaskTokens(stack.local.ref("CasesTable"), stack.client("dynamodb"))
    request_id = uuid4().hex
    assert tokens.parked(request_id, "release") is None
    tokens.park(request_id, "release", "first")
    tokens.park(request_id, "release", "x" * 2048)
    assert tokens.parked(request_id, "release") == "x" * 2048
    assert tokens.parked(request_id, "verification") is None


def _spend(budget: DynamoMailBudget, who: str, at: datetime, what: str | None = None) -> bool:
    return budget.spend(who, what=what or uuid4().hex, at=at, min_gap=10 * MINUTE)


def test_a38_one_mail_in_ten_minutes_and_three_in_any_day(budget: DynamoMailBudget) -> None:
    who = uuid4().hex
    sent = [minutes for minutes in range(0, 2000, 5) if _spend(budget, who, NOW + minutes * MINUTE)]
    assert sent[:3] == [0, 10, 20]
    assert all(late - early >= 1440 for early, late in zip(sent, sent[3:], strict=False))
    assert sent[3] == 1440


def test_a38_of_twenty_at_once_one_goes_out(budget: DynamoMailBudget) -> None:
    who = uuid4().hex
    results = together(*[lambda: _spend(budget, who, NOW)] * 20)
    assert results.count(True) == 1
    assert results.count(False) == 19


def test_a80_the_same_mail_again_spends_nothing(budget: DynamoMailBudget) -> None:
    who = uuid4().hex
    assert _spend(budget, who, NOW, "case-1")
    assert _spend(budget, who, NOW + timedelta(seconds=5), "case-1")
    assert not _spend(budget, who, NOW + MINUTE, "case-2")
    assert _spend(budget, who, NOW + 10 * MINUTE, "case-2")


def test_a_budget_belongs_to_one_address(budget: DynamoMailBudget) -> None:
    one, other = uuid4().hex, uuid4().hex
    assert _spend(budget, one, NOW)
    assert _spend(budget, other, NOW)


def test_a_table_under_load_asks_for_patience(stack: PlayedStack) -> None:
    real = stack.client("dynamodb")

    class Busy:
        def get_item(self, **request: Any) -> Any:
            return real.get_item(**request)

        def update_item(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "UpdateItem")

    busy: Any = Busy()
    with pytest.raises(ServiceUnavailableError):
        _spend(DynamoMailBudget(stack.local.ref("PeopleTable"), busy), uuid4().hex, NOW)
    with pytest.raises(ServiceUnavailableError):
        _try(DynamoCodeStore(stack.local.ref("CasesTable"), busy), uuid4().hex)
