"""`rightsdesk demo`: boots the stack, plays an access request and an erasure of the same person, and stays up."""

import argparse
import json
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from local.commands._arguments import parser
from local.running import EXIT_FAILED, EXIT_OK, NoStackError, RunningStack
from local.signals import stopped_by_signals

if TYPE_CHECKING:
    from local.journey import Erased, Played

_MEMBERS = {  # known people of the sample shop, see local/shop/README.md
    "en": {"email": "maria@example.de", "name": "Maria Schmidt", "country": "DE"},
    "ja": {"email": "hanako@example.jp", "name": "佐藤花子", "country": "JP"},
}
_ANSWERED = ("fulfilled", "partially_fulfilled")


def run(argv: Sequence[str]) -> int:
    """Exit status 0 only if the package verified, and what had to go of the person is gone."""
    arguments = _parser().parse_args(argv)
    try:
        other = RunningStack.find()
    except NoStackError:
        pass
    else:
        print(f"rightsdesk: a stack runs here already, at {other.url} (process {other.pid})", file=sys.stderr)
        return EXIT_FAILED
    with stopped_by_signals() as stopped:
        return _demo(arguments, stopped)


def _parser() -> argparse.ArgumentParser:
    made = parser(
        "demo",
        "Boots template.yaml on this machine and plays one access request: form, mail with code, verification,\n"
        "sources, release, download, verified package, closing; then an erasure of the same person: dry run,\n"
        "confirmation, 72 hours, two approvals, certificate. Then it stays up until Ctrl-C.",
        example="rightsdesk demo --once --json",
        exit_status="exit status: 0 all went as it should, 1 something went wrong, 2 wrong usage",
    )
    made.add_argument("--once", action="store_true", help="end when the requests are played")
    made.add_argument("--port", type=int, help="of the site (default 8080, with --once any that is free)")
    made.add_argument("--members", type=int, default=200, help="members of the sample shop (default 200)")
    made.add_argument("--language", choices=sorted(_MEMBERS), default="en", help="of the member (default en)")
    made.add_argument("--into", type=Path, default=Path(".rightsdesk") / "exports", help="where the package goes")
    return made


def _demo(arguments: argparse.Namespace, stopped: threading.Event) -> int:
    from local.journey import Journey, JourneyError, Step  # it takes a second that --help need not take
    from local.runtime import LocalStack
    from local.visitor import PageError

    console = Console(stderr=True)
    port = arguments.port if arguments.port is not None else (0 if arguments.once else 8080)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    played: Played | None = None
    erased: Erased | None = None
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Booting template.yaml", total=None)
        try:
            stack = LocalStack.boot(mode="workers", members=arguments.members, port=port)
        except OSError as error:
            print(f"rightsdesk: {error} (port {port}; --port 0 takes a free one)", file=sys.stderr)
            return EXIT_FAILED

        def told(step: Step) -> None:
            progress.console.print(f"[bold]{step.name}[/bold]  {step.seconds:.1f} s")
            for fact in step.facts:
                progress.console.print(f"  {fact}", highlight=False, markup=False)

        with stack:
            RunningStack(pid=os.getpid(), url=stack.url).save()
            try:
                journey = Journey(
                    stack.url,
                    into=arguments.into,
                    told=told,
                    waiting=lambda what: progress.update(task, description=f"Waiting for {what}"),
                )
                try:
                    played = journey.play(language=arguments.language, **_MEMBERS[arguments.language])
                    erased = journey.erase(language=arguments.language, **_MEMBERS[arguments.language])
                except (JourneyError, PageError, OSError) as error:
                    print(f"rightsdesk: {error}", file=sys.stderr)
                progress.stop()
                if not arguments.once:
                    _stay(stack.url, stack.aws_endpoint, stack.staff.users if stack.staff else (), console)
                    stopped.wait()
            finally:
                RunningStack.forget()
    if played and arguments.json:
        told_all = played.model_dump(mode="json") | {"erasure": erased.model_dump(mode="json") if erased else None}
        print(json.dumps(told_all, ensure_ascii=False, indent=2))
    return EXIT_OK if played and erased and went_well(played, erased) else EXIT_FAILED


def went_well(played: "Played", erased: "Erased") -> bool:
    """In part is well, too: what was about somebody else is left out, and what a law keeps stays."""
    answered = played.verified and played.outcome in _ANSWERED
    return answered and erased.deleted > 0 and erased.outcome in _ANSWERED


def _stay(url: str, aws_endpoint: str, users: Sequence[str], console: Console) -> None:
    lines = [
        f"site          {url}/",
        f"JSON          {url}/api/openapi.json",
        f"staff         {url}/staff/openapi.json",
        f"outbox        {url}/_local/outbox",
        f"AWS endpoint  {aws_endpoint}",
        f"staff log-in  rightsdesk token --user {users[0] if users else '...'}   (also {', '.join(users[1:])})",
        "try as        hanako@example.jp, jane@example.com, ... (local/shop/README.md)",
        "The state lives in memory. Ctrl-C ends it.",
    ]
    for line in lines:
        console.print(line, highlight=False, markup=False)
