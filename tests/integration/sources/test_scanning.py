"""The sample shop from end to end: every identifier in it, each page, and no more of a row than is needed."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.shop import create, people, seed
from rightsdesk.adapters.merchant_files import environment_variable, read_data_map
from rightsdesk.domain.errors import SourceBrokenError
from rightsdesk.domain.restored import Identifier
from rightsdesk.sources.scanning import scanner_for
from tests.infrastructure.deployed_template import ROOT
from tests.integration.test_replay_erasures import NOW, REGION


class Scanned:
    def __init__(self) -> None:
        self.session = boto3.Session(region_name=REGION)
        self.names = create(self.session)
        resources = {environment_variable(name): value for name, value in self.names.items()}
        self.data_map = read_data_map(ROOT / "layers/merchant/datamap.yaml", resources=resources)
        self.members = list(people.members(30, seed=7, now=NOW, many_orders=3))
        self.calls: list[dict[str, Any]] = []

    def rows(self, source: str) -> Iterator[tuple[Identifier, ...]]:
        place = self.data_map.sources[source]
        return scanner_for(place, client=self.client).rows(place)

    def client(self, service: str) -> Any:
        made: Any = self.session.client(service)  # type: ignore[call-overload]
        made.meta.events.register("provide-client-params.dynamodb.Scan", lambda params, **_: self.calls.append(params))
        return made

    def of_kind(self, source: str, kind: str) -> set[str]:
        return {one.value for row in self.rows(source) for one in row if one.kind == kind}


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scanned]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield Scanned()


def test_every_identifier_of_every_kind_is_seen(shop: Scanned) -> None:
    seed(shop.session, shop.names, members=30, many_orders=3, now=NOW)
    everybody = {person.member_id for person in shop.members}
    assert shop.of_kind("shop", "member_id") == everybody
    assert shop.of_kind("shop", "email") == {person.email for person in shop.members}
    assert shop.of_kind("shop", "analytics_id") == {person.analytics_id for person in shop.members}
    assert all(value.startswith("line:U") for value in shop.of_kind("shop", "linked_account"))
    assert shop.of_kind("orders", "member_id") == {person.member_id for person in shop.members if person.orders}
    guests = {guest.email for guest in people.guests()} | {p.email for p in shop.members if p.guest_orders}
    assert shop.of_kind("orders", "email") == guests
    answered = {person.member_id for person in shop.members if person.has_surveys or person.has_support}
    assert shop.of_kind("files", "member_id") == answered
    assert shop.of_kind("analytics", "analytics_id") == {p.analytics_id for p in shop.members if p.visits}


def test_a_table_is_read_once_to_its_last_page_and_only_what_identifies(shop: Scanned) -> None:
    seed(shop.session, shop.names, members=30, many_orders=3, now=NOW)
    table = boto3.resource("dynamodb", region_name=REGION).Table(shop.names["MembersTable"])
    for number in range(20):
        table.put_item(
            Item={"pk": f"MEMBER#X-{number}", "sk": "PROFILE", "member_id": f"X-{number}", "note": "x" * 300_000}
        )
    found = shop.of_kind("shop", "member_id")
    assert {f"X-{number}" for number in range(20)} <= found
    assert len(found) == 50
    assert len(shop.calls) > 2, "pages"
    read = set(shop.calls[0]["ExpressionAttributeNames"].values())
    assert read == {"pk", "sk", "email", "member_id", "analytics_id", "linked_accounts"}


def test_what_lies_beside_the_objects_of_a_person_is_passed(shop: Scanned) -> None:
    seed(shop.session, shop.names, members=5, many_orders=3, now=NOW)
    for key in ("support/readme.txt", "support/2026/M-000009.jsonl.gz", "support/.jsonl.gz"):
        shop.session.client("s3").put_object(Bucket=shop.names["ShopBucket"], Key=key, Body=b"x")
    assert shop.of_kind("files", "member_id") <= {person.member_id for person in shop.members}


def test_an_empty_prefix_is_a_wrong_one(shop: Scanned) -> None:
    with pytest.raises(SourceBrokenError, match="surveys/"):
        list(shop.rows("files"))
