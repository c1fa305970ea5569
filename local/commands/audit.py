"""`rightsdesk audit`: verifies the chain of events of cases, offline, and names the first bad link."""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from local.running import EXIT_FAILED, EXIT_OK, EXIT_USAGE
from rightsdesk.domain.audit import AuditEvent, verify_chain

# After these a chain goes on only with what is cleared up. Without one the case is open, or the chain was cut off.
_ENDS = frozenset({"closed", "withdrawn"})


def run(argv: Sequence[str]) -> int:
    """Exit status 0 where every chain is whole."""
    arguments = _parser().parse_args(argv)
    try:
        head = _head(arguments.head)
        chains = _chains(_events(arguments.paths))
    except (OSError, ValueError) as error:
        print(f"rightsdesk: {error}", file=sys.stderr)
        return EXIT_USAGE
    if head and len(chains) != 1:
        print(f"rightsdesk: --head is for one case, and here are {len(chains)}", file=sys.stderr)
        return EXIT_USAGE
    results = []
    for request_id, events in sorted(chains.items()):
        broken = verify_chain(events, expected_head=head)
        results.append(
            {
                "request_id": request_id,
                "reference": events[0].details.get("reference"),
                "events": len(events),
                "head": events[-1].hash,
                "intact": broken is None,
                "broken_at": broken.sequence if broken else None,
                "problem": broken.problem if broken else None,
                "closed": any(event.type in _ENDS for event in events),
            }
        )
    if arguments.json:
        print(json.dumps(results, indent=2))
    else:
        for result in results:
            name = f"{result['reference']}  {result['request_id']}" if result["reference"] else result["request_id"]
            print(f"{name}  {result['events']} events  {_verdict(result)}")
    return EXIT_OK if results and all(result["intact"] for result in results) else EXIT_FAILED


def _verdict(result: Mapping[str, Any]) -> str:
    if not result["intact"]:
        return f"BROKEN at event {result['broken_at']}: {result['problem']}"
    return "intact" if result["closed"] else "intact as far as it goes: no closing event"


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="rightsdesk audit",
        description="Verifies the history of cases from copies of the evidence bucket (a folder with one JSON file\n"
        "for each event), from JSON Lines, or from the answer of the staff API's timeline. Needs no network.",
        epilog="example:\n  aws s3 sync s3://EVIDENCE_BUCKET/audit audit && rightsdesk audit verify audit\n\n"
        "exit status: 0 every chain is whole as far as it goes, 1 one is broken, 2 wrong usage\n"
        "A chain without a closing event is of an open case, or was cut off at its end: --head tells which.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = made.add_subparsers(dest="verb", required=True)
    verify = verbs.add_parser("verify", help="check chains and name the first bad link of each")
    verify.add_argument("paths", type=Path, nargs="+", help="folders or files with events")
    verify.add_argument("--head", metavar="NUMBER:HASH", help="where the chain must end; finds one that was cut off")
    verify.add_argument("--json", action="store_true", help="print one JSON document")
    return made


def _head(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    number, _, digest = text.partition(":")
    if not number.isdigit() or not digest:
        raise ValueError("--head is NUMBER:HASH")
    return int(number), digest


def _events(paths: Iterable[Path]) -> Iterator[AuditEvent]:
    for path in paths:
        files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        if not files:
            raise ValueError(f"{path}: holds no events")
        for file in files:
            try:
                yield from _read(file)
            except (ValidationError, json.JSONDecodeError) as error:
                raise ValueError(f"{file}: is not an event ({type(error).__name__})") from error


def _read(file: Path) -> Iterator[AuditEvent]:
    """One event, a list of them, the answer of the timeline, or one on each line."""
    text = file.read_text("utf-8")
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        document = [json.loads(line) for line in text.splitlines() if line.strip()]
    if isinstance(document, dict) and "events" in document:
        document = document["events"]
    for event in document if isinstance(document, list) else [document]:
        yield AuditEvent.model_validate(event)


def _chains(events: Iterable[AuditEvent]) -> dict[str, list[AuditEvent]]:
    """In the order in which they were given within a file; across files, as the names sort, which is by number."""
    chains: dict[str, list[AuditEvent]] = defaultdict(list)
    for event in events:
        chains[event.request_id].append(event)
    return chains
