"""Functions in processes of their own, as on Lambda; and that nothing is left of a stack."""

import json
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from local.clock import ENGINE
from local.runtime import LocalStack
from tests.integration.local.conftest import House

EVENT = threading.Event()  # its waits are of real time, whatever the clock of the stack says


def test_the_same_house_in_processes(boot: Callable[..., LocalStack]) -> None:
    before = set(threading.enumerate())
    with boot("workers") as stack:
        house = House(stack)
        stack.warm_up()
        EVENT.wait(4)  # a process that waits for its first call must not fall behind
        echo = house.http("GET", "/echo/a").json
        assert abs(echo["now"] - stack.now.timestamp()) < 2
        environment = set(echo["environment"])
        assert {"TABLE", "GREETING", "MERCHANT_PATH", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT"} <= environment
        assert not {"HOME", "LOCAL_CLOCK_OFFSET"} & environment

        assert house.http("GET", "/echo/a?want=error").status == 502
        failed = stack.invoke("Door", {"queryStringParameters": {"want": "error"}})
        assert failed.value["errorType"] == "LookupError"
        assert failed.value["errorMessage"] == "no such thing"

        assert house.http("GET", "/echo/a?want=start&id=w1").status == 202
        stack.settle()
        stack.advance(timedelta(days=15))
        (execution,) = stack.executions()
        assert (execution.status, execution.output["outcome"]) == ("SUCCEEDED", "late")
        assert house.heard().count({"daily": True}) == 15
        assert abs(house.http("GET", "/echo/a").json["now"] - stack.now.timestamp()) < 2
        link_works_for_a_minute(house)
        assert "Traceback" in stack.log("Door")
    assert not {thread for thread in set(threading.enumerate()) - before if thread.is_alive()}
    assert not ENGINE.alive


def link_works_for_a_minute(house: House) -> None:
    link = house.http("GET", "/echo/a?want=link").body.decode()
    with urlopen(link, timeout=10) as answer:  # noqa: S310
        assert answer.read() == b"here"
    house.stack.advance(timedelta(seconds=61))
    with pytest.raises(HTTPError, match="403") as refused:
        urlopen(link, timeout=10)  # noqa: S310
    refused.value.close()


def test_a_function_that_takes_too_long_or_dies_is_ended(boot: Callable[..., LocalStack]) -> None:
    with boot("workers") as stack:
        for body, error_type, message in (
            (
                "import time\ndef lambda_handler(e, c): time.sleep(30)",
                "Sandbox.Timedout",
                "timed out after 2.00 seconds",
            ),
            ("import os\ndef lambda_handler(e, c): os._exit(3)", "Runtime.ExitError", "exit status 3"),
            ("raise OSError('at import')\n", "OSError", "at import"),
            ("import os\nos._exit(4)", "Runtime.ExitError", "without initialising"),
        ):
            outcome = run_code(stack, "Steps", body)
            assert outcome["errorType"] == error_type
            assert message in outcome["errorMessage"]


def run_code(stack: LocalStack, function: str, code: str) -> dict[str, str]:
    """Runs `code` in the place of a function's own."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app.py").write_text(code)
        found = stack.deployment.function(function)
        stack.deployment.functions[found.name] = replace(found, folder=Path(folder))
        try:
            outcome = stack.invoke(function, {})
        finally:
            stack.deployment.functions[found.name] = found
    assert outcome.failed
    answer: dict[str, str] = json.loads(outcome.payload)
    return answer


def test_there_is_one_stack_in_a_process_at_a_time(boot: Callable[..., LocalStack]) -> None:
    with boot(), pytest.raises(RuntimeError, match="a stack in this process already"):
        boot()
    with boot() as again:
        assert again.tables == ["rightsdesk-Cases"]


def test_a_boot_that_fails_leaves_nothing(boot: Callable[..., LocalStack]) -> None:
    before = set(threading.enumerate())
    with pytest.raises(Exception, match="no parameter Nonsense"):
        boot(parameters={"Nonsense": "1"})
    assert set(threading.enumerate()) == before
    with boot(parameters={"WithWall": "true"}) as stack:
        assert stack.ref("Wall") == "Wall"
