"""What the shop's systems hold about a person: items, rows, messages, visits."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from local.shop import names
from local.shop.names import Place
from local.shop.people import Guest, Person

Item = dict[str, Any]
SURVEYS = ("2025-autumn", "2026-spring")
_MADE_IN = timedelta(days=90)  # most of it is made when it is ordered
_WARRANTY = timedelta(days=730)


def member_items(person: Person, *, now: datetime) -> Iterator[Item]:
    """MembersTable: the profile, the address book, the consents."""
    random = Random(f"profile/{person.number}")
    pk = f"MEMBER#{person.member_id}"
    profile: Item = {
        "pk": pk,
        "sk": "PROFILE",
        "member_id": person.member_id,
        "email": person.email,
        "name": person.name,
        "birth_date": person.birth_date,
        "gender": person.gender,
        "phone": person.phone,
        "language": person.language,
        "country": person.country,
        "created_at": person.joined.isoformat(),
        "last_login_at": (now - timedelta(days=random.randrange(1, 60))).replace(microsecond=0).isoformat(),
        "interests": random.sample(names.INTERESTS, 2),
        "linked_accounts": [{"provider": "line", "id": f"U{random.getrandbits(48):012x}"}] if person.kana else [],
        "points": random.randrange(0, 5000),
        "segment": random.choice(("new", "loyal", "sleeping")),
        "analytics_id": person.analytics_id,
        "fraud_score": Decimal(random.randrange(1000)) / 1000,
        "password_hash": f"$argon2id$v=19$m=65536,t=3,p=4${random.getrandbits(128):032x}",
    }
    if person.kana:
        profile["name_kana"] = person.kana
    if person.mailbox_changed_at:
        profile["email_changed_at"] = person.mailbox_changed_at.isoformat()
    yield profile
    for position in range(1, person.addresses + 1):
        yield _address(person, pk, position)
    for topic in ("newsletter", "catalogue")[: 1 + person.number % 2]:
        given = person.joined + timedelta(minutes=3)
        consent: Item = {
            "pk": pk,
            "sk": f"CONSENT#{topic}",
            "topic": topic,
            "status": "given",
            "wording_version": "2024-02",
            "asked_on_page": "/ja/signup" if person.kana else "/en/signup",
            "given_at": given.isoformat(),
            "confirmed_at": (given + timedelta(minutes=9)).isoformat(),
        }
        if person.number % 7 == 0:
            consent |= {"status": "withdrawn", "withdrawn_at": (given + timedelta(days=20)).isoformat()}
        yield consent


def _address(person: Person, pk: str, position: int) -> Item:
    item: Item = {
        "pk": pk,
        "sk": f"ADDRESS#{position:02d}",
        "kind": ("home", "work", "family")[(position - 1) % 3],
        "name": person.name,
        "postcode": person.home.postcode,
        "region": person.home.region,
        "city": person.home.city,
        "street": person.home.street if position == 1 else f"{person.home.street} ({position})",
        "country": person.country,
    }
    if item["kind"] == "family":  # somebody else lives there
        item |= {"recipient_name": _other(person.number), "recipient_phone": "+81-3-55501234"}
    return item


def order_items(person: Person, *, now: datetime) -> Iterator[Item]:
    """OrdersTable: the orders of a member, those from before the account included, with their lines."""
    span = max(now - person.joined, timedelta(days=1))
    for position in range(1, person.orders + 1):
        order_id = f"K{person.number:06d}-{position:04d}"
        at = person.joined + span * position / (person.orders + 1)
        owner = {"member_id": person.member_id}
        yield from _order(
            order_id, owner, person.name, person.home, at, now, person.lines_per_order, position <= person.gifts
        )
    for position in range(1, person.guest_orders + 1):
        at = person.joined - timedelta(days=30 * position)
        owner = {"guest_email": person.email}
        yield from _order(f"G{person.number:06d}-{position:04d}", owner, person.name, person.home, at, now, 1, False)


def guest_items(guest: Guest, number: int, *, now: datetime) -> Iterator[Item]:
    """OrdersTable: the orders of somebody without an account."""
    for position in range(1, guest.orders + 1):
        at = now - timedelta(days=40 * position)
        owner = {"guest_email": guest.email}
        order_id = f"G9{number:05d}-{position:04d}"
        yield from _order(order_id, owner, guest.name, guest.home, at, now, 1, position <= guest.gifts)


def _order(
    order_id: str, owner: dict[str, str], name: str, home: Place, at: datetime, now: datetime, lines: int, is_gift: bool
) -> Iterator[Item]:
    random = Random(order_id)
    products = [random.choice(names.PRODUCTS) for _ in range(lines)]
    quantities = [random.randrange(1, 4) for _ in range(lines)]
    fee = random.choice((0, 880, 2200))
    total = fee + sum(price * quantity for (_, _, price), quantity in zip(products, quantities, strict=True))
    order: Item = {
        "pk": f"ORDER#{order_id}",
        "sk": "ORDER",
        "order_id": order_id,
        "ordered_at": at.replace(microsecond=0).isoformat(),
        "status": "delivered" if now - at > _MADE_IN else "in_production",
        "channel": random.choice(("web", "web", "web", "store")),
        "total": total,
        "tax": total - round(Decimal(total) / Decimal("1.1")),
        "shipping_fee": fee,
        "payment_method": "card",
        "card_last4": f"{random.randrange(10000):04d}",
        "fraud_check": "accepted",
        "ship_name": name,
        "ship_postcode": home.postcode,
        "ship_address": f"{home.region} {home.city} {home.street}",
        "tracking_number": f"{random.randrange(10**11, 10**12)}",
        **owner,
    }
    if is_gift:
        order |= {
            "gift_name": _other(random.randrange(1000)),
            "gift_address": "神奈川県 鎌倉市 由比ガ浜2-4-1",
            "gift_message": "お誕生日おめでとう / Happy birthday!",
        }
    yield order
    for line, ((sku, product, price), quantity) in enumerate(zip(products, quantities, strict=True), 1):
        yield {
            "pk": f"ORDER#{order_id}",
            "sk": f"LINE#{line:04d}",
            "order_id": order_id,
            "ordered_at": order["ordered_at"],
            "line": line,
            "sku": sku,
            "product": product,
            "quantity": quantity,
            "unit_price": price,
            "warranty_until": (at + _WARRANTY).date().isoformat(),
        }


def survey_rows(person: Person, survey: str) -> Iterator[list[str]]:
    """One row for each question of a survey: member, survey, when, question, answer, score."""
    if person.has_surveys:
        at = (person.joined + timedelta(days=200)).replace(tzinfo=None).isoformat(" ", "seconds")
        for score, (question, answer) in enumerate(names.SURVEY_QUESTIONS[person.texts], 4):
            yield [person.member_id, survey, at, question, answer, str(score)]


def support_messages(person: Person) -> Iterator[Item]:
    """A message and its answer; every other one was sent to a third person as well."""
    if not person.has_support:
        return
    subject, text = names.MESSAGES[person.texts]
    staff = names.STAFF[person.number % len(names.STAFF)]
    asked = person.joined + timedelta(days=90)
    ticket = f"T-{person.number:06d}"
    message: Item = {"ticket": ticket, "sent_at": asked.isoformat(), "direction": "from_you", "subject": subject}
    if person.number % 2:
        yield {**message, "body": text, "other_people": [_other(person.number)]}
    else:
        yield {**message, "body": text}
    yield {
        **message,
        "sent_at": (asked + timedelta(hours=5)).isoformat(),
        "direction": "to_you",
        "body": names.REPLIES[person.texts],
        "staff_name": staff,
        "staff_note": "Second complaint about this article; told the workshop.",
    }


def visits(person: Person, *, now: datetime) -> Iterator[Item]:
    """Page views of the last year."""
    random = Random(f"visits/{person.number}")
    browser, address = random.choice(names.BROWSERS), f"203.0.113.{random.randrange(1, 255)}"
    for _ in range(person.visits):
        yield {
            "analytics_id": person.analytics_id,
            "visited_at": (now - timedelta(seconds=random.randrange(365 * 86400))).replace(microsecond=0),
            "page": random.choice(names.PAGES),
            "referrer": random.choice((None, "https://search.example/", "https://mag.example/chairs")),
            "ip_address": address,
            "user_agent": browser,
        }


def _other(number: int) -> str:
    """Somebody else: the recipient of a gift, a relative in a message."""
    family = names.JAPANESE_FAMILIES[number % len(names.JAPANESE_FAMILIES)][0]
    given = names.JAPANESE_GIVENS[(number * 7 + 3) % len(names.JAPANESE_GIVENS)][0]
    return f"{family} {given}"
