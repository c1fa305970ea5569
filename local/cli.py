"""`rightsdesk`, the command line.

Every module in `local/commands` is a command: its name is the command's (`_` reads `-`), its docstring begins with
"`rightsdesk NAME`: what it does", and it has `run(argv) -> exit status`. A new command is a new file there.
"""

import ast
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path

from local import commands

USAGE_ERROR = 2
PIPE_CLOSED = 141  # as shells say it


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns its exit status: 0 done, 1 a check failed, 2 wrong usage, 3 no stack is running."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    summaries = command_summaries()
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_help(summaries))
        return 0
    name = arguments[0]
    if name not in summaries:
        print(f"rightsdesk: there is no command {name}\n\n{_help(summaries)}", file=sys.stderr)
        return USAGE_ERROR
    try:
        module = importlib.import_module(f"local.commands.{name.replace('-', '_')}")
        status: int = module.run(arguments[1:])
    except SystemExit as wish:  # argparse ends by itself, after --help or with a usage error
        return wish.code if isinstance(wish.code, int) else USAGE_ERROR
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    return status


def command_summaries() -> dict[str, str]:
    """Each command with one line on what it does, read without importing it."""
    folder = Path(commands.__path__[0])
    names = [module.name for module in pkgutil.iter_modules([str(folder)]) if not module.name.startswith("_")]
    return {name.replace("_", "-"): _summary(folder / f"{name}.py") for name in sorted(names)}


def _summary(file: Path) -> str:
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0].partition(": ")[2].rstrip(".")


def _help(summaries: dict[str, str]) -> str:
    width = max(map(len, summaries), default=0)
    lines = [f"  {name:<{width}}  {summary}" for name, summary in summaries.items()]
    return "\n".join(
        [
            "usage: rightsdesk COMMAND ...",
            "",
            "Rightsdesk on your own machine. The state of a running stack lives in its memory and ends with it.",
            "",
            *lines,
            "",
            "example: rightsdesk up, then in another terminal: rightsdesk clock +30d",
            "Each command has --help with an example, and --json.",
            "exit status: 0 done, 1 a check failed, 2 wrong usage, 3 no stack is running here",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
