"""AWS inside the process: answers a client's calls before they are sent, so that the SDK's work counts and no server's.

The time that answering takes is summed up, for the measure to leave it out.
"""

import io
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any

from botocore.awsrequest import AWSResponse, HeadersDict

Answer = Callable[[str, Any], "Reply"]
"""(operation such as `dynamodb.Query`, the prepared request) -> what the service says."""
_ID = "stubbed-aws"


class _Body(io.BytesIO):
    """The body of an answer as urllib3 hands it over."""

    def stream(self, **_: Any) -> Any:
        while piece := self.read(64 * 1024):
            yield piece


@dataclass(frozen=True)
class Reply:
    body: bytes | IO[bytes] = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class StubbedAws:
    """`attach` it to clients. `calls` counts operations, `seconds` is the processor time spent on answering."""

    answer: Answer
    calls: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def attach(self, client: Any) -> None:
        """In the place of the stub that was attached before, if any."""
        client.meta.events.unregister("before-send", unique_id=_ID)
        client.meta.events.register_first("before-send", self._send, unique_id=_ID)

    def _send(self, request: Any, event_name: str, **_: Any) -> AWSResponse:
        started = time.thread_time()
        operation = event_name.removeprefix("before-send.")
        self.calls[operation] += 1
        reply = self.answer(operation, request)
        body = _Body(reply.body) if isinstance(reply.body, bytes) else reply.body
        response = AWSResponse(request.url, reply.status, HeadersDict(reply.headers), body)  # type: ignore[arg-type]
        self.seconds += time.thread_time() - started
        return response
