"""How a command asks the staff API: that of the running stack, or of a deployed one by its address and a token."""

import argparse
import os
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from local.running import NoStackError, RefusedError, RunningStack

_TOKEN = "RIGHTSDESK_TOKEN"  # noqa: S105 - the name of a variable


def add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--api", metavar="URL", help=f"a deployed staff API (StaffApiUrl); the token is in ${_TOKEN}")


def staff_api(path: str, *, api: str | None) -> str:
    """The body of GET `path` (`/reports/2026-10`), as an auditor. Raises NoStackError, RefusedError."""
    if api is None:
        stack = RunningStack.find()
        address = f"{stack.url}/staff"
        token = str(stack.post("token", {"user": "auditor@shop.example"})["token"])
    else:
        if not api.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise RefusedError("--api takes an https address")
        address, token = api.rstrip("/"), os.environ.get(_TOKEN, "")
        if not token:
            raise RefusedError(f"set {_TOKEN} to the ID token of somebody who may read this")
    request = Request(f"{address}{path}", headers={"Authorization": f"Bearer {token}"})  # noqa: S310
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - checked above
            return str(answer.read().decode())
    except HTTPError as error:
        raise RefusedError(f"the staff API answered {error.code}: {error.read().decode()[:500]}") from error
    except URLError as error:
        raise NoStackError(f"{address} does not answer") from error
