"""`rightsdesk up`: boots the template on this machine and keeps it running until Ctrl-C."""

import argparse
import json
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from local.commands._arguments import parser
from local.running import EXIT_FAILED, EXIT_OK, EXIT_USAGE, NoStackError, RunningStack
from local.signals import stopped_by_signals

PORT = 8080


def run(argv: Sequence[str]) -> int:
    """Returns when the stack has been stopped by SIGINT or SIGTERM."""
    arguments = _parser().parse_args(argv)
    try:
        other = RunningStack.find()
    except NoStackError:
        pass
    else:
        print(f"rightsdesk: a stack runs here already, at {other.url} (process {other.pid})", file=sys.stderr)
        return EXIT_FAILED
    with stopped_by_signals() as stopped:
        return _serve(arguments, stopped)


def _parser() -> argparse.ArgumentParser:
    made = parser(
        "up",
        "Boots template.yaml on this machine, with a shop that has members and orders, and keeps it running.\n"
        "State lives in memory: when it stops, everything is gone.",
        example="rightsdesk up --members 10000",
        exit_status="exit status: 0 stopped, 1 it could not start, 2 wrong usage",
    )
    made.add_argument("--port", type=int, default=PORT, help=f"of the site; 0 for any that is free (default {PORT})")
    made.add_argument("--members", type=int, default=200, help="members of the sample shop (default 200)")
    made.add_argument("--seed", type=int, default=7, help="the same seed makes the same shop (default 7)")
    made.add_argument("--shop", type=Path, help="another merchant's directory; docs/local.md has the format")
    made.add_argument(
        "--in-process",
        action="store_true",
        help="run functions in this process rather than in processes of their own: quicker, less like Lambda",
    )
    return made


def _serve(arguments: argparse.Namespace, stopped: threading.Event) -> int:
    console = Console(stderr=True)
    with console.status("Booting template.yaml ..."):
        # Imported here: it takes a second that --help need not take.
        from local.merchant_shop import ShopError
        from local.runtime import LocalStack
        from local.template import TemplateError

        try:
            stack = LocalStack.boot(
                mode="in_process" if arguments.in_process else "workers",
                shop=arguments.shop,
                members=arguments.members,
                seed=arguments.seed,
                port=arguments.port,
            )
        except (ShopError, TemplateError) as error:
            print(f"rightsdesk: {error}", file=sys.stderr)
            return EXIT_USAGE if isinstance(error, ShopError) else EXIT_FAILED
        except OSError as error:
            print(f"rightsdesk: {error} (port {arguments.port}; --port 0 takes a free one)", file=sys.stderr)
            return EXIT_FAILED
    with stack:
        running = RunningStack(pid=os.getpid(), url=stack.url)
        running.save()
        try:
            addresses = {**running.get("health"), "outbox": f"{stack.url}/_local/outbox", "pid": running.pid}
            stack.warm_up()
            if arguments.json:
                print(json.dumps(addresses), flush=True)
            else:
                for name in ("site", "api", "staff_api", "outbox", "aws_endpoint"):
                    console.print(f"{name:<13} {addresses[name]}", highlight=False)
                console.print("staff log-in  rightsdesk token --user handler@shop.example", highlight=False)
                if arguments.shop is None:
                    console.print(f"{'try as':<13} hanako@example.jp, maria@example.de, ... (local/shop/README.md)")
                console.print("Stop it with Ctrl-C. State lives in memory and is gone then.")
            stopped.wait()
        finally:
            RunningStack.forget()
    return EXIT_OK
