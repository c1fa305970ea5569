"""The two state machines, through AWS Step Functions."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from rightsdesk.adapters.clients import client
from rightsdesk.domain.errors import ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_USED_OR_STALE = {"TaskTimedOut", "InvalidToken", "TaskDoesNotExist"}


class StepFunctionsWorkflow:
    """Keeps the port Workflow. A task that only answers through its token needs no machine.

    Executions are named `<request id>-<attempt>`, so that none starts twice.
    """

    def __init__(
        self, *, privacy_request_arn: str = "", deadline_watch_arn: str = "", stepfunctions: "SFNClient | None" = None
    ) -> None:
        self._machines = {"privacy_request": privacy_request_arn, "deadline_watch": deadline_watch_arn}
        self._given = stepfunctions

    @property
    def _stepfunctions(self) -> "SFNClient":
        return self._given or client("stepfunctions")

    def start(self, request_id: str, *, attempt: int, entry: str) -> None:
        self._start("privacy_request", request_id, attempt, {"entry": entry, "attempt": attempt})

    def watch(self, request_id: str, *, attempt: int, wake_at: datetime) -> None:
        self._start("deadline_watch", request_id, attempt, {"wake_at": workflow_time(wake_at)})

    def _start(self, machine: str, request_id: str, attempt: int, values: dict[str, Any]) -> None:
        try:
            self._stepfunctions.start_execution(
                stateMachineArn=self._machines[machine],
                name=f"{request_id}-{attempt}",
                input=json.dumps({"request_id": request_id} | values),
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise ServiceUnavailableError(error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise ServiceUnavailableError(type(error).__name__) from error

    def succeed(self, token: str, output: dict[str, Any]) -> None:
        try:
            self._stepfunctions.send_task_success(taskToken=token, output=json.dumps(output, default=workflow_time))
        except ClientError as error:
            if error.response["Error"]["Code"] not in _USED_OR_STALE:
                raise ServiceUnavailableError(error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise ServiceUnavailableError(type(error).__name__) from error

    def stop(self, request_id: str, *, attempt: int) -> None:
        try:
            self._stepfunctions.stop_execution(
                executionArn=self._execution("privacy_request", request_id, attempt), error="Withdrawn"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"ExecutionDoesNotExist", "ValidationException"}:
                raise ServiceUnavailableError(error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise ServiceUnavailableError(type(error).__name__) from error

    def is_running(self, request_id: str, *, machine: str, attempt: int) -> bool:
        try:
            execution = self._stepfunctions.describe_execution(
                executionArn=self._execution(machine, request_id, attempt)
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
                return False
            raise ServiceUnavailableError(error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise ServiceUnavailableError(type(error).__name__) from error
        return execution["status"] == "RUNNING"

    def _execution(self, machine: str, request_id: str, attempt: int) -> str:
        return f"{self._machines[machine].replace(':stateMachine:', ':execution:')}:{request_id}-{attempt}"


def workflow_time(at: datetime) -> str:
    """As a Wait state reads it: UTC, whole seconds, `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
