"""Months and years after an erasure on the sample shop: what a law or a claim kept goes when its time has come."""

import gzip
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml
from dateutil.relativedelta import relativedelta

from local.shop.people import Person
from rightsdesk.adapters.dynamo_retention import DynamoRetentionLedger
from rightsdesk.domain.retention_ledger import RetentionEntry
from tests.support.desk import MERCHANT
from tests.support.merchant import read_anew
from tests.support.shop_contents import Contents, shop_contents
from tests.support.stack import Case, PlayedStack, played_stack

CLAIM = "gdpr_17_3_e"
TODAY = datetime.now(UTC).date()
LAST_DAY = (TODAY + timedelta(days=12)).replace(day=1) + relativedelta(months=1, days=-1)
"""Until when the tax law keeps an old order: the end of a month, soon, and not before it is erased."""
YEAR_ENDS = LAST_DAY.replace(day=1) - relativedelta(months=2) + relativedelta(months=1, days=-1, years=-7)
OLD = f"{YEAR_ENDS - timedelta(days=40)}T10:00:00+00:00"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayedStack]:
    """Of a merchant whose return for the year of an old order was due seven years before a day soon to come."""
    folder = tmp_path_factory.mktemp("retention") / "merchant"
    shutil.copytree(MERCHANT, folder)
    profile = yaml.safe_load((folder / "merchant.yaml").read_text("utf-8"))
    profile["business_year"] = {"ends_in_month": YEAR_ENDS.month, "return_due_after_months": 2}
    (folder / "merchant.yaml").write_text(yaml.safe_dump(profile, allow_unicode=True), "utf-8")
    read_anew()
    with played_stack(merchant=folder) as booted:
        yield booted
    read_anew()


def entries(stack: PlayedStack, case: Case) -> dict[tuple[str, date | None], RetentionEntry]:
    ledger = DynamoRetentionLedger(
        stack.local.ref("PeopleTable"), stack.local.ref("CasesTable"), stack.client("dynamodb")
    )
    found = ledger.of_case(stack.stored(case).request_id)
    return {(entry.collection, entry.until): entry for entry in found}


def kept(stack: PlayedStack, case: Case, *, by: str = "auditor") -> list[dict[str, Any]]:
    """What staff see of a case in the list of what is kept."""
    seen: list[dict[str, Any]] = []
    path = "/staff/retention?limit=100"
    while True:
        page = stack.call("GET", path, staff=by).expect(200)
        seen += page["items"]
        if page["next"] is None:
            return [item for item in seen if item["reference"] == case.reference]
        path = f"/staff/retention?limit=100&cursor={page['next'].replace('#', '%23')}"


def lift(stack: PlayedStack, entry_id: str, *, by: str = "approver") -> Any:
    answer = stack.call("POST", f"/staff/retention/{entry_id}/lift", {}, staff=by)
    stack.local.settle()
    return answer


def with_an_old_order(stack: PlayedStack, **changes: Any) -> Person:
    person = stack.new_member(orders=1, **changes)
    order = f"OLD-{person.number}"
    common = {"pk": f"ORDER#{order}", "order_id": order, "ordered_at": OLD}
    head = common | {"sk": "ORDER", "member_id": person.member_id, "status": "delivered", "total": 5000}
    line = common | {"sk": "LINE#0001", "line": 1, "product": f"Stool {order}", "quantity": 1}
    stack.put("OrdersTable", [head, line])
    return person


def about(contents: Contents, text: str) -> int:
    return sum(count for row, count in contents.items() if text in row)


def test_what_is_held_for_a_claim_goes_from_files_the_moment_it_is_lifted(stack: PlayedStack) -> None:
    email = "jane@example.com"
    fields = ["files/surveys.answer", "files/support_messages.body", "analytics/site_visits.page"]
    case = stack.to_approval(email, name="Jane Murphy", country="IE")
    stack.approve(case, by="handler", kept=dict.fromkeys(fields, CLAIM)).expect(200)
    stack.approve(case, by="handler").expect(200)
    stack.approve(case, by="approver").expect(200)
    held = {item["collection"]: item for item in kept(stack, case) if item["ground"] == CLAIM}
    assert set(held) == {"files/surveys", "files/support_messages", "analytics/site_visits"}
    assert held["files/surveys"]["fields"] == ["answer"]
    assert held["files/surveys"]["until"] is None

    before = shop_contents(stack)
    for entry in held.values():
        lift(stack, entry["id"]).expect(200)
    after = shop_contents(stack)
    assert sum((before - after).values()) == sum(entry["rows"] for entry in held.values())
    assert not after - before  # nothing else was touched
    assert {item["ground"] for item in kept(stack, case)} == {None}
    letters = [mail for mail in stack.mails(email) if "had to keep" in mail.subject]
    assert len(letters) == 3
    assert "The reason for keeping them is gone" in letters[-1].text


