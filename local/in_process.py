"""Runs functions in this process: no start-up, breakpoints work, moto is called without HTTP. For tests.

Each function's `app.py` is loaded once per stack, under a name of its own, with its own environment; modules of
`rightsdesk` are shared. os.environ belongs to the whole process: several calls of ONE function may run side by side,
calls of different functions take turns. Timeouts are not enforced here; `workers` does that.
"""

import importlib.util
import json
import os
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from awslambdaric.lambda_runtime_marshaller import to_json
from pydantic import BaseModel

from local.deployment import Function
from local.lambdas import Outcome


class Context:
    """What a handler gets as its second argument."""

    function_version = "$LATEST"
    client_context = None
    identity = None

    def __init__(self, function: Function) -> None:
        self.function_name = function.name
        self.invoked_function_arn = function.arn
        self.memory_limit_in_mb = str(function.memory)
        self.aws_request_id = str(uuid.uuid4())
        self.log_group_name = f"/aws/lambda/{function.name}"
        self.log_stream_name = "local"
        self._end = time.monotonic() + function.timeout

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._end - time.monotonic()) * 1000))


class Turns:
    """Lends os.environ to one function at a time, to any number of calls of it."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._holder: str | None = None
        self._users = 0
        self._threads: set[int] = set()

    @contextmanager
    def __call__(self, function: Function, environment: Mapping[str, str]) -> Iterator[None]:
        me = threading.get_ident()
        if me in self._threads:
            raise RuntimeError(f"a function calls {function.logical_id} and waits for it: use workers for that")
        with self._free:
            self._free.wait_for(lambda: self._users == 0 or self._holder == function.name)
            if self._users == 0:
                self._holder = function.name
                self._before = dict(os.environ)
                os.environ.update(environment)
            self._users += 1
            self._threads.add(me)
        try:
            yield
        finally:
            with self._free:
                self._threads.discard(me)
                self._users -= 1
                if self._users == 0:
                    self._restore(environment)
                    self._free.notify_all()

    def _restore(self, environment: Mapping[str, str]) -> None:
        for name in environment:
            if name in self._before:
                os.environ[name] = self._before[name]
            else:
                os.environ.pop(name, None)


class InProcess:
    """A Runner. `environment` is added to every function's own."""

    def __init__(self, *, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._handlers: dict[str, Callable[[Any, Any], Any]] = {}
        self._loading = threading.Lock()
        self._turns = Turns()
        self._modules: list[str] = []
        self._paths: list[str] = []

    def run(self, function: Function, payload: bytes) -> Outcome:
        context = Context(function)
        with self._turns(function, self._full_environment(function)):
            try:
                handler = self._handler(function)
                result = handler(json.loads(payload or b"{}"), context)
            except Exception as error:
                return _failed(error, context)
            try:
                return Outcome(False, to_json(result).encode())
            except Exception as error:
                message = f"Unable to marshal response: {error}"
                return Outcome.error("Runtime.MarshalError", message)

    def close(self) -> None:
        for name in self._modules:
            sys.modules.pop(name, None)
        for path in self._paths:
            if path in sys.path:
                sys.path.remove(path)

    def _full_environment(self, function: Function) -> dict[str, str]:
        return {
            **function.environment,
            **self._environment,
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "LAMBDA_TASK_ROOT": str(function.folder),
        }

    def _handler(self, function: Function) -> Callable[[Any, Any], Any]:
        with self._loading:
            if function.name not in self._handlers:
                self._handlers[function.name] = self._load(function)
            return self._handlers[function.name]

    def _load(self, function: Function) -> Callable[[Any, Any], Any]:
        for layer in function.layers:
            path = str(layer / "python")
            if path not in sys.path:
                sys.path.append(path)
                self._paths.append(path)
        module_name, _, attribute = function.handler.rpartition(".")
        name = f"_function_{function.logical_id}_{id(self):x}"
        spec = importlib.util.spec_from_file_location(name, function.folder / f"{module_name.replace('.', '/')}.py")
        if spec is None or spec.loader is None:
            raise ImportError(f"{function.logical_id}: {function.handler} is not in {function.folder}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        self._modules.append(name)
        spec.loader.exec_module(module)
        _build_models(BaseModel)
        handler: Callable[[Any, Any], Any] = getattr(module, attribute)
        return handler


def _build_models(model: type[BaseModel]) -> None:
    """Build the models of ours that wait for their first use, before threads use one at the same time.

    pydantic can't build in two threads at once. Lambda gives a process one event at a time, so there it may wait.
    """
    for kind in model.__subclasses__():
        if kind.__module__.startswith("rightsdesk.") and not kind.__pydantic_complete__:
            kind.model_rebuild()
        _build_models(kind)


def _failed(error: Exception, context: Context) -> Outcome:
    frames = traceback.format_tb(error.__traceback__)[1:]
    body = {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": context.aws_request_id,
        "stackTrace": frames,
    }
    return Outcome(True, json.dumps(body).encode())
