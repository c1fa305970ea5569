"""A shop some of whose fields have to be weighed by staff before an erasure or an objection is carried out."""

from functools import cache
from typing import Any

from rightsdesk.domain.datamap import DataMap
from tests.unit.domain import maps

SCORE, NOTES = "shop/members.score", "shop/members.notes"  # legitimate interests: to be weighed
OFFERS = "shop/members.offers"  # direct marketing alone: never weighed
PLAIN = "shop/members.text"  # a contract: erased, and not weighed
INVOICE = "shop/orders.invoice"  # a law keeps it
# Why the use of the score is gone on with in spite of an objection
FRAUD = {"fraud": "Three orders on invoice were not paid."}


def _field(en: str, ja: str, **more: Any) -> dict[str, Any]:
    return maps.field(label={"en": en, "ja": ja}, **more)


BOTH, ADVERTISING, WEIGHED = "agency", "printer", "bureau"  # recipients: of offers and scores, of offers, of scores


@cache
def weighing_map() -> DataMap:
    """Members and orders."""
    return maps.data_map(_written())


@cache
def told_map(*, knows: tuple[str, ...] = ()) -> DataMap:
    """The same, with recipients: one of what is for advertising, one of what is weighed, and one of both.

    `knows`: the kinds of identifiers by which they know a person.
    """
    raw = _written()
    fields = raw["sources"]["shop"]["collections"]["members"]["fields"]
    fields["offers"] |= {"recipients": [BOTH, ADVERTISING]}
    fields["score"] |= {"recipients": [BOTH, WEIGHED]}
    raw["recipients"] = {
        name: {
            "label": {"en": f"The {name}", "ja": name},
            "role": "processor",
            "country": "JP",
            "language": "en",
            "knows": list(knows),
            "connector": {"kind": "mail", "address": f"privacy@{name}.example"},
        }
        for name in (BOTH, ADVERTISING, WEIGHED)
    }
    return maps.data_map(raw)


def _written() -> dict[str, Any]:
    shop = maps.source(
        "dynamodb",
        members=maps.table("email", gives={"member_id": "member_id"}, identity=True),
        orders=maps.table("member_id", gives={"order_id": "order_id"}),
    )
    members, orders = shop["collections"]["members"], shop["collections"]["orders"]
    members["label"] = {"en": "Account", "ja": "アカウント"}
    orders["label"] = {"en": "Orders", "ja": "ご注文"}
    interests: dict[str, Any] = {"category": "profile", "basis": "legitimate_interests", "origin": "inferred"}
    members["fields"] |= {
        "score": _field("Fraud score", "不正利用スコア", **interests, purposes=["fraud"]),
        "notes": _field("Notes", "メモ", **interests, purposes=["care"]),
        "offers": _field("Offers", "ご案内", **(interests | {"category": "usage", "purposes": ["offers"]})),
    }
    orders["fields"] |= {
        "invoice": _field("Invoice", "請求書", category="purchase", basis="legal_obligation", retention="books"),
        "basket": _field("Basket", "買い物かご", category="purchase"),
    }
    raw = maps.written("email", "member_id", "order_id", shop=shop)
    raw["purposes"]["offers"] = {"clause": "P-03", "basis": "consent", "label": maps.LABEL}
    raw["purposes"] |= {
        "fraud": {
            "clause": "P-08",
            "basis": "legitimate_interests",
            "label": {"en": "To prevent fraud", "ja": "不正防止"},
        },
        "care": {"clause": "P-02", "basis": "legitimate_interests", "label": {"en": "To serve you well", "ja": "応対"}},
    }
    raw["retention"]["books"] = {
        "label": {"en": "Seven years", "ja": "7年"},
        "months": 84,
        "from": "tax_return_due",
        "law": {"en": "Tax Act", "ja": "税法"},
    }
    return raw
