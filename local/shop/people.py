"""The people of the sample shop: those that README.md names, and as many more as are asked for.

Every member is made from the seed and the own number alone: the first hundred are the same among 200 and among 10,000.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from local.shop import names
from local.shop.names import Place

MAILBOX_CHANGED = timedelta(days=2)  # ago, for ren@example.jp


@dataclass(frozen=True)
class Person:
    """A member, and how much the shop holds about them."""

    number: int
    email: str
    name: str
    kana: str | None
    language: str
    country: str
    phone: str
    birth_date: str
    gender: str
    home: Place
    joined: datetime
    addresses: int = 1
    orders: int = 1
    lines_per_order: int = 2
    gifts: int = 0
    guest_orders: int = 0
    has_surveys: bool = False
    has_support: bool = False
    visits: int = 0
    mailbox_changed_at: datetime | None = None

    @property
    def member_id(self) -> str:
        return f"M-{self.number:06d}"

    @property
    def analytics_id(self) -> str:
        return f"v{Random(self.number).getrandbits(64):016x}"

    @property
    def texts(self) -> str:
        """The language of what they write: there are texts in ja and en."""
        return "ja" if self.language == "ja" else "en"


@dataclass(frozen=True)
class Guest:
    """Somebody who bought without an account."""

    email: str
    name: str
    home: Place
    orders: int
    gifts: int


def generated(number: int, *, seed: int, now: datetime) -> Person:
    """Member `number`, in proportions like the shop's."""
    random = Random(f"{seed}/{number}")
    country = random.choices(names.COUNTRIES, [country.weight for country in names.COUNTRIES])[0]
    kana = None
    if country is names.JAPAN:
        family, given = random.choice(names.JAPANESE_FAMILIES), random.choice(names.JAPANESE_GIVENS)
        name, kana = f"{family[0]} {given[0]}", f"{family[1]} {given[1]}"
        mailbox = f"{given[2]}.{family[2]}"
    else:
        family_name, given_name = random.choice(country.families), random.choice(country.givens)
        name, mailbox = f"{given_name} {family_name}", _latin(f"{given_name}.{family_name}")
    joined = now - timedelta(days=random.randrange(30, 2000), minutes=random.randrange(1440))
    return Person(
        number=number,
        email=f"{mailbox}.{number}@{country.domain}",
        name=name,
        kana=kana,
        language=country.language,
        country=country.code,
        phone=f"{country.dialling}-{random.randrange(10, 99)}-{random.randrange(10**7, 10**8)}",
        birth_date=f"{random.randrange(1945, 2007)}-{random.randrange(1, 13):02d}-{random.randrange(1, 29):02d}",
        gender=random.choice(("female", "male", "other", "not_said")),
        home=random.choice(country.places),
        joined=joined.replace(second=0, microsecond=0),
        addresses=random.choices((1, 2, 3), (80, 15, 5))[0],
        orders=random.choices((0, 1, 2, 4), (25, 45, 20, 10))[0],
        lines_per_order=random.choices((1, 2, 3), (60, 30, 10))[0],
        gifts=random.choices((0, 1), (90, 10))[0],
        has_surveys=random.random() < 0.3,
        has_support=random.random() < 0.08,
        visits=random.choices((0, 3, 12), (40, 40, 20))[0],
    )


def members(count: int, *, seed: int, now: datetime, many_orders: int) -> Iterator[Person]:
    """The known ones first, then generated ones up to `count` in all."""
    known = known_members(now=now, many_orders=many_orders)
    yield from known[:count]
    for number in range(len(known) + 1, count + 1):
        yield generated(number, seed=seed, now=now)


def known_members(*, now: datetime, many_orders: int) -> list[Person]:
    """The members that README.md names; they don't depend on the seed."""
    tokyo, osaka = names.JAPAN.places[0], names.JAPAN.places[1]
    by_code = {country.code: country for country in names.COUNTRIES}
    hanako = Person(
        number=1,
        email="hanako@example.jp",
        name="佐藤 花子",
        kana="サトウ ハナコ",
        language="ja",
        country="JP",
        phone="+81-90-12345678",
        birth_date="1984-05-17",
        gender="female",
        home=tokyo,
        joined=datetime(2022, 4, 1, 9, 30, tzinfo=UTC),
        addresses=5,
        orders=20,
        lines_per_order=3,
        gifts=2,
        has_surveys=True,
        has_support=True,
        visits=40,
    )
    jane = replace(
        hanako,
        number=2,
        email="jane@example.com",
        name="Jane Murphy",
        kana=None,
        language="en",
        country="IE",
        phone="+353-85-5550123",
        birth_date="1990-11-02",
        home=by_code["IE"].places[0],
        addresses=2,
        orders=6,
        lines_per_order=2,
        gifts=1,
        guest_orders=1,
        visits=15,
    )
    maria = replace(
        jane,
        number=3,
        email="maria@example.de",
        name="Maria Schneider",
        language="de",
        country="DE",
        phone="+49-30-5550199",
        birth_date="1979-02-28",
        home=by_code["DE"].places[0],
        addresses=1,
        orders=3,
        gifts=0,
        guest_orders=0,
        has_support=False,
    )
    ren = replace(
        hanako,
        number=4,
        email="ren@example.jp",
        name="高橋 蓮",
        kana="タカハシ レン",
        phone="+81-80-87654321",
        birth_date="2001-09-09",
        gender="male",
        home=osaka,
        addresses=1,
        orders=2,
        gifts=0,
        has_surveys=False,
        has_support=False,
        visits=3,
        mailbox_changed_at=(now - MAILBOX_CHANGED).replace(microsecond=0),
    )
    aiko = replace(
        hanako,
        number=5,
        email="aiko@example.jp",
        name="鈴木 愛子",
        kana="スズキ アイコ",
        phone="+81-70-11112222",
        birth_date="1969-12-31",
        home=names.JAPAN.places[2],
        addresses=2,
        orders=many_orders,
        lines_per_order=2,
        gifts=0,
        has_support=False,
        visits=200,
    )
    return [hanako, jane, maria, ren, aiko]


def guests() -> list[Guest]:
    """Buyers without an account."""
    tom = next(country for country in names.COUNTRIES if country.code == "GB").places[0]
    return [
        Guest(email="tom@example.net", name="Tom Harris", home=tom, orders=2, gifts=1),
        Guest(email="yumi@example.net", name="森 結衣", home=names.JAPAN.places[5], orders=1, gifts=0),
    ]


def _latin(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in plain if letter.isalnum() or letter == ".")
