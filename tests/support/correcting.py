"""A shop in which values can be corrected: members, an address book, orders of guests, and a file of answers."""

from functools import cache
from typing import Any

from rightsdesk.domain.correction import Correction
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.recipients import Recipient
from rightsdesk.domain.request import Language
from tests.support.desk import JANE, JANES_MEMBER_ID, Desk
from tests.unit.domain import maps

NEW_MAILBOX = "jane.murphy@example.org"
OLD_PHONE, NEW_PHONE = "03-1234-5678", "03-1234-5679"
PHONE = Correction(field="shop/members.phone", old=OLD_PHONE, new=NEW_PHONE)
NAME = Correction(field="shop/members.name", old="Jane Murphy", new="Jane O'Brien")
MAILBOX = Correction(field="shop/members.email", old=JANE, new=NEW_MAILBOX)


@cache
def correcting_map(*, version: str = "1") -> DataMap:
    members = maps.table("email", identity=True)
    members["fields"] = {
        "member_id": maps.field(identifies="member_id", origin="assigned"),
        "email": maps.field(
            identifies="email", category="contact", corrected_by="subject", format="email", recipients=["mailer"]
        ),
        "email_changed_at": maps.field(origin="observed", role="mailbox_changed_at", type="timestamp"),
        "name": maps.field(recipients=["carrier"]),
        "phone": maps.field(category="contact", format="phone"),
        "points": maps.field(origin="assigned", type="integer"),
        "segment": maps.field(origin="inferred", disputed_in="segment_note"),
        "segment_note": maps.field(),
    }
    orders = maps.table("member_id", "email")
    orders["fields"] = {
        "order_id": maps.field(identifies="order_id", origin="assigned"),
        "email": maps.field(category="contact", format="email", same_as="shop/members.email"),
        "name": maps.field(same_as="shop/members.name", recipients=["carrier", "printer"]),
    }
    answers = maps.rows("member_id") | {"fields": {"name": maps.field(same_as="shop/members.name")}}
    whole = maps.written(
        "email",
        "member_id",
        "order_id",
        shop=maps.source("dynamodb", members=members, orders=orders),
        files=maps.source("s3", answers=answers),
    )
    whole["recipients"] = {
        name: {"label": {"en": f"The {name}", "ja": name}, "role": "processor", "country": "JP"}
        for name in ("carrier", "mailer", "printer")
    }
    return maps.data_map(whole | {"version": version})


CARRIER = "privacy@carrier.example"


@cache
def telling_map(*, language: Language = "en") -> DataMap:
    """The carrier is written to, the printer is told by staff; the mailer has nothing of a name."""
    plain = correcting_map()
    by_mail = {
        "knows": ("order_id", "member_id"),
        "language": language,
        "connector": {"kind": "mail", "address": CARRIER},
    }
    by_hand = {"connector": {"kind": "manual", "instructions": {"en": "Call the printer.", "ja": "電話で連絡する。"}}}
    recipients = {
        name: Recipient.model_validate(each.model_dump() | (by_mail if name == "carrier" else by_hand))
        for name, each in plain.recipients.items()
    }
    return plain.model_copy(update={"recipients": recipients})


def fill(desk: Desk) -> Desk:
    """Jane's rows, and those of another Jane Murphy."""
    jane: dict[str, Any] = {"name": "Jane Murphy", "segment": "bargain", "points": 5}
    desk.reader.rows = {
        ("shop/members", "email", JANE): [
            {"pk": "1", "sk": "P", "member_id": JANES_MEMBER_ID, "email": JANE, "phone": OLD_PHONE} | jane
        ],
        ("shop/members", "email", "other@example.com"): [
            {"pk": "9", "sk": "P", "member_id": "M-9", "email": "other@example.com", "phone": OLD_PHONE} | jane
        ],
        ("shop/orders", "member_id", JANES_MEMBER_ID): [
            {"pk": "2", "sk": "O", "order_id": "K-1", "name": "Jane Murphy"},
            {"pk": "3", "sk": "O", "order_id": "K-2", "name": "Tom"},
        ],
        ("shop/orders", "email", JANE): [{"pk": "4", "sk": "O", "order_id": "K-3", "email": JANE, "name": "Jane"}],
        ("shop/orders", "member_id", "M-9"): [{"pk": "8", "sk": "O", "order_id": "K-9", "name": "Jane Murphy"}],
        ("files/answers", "member_id", JANES_MEMBER_ID): [{"pk": "5", "sk": "A", "name": "Jane Murphy", "score": 3}],
    }
    return desk


def rows_of(desk: Desk, path: str) -> dict[str, dict[str, Any]]:
    """All rows of a collection, by `pk`."""
    return {
        str(record["pk"]): dict(record)
        for (known, _, _), records in desk.reader.rows.items()
        if known == path
        for record in records
    }
