"""How a command finds the stack that runs in this directory, and speaks with it.

`rightsdesk up` leaves its addresses in .rightsdesk/stack.json and removes the file when it stops.
"""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from pydantic import BaseModel, ConfigDict, ValidationError

STATE_FILE: Final = Path(".rightsdesk") / "stack.json"

EXIT_OK: Final = 0
EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_NO_STACK: Final = 3


class NoStackError(Exception):
    """No stack runs in this directory."""


class RefusedError(Exception):
    """The stack answered with an error; the message is its own."""


class RunningStack(BaseModel):
    """What stack.json holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pid: int
    url: str

    @classmethod
    def find(cls, folder: Path = Path()) -> "RunningStack":
        """Raises NoStackError."""
        try:
            stack = cls.model_validate_json((folder / STATE_FILE).read_text(encoding="utf-8"))
            os.kill(stack.pid, 0)
        except (OSError, ValidationError):
            raise NoStackError("no stack is running here: start one with `rightsdesk up`") from None
        return stack

    def save(self, folder: Path = Path()) -> None:
        file = folder / STATE_FILE
        file.parent.mkdir(exist_ok=True)
        file.write_text(self.model_dump_json(), encoding="utf-8")

    @staticmethod
    def forget(folder: Path = Path()) -> None:
        """Ours alone: another stack may have been started meanwhile."""
        file = folder / STATE_FILE
        with suppress(OSError, ValidationError):
            if RunningStack.model_validate_json(file.read_text(encoding="utf-8")).pid != os.getpid():
                return
        file.unlink(missing_ok=True)
        with suppress(OSError):  # others may keep something there
            file.parent.rmdir()

    def get(self, route: str) -> Any:
        """GET /_local/`route`. Raises NoStackError, RefusedError."""
        return self._call(Request(f"{self.url}/_local/{route}", headers={"Accept": "application/json"}))  # noqa: S310

    def post(self, route: str, body: Any) -> Any:
        """POST /_local/`route`. Raises NoStackError, RefusedError."""
        return self.post_bytes(route, json.dumps(body).encode())

    def post_bytes(self, route: str, data: bytes) -> Any:
        """The same with a body that is no JSON."""
        return self._call(Request(f"{self.url}/_local/{route}", data=data, method="POST"))  # noqa: S310

    def _call(self, request: Request) -> Any:
        try:
            with urlopen(request) as answer:  # noqa: S310  # loopback
                return json.load(answer)
        except HTTPError as error:
            raise RefusedError(_message(error)) from error
        except URLError as error:
            raise NoStackError(f"the stack at {self.url} does not answer") from error


def _message(error: HTTPError) -> str:
    try:
        return str(json.load(error)["message"])
    except (ValueError, KeyError, TypeError):
        return f"the stack answered {error.code}"
