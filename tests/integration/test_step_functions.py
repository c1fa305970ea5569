"""The workflow adapter against the state machines of the template."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from rightsdesk.adapters.step_functions import StepFunctionsWorkflow, workflow_time
from rightsdesk.domain.errors import ServiceUnavailableError
from tests.support.stack import PlayedStack


@pytest.fixture
def workflow(stack: PlayedStack) -> StepFunctionsWorkflow:
    return StepFunctionsWorkflow(
        privacy_request_arn=stack.local.ref("PrivacyRequest"),
        deadline_watch_arn=stack.local.ref("DeadlineWatch"),
        stepfunctions=stack.client("stepfunctions"),
    )


def _far(stack: PlayedStack) -> datetime:
    return stack.now + timedelta(days=400)


def test_an_execution_starts_once_for_an_attempt(stack: PlayedStack, workflow: StepFunctionsWorkflow) -> None:
    request_id = uuid4().hex
    for _ in range(2):
        workflow.watch(request_id, attempt=1, wake_at=_far(stack))
    workflow.watch(request_id, attempt=2, wake_at=_far(stack))
    started = [found.name for found in stack.local.executions("DeadlineWatch") if request_id in found.name]
    assert sorted(started) == [f"{request_id}-1", f"{request_id}-2"]


def test_input_holds_ids_and_times_only(stack: PlayedStack, workflow: StepFunctionsWorkflow) -> None:
    request_id = uuid4().hex
    workflow.watch(request_id, attempt=1, wake_at=_far(stack))
    started = next(found for found in stack.local.executions("DeadlineWatch") if request_id in found.name)
    assert set(started.input) == {"request_id", "wake_at"}
    assert started.input["request_id"] == request_id


def test_who_is_running_and_who_is_not(stack: PlayedStack, workflow: StepFunctionsWorkflow) -> None:
    request_id = uuid4().hex
    assert not workflow.is_running(request_id, machine="deadline_watch", attempt=1)
    workflow.watch(request_id, attempt=1, wake_at=_far(stack))
    assert workflow.is_running(request_id, machine="deadline_watch", attempt=1)
    assert not workflow.is_running(request_id, machine="deadline_watch", attempt=2)
    assert not workflow.is_running(request_id, machine="privacy_request", attempt=1)


def test_stopping_what_is_not_there_is_no_error(workflow: StepFunctionsWorkflow) -> None:
    workflow.stop(uuid4().hex, attempt=1)


def test_a_token_that_is_stale_is_no_error(workflow: StepFunctionsWorkflow) -> None:
    workflow.succeed("AAAA" + uuid4().hex, {})


def test_other_trouble_asks_for_patience() -> None:
    class Down:
        def __getattr__(self, _: str) -> object:
            def fail(**_: object) -> None:
                raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "Any")

            return fail

    workflow = StepFunctionsWorkflow(privacy_request_arn="arn", deadline_watch_arn="arn", stepfunctions=Down())  # type: ignore[arg-type]
    calls = (
        lambda: workflow.start("r", attempt=1, entry="verification"),
        lambda: workflow.watch("r", attempt=1, wake_at=datetime.now(UTC)),
        lambda: workflow.succeed("token", {}),
        lambda: workflow.stop("r", attempt=1),
        lambda: workflow.is_running("r", machine="privacy_request", attempt=1),
    )
    for call in calls:
        with pytest.raises(ServiceUnavailableError):
            call()


def test_times_are_as_a_wait_state_reads_them() -> None:
    at = datetime(2026, 11, 23, 9, 0, 0, 999999, tzinfo=timezone(timedelta(hours=9)))
    assert workflow_time(at) == "2026-11-23T00:00:00Z"
