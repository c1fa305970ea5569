"""`rightsdesk replay-erasures`: after a restore from a backup, erases again who was erased since a day."""

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from local.commands._arguments import parser, speak
from local.commands._place import Place, add_place, place_of
from local.running import EXIT_FAILED, RefusedError

if TYPE_CHECKING:
    from rightsdesk.services.replay_erasures import Replay

_COLUMNS = ("delete", "anonymise", "keep", "left_alone", "residue")
_HEADS = ("deleted", "reduced", "kept", "left alone", "still there")


def run(argv: Sequence[str]) -> int:
    """Exit status 0 where nothing is left of what had to go."""
    made = parser(
        "replay-erasures",
        "After you restored a table or a bucket of the shop from a backup: finds the people in it who were erased\n"
        "since the day of the backup, and erases them again, as it was decided in their cases. What was kept stays,\n"
        "and who came back by their own will is left alone. In the stack that runs here; with --stack, at AWS.",
        example="rightsdesk replay-erasures --since 2026-11-20 --source shop --dry-run",
        exit_status="exit status: 0 nothing is left of what had to go; 1 something is, or could not be judged or\n"
        "read: run it again; 2 wrong usage; 3 no stack is running here",
    )
    made.add_argument(
        "--since", type=_day, required=True, metavar="DATE", help="the day (UTC) of the backup, or before"
    )
    made.add_argument("--source", action="append", metavar="NAME", help="that was restored, as in the data map (all)")
    made.add_argument("--dry-run", action="store_true", help="say what would be erased, and touch nothing")
    add_place(made)
    arguments = made.parse_args(argv)
    found: list[Replay] = []

    def replay() -> None:
        found.append(_replayed(place_of(arguments), arguments))
        print(_as_json(found[0]) if arguments.json else _as_text(found[0], arguments))

    try:
        status = speak(replay)
    except argparse.ArgumentError as error:
        made.error(str(error))
    return status or (0 if found[0].is_clean else EXIT_FAILED)


def _replayed(place: Place, arguments: argparse.Namespace) -> "Replay":
    """Raises RefusedError, and ArgumentError for a day that has not come by the clock of that place."""
    from botocore.exceptions import BotoCoreError, ClientError

    from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
    from rightsdesk.adapters.dynamo_holds import DynamoHolds
    from rightsdesk.adapters.dynamo_retention import DynamoRetentionLedger
    from rightsdesk.adapters.dynamo_suppressions import DynamoSuppressions
    from rightsdesk.adapters.merchant_files import DATA_MAP, environment_variable, read_data_map, read_merchant_file
    from rightsdesk.adapters.secrets_keyring import SecretKeyring
    from rightsdesk.domain.errors import InvalidInputError, RightsdeskError
    from rightsdesk.domain.merchant import MerchantProfile
    from rightsdesk.services.replay_erasures import ErasureReplay
    from rightsdesk.sources.erasers import eraser_for
    from rightsdesk.sources.scanning import scanner_for

    try:
        resources = {environment_variable(name): resource for name, resource in place.shop.items()}
        data_map = read_data_map(place.merchant / DATA_MAP, resources=resources)
        if unknown := sorted(set(arguments.source or ()) - data_map.sources.keys()):
            raise RefusedError(f"the data map has no source {', '.join(unknown)}: it has {', '.join(data_map.sources)}")
        dynamodb = place.client("dynamodb")
        replay = ErasureReplay(
            cases=DynamoCaseStore(place.output("CasesTableName"), dynamodb),
            suppressions=DynamoSuppressions(place.output("PeopleTableName"), dynamodb),
            holds=DynamoHolds(place.output("PeopleTableName"), dynamodb),
            ledger=DynamoRetentionLedger(place.output("PeopleTableName"), place.output("CasesTableName"), dynamodb),
            keys=SecretKeyring(place.output("PepperSecretArn"), place.client("secretsmanager")),
            scanner=lambda name: scanner_for(data_map.sources[name], client=place.client),
            eraser=cache(lambda name: eraser_for(data_map.sources[name], client=place.client)),
            data_map=data_map,
            merchant=read_merchant_file(place.merchant / "merchant.yaml", MerchantProfile),
            clock=place.now,
        )
        return replay.run(
            arguments.since, sources=arguments.source or tuple(data_map.sources), dry_run=arguments.dry_run
        )
    except InvalidInputError as error:
        raise argparse.ArgumentError(None, "argument --since: that day has not come") from error
    except (RightsdeskError, BotoCoreError, ClientError) as error:
        raise RefusedError(f"{type(error).__name__}: {error}") from error


def _as_json(replay: "Replay") -> str:
    return json.dumps({"clean": replay.is_clean, **asdict(replay)}, indent=2)


def _as_text(replay: "Replay", arguments: argparse.Namespace) -> str:
    did = "would be erased again" if arguments.dry_run else "erased again"
    people = f"{len(replay.people)} {'person' if len(replay.people) == 1 else 'people'}"
    lines = [f"{people} {did}, of those erased since {arguments.since}", *(f"  {each}" for each in replay.people), ""]
    width = max(map(len, replay.collections), default=0)
    lines.append(_row("", _HEADS, width))
    lines += [
        _row(path, (getattr(rows, name) for name in _COLUMNS), width) for path, rows in replay.collections.items()
    ]
    if replay.unjudged:
        lines += ["", "left to you:", *(f"  {case}: {why}" for case, why in replay.unjudged.items())]
    return "\n".join(lines)


def _row(path: str, cells: Iterable[object], width: int) -> str:
    return f"{path:<{width}}" + "".join(f"  {cell!s:>11}" for cell in cells)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written as 2026-11-20") from None
