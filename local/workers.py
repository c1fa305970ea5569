"""Runs functions as Lambda does: AWS's own runtime client (awslambdaric) in a process of its own, with its own
environment, kept warm between calls, one call at a time, stopped at its timeout.

Each worker is served the documented Lambda Runtime API on a loopback port. What it logs goes to one file per function.
"""

import json
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from local.account import ENVIRONMENT
from local.deployment import Function
from local.lambdas import Outcome

CONCURRENCY: Final = 4  # environments of one function; further calls wait
INIT_SECONDS: Final = 30.0
SITE: Final = Path(__file__).parent / "site"  # its sitecustomize.py makes a worker follow the clock


@dataclass(frozen=True)
class Call:
    request_id: str
    payload: bytes
    deadline_ms: int


class Worker:
    """One warm environment of one function."""

    def __init__(self, function: Function, *, environment: Mapping[str, str], log: Path) -> None:
        self._function = function
        self._calls: queue.Queue[Call | None] = queue.Queue()  # None: no more
        self._answers: queue.Queue[Outcome] = queue.Queue()
        self._ready = threading.Event()
        self._server = _runtime_api(function, self._calls, self._answers, self._ready)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="runtime-api").start()
        layers = [str(layer / "python") for layer in function.layers]
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "awslambdaric", function.handler],
                cwd=function.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the stack, which then ends its workers
                env={
                    **ENVIRONMENT,
                    "PATH": os.environ.get("PATH", ""),
                    "LANG": "en_US.UTF-8",
                    "PYTHONUNBUFFERED": "1",  # what is logged is in the file at once
                    "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}",
                    "AWS_LAMBDA_FUNCTION_NAME": function.name,
                    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
                    "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
                    "AWS_LAMBDA_LOG_STREAM_NAME": "local",
                    "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
                    "_HANDLER": function.handler,
                    "LAMBDA_TASK_ROOT": str(function.folder),
                    "PYTHONPATH": os.pathsep.join([str(SITE), str(function.folder), *layers]),
                    **function.environment,
                    **environment,
                },
            )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def starting(self) -> bool:
        return self.alive and not self._ready.is_set()

    def invoke(self, payload: bytes) -> Outcome:
        """One call; the worker is of no further use when `alive` is false afterwards."""
        initialised = time.monotonic() + INIT_SECONDS
        while not self._ready.wait(0.01):
            if not self._answers.empty():  # the import of the handler failed
                return self._end(self._answers.get())
            if not self.alive or time.monotonic() > initialised:
                return self._end(Outcome.error("Runtime.ExitError", "Runtime exited without initialising"))
        call = Call(str(uuid.uuid4()), payload, int((time.time() + self._function.timeout) * 1000))
        end = time.monotonic() + self._function.timeout
        self._calls.put(call)
        while time.monotonic() < end:
            try:
                return self._answers.get(timeout=0.25)
            except queue.Empty:
                if not self.alive:
                    code = self._process.poll()
                    message = f"RequestId: {call.request_id} Error: Runtime exited with error: exit status {code}"
                    return self._end(Outcome.error("Runtime.ExitError", message))
        message = f"RequestId: {call.request_id} Error: Task timed out after {self._function.timeout:.2f} seconds"
        return self._end(Outcome.error("Sandbox.Timedout", message))

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._calls.put(None)
        self._server.shutdown()
        self._server.server_close()

    def _end(self, outcome: Outcome) -> Outcome:
        self.close()
        return outcome


def _runtime_api(
    function: Function, calls: "queue.Queue[Call | None]", answers: "queue.Queue[Outcome]", ready: threading.Event
) -> ThreadingHTTPServer:
    """The Lambda Runtime API, version 2018-06-01, for one worker."""

    class RuntimeApi(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:  # invocation/next
            ready.set()
            call = calls.get()
            if call is None:
                self.close_connection = True
                return
            self._reply(
                200,
                call.payload,
                {
                    "Lambda-Runtime-Aws-Request-Id": call.request_id,
                    "Lambda-Runtime-Deadline-Ms": str(call.deadline_ms),
                    "Lambda-Runtime-Invoked-Function-Arn": function.arn,
                    "Content-Type": "application/json",
                },
            )

        def do_POST(self) -> None:  # invocation/ID/response, invocation/ID/error, init/error
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            failed = self.path.endswith("/error")
            answers.put(Outcome(failed, _error_body(body) if failed else body))
            self._reply(202, b'{"status":"OK"}', {"Content-Type": "application/json"})

        def _reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Nobody needs a line per call."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), RuntimeApi)
    server.daemon_threads = True
    return server


def _error_body(body: bytes) -> bytes:
    """The runtime client says more than Lambda passes on."""
    error = json.loads(body)
    return json.dumps({key: value for key, value in error.items() if value not in ("", None)}).encode()


class Workers:
    """A Runner with up to CONCURRENCY warm workers for each function. `environment` is added to each one's own."""

    def __init__(self, *, environment: Mapping[str, str], logs: Path) -> None:
        self._environment = environment
        self._logs = logs
        self._lock = threading.Lock()
        self._idle: dict[str, list[Worker]] = {}
        self._all: list[Worker] = []
        self._places: dict[str, threading.BoundedSemaphore] = {}
        self._closing = threading.Event()
        self._warming: threading.Thread | None = None

    def run(self, function: Function, payload: bytes) -> Outcome:
        with self._lock:
            places = self._places.setdefault(function.name, threading.BoundedSemaphore(CONCURRENCY))
        with places:
            worker = self._take(function)
            outcome = worker.invoke(payload)
            with self._lock:
                if worker.alive:
                    self._idle[function.name].append(worker)
                else:
                    self._all.remove(worker)
            return outcome

    def warm_up(self, functions: Sequence[Function]) -> None:
        """Starts a worker for each of `functions`, one after the other, in the background."""
        self._warming = threading.Thread(target=self._warm_up, args=(functions,), daemon=True, name="warm-up")
        self._warming.start()

    def close(self) -> None:
        self._closing.set()
        if self._warming is not None:
            self._warming.join()
        with self._lock:
            for worker in self._all:
                worker.close()
            self._all.clear()
            self._idle.clear()

    def _take(self, function: Function) -> Worker:
        with self._lock:
            idle = self._idle.setdefault(function.name, [])
            while idle:
                worker = idle.pop()
                if worker.alive:
                    return worker
                self._all.remove(worker)
            return self._start(function)

    def _start(self, function: Function) -> Worker:
        worker = Worker(function, environment=self._environment, log=self._logs / f"{function.logical_id}.log")
        self._all.append(worker)
        return worker

    def _warm_up(self, functions: Sequence[Function]) -> None:
        for function in functions:
            with self._lock:
                if self._closing.is_set():
                    return
                if self._idle.get(function.name) is not None:  # it has been called already
                    continue
                worker = self._start(function)
                self._idle.setdefault(function.name, []).append(worker)
            while worker.starting and not self._closing.wait(0.05):
                pass
