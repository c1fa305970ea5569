"""A package of the sample shop for tests: the shipped data map, a few records, sinks that keep what they are given."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rightsdesk.adapters.merchant_files import read_data_map
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.fields import Label
from rightsdesk.domain.provision import Provision, ProvisionGround
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import RequestType, Treatment
from rightsdesk.export.build import build_package
from rightsdesk.export.consent_records import ConsentsOnRecord
from rightsdesk.export.package import (
    CollectionInput,
    Controller,
    PackageContext,
    PackageLimits,
    PackageSummary,
)
from rightsdesk.export.request_records import RequestsOnRecord
from rightsdesk.law.applicability import Law

ROOT = Path(__file__).parents[3]
AS_OF = datetime(2026, 10, 3, 1, 15, tzinfo=UTC)
PACKAGE = "RD-7K3M-9QXD-W_2026-10-03"


class Sink:
    """Keeps a part in memory; it is there only if the sink was left in peace."""

    def __init__(self, kept: dict[int, bytes], number: int) -> None:
        self._kept, self._number, self._content = kept, number, bytearray()

    def write(self, data: bytes, /) -> int:
        self._content += data
        return len(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._kept[self._number] = bytes(self._content)


def sinks() -> tuple[dict[int, bytes], Callable[[int], Sink]]:
    """Where parts are kept, and what opens a sink for each."""
    kept: dict[int, bytes] = {}
    return kept, lambda number: Sink(kept, number)


@cache
def datamap() -> DataMap:
    return read_data_map(ROOT / "layers/merchant/datamap.yaml")


def context(**changes: Any) -> PackageContext:
    values: dict[str, Any] = {
        "reference": "RD-7K3M-9QXD-W",
        "types": (RequestType.ACCESS, RequestType.PORTABILITY),
        "language": "en",
        "laws": (Law.GDPR, Law.APPI),
        "subject": "5f2b" * 16,
        "received_at": datetime(2026, 9, 12, 4, 0, tzinfo=UTC),
        "due_on": date(2026, 10, 12),
        "generated_at": datetime(2026, 10, 3, 2, 30, 17, tzinfo=UTC),
        "generator": "rightsdesk 0.1.0",
        "zone": "Asia/Tokyo",
        "controller": Controller(
            name=Label(en="Kumo Furniture", ja="雲家具株式会社"),
            email="privacy@shop.example",
            address=Label(en="2-11-3 Meguro, Tokyo 153-0063, Japan", ja="〒153-0063 東京都目黒区目黒2-11-3"),
        ),
        "datamap": datamap(),
        "name": "佐藤 花子",
        "country": "JP",
    }
    return PackageContext(**(values | changes))


def records_of_hanako() -> dict[str, list[Record]]:
    """Collection path -> records: an account, two addresses, three orders with lines, consents, support, visits."""
    order: Record = {
        "pk": "ORDER#1",
        "sk": "ORDER",
        "member_id": "M-001042",
        "order_id": "O-2026-000017",
        "status": "delivered",
        "ordered_at": "2026-05-17T20:14:09+09:00",
        "channel": "web",
        "total": 48200,
        "tax": 4381,
        "shipping_fee": 1200,
    }
    return {
        "shop/members": [
            {
                "pk": "MEMBER#M-001042", "sk": "PROFILE", "member_id": "M-001042", "email": "hanako@mail.example",
                "email_changed_at": "2024-02-01T09:00:00+09:00", "name": "佐藤 花子", "name_kana": "サトウ ハナコ",
                "birth_date": "1988-04-02", "phone": "+81 90-0000-0042", "language": "ja", "country": "JP",
                "created_at": "2021-03-08T11:20:00+09:00", "interests": ["oak", "lamps"], "points": 1204,
                "segment": "=HYPERLINK(\"http://evil.example\")", "password_hash": "$2b$12$secret", "fraud_score": 12,
            }
        ],
        "shop/addresses": [
            {"kind": "home", "name": "佐藤 花子", "postcode": "0600001", "region": "北海道", "city": "札幌市"},
            {"kind": "office", "postcode": "153-0063", "region": "東京都", "recipient_name": "鈴木 一郎"},
        ],
        "shop/newsletter_consents": [
            {"topic": "newsletter", "status": "given", "given_at": "2021-03-08T11:21:00+09:00", "wording_version": "3"},
            {"topic": "catalogue", "status": "withdrawn", "withdrawn_at": "2023-01-10T08:00:00+09:00"},
        ],
        "orders/orders": [
            order,
            order | {"order_id": "O-2026-000031", "total": 990, "ordered_at": "2026-07-01T08:00:00+09:00"},
            order | {"order_id": "O-2026-000044", "gift_name": "田中 次郎", "gift_message": "おめでとう!"},
        ],
        "orders/order_lines": [
            line(17, 1, "CH-01", "Oak chair", 23500, quantity=2),
            line(17, 2, "0042", "フェルトパッド", 0),
            line(31, 1, "OI-3", "Oil", 990),
            line(44, 1, "LA-9", "Lamp", 48200),
        ],
        "files/surveys": [],
        "files/support_messages": [
            {
                "ticket": "T-9", "sent_at": "2026-05-20T10:00:00+09:00", "direction": "from_you",
                "subject": "Wobbly chair", "body": "Hello,\n\none leg is short.\n<script>alert(1)</script>",
                "mood": "angry",
            },
            {
                "ticket": "T-9", "sent_at": "2026-05-21T10:00:00+09:00", "body": "On it.", "staff_name": "榎田",
                "staff_note": "knows Mr. T",
            },
        ],
        "analytics/site_visits": [
            {"analytics_id": "a-1", "visited_at": f"2026-08-{day:02d}T12:00:00Z", "page": f"/chairs?page={day}"}
            for day in range(1, 29)
        ],
    }  # fmt: skip


def line(order: int, number: int, sku: str, product: str, unit_price: int, *, quantity: int = 1) -> Record:
    return {
        "order_id": f"O-2026-{order:06d}", "line": number, "sku": sku, "product": product, "quantity": quantity,
        "unit_price": unit_price,
    }  # fmt: skip


def collected(
    records: Mapping[str, Iterable[Record]] | None = None, *, treatments: Mapping[str, Treatment] | None = None
) -> list[CollectionInput]:
    """The inputs for the shipped data map; a collection that `records` does not name is empty."""
    given = records_of_hanako() if records is None else records
    inputs = []
    for collection in datamap().collections:
        rows = tuple(given.get(collection.path, ()))
        inputs.append(
            CollectionInput(
                collection=collection,
                status="ok" if rows else "empty",
                as_of=AS_OF,
                rows=len(rows),
                records=partial(iter, rows),
                treatment=(treatments or {}).get(collection.path, Treatment.WITHHOLD),
            )
        )
    return inputs


def build(
    package_context: PackageContext | None = None,
    inputs: list[CollectionInput] | None = None,
    *,
    provisions: Sequence[Provision] = (),
    consents: ConsentsOnRecord | None = None,
    requests: RequestsOnRecord | None = None,
    limits: PackageLimits | None = None,
) -> tuple[PackageSummary, dict[int, bytes]]:
    """Builds and answers the summary and the parts by number."""
    kept, open_part = sinks()
    summary = build_package(
        package_context or context(),
        inputs or collected(),
        open_part,
        provisions=provisions,
        consents=consents,
        requests=requests,
        limits=limits,
    )
    return summary, kept


def provision(**changes: Any) -> Provision:
    """A record of the ledger: name and address to the carrier, by consent."""
    values: dict[str, Any] = {
        "record_id": "0c" * 16,
        "at": datetime(2026, 5, 17, 20, 14, 9, tzinfo=UTC),  # 18 May in Japan
        "party": "carrier",
        "party_name": Label(en="Tsubame Express Co., Ltd.", ja="つばめ運輸株式会社"),
        "country": "JP",
        "purpose": "service",
        "items": ("delivery", "shop/members.phone"),
        "ground": ProvisionGround.CONSENT,
        "rule": "APPI-27-1",
        "consent_since": datetime(2021, 3, 8, 2, 20, tzinfo=UTC),
        "asked_by": "arn:aws:iam::000000000000:role/shop",
        "datamap_version": "1",
    }
    return Provision(**(values | changes))


def save(kept: Mapping[int, bytes], summary: PackageSummary, folder: Path) -> Path:
    """Writes the parts under their own names; answers the first."""
    for number, part in enumerate(summary.parts, start=1):
        (folder / part.name).write_bytes(kept[number])
    return folder / summary.parts[0].name
