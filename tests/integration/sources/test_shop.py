"""The sample shop, searched with the shipped data map: what is found of whom, how many calls, and nothing unmapped."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local import shop
from local.shop import people
from rightsdesk.adapters.found_values import SpooledValues
from rightsdesk.adapters.merchant_files import environment_variable, read_data_map
from rightsdesk.adapters.s3_results import S3RecordStore
from rightsdesk.domain import traversal
from rightsdesk.domain.collecting import CollectionResult
from rightsdesk.services.collect_data import collect_data
from rightsdesk.sources.readers import reader_for

SHIPPED = Path(__file__).parents[3] / "layers" / "merchant" / "datamap.yaml"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
REGION = "ap-northeast-1"
ORDERS_OF_AIKO = 60


class Search:
    """The shop, and a search in it as the workflow does it: wave after wave."""

    def __init__(self) -> None:
        self.session = boto3.Session(region_name=REGION)
        names = shop.create(self.session)
        shop.seed(self.session, names, members=18, seed=7, many_orders=ORDERS_OF_AIKO, now=NOW)
        self.names = names
        resources = {environment_variable(name): resource for name, resource in names.items()}
        self.data_map = read_data_map(SHIPPED, resources=resources)
        self.calls: Counter[str] = Counter()
        self.clients = {service: self.session.client(service) for service in ("dynamodb", "s3")}
        for client in self.clients.values():
            client.meta.events.register("before-call", lambda model, **_: self.calls.update([model.name]))
        results: Any = self.session.client("s3")
        results.create_bucket(Bucket="exports", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.store = S3RecordStore("exports", results)

    def of(self, email: str) -> dict[str, CollectionResult]:
        self.calls.clear()
        found: dict[str, CollectionResult] = {}
        for wave in traversal.waves(self.data_map, self.data_map.verifiable):
            for step in wave:
                with SpooledValues() as values:
                    result = collect_data(
                        email,
                        step.name,
                        data_map=self.data_map,
                        verified={"email": [email]},
                        reader=reader_for(self.data_map.sources[step.name], client=self.clients.__getitem__),
                        store=self.store,
                        found=values,
                        done={},
                        save=lambda name, result: None,
                        clock=lambda: NOW,
                    )
                found |= result.collections
        return found

    def records(self, email: str, path: str) -> list[dict[str, Any]]:
        return list(self.store.read(email, path))


@pytest.fixture(scope="module")
def search() -> Iterator[Search]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "testing")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        with mock_aws():
            yield Search()


ROWS = {
    "hanako@example.jp": (1, 5, 2, 20, 60, 4, 2, 40),
    "jane@example.com": (1, 2, 1, 7, 13, 4, 2, 15),
    "maria@example.de": (1, 1, 2, 3, 6, 4, 0, 15),
    "ren@example.jp": (1, 1, 1, 2, 6, 0, 0, 3),
    "aiko@example.jp": (1, 2, 2, ORDERS_OF_AIKO, 2 * ORDERS_OF_AIKO, 4, 0, 200),
    "tom@example.net": (0, 0, 0, 2, 2, 0, 0, 0),
    "nobody@example.org": (0, 0, 0, 0, 0, 0, 0, 0),
}


@pytest.mark.parametrize("email", ROWS)
def test_what_is_found_of_the_people_of_the_readme(search: Search, email: str) -> None:
    found = search.of(email)
    assert tuple(result.rows for result in found.values()) == ROWS[email]
    for name, result in found.items():
        assert result.unmapped == {}, f"{name}: the map describes everything that the shop holds"
        assert result.misfits == {}, f"{name}: every value has the type that the map says"


def test_a12_rows_about_other_people_are_flagged(search: Search) -> None:
    flagged = {name: result.flagged for name, result in search.of("hanako@example.jp").items() if result.flagged}
    assert flagged == {"addresses": 1, "orders": 2, "support_messages": 2}


def test_a92_no_secret_leaves_the_shop(search: Search) -> None:
    found = search.of("hanako@example.jp")
    assert found["members"].withheld == {"fraud_score": 1, "password_hash": 1}
    text = json.dumps([search.records("hanako@example.jp", one.path) for one in search.data_map.collections])
    assert "argon2" not in text
    assert "fraud_score" not in text


def test_a05_nothing_of_anybody_else(search: Search) -> None:
    search.of("jane@example.com")
    text = json.dumps(
        [search.records("jane@example.com", one.path) for one in search.data_map.collections], ensure_ascii=False
    )
    assert "M-000002" in text
    assert "M-000001" not in text
    assert "hanako" not in text


def test_the_calls_of_a_standard_member_are_counted(search: Search) -> None:
    search.of("hanako@example.jp")
    assert dict(search.calls) == {"Query": 25, "GetObject": 4, "ListObjectsV2": 2}


def test_a_guest_s_orders_are_fetched_whole(search: Search) -> None:
    search.of("tom@example.net")
    orders = search.records("tom@example.net", "orders/orders")
    assert [order["ship_postcode"] for order in orders] == ["EC1V 2NX", "EC1V 2NX"]
    assert search.calls["BatchGetItem"] == 1


def test_times_carry_an_offset(search: Search) -> None:
    search.of("hanako@example.jp")
    for path, name in (("files/surveys", "answered_at"), ("analytics/site_visits", "visited_at")):
        for record in search.records("hanako@example.jp", path):
            assert datetime.fromisoformat(record[name]).tzinfo is not None


def test_every_member_is_found_whole(search: Search) -> None:
    for person in people.members(18, seed=7, now=NOW, many_orders=ORDERS_OF_AIKO):
        if person.number > 5:
            found = search.of(person.email)
            rows = {name: result.rows for name, result in found.items()}
            assert rows["members"] == 1
            assert rows["addresses"] == person.addresses
            assert rows["orders"] == person.orders
            assert rows["order_lines"] == person.orders * person.lines_per_order
            assert rows["surveys"] == 4 * person.has_surveys
            assert rows["support_messages"] == 2 * person.has_support
            assert rows["site_visits"] == person.visits
            assert not any(result.unmapped or result.misfits for result in found.values())


def test_the_same_seed_makes_the_same_people_whatever_their_number() -> None:
    few = list(people.members(20, seed=7, now=NOW, many_orders=3))
    many = list(people.members(200, seed=7, now=NOW, many_orders=3))
    assert many[:20] == few
    assert list(people.members(20, seed=8, now=NOW, many_orders=3)) != few
    assert len({person.email for person in many}) == 200
