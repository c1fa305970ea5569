"""How many calls to AWS each use case makes: what a request costs and how long it takes (speed.md).

A change of these numbers is a change of cost and latency: it should be meant.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.benchmarks.access import watched
from tests.support.stack import Case, PlayedStack, calls_to_aws

# The person's own data, less than 1.1 of the floor of 24 calls that plain boto3 needs.
STANDARD: dict[str, Any] = {"addresses": 5, "orders": 20, "lines_per_order": 3}


@contextmanager
def _counted(stack: PlayedStack) -> Iterator[list[str]]:
    """Calls of functions that are invoked from this thread; the workflow that they start runs in others."""
    with calls_to_aws() as calls:
        yield calls


def _api(stack: PlayedStack, method: str, path: str, resource: str, body: str | None, bearer: str = "") -> list[str]:
    event = {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer else {}),
        "multiValueHeaders": None,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "requestContext": {"domainName": "127.0.0.1", "path": path, "requestId": "r", "stage": "live", "identity": {}},
        "body": body,
        "isBase64Encoded": False,
    }
    with _counted(stack) as calls:
        outcome = stack.local.invoke("PublicApiFunction", event)
    assert outcome.value["statusCode"] in (200, 202), outcome.value
    stack.local.settle()
    return calls


def _task(stack: PlayedStack, function: str, **event: object) -> Counter[str]:
    with _counted(stack) as calls:
        outcome = stack.local.invoke(function, event)
    assert not outcome.failed, outcome.value
    return Counter(calls)


@pytest.fixture(scope="module")
def warm(stack: PlayedStack) -> PlayedStack:
    """Everything has run once: keys are read, clients are made."""
    stack.download(stack.to_answer(stack.new_member()))
    return stack


BODY = '{"type": "access", "email": "calls@example.com", "name": "Calls", "country": "DE", "language": "en"}'


def test_a_request_is_taken_with_one_write_and_two_starts(warm: PlayedStack) -> None:
    calls = _api(warm, "POST", "/api/requests", "/api/requests", BODY)
    assert calls == ["dynamodb.TransactWriteItems", "stepfunctions.StartExecution", "stepfunctions.StartExecution"]


@pytest.fixture(scope="module")
def asked(warm: PlayedStack) -> Case:
    return warm.submit(warm.new_member(**STANDARD))


def test_a_code_is_checked_with_seven_calls(warm: PlayedStack, asked: Case) -> None:
    path = f"/api/requests/{asked.reference}/verification"
    body = f'{{"code": "{warm.code(asked)}"}}'
    calls = _api(warm, "POST", path, "/api/requests/{reference}/verification", body)
    assert calls == [
        "dynamodb.Query",  # by reference
        "dynamodb.GetItem",
        "dynamodb.UpdateItem",  # count the try
        "dynamodb.UpdateItem",  # use the code
        "dynamodb.TransactWriteItems",
        "dynamodb.GetItem",  # the workflow's token
        "stepfunctions.SendTaskSuccess",
    ]


def test_the_data_of_the_standard_member_take_few_calls(warm: PlayedStack) -> None:
    """86 records: profile, 5 addresses, consents, 20 orders with 60 lines. Bookkeeping of the case stands apart."""
    member = warm.new_member(**STANDARD)
    case = warm.submit(member)
    with warm.failing("dynamodb", "Query", code="ValidationException", on="shop-orders"):
        warm.verify(case)
    assert warm.staff_view(case)["failed"]
    request_id = warm.stored(case).request_id
    _forget_sources(warm, request_id)
    shop, orders = (
        _task(warm, "CollectDataFunction", request_id=request_id, source=source) for source in ("shop", "orders")
    )
    person = shop + orders
    assert person["dynamodb.Query"] - 2 <= 26  # two of them read how the case stands
    assert shop == {
        "dynamodb.GetItem": 1,
        "dynamodb.Query": 4,
        "dynamodb.TransactWriteItems": 4,
        "s3.PutObject": 3,
    }
    assert orders["dynamodb.Query"] == 1 + 2 + 20  # how it stands; two ways to orders; the lines of each
    assert orders["s3.PutObject"] == 2


def test_erasing_the_standard_member_takes_few_calls(warm: PlayedStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """86 records: the peer needs 125 calls, one for each of them and more."""
    case = warm.to_approval(warm.new_member(**STANDARD, gifts=0))
    with watched(monkeypatch) as used:
        warm.erase(case, {})
    assert warm.stored(case).outcome is not None
    assert used.tables["EraseData"] <= 12


def test_a_download_is_three_reads_and_writes_and_a_mail(warm: PlayedStack) -> None:
    case = warm.to_answer(warm.new_member())
    session = warm.session(case)
    path = f"/api/requests/{case.reference}/download"
    calls = _api(warm, "POST", path, "/api/requests/{reference}/download", "{}", bearer=session)
    assert calls == [
        "dynamodb.GetItem",  # whose session it is
        "dynamodb.GetItem",
        "dynamodb.TransactWriteItems",  # counted, before the link is made
        "dynamodb.GetItem",  # when what is written about it goes: with a case that is closed
        "dynamodb.PutItem",  # claim the letter
        "sesv2.SendEmail",
        "dynamodb.UpdateItem",  # it is sent
    ]


def _forget_sources(stack: PlayedStack, request_id: str) -> None:
    for source in ("shop", "orders", "files", "analytics"):
        key = {"pk": {"S": f"REQ#{request_id}"}, "sk": {"S": f"SOURCE#{source}"}}
        stack.client("dynamodb").delete_item(TableName=stack.local.ref("CasesTable"), Key=key)


def test_closed_cases_cost_the_sweep_nothing(warm: PlayedStack) -> None:
    case = warm.to_review(warm.new_member())
    warm.withdraw(case).expect(200)
    before = _task(warm, "SweepDeadlinesFunction")
    _copy_closed(warm, case, times=100)
    assert _task(warm, "SweepDeadlinesFunction") == before


def _copy_closed(stack: PlayedStack, case: Case, *, times: int) -> None:
    dynamodb, table = stack.client("dynamodb"), stack.local.ref("CasesTable")
    stored = stack.stored(case)
    assert stored.purged
    key = {"pk": {"S": f"REQ#{stored.request_id}"}, "sk": {"S": "REQUEST"}}
    item = dynamodb.get_item(TableName=table, Key=key)["Item"]
    for start in range(0, times, 25):
        ids = [f"{number:032x}" for number in range(start, start + 25)]
        copies = [item | {"pk": {"S": f"REQ#{each}"}, "request_id": {"S": each}} for each in ids]
        dynamodb.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": copy}} for copy in copies]})
    assert sum(1 for _ in stack.cases.received_in(f"{stored.received_at:%Y-%m}")) >= times  # they are there, and read


def test_a_look_at_a_case_with_nothing_to_say_is_one_read(warm: PlayedStack) -> None:
    case = warm.to_review(warm.new_member())
    assert _task(warm, "CheckDeadlineFunction", request_id=warm.stored(case).request_id) == {"dynamodb.GetItem": 1}
