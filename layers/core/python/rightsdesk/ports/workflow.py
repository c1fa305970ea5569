"""The two state machines, and the tokens of the states that wait."""

from datetime import datetime
from typing import Any, Protocol


class TaskTokens(Protocol):
    """Task tokens of waiting workflow states: kept on the server, never mailed."""

    def park(self, request_id: str, task: str, token: str) -> None: ...

    def parked(self, request_id: str, task: str) -> str | None:
        """The newest token; it may be used up already, which does no harm (`Workflow.succeed`)."""


class Workflow(Protocol):
    """The two state machines."""

    def start(self, request_id: str, *, attempt: int, entry: str) -> None:
        """Start privacy_request; one that runs under this name already is left alone."""

    def watch(self, request_id: str, *, attempt: int, wake_at: datetime) -> None:
        """Start deadline_watch; one that runs under this name already is left alone."""

    def succeed(self, token: str, output: dict[str, Any]) -> None:
        """Resume a waiting task. A token that is used or stale is not an error here: the case's state decides."""

    def stop(self, request_id: str, *, attempt: int) -> None:
        """Stop privacy_request if it runs."""

    def is_running(self, request_id: str, *, machine: str, attempt: int) -> bool: ...


def resume(request_id: str, task: str, output: dict[str, Any], *, tokens: TaskTokens, workflow: Workflow) -> None:
    """Answer the state that waits for `task`, where one has parked its token. ServiceUnavailableError."""
    token = tokens.parked(request_id, task)
    if token is not None:
        workflow.succeed(token, output)
