"""What the commands share: a parser with an example and exit codes in its help, and --json."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.running import EXIT_FAILED, EXIT_NO_STACK, NoStackError, RefusedError

SHIPPED_MERCHANT = Path(__file__).parents[2] / "layers" / "merchant"
EXIT_STATUS = "exit status: 0 done, 1 the stack refused, 2 wrong usage, 3 no stack is running here"


def parser(name: str, description: str, *, example: str, exit_status: str = EXIT_STATUS) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog=f"rightsdesk {name}",
        description=description,
        epilog=f"example:\n  {example}\n\n{exit_status}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--json", action="store_true", help="print one JSON document")
    return made


def speak(command: Callable[[], Any]) -> int:
    """Runs `command`, which talks with the running stack; its errors become a sentence and an exit status."""
    try:
        command()
    except NoStackError as error:
        print(f"rightsdesk: {error}", file=sys.stderr)
        return EXIT_NO_STACK
    except RefusedError as error:
        print(f"rightsdesk: {error}", file=sys.stderr)
        return EXIT_FAILED
    return 0
