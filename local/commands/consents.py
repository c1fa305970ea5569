"""`rightsdesk consents`: what one person agreed to, refused and took back, and whether its ledger is whole."""

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from local.commands._arguments import parser, speak
from local.commands._place import Place, add_place, place_of
from local.running import EXIT_FAILED, RefusedError

if TYPE_CHECKING:
    from rightsdesk.domain.audit import BrokenLink


def run(argv: Sequence[str]) -> int:
    """Exit status 0 where the ledger is unbroken, an empty one included."""
    made = parser(
        "consents",
        "Prints the ledger of consents of one address, and the versions of the policy that it accepted. With --json,\n"
        "in the field names of ISO/IEC TS 27560. The chain is checked: what was altered, left out or cut off is\n"
        "named. In the stack that runs here; with --stack, at AWS.",
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