def test_the_list_that_is_kept_beside_the_ledger_is_encrypted_and_goes_at_the_end(stack: PlayedStack) -> None:
    person = with_an_old_order(stack)
    stack.put_support_mail(person, gzip.compress(json.dumps({"ticket": "T-1", "body": "Hello"}).encode() + b"\n"))
    case = stack.to_approval(person)
    stack.approve(case, by="handler", kept={"files/support_messages.body": CLAIM}).expect(200)
    stack.approve(case, by="handler").expect(200)
    stack.approve(case, by="approver").expect(200)
    prefix = f"kept/{stack.stored(case).request_id}/"
    bucket = stack.local.ref("ExportBucket")
    listed = stack.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    names = {entry["Key"].removeprefix(prefix) for entry in listed}
    assert {"person.jsonl.gz", "files/support_messages.jsonl.gz", "orders/orders.jsonl.gz"} <= names
    (held,) = [item for item in kept(stack, case) if item["ground"]]
    lift(stack, held["id"]).expect(200)
    listed = stack.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    assert f"{prefix}files/support_messages.jsonl.gz" not in {entry["Key"] for entry in listed}


def test_what_a_law_kept_goes_the_day_after_and_what_was_changed_waits_for_staff(stack: PlayedStack) -> None:
    person, other, third = (with_an_old_order(stack) for _ in range(3))
    case, changed_case = stack.to_approval(person), stack.to_approval(third)
    stack.erase(case)
    stack.erase(changed_case)
    found = entries(stack, case)
    assert found["orders/orders", LAST_DAY].rows == found["orders/order_lines", LAST_DAY].rows == 1
    (old,) = [item for item in kept(stack, case) if item["id"] == found["orders/orders", LAST_DAY].entry_id]
    assert old["law"]["en"].startswith("Corporation Tax Act of Japan, Article 126")
    assert (old["rows"], old["state"], old["may_be_lifted"]) == (1, "kept", False)
    assert lift(stack, old["id"]).status == 409  # a law is lifted by nobody
    assert lift(stack, old["id"], by="handler").status == 403
    change(stack, third)

    stack.advance(days=(LAST_DAY - stack.now.date()).days - 1)
    assert about(shop_contents(stack), f"OLD-{person.number}") == 2
    stack.advance(days=3)
    after = shop_contents(stack)
    assert about(after, f"OLD-{person.number}") == 0
    assert about(after, f"OLD-{other.number}") == 2
    letter = stack.mails(person.email)[-1]
    assert case.reference in letter.subject
    assert f"{LAST_DAY.day} {LAST_DAY:%B %Y}" in letter.text
    assert "Newsletters and consents" in letter.text  # which stay
    assert {item["collection"] for item in kept(stack, case)} >= {"orders/orders", "shop/newsletter_consents"}
    assert old["id"] not in {item["id"] for item in kept(stack, case)}

    assert about(after, f"OLD-{third.number}") == 1
    (changed,) = [item for item in kept(stack, changed_case) if item["state"] == "changed"]
    assert (changed["collection"], changed["changed"], changed["may_be_lifted"]) == ("orders/orders", 1, True)
    assert len([mail for mail in stack.local.outbox() if changed["id"] in mail.text]) == 1
    sent = len(stack.local.outbox())
    stack.local.invoke("EndRetentionFunction", {})
    assert len(stack.local.outbox()) == sent
    lift(stack, changed["id"]).expect(200)
    assert about(shop_contents(stack), f"OLD-{third.number}") == 0
    assert [item for item in kept(stack, changed_case) if item["state"] == "changed"] == []


def change(stack: PlayedStack, person: Person) -> None:
    """Somebody at the shop writes into an order that is kept."""
    stack.client("dynamodb").update_item(
        TableName=stack.shop("OrdersTable"),
        Key={"pk": {"S": f"ORDER#OLD-{person.number}"}, "sk": {"S": "ORDER"}},
        UpdateExpression="SET note = :note",
        ExpressionAttributeValues={":note": {"S": "returned"}},
    )
