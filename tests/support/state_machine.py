"""Plays `statemachine/*.asl.json` over fakes: the shipped files, without AWS, moto or time that passes.

An execution is a generator: it runs until it has to wait, for a moment or for a task token, and says for what. It knows
the parts of the language that the two machines use. What a function raises is an error by the name of its class; a
function that died is `Sandbox.Timedout`, as Lambda would say.
"""

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.fakes import ProcessDiedError

ROOT = Path(__file__).parents[2]
WAITS_FOR_TOKEN = "arn:aws:states:::lambda:invoke.waitForTaskToken"

Json = Any
Function = Callable[[dict[str, Json]], Json]


@dataclass(frozen=True)
class Waiting:
    """Until a moment, or, with a token, until that is answered if it comes first."""

    until: datetime
    token: str | None = None


class StateError(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def definition(machine: str) -> dict[str, Json]:
    text = (ROOT / "statemachine" / f"{machine}.asl.json").read_text("utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


@dataclass
class Execution:
    """One execution. `functions` are by the name of their placeholder: `SendVerification`."""

    machine: dict[str, Json]
    given: dict[str, Json]
    name: str
    functions: dict[str, Function]
    answers: dict[str, dict[str, Json]]  # token -> output
    clock: Callable[[], datetime]
    visited: list[str] = field(default_factory=list)
    status: str = "RUNNING"
    waiting: Waiting | None = None

    def __post_init__(self) -> None:
        self._tokens = 0
        self._run = self._graph(self.machine, self.given, {})

    @property
    def wakes_at(self) -> datetime | None:
        """When it goes on; None where it has ended."""
        if self.status != "RUNNING":
            return None
        if self.waiting is None or (self.waiting.token is not None and self.waiting.token in self.answers):
            return self.clock()
        return self.waiting.until

    def go_on(self) -> None:
        """Run until it has to wait again, or has ended."""
        try:
            self.waiting = next(self._run)
        except StopIteration:
            self.status = "SUCCEEDED"
        except StateError:
            self.status = "FAILED"

    def _graph(self, graph: dict[str, Json], data: Json, item: Json) -> Generator[Waiting, None, Json]:
        name = graph["StartAt"]
        while True:
            state = graph["States"][name]
            self.visited.append(name)
            match state["Type"]:
                case "Succeed":
                    return data
                case "Fail":
                    raise StateError(state["Error"])
                case "Choice":
                    name = next(
                        (c["Next"] for c in state["Choices"] if _chosen(c, _read(data, c["Variable"]))),
                        state["Default"],
                    )
                    continue
                case "Wait" if "Seconds" in state:
                    yield Waiting(self.clock() + timedelta(seconds=state["Seconds"]))
                case "Wait":
                    yield Waiting(datetime.fromisoformat(_read(data, state["TimestampPath"])))
                case "Pass":
                    result = _filled(state["Parameters"], data, item) if "Parameters" in state else state.get("Result")
                    data = _put(data, state.get("ResultPath", "$"), result)
                case "Map":
                    for value in _read(data, state["ItemsPath"]):
                        inner = _filled(state["ItemSelector"], data, value)
                        yield from self._graph(state["ItemProcessor"], inner, value)
                case "Task":
                    try:
                        result = yield from self._task(state, data, item)
                    except StateError as error:
                        catch = _matching(state.get("Catch", []), error.name)
                        if catch is None:
                            raise
                        data = _put(data, catch["ResultPath"], {"Error": error.name})
                        name = catch["Next"]
                        continue
                    data = _put(data, state.get("ResultPath", "$"), result)
            if state.get("End"):
                return data
            name = state["Next"]

    def _task(self, state: dict[str, Json], data: Json, item: Json) -> Generator[Waiting, None, Json]:
        tries: dict[int, int] = {}
        while True:
            try:
                return (yield from self._attempt(state, data, item))
            except StateError as error:
                retry = _matching(state.get("Retry", []), error.name)
                if retry is None:
                    raise
                number = tries.get(id(retry), 0)
                if number >= retry["MaxAttempts"]:
                    raise
                tries[id(retry)] = number + 1
                pause = min(retry["IntervalSeconds"] * retry["BackoffRate"] ** number, retry["MaxDelaySeconds"])
                yield Waiting(self.clock() + timedelta(seconds=pause))

    def _attempt(self, state: dict[str, Json], data: Json, item: Json) -> Generator[Waiting, None, Json]:
        seconds = state["TimeoutSeconds"] if "TimeoutSeconds" in state else _read(data, state["TimeoutSecondsPath"])
        until = self.clock() + timedelta(seconds=seconds)
        self._tokens += 1
        token = f"{self.name}/{self._tokens}"
        payload = _filled(state["Parameters"]["Payload"], data, item, token=token)
        function = state["Parameters"]["FunctionName"].removeprefix("${").removesuffix("FunctionArn}")
        waits = state["Resource"] == WAITS_FOR_TOKEN
        try:
            answer = self.functions[function](payload)
        except ProcessDiedError:
            if not (waits and token in self.answers):
                raise StateError("Sandbox.Timedout") from None
        except Exception as error:
            if not (waits and token in self.answers):
                raise StateError(type(error).__name__) from error
        if not waits:
            result = {"Payload": answer}
            return _filled(state["ResultSelector"], result, None) if "ResultSelector" in state else result
        while token not in self.answers:
            if self.clock() >= until:
                raise StateError("States.Timeout")
            yield Waiting(until, token)
        return self.answers[token]


def _matching(rules: list[dict[str, Json]], error: str) -> dict[str, Json] | None:
    return next((rule for rule in rules if error in rule["ErrorEquals"] or "States.ALL" in rule["ErrorEquals"]), None)


def _chosen(choice: dict[str, Json], value: Json) -> bool:
    return bool(value == choice.get("StringEquals", choice.get("BooleanEquals")))


def _read(data: Json, path: str) -> Json:
    for step in path.removeprefix("$").split(".")[1:]:
        data = data[step]
    return data


def _put(data: Json, path: str | None, result: Json) -> Json:
    if path is None:
        return data
    return result if path == "$" else {**data, path.removeprefix("$."): result}


def _filled(template: dict[str, Json], data: Json, item: Json, *, token: str = "") -> dict[str, Json]:
    filled = {}
    for name, value in template.items():
        if not name.endswith(".$"):
            filled[name] = value
        elif value == "$$.Task.Token":
            filled[name[:-2]] = token
        elif value.startswith("$$.Map.Item.Value"):
            filled[name[:-2]] = _read(item, value.removeprefix("$$.Map.Item.Value").join(("$", "")))
        else:
            filled[name[:-2]] = _read(data, value)
    return filled
