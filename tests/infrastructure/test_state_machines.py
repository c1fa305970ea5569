"""The state machines as graphs: cfn-lint and `sam validate` do not see a broken one in a SAM template."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from statelint.config import Config
from statelint.linter import Linter
from statelint.problem import ProblemType

from rightsdesk.domain import errors
from tests.infrastructure.deployed_template import ROOT, actions_of, deploy, resources_of
from tests.support.desk import merchant

FILES = {path.name.removesuffix(".asl.json"): path for path in sorted(ROOT.glob("statemachine/*.asl.json"))}
LOGICAL_IDS = {"privacy_request": "PrivacyRequest", "deadline_watch": "DeadlineWatch"}

WAITS_FOR_TOKEN = "arn:aws:states:::lambda:invoke.waitForTaskToken"
INVOKES = "arn:aws:states:::lambda:invoke"

# What reaches a task: ids, a token, names of our own. Never a person's data, for the history is kept for 90 days.
PAYLOAD = {"request_id", "task_token", "source", "shard", "of", "state", "error", "outcome", "final", "step"}

# Of a source with very many objects there are many items, each an execution of its own with a history of its own.
DISTRIBUTED = {"PlanErasureWave", "CheckErasure", "EraseData", "SearchAgain"}

# Lambda was not there, or the function died on the way: it is started again, and finds what was done.
LAMBDA_ERRORS = {
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
}


@dataclass(frozen=True)
class Graph:
    """One level of states: a state machine, or the inside of a Map."""

    start: str
    states: dict[str, dict[str, Any]]

    def targets(self, name: str) -> list[str]:
        state = self.states[name]
        return [
            *([state["Next"]] if "Next" in state else []),
            *([state["Default"]] if "Default" in state else []),
            *(choice["Next"] for choice in state.get("Choices", [])),
            *(catch["Next"] for catch in state.get("Catch", [])),
        ]

    def reachable(self, start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += self.targets(name)
        return seen


def definition(machine: str) -> dict[str, Any]:
    return json.loads(FILES[machine].read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def graphs(level: dict[str, Any]) -> Iterator[Graph]:
    """The level itself and every level inside it."""
    yield Graph(level["StartAt"], level["States"])
    for state in level["States"].values():
        if "ItemProcessor" in state:
            yield from graphs(state["ItemProcessor"])


def states() -> list[tuple[str, str, dict[str, Any]]]:
    """(machine, name, state) for every state of every machine."""
    return [(m, name, s) for m in FILES for graph in graphs(definition(m)) for name, s in graph.states.items()]


def tasks() -> list[tuple[str, str, dict[str, Any]]]:
    return [(m, name, state) for m, name, state in states() if state["Type"] == "Task"]


each_machine = pytest.mark.parametrize("machine", FILES)
each_task = pytest.mark.parametrize(("machine", "name", "task"), tasks(), ids=lambda v: v if isinstance(v, str) else "")


def test_every_machine_of_the_folder_is_deployed() -> None:
    assert set(FILES) == set(LOGICAL_IDS)
    assert set(deploy().of_type("AWS::StepFunctions::StateMachine")) == set(LOGICAL_IDS.values())


@each_machine
def test_every_way_leads_to_a_state_and_every_state_can_be_reached(machine: str) -> None:
    for graph in graphs(definition(machine)):
        for name in graph.states:
            assert set(graph.targets(name)) <= set(graph.states), name
        assert graph.reachable(graph.start) == set(graph.states)


@each_machine
def test_every_state_ends_or_goes_on(machine: str) -> None:
    for graph in graphs(definition(machine)):
        ends = set()
        for name, state in graph.states.items():
            if state["Type"] in {"Succeed", "Fail"} or state.get("End"):
                ends.add(name)
                assert "Next" not in state, name
            elif state["Type"] == "Choice":
                assert "Default" in state, f"{name}: what matches no rule would fail with States.NoChoiceMatched"
            else:
                assert "Next" in state, name
        # deadline_watch goes round; even so its end is in reach from everywhere.
        for name in graph.states:
            assert graph.reachable(name) & ends, f"{name} never ends"


@each_machine
def test_the_linter_of_the_states_language_finds_nothing(machine: str) -> None:
    # FLOAT: the linter wants a backoff of 2 written as 2.0; JSON knows one kind of number.
    assert Linter.validate(definition(machine), Config({ProblemType.FLOAT})) == []


@each_machine
def test_placeholders_are_all_supplied_and_all_used(machine: str) -> None:
    text = FILES[machine].read_text(encoding="utf-8")
    supplied = deploy().one(LOGICAL_IDS[machine])["DefinitionSubstitutions"]
    assert set(re.findall(r"\$\{(\w+)\}", text)) == set(supplied)
    for placeholder, arn in supplied.items():
        assert arn == f"{placeholder.removesuffix('Arn')}.Arn"


@each_machine
def test_only_what_every_engine_does_alike(machine: str) -> None:
    """JSONPath, simple paths, ASCII, literal limits: docs/adr says why."""
    text = FILES[machine].read_text(encoding="utf-8")
    assert text.isascii()
    assert "QueryLanguage" not in text
    assert "Assign" not in text
    assert "States.Format" not in text
    assert "$$.Execution" not in text
    for path in re.findall(r'"[\w.]+\.\$":\s*"([^"]*)"', text) + re.findall(r'"\w+Path":\s*"([^"]*)"', text):
        assert re.fullmatch(r"\$\$?(\.[A-Za-z_]+)+", path), path


def test_states_are_of_the_kinds_that_the_tests_can_run() -> None:
    for _, name, state in states():
        assert state["Type"] in {"Task", "Choice", "Wait", "Pass", "Map", "Succeed", "Fail"}, name
        if state["Type"] == "Map":
            distributed = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
            config = distributed if name in DISTRIBUTED else {"Mode": "INLINE"}
            assert state["ItemProcessor"]["ProcessorConfig"] == config, name
            assert state["MaxConcurrency"] >= 1, name
        if state["Type"] == "Wait":
            assert set(state) & {"Seconds", "TimestampPath"}, name
        for choice in state.get("Choices", []):
            assert not set(choice) & {"And", "Or", "Not"}, name


def test_distributed_maps_tolerate_no_failure_and_may_run_their_items() -> None:
    for _, name, state in states():
        if name in DISTRIBUTED:
            assert not {key for key in state if key.startswith("Tolerated") or key == "ResultWriter"}, name
    statements = deploy().statements_of(deploy().one("PrivacyRequestRole"))
    allowed = {(action, resource) for s in statements for action in actions_of(s) for resource in resources_of(s)}
    name = deploy().one("PrivacyRequest")["StateMachineName"]
    own = {(action, resource.rpartition(name)[2]) for action, resource in allowed if action.startswith("states:")}
    assert own == {
        ("states:StartExecution", ""),
        *((f"states:{verb}Execution", end) for verb in ("Describe", "Stop", "Redrive") for end in (":*", "/*")),
    }


def longest_wait(machine: str, path: str) -> int:
    """What the Pass state before the task puts where the task reads its limit; or what the answer begins with."""
    _, variable, name = path.split(".")
    if variable == "answer":
        return int(merchant().download_window.total_seconds())
    (wait,) = (
        state["Result"][name]
        for graph in graphs(definition(machine))
        for state in graph.states.values()
        if state.get("ResultPath") == f"$.{variable}" and isinstance(state.get("Result"), dict)
    )
    return int(wait)


@each_task
def test_task_invokes_a_function_and_waits_with_a_limit(machine: str, name: str, task: dict[str, Any]) -> None:
    assert task["Resource"] in {INVOKES, WAITS_FOR_TOKEN}
    seconds = task["TimeoutSeconds"] if "TimeoutSeconds" in task else longest_wait(machine, task["TimeoutSecondsPath"])
    assert isinstance(seconds, int)
    placeholder = re.fullmatch(r"\$\{(\w+Function)Arn\}", task["Parameters"]["FunctionName"])
    assert placeholder
    # A workflow that gives up before its function does would start a second one beside the first.
    assert seconds >= deploy().functions[placeholder[1]]["Timeout"]


@each_task
def test_task_gets_ids_and_times_only(machine: str, name: str, task: dict[str, Any]) -> None:
    payload = {key.removesuffix(".$") for key in task["Parameters"]["Payload"]}
    assert "request_id" in payload
    assert payload <= PAYLOAD
    waits = task["Resource"] == WAITS_FOR_TOKEN
    assert (task["Parameters"]["Payload"].get("task_token.$") == "$$.Task.Token") is waits


@each_task
def test_task_is_tried_again_with_jitter_and_a_ceiling(machine: str, name: str, task: dict[str, Any]) -> None:
    assert task["Retry"]
    for retry in task["Retry"]:
        assert retry["JitterStrategy"] == "FULL"
        assert retry["BackoffRate"] > 1
        assert 1 <= retry["MaxAttempts"] <= 10
        assert retry["MaxDelaySeconds"] <= 3600
        own = set(retry["ErrorEquals"]) - LAMBDA_ERRORS
        assert own, "our own errors say what is worth another try"
        assert retry["ErrorEquals"], "a retry on everything would repeat what can't succeed"
        for error in own:
            assert issubclass(getattr(errors, error), errors.RetryableError) or error == "ConflictError"


@each_task
def test_task_that_fails_for_good_is_caught(machine: str, name: str, task: dict[str, Any]) -> None:
    *others, last = task["Catch"]
    assert last["ErrorEquals"] == ["States.ALL"]
    assert all("States.ALL" not in catch["ErrorEquals"] for catch in others)
    assert all(catch["ResultPath"] == "$.error" for catch in task["Catch"])
    for catch in others:
        for error in catch["ErrorEquals"]:
            assert error == "States.Timeout" or issubclass(getattr(errors, error), errors.RightsdeskError)


@each_task
def test_death_of_a_function_is_tried_again_and_a_closed_case_is_no_failure(
    machine: str, name: str, task: dict[str, Any]
) -> None:
    for retry in task["Retry"]:
        assert set(retry["ErrorEquals"]) >= {*LAMBDA_ERRORS, "ServiceUnavailableError", "ConflictError"}
        assert "CaseClosedError" not in retry["ErrorEquals"]
    if name in {
        "SendVerification",
        "RequestDecision",
        "BuildExport",
        "RequestRelease",
        "BuildFinalExport",
        "SendAnswer",
    }:
        assert {"ErrorEquals": ["CaseClosedError"], "ResultPath": "$.error", "Next": "Closed"} in task["Catch"]


def test_every_failure_of_a_request_is_recorded_with_the_state_that_failed() -> None:
    (outer, *_) = graphs(definition("privacy_request"))
    for name, state in outer.states.items():
        if (state["Type"] == "Task" and name != "RecordFailure") or name in DISTRIBUTED | {"PlanErasure"}:
            naming = outer.states[state["Catch"][-1]["Next"]]
            assert naming["Type"] == "Pass"
            assert naming["ResultPath"] == "$.failed_state"
            assert naming["Result"] == ("CloseRequest" if name.startswith("Close") else name)
            assert naming["Next"] == "RecordFailure"


def test_a81_a_source_that_fails_is_noted_and_stops_no_other() -> None:
    for graph in graphs(definition("privacy_request")):
        for name, state in graph.states.items():
            if name in {"CollectData", "CollectColumnar"}:
                noting = graph.states[state["Catch"][-1]["Next"]]
                assert noting["Parameters"]["FunctionName"] == "${RecordFailureFunctionArn}"
                assert noting["Parameters"]["Payload"]["source.$"] == "$.source"


def test_nothing_polls() -> None:
    """A loop without a wait for a date or a token would run up to the limit of an execution's history."""
    for machine in FILES:
        for graph in graphs(definition(machine)):
            for name in graph.states:
                if name in {later for target in graph.targets(name) for later in graph.reachable(target)}:
                    loop = {other for other in graph.reachable(name) if name in graph.reachable(other)}
                    assert any(waits(graph.states[other]) for other in loop), name


def waits(state: dict[str, Any]) -> bool:
    return "TimestampPath" in state or state.get("Resource") == WAITS_FOR_TOKEN


def test_files_are_where_the_template_says() -> None:
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r"DefinitionUri: (\S+)", text)) == {str(path.relative_to(ROOT)) for path in FILES.values()}
