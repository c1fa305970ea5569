"""The same submission under the same key becomes one request; kept by Powertools in the table of the template."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from rightsdesk.adapters import idempotency
from rightsdesk.adapters.idempotency import SubmitOnce
from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import Submission
from rightsdesk.domain.views import Receipt
from tests.support.stack import PlayedStack, together

SUBMISSION = Submission(
    types=("access",), email="canary@example.com", name="Canary Person", country="DE", language="en", door="api"
)


class Desk:
    """Counts what is really submitted."""

    def __init__(self, before: Callable[[], None] = lambda: None) -> None:
        self.submitted: list[Submission] = []
        self._before = before

    def submit(self, submission: Submission) -> Receipt:
        self._before()
        self.submitted.append(submission)
        return Receipt(reference=f"RD-{len(self.submitted)}", received_at=datetime.now(UTC), status=Status.RECEIVED)


class InTenSeconds:
    """As much of Lambda's context as is asked for."""

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


@pytest.fixture
def once(stack: PlayedStack, monkeypatch: pytest.MonkeyPatch) -> Callable[[Desk], SubmitOnce]:
    monkeypatch.setattr(idempotency, "client", stack.client)

    def made(desk: Desk) -> SubmitOnce:
        submit = SubmitOnce(desk.submit, table=stack.local.ref("IdempotencyTable"), digest_key=lambda: b"key")
        submit.serve(InTenSeconds())
        return submit

    return made


def test_the_same_key_brings_the_same_receipt(once: Callable[[Desk], SubmitOnce]) -> None:
    desk, key = Desk(), str(uuid4())
    submit = once(desk)
    receipts = [submit(SUBMISSION, key) for _ in range(3)]
    assert len(desk.submitted) == 1
    assert len(set(map(str, receipts))) == 1
    assert once(desk)(SUBMISSION, key) == receipts[0]  # also for another process


def test_without_a_key_each_is_a_request(once: Callable[[Desk], SubmitOnce]) -> None:
    desk = Desk()
    assert once(desk)(SUBMISSION, None) != once(desk)(SUBMISSION, None)
    assert len(desk.submitted) == 2


def test_another_submission_under_the_same_key_is_a_conflict(once: Callable[[Desk], SubmitOnce]) -> None:
    desk, key = Desk(), str(uuid4())
    submit = once(desk)
    submit(SUBMISSION, key)
    with pytest.raises(ConflictError):
        submit(SUBMISSION.model_copy(update={"name": "Somebody Else"}), key)
    assert len(desk.submitted) == 1


def test_ten_at_once_are_one(once: Callable[[Desk], SubmitOnce]) -> None:
    desk, key = Desk(), str(uuid4())
    submit = once(desk)
    results = together(*[lambda: submit(SUBMISSION, key)] * 10)
    assert len(desk.submitted) == 1
    assert {type(result) for result in results} <= {Receipt, ConflictError}
    assert submit(SUBMISSION, key).reference == "RD-1"


def test_one_that_failed_may_be_sent_again(once: Callable[[Desk], SubmitOnce]) -> None:
    failures = iter([ValueError("down"), None])

    def fail_once() -> None:
        if error := next(failures):
            raise error

    desk, key = Desk(fail_once), str(uuid4())
    submit = once(desk)
    with pytest.raises(ValueError, match="down"):
        submit(SUBMISSION, key)
    assert submit(SUBMISSION, key).reference == "RD-1"


def test_the_table_holds_nothing_of_the_person_and_forgets(
    once: Callable[[Desk], SubmitOnce], stack: PlayedStack
) -> None:
    once(Desk())(SUBMISSION, str(uuid4()))
    items: list[dict[str, Any]] = stack.client("dynamodb").scan(TableName=stack.local.ref("IdempotencyTable"))["Items"]
    text = str(items)
    assert "canary" not in text.lower()
    assert all("expiration" in item for item in items)


def test_the_door_keeps_it(stack: PlayedStack) -> None:
    """The same by HTTP, with the header."""
    headers = {"Idempotency-Key": str(uuid4())}
    first, again = (stack.post_request("idempotent@example.com", headers=headers) for _ in range(2))
    assert (first.status, first.body) == (again.status, again.body) == (202, first.body)
    other = stack.post_request("idempotent@example.com", headers=headers, country="FR")
    assert other.status == 409
    assert stack.post_request("idempotent@example.com", headers={"Idempotency-Key": "short"}).status == 400
    stack.local.settle()
    assert len(stack.mails("idempotent@example.com")) == 1
