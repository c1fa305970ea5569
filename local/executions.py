"""The executions of the stack's state machines."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.clock import ENGINE, until


@dataclass(frozen=True)
class Execution:
    machine: str  # logical id
    name: str
    arn: str
    status: str  # RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED
    input: Any
    output: Any
    error: str | None
    cause: str | None


class Executions:
    """`machines` maps the logical ids of state machines to their ARNs."""

    def __init__(self, machines: Mapping[str, str], *, stepfunctions: Any) -> None:
        self._machines = machines
        self._stepfunctions = stepfunctions

    def all(self, machine: str | None = None) -> list[Execution]:
        """Of one machine (logical id) or of all, in the order of their start."""
        return [
            self._describe(logical_id, arn)
            for logical_id, machine_arn in self._machines.items()
            if machine in (None, logical_id)
            for arn in self._arns(machine_arn)
        ]

    def stop_all(self) -> None:
        """So that no thread of the engine is left."""
        for execution in self.all():
            if execution.status == "RUNNING":
                self._stepfunctions.stop_execution(executionArn=execution.arn)
        until(lambda: not ENGINE.alive, seconds=5)

    def _arns(self, machine_arn: str) -> list[str]:
        pages = self._stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=machine_arn)
        return [entry["executionArn"] for page in pages for entry in page["executions"]][::-1]

    def _describe(self, machine: str, arn: str) -> Execution:
        found = self._stepfunctions.describe_execution(executionArn=arn)
        return Execution(
            machine=machine,
            name=found["name"],
            arn=arn,
            status=found["status"],
            input=json.loads(found["input"]),
            output=json.loads(found["output"]) if "output" in found else None,
            error=found.get("error"),
            cause=found.get("cause"),
        )
