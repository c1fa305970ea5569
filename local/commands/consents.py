"""`rightsdesk consents`: what one person agreed to, refused and took back; or brings in consents of before."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.commands._arguments import parser, speak
from local.commands._place import Place, add_place, place_of
from local.running import EXIT_FAILED, EXIT_USAGE, RefusedError

if TYPE_CHECKING:
    from local.commands._past_consents import Line
    from rightsdesk.domain.audit import BrokenLink
    from rightsdesk.services.record_consent import ShopConsents


def run(argv: Sequence[str]) -> int:
    return _import(argv[1:]) if list(argv[:1]) == ["import"] else _show(argv)


def _show(argv: Sequence[str]) -> int:
    """Exit status 0 where the ledger is unbroken, an empty one included."""
    made = parser(
        "consents",
        "Prints the ledger of consents of one address, and the versions of the policy that it accepted. With --json,\n"
        "in the field names of ISO/IEC TS 27560. The chain is checked: what was altered, left out or cut off is\n"
        "named. In the stack that runs here; with --stack, at AWS.\n"
        "`rightsdesk consents import FILE` brings in consents that are older than the ledger; it has its own --help.",
        example="rightsdesk consents --email hanako@example.jp --json",
        exit_status="exit status: 0 the ledger is unbroken; 1 it is not, or it could not be read; 2 wrong usage;\n"
        "3 no stack is running here",
    )
    made.add_argument("--email", required=True, metavar="ADDRESS")
    add_place(made)
    arguments = made.parse_args(argv)
    found: list[BrokenLink | None] = []

    def show() -> None:
        document, table, broken = _read(place_of(arguments), arguments)
        found.append(broken)
        if arguments.json:
            print(json.dumps(document, ensure_ascii=False, indent=2))
            return
        print("\n".join(table) or "Nothing is on record.")
        print(f"broken at {broken.sequence}: {broken.problem}" if broken else "The chain is unbroken.")

    status = speak(show)
    return status or (EXIT_FAILED if found[0] else 0)


def _read(place: Place, arguments: argparse.Namespace) -> "tuple[dict[str, Any], list[str], BrokenLink | None]":
    from botocore.exceptions import BotoCoreError, ClientError

    from rightsdesk.adapters.dynamo_acceptances import DynamoAcceptances
    from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
    from rightsdesk.adapters.merchant_files import (
        DATA_MAP,
        POLICY,
        read_consent_texts,
        read_data_map,
        read_merchant_file,
    )
    from rightsdesk.adapters.secrets_keyring import SecretKeyring
    from rightsdesk.domain.acceptance import PolicyHistory
    from rightsdesk.domain.consent_ledger import LedgerHead, broken_link
    from rightsdesk.domain.errors import RightsdeskError
    from rightsdesk.domain.identifier_digest import EMAIL, subject_digest
    from rightsdesk.domain.merchant import MerchantProfile
    from rightsdesk.domain.permission import KEY_PURPOSE
    from rightsdesk.export.consent_records import (
        ConsentsOnRecord,
        RecordContext,
        acceptances_document,
        consents_document,
        table_rows,
    )

    try:
        people, dynamodb = place.output("PeopleTableName"), place.client("dynamodb")
        keys = SecretKeyring(place.output("PepperSecretArn"), place.client("secretsmanager"))
        digest = subject_digest(keys.key(KEY_PURPOSE), EMAIL, arguments.email, kinds={EMAIL})
        permissions = DynamoPermissions(people, dynamodb)
        standing, entries = permissions.find(digest), permissions.ledger(digest)
        merchant = read_merchant_file(place.merchant / "merchant.yaml", MerchantProfile)
        data_map = read_data_map(place.merchant / DATA_MAP)
        on_record = ConsentsOnRecord(
            entries=entries,
            acceptances=DynamoAcceptances(people, dynamodb).all(digest),
            texts=read_consent_texts(place.merchant),
            policy=read_merchant_file(place.merchant / POLICY, PolicyHistory),
        )
    except (RightsdeskError, BotoCoreError, ClientError) as error:
        raise RefusedError(f"{type(error).__name__}: {error}") from error
    context = RecordContext(
        principal=digest,
        controller=merchant.name,
        contact=merchant.contact_email,
        country=merchant.country,
        as_of=place.now(),
        datamap=data_map,
    )
    broken = broken_link(entries, standing.ledger if standing else LedgerHead())
    document = {
        **consents_document(on_record, context),
        **acceptances_document(on_record, as_of=context.as_of),
        "unbroken": broken is None,
    }
    rows = table_rows(on_record, data_map, "en", merchant.zone)
    table = [f"{row['day']:<18}{row['state']:<12}{row['purpose']}  ({row['channel']}) {row['version']}" for row in rows]
    table += [
        f"policy {each.version} accepted at {each.accepted_at:%Y-%m-%d %H:%M} UTC" for each in on_record.acceptances
    ]
    return document, table, broken


def _import(argv: Sequence[str]) -> int:
    """Exit status 0 where no line was refused."""
    made = parser(
        "consents import",
        "Enters consents that were collected before there was the ledger, with the time at which they were given. CSV\n"
        "(the first line names the fields) or JSON Lines; docs/consents.md describes the fields. The same file twice\n"
        "enters nothing new, and nothing is opened that a person has stopped or refused. A line that is not right is\n"
        "refused by its number and the field. In the stack that runs here; with --stack, at AWS.",
        example="rightsdesk consents import consents-2024.csv --check",
        exit_status="exit status: 0 no line was refused; 1 some were, or it broke off (run it again);\n"
        "2 wrong usage or no such file; 3 no stack is running here",
    )
    made.add_argument("file", type=Path, help="with a name that ends in .csv or .jsonl")
    made.add_argument("--check", action="store_true", help="look at every line, and enter nothing")
    add_place(made)
    arguments = made.parse_args(argv)
    refused: list[int] = []

    def enter() -> None:
        from local.commands._past_consents import read_lines

        try:
            lines = read_lines(arguments.file)
        except RefusedError as error:
            raise RefusedError(f"{arguments.file}: {error}") from error
        report = _entered(_shop_consents(place_of(arguments)), lines, check=arguments.check)
        refused.extend(each["line"] for each in report["refused"])
        if arguments.json:
            print(json.dumps(report, indent=2))
            return
        for each in report["refused"]:
            print(f"line {each['line']}: {each['field']}: {each['reason']}")
        if arguments.check:
            print(f"{len(lines)} lines: {report['right']} right, {len(set(refused))} refused; nothing was entered")
            return
        print(
            f"{len(lines)} lines: {report['entered']} entered, {report['on_record']} on record before, "
            f"{report['stopped']} stopped or refused by the person, {len(set(refused))} refused here"
        )

    try:
        status = speak(enter)
    except OSError as error:
        print(f"rightsdesk: {arguments.file}: {error.strerror}", file=sys.stderr)
        return EXIT_USAGE
    return status or (EXIT_FAILED if refused else 0)


def _entered(consents: "ShopConsents", lines: "Sequence[Line]", *, check: bool) -> dict[str, Any]:
    """What is taken back goes first: no consent is in force for a moment that the same file ends."""
    from botocore.exceptions import BotoCoreError, ClientError

    from rightsdesk.domain.errors import InvalidInputError, RightsdeskError
    from rightsdesk.domain.past_consent import ImportOutcome

    outcomes = ("right",) if check else tuple(outcome.value for outcome in ImportOutcome)
    counts: Counter[str] = Counter()
    problems = [(line.place.line, problem) for line in lines for problem in line.problems]
    for line in sorted(lines, key=lambda each: each.past is None or each.past.state == "given"):
        if line.past is None:
            continue
        try:
            if check:
                consents.check(line.past, line.place)
                counts["right"] += 1
            else:
                counts[consents.bring_in(line.past, line.place).value] += 1
        except InvalidInputError as error:
            problems += [(line.place.line, problem) for problem in error.problems]
        except (RightsdeskError, BotoCoreError, ClientError) as error:
            done = sum(counts.values())
            raise RefusedError(
                f"{type(error).__name__} after {done} lines: run it again, none is entered twice"
            ) from error
    return {
        "lines": len(lines),
        **{outcome: counts[outcome] for outcome in outcomes},
        "refused": [
            {"line": number, "field": problem.field, "reason": problem.reason}
            for number, problem in sorted(problems, key=lambda each: each[0])
        ],
    }


def _shop_consents(place: Place) -> "ShopConsents":
    from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
    from rightsdesk.adapters.merchant_files import DATA_MAP, read_consent_texts, read_data_map
    from rightsdesk.adapters.secrets_keyring import SecretKeyring
    from rightsdesk.domain.errors import RightsdeskError
    from rightsdesk.law.permission_terms import terms_of
    from rightsdesk.services.record_consent import ShopConsents

    try:
        data_map, texts = read_data_map(place.merchant / DATA_MAP), read_consent_texts(place.merchant)
    except RightsdeskError as error:
        raise RefusedError(f"{type(error).__name__}: {error}") from error
    terms = terms_of(data_map)
    return ShopConsents(
        permissions=DynamoPermissions(place.output("PeopleTableName"), place.client("dynamodb")),
        keys=SecretKeyring(place.output("PepperSecretArn"), place.client("secretsmanager")),
        kinds=frozenset(name for name, kind in data_map.identifiers.items() if kind.suppressed),
        texts=lambda: texts,
        terms=lambda: terms,
        clock=place.now,
    )
