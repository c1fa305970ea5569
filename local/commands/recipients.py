"""`rightsdesk recipients`: who is given personal data, and which reviews and agreements are missing or overdue."""

# serves: C-1, P-10

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from local.commands._arguments import SHIPPED_MERCHANT
from rightsdesk.adapters.merchant_files import DATA_MAP, read_data_map
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.errors import MerchantFileError
from rightsdesk.domain.oversight import Gap, oversights
from rightsdesk.domain.recipients import Recipient

EXIT_OK, EXIT_OVERDUE = 0, 1
_SAID: Mapping[Gap, str] = {
    Gap.NO_CRITERIA: "no criteria by which it was chosen",
    Gap.NO_CONTRACT: "no agreement",
    Gap.NEVER_REVIEWED: "never reviewed",
    Gap.REVIEW_OVERDUE: "review overdue since {since}",
}


def run(argv: Sequence[str]) -> int:
    """Exit status 0 where nothing is missing or overdue."""
    arguments = _parser().parse_args(argv)
    path = arguments.path / DATA_MAP if arguments.path.is_dir() else arguments.path
    try:
        data_map = read_data_map(path)
    except MerchantFileError as error:
        print(error, file=sys.stderr)
        return EXIT_OVERDUE
    listed = register(data_map, today=arguments.on)
    if arguments.json:
        print(json.dumps({"on": arguments.on.isoformat(), "recipients": listed}, indent=2, ensure_ascii=False))
    else:
        print("\n".join(line for entry in listed for line in _lines(entry)) or "nobody is given data")
    return EXIT_OVERDUE if any(entry["overdue"] for entry in listed) else EXIT_OK


def register(data_map: DataMap, *, today: date) -> list[dict[str, Any]]:
    """Each recipient with what it gets, and what is missing or overdue on a day."""
    overdue: dict[str, list[str]] = {name: [] for name in data_map.recipients}
    for each in oversights(data_map.recipients, today):
        overdue[each.recipient].append(_SAID[each.gap].format(since=each.since))
    return [_entry(name, recipient, data_map, overdue[name]) for name, recipient in data_map.recipients.items()]


def _entry(name: str, recipient: Recipient, data_map: DataMap, overdue: list[str]) -> dict[str, Any]:
    gets = [
        f"{collection.path}.{field_name}"
        for collection in data_map.collections
        for field_name, field in collection.fields.items()
        if name in field.recipients
    ]
    due_on = recipient.review_due_on
    return {
        "name": name,
        "label": recipient.label.en,
        "role": recipient.role,
        "country": recipient.country,
        "contract": recipient.contract.reference if recipient.contract else None,
        "reviewed_on": recipient.reviewed_on.isoformat() if recipient.reviewed_on else None,
        "review_due_on": due_on.isoformat() if due_on else None,
        "connector": recipient.connector.kind,
        "knows": list(recipient.knows),
        "gets": gets,
        "overdue": overdue,
    }


def _lines(entry: Mapping[str, Any]) -> list[str]:
    where = f", {entry['country']}" if entry["country"] else ""
    told = f"told by {entry['connector']}; gets {len(entry['gets'])} fields"
    lines = [
        f"{entry['name']}: {entry['label']}",
        f"  {entry['role']}{where}; agreement {entry['contract'] or 'none'}; {told}",
        f"  reviewed {entry['reviewed_on'] or 'never'}, next by {entry['review_due_on'] or 'no day'}",
    ]
    return [*lines, *(f"  ! {said}" for said in entry["overdue"])]


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="rightsdesk recipients",
        description="Lists the register of recipients with what each gets, and what is missing or overdue with it:\n"
        "criteria, an agreement, the review of the year. docs/recipients.md explains the register.",
        epilog="example:\n  rightsdesk recipients\n  rightsdesk recipients layers/merchant --on 2027-03-01 --json\n\n"
        "exit status: 0 nothing is overdue, 1 something is, or the register is wrong, 2 wrong usage",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "path", type=Path, nargs="?", default=SHIPPED_MERCHANT, help="a data map, or a folder that has one"
    )
    made.add_argument(
        "--on", type=date.fromisoformat, default=datetime.now(UTC).date(), help="the day; today if unsaid"
    )
    made.add_argument("--json", action="store_true", help="print one JSON document")
    return made
