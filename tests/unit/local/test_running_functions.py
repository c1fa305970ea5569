"""Functions without AWS: environments in one process, asynchronous invocations, links that end."""

import json
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.aws_endpoint import link_is_over
from local.clock import until
from local.deployment import AsyncPolicy, Deployment, Function
from local.in_process import InProcess
from local.lambdas import Functions, Outcome, PayloadTooLargeError


def function(folder: Path, name: str = "f", **environment: str) -> Function:
    return Function(
        logical_id=name.upper(), name=name, arn=f"arn:aws:lambda:r:1:function:{name}", handler="app.f", folder=folder,
        layers=(), environment=environment, timeout=3, memory=128,
    )  # fmt: skip


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def folder(name: str, code: str) -> Path:
        made = tmp_path / name
        made.mkdir()
        (made / "app.py").write_text(code)
        return made

    return folder


READS = """
import os
NAME = os.environ["NAME"]
def f(event, context):
    return [NAME, os.environ["NAME"], context.function_name]
"""


def test_each_function_has_its_own_environment_and_module(write: Callable[[str, str], Path]) -> None:
    runner = InProcess(environment={"SHARED": "1"})
    one = function(write("one", READS), "one", NAME="first")
    two = function(write("two", READS), "two", NAME="second")
    for called, name in ((one, "first"), (two, "second"), (one, "first")):
        assert runner.run(called, b"{}").value == [name, name, called.name]
    assert "NAME" not in os.environ
    assert "SHARED" not in os.environ
    runner.close()


def test_calls_of_one_function_run_side_by_side_and_of_two_take_turns(write: Callable[[str, str], Path]) -> None:
    waits = (
        "import threading\nHERE = threading.Barrier(2)\n"
        "def f(event, context):\n    HERE.wait(event['seconds'])\n    return 'met'\n"
    )
    runner = InProcess(environment={})
    same, other = function(write("same", waits), "same"), function(write("other", waits), "other")
    outcomes: list[Outcome] = []

    def call(called: Function, seconds: float) -> threading.Thread:
        payload = json.dumps({"seconds": seconds}).encode()
        thread = threading.Thread(target=lambda: outcomes.append(runner.run(called, payload)))
        thread.start()
        return thread

    for thread in [call(same, 5), call(same, 5)]:
        thread.join()
    assert [outcome.value for outcome in outcomes] == ["met", "met"]
    outcomes.clear()
    for thread in [call(same, 0.1), call(other, 0.1)]:
        thread.join()
    assert all(outcome.failed for outcome in outcomes)
    runner.close()


def test_a_function_that_calls_a_function_in_one_process_is_told_to_use_workers(
    write: Callable[[str, str], Path],
) -> None:
    runner = InProcess(environment={})
    called = function(write("f", "import threading\ndef f(event, context): return threading.current_thread().again()"))
    thread: Any = threading.Thread(target=lambda: outcomes.append(runner.run(called, b"{}")))
    outcomes: list[Outcome] = []
    thread.again = lambda: runner.run(called, b"{}")
    thread.start()
    thread.join()
    (outcome,) = outcomes
    assert outcome.failed
    assert "use workers" in outcome.value["errorMessage"]


@pytest.mark.parametrize(
    ("code", "error_type", "message"),
    [
        ("def f(event, context): raise LookupError('no')", "LookupError", "no"),
        ("def f(event, context): return object()", "Runtime.MarshalError", "marshal"),
        ("import os\nos.environ['MISSING']\ndef f(event, context): pass", "KeyError", "MISSING"),
        ("nothing = 1", "AttributeError", "f"),
    ],
)
def test_errors_look_as_on_lambda(write: Callable[[str, str], Path], code: str, error_type: str, message: str) -> None:
    outcome = InProcess(environment={}).run(function(write("f", code)), b"{}")
    assert outcome.failed
    assert outcome.value["errorType"] == error_type
    assert message in outcome.value["errorMessage"]


class Fails:
    """A Runner that fails as often as it is told to."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.runs = 0

    def run(self, function: Function, payload: bytes) -> Outcome:
        self.runs += 1
        return Outcome.error("Down", "it is down") if self.runs <= self.failures else Outcome(False, b'"done"')

    def close(self) -> None:
        """Nothing to end."""


class Sent:
    """A clients() that remembers what is put into queues."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []

    def __call__(self, service: str) -> "Sent":
        return self

    def get_queue_url(self, **_: Any) -> dict[str, str]:
        return {"QueueUrl": "q"}

    def send_message(self, **message: Any) -> None:
        self.bodies.append((message["MessageBody"], message["MessageAttributes"]))


def functions(runner: Fails, sent: Sent, policy: AsyncPolicy, *, dead_letter: str | None = None) -> Functions:
    made = function(Path())
    deployment = Deployment(policies={"f": policy})
    deployment.functions["f"] = Function(**{**vars(made), "dead_letter": dead_letter})
    return Functions(deployment, runner=runner, clients=sent)  # type: ignore[arg-type]


QUEUE = "arn:aws:sqs:r:1:lost"


@pytest.mark.parametrize(("failures", "retries", "runs"), [(0, 2, 1), (1, 2, 2), (9, 2, 3), (9, 0, 1)])
def test_an_asynchronous_invocation_is_tried_again(failures: int, retries: int, runs: int) -> None:
    runner, sent = Fails(failures), Sent()
    called = functions(runner, sent, AsyncPolicy(retries=retries, on_failure=QUEUE), dead_letter=QUEUE)
    called.invoke_later("F", b'{"a": 1}')
    assert until(lambda: called.idle, seconds=5)
    assert runner.runs == runs
    if failures < runs:
        assert sent.bodies == []
        assert called.failures == []
    else:
        record = json.loads(sent.bodies[0][0])
        assert record["requestPayload"] == {"a": 1}
        assert record["requestContext"]["condition"] == "RetriesExhausted"
        assert record["responsePayload"]["errorType"] == "Down"
        assert sent.bodies[1][0] == '{"a": 1}'
        assert sent.bodies[1][1]["ErrorMessage"]["StringValue"] == "it is down"
        assert [failure.function for failure in called.failures] == ["F"]
    called.close()


def test_limits_of_size_hold() -> None:
    called = functions(Fails(0), Sent(), AsyncPolicy())
    with pytest.raises(PayloadTooLargeError):
        called.invoke("f", b"x" * (6 * 1024 * 1024 + 1))
    with pytest.raises(PayloadTooLargeError):
        called.invoke_later("f", b"x" * (1024 * 1024 + 1))
    with pytest.raises(KeyError, match="no function g"):
        called.invoke("g", b"")
    called.close()


def test_a_presigned_link_ends() -> None:
    signed = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261123T120000Z&X-Amz-Expires=60"
    assert not link_is_over(query, now=signed + timedelta(seconds=60))
    assert link_is_over(query, now=signed + timedelta(seconds=61))
    assert not link_is_over("list-type=2", now=signed)
