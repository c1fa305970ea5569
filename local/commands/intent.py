"""`rightsdesk intent`: what a mail asks for, how sure that is, and why, without a stack or an account."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local.commands._arguments import parser
from rightsdesk.domain.intents import THRESHOLD
from rightsdesk.mail.intents import read_intents
from rightsdesk.mail.reading.automatic import automatic_reasons
from rightsdesk.mail.reading.read import read_mail

EXIT_OK = 0
EXIT_USAGE = 2


def run(argv: Sequence[str]) -> int:
    """Exit status 2 where a file is not there. A mail that cannot be read is read as what is left of it."""
    arguments = _parser().parse_args(argv)
    mails = []
    for file in arguments.files:
        try:
            mails.append((file, file.read_bytes()))
        except OSError as error:
            print(f"rightsdesk intent: {file}: {error.strerror or error}", file=sys.stderr)
            return EXIT_USAGE
    readings = [_read(file, raw) for file, raw in mails]
    if arguments.json:
        print(json.dumps(readings, indent=2, ensure_ascii=False))
    else:
        print("\n\n".join(_in_words(reading) for reading in readings))
    return EXIT_OK


def _read(file: Path, raw: bytes) -> dict[str, Any]:
    mail = read_mail(raw)
    reading = read_intents(mail.subject, mail.new_text)
    return {
        "file": str(file),
        "intents": [
            {"type": str(intent.type), "score": round(intent.score, 2), "why": "; ".join(intent.why)}
            for intent in reading.intents
        ],
        "language": reading.language,
        "automated": _is_automated(raw),
        "reminder": reading.reminder,
        "new_text": mail.new_text,
    }


def _is_automated(raw: bytes) -> bool:
    """Whether the mail itself says so: its envelope is not in the file."""
    return bool(automatic_reasons(read_mail(raw), None, own_addresses=frozenset()))


def _in_words(reading: dict[str, Any]) -> str:
    notes = [f"language {reading['language']}"]
    notes += ["sent by a machine"] if reading["automated"] else []
    notes += ["about an earlier request"] if reading["reminder"] else []
    lines = [f"{reading['file']}: {', '.join(notes)}"]
    for intent in reading["intents"]:
        clear = "" if intent["score"] >= THRESHOLD else " (not clear enough)"
        lines.append(f"  {intent['score']:.2f}  {intent['type']}{clear}: {intent['why']}")
    return "\n".join(lines if reading["intents"] else [*lines, "  asks for nothing that the desk is for"])


def _parser() -> argparse.ArgumentParser:
    made = parser(
        "intent",
        "What a mail asks for: intents with a score and why; docs/intents.md explains them.",
        example="rightsdesk intent events/mail/*.eml\n  rightsdesk intent letter.eml --json",
        exit_status=f"exit status: 0 read, 2 wrong usage or no such file; from {THRESHOLD} on an intent is clear",
    )
    made.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a mail as it came, such as letter.eml")
    return made
