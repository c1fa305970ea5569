"""A merchant's own shop, read from a directory."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from local.account import Clients, local_account
from local.merchant_shop import ShopDirectory, ShopError, merchant_files

SHOP = """
tables:
  - parameter: CustomersTable
    keys: [{name: id}, {name: at, type: N}]
    indexes: [{name: by_mail, keys: [{name: mail}]}]
    items: customers.jsonl
  - parameter: EmptyTable
    keys: [{name: id}]
buckets:
  - parameter: PaperBucket
    folder: papers
"""
CUSTOMERS = """{"id": "c1", "at": 1, "mail": "a@b.example", "price": 1.5, "tags": ["x"]}

{"id": "c2", "at": 2, "mail": "Ünï@b.example", "name": "田中"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(SHOP)
    (tmp_path / "customers.jsonl").write_text(CUSTOMERS)
    (tmp_path / "papers" / "deep").mkdir(parents=True)
    (tmp_path / "papers" / "deep" / "c1.txt").write_text("hello")
    return tmp_path


@pytest.fixture
def clients() -> Iterator[Clients]:
    with local_account(), mock_aws():
        yield Clients()


def test_its_tables_and_buckets_are_made_and_filled(folder: Path, clients: Clients) -> None:
    shop = ShopDirectory(folder)
    names = shop.create(clients.session)
    assert set(names) == {"CustomersTable", "EmptyTable", "PaperBucket"}
    shop.seed(clients.session, names, members=1, seed=1)
    found = clients("dynamodb").query(
        TableName=names["CustomersTable"],
        IndexName="by_mail",
        KeyConditionExpression="mail = :m",
        ExpressionAttributeValues={":m": {"S": "a@b.example"}},
    )["Items"]
    key = {"id": {"S": "c1"}, "at": {"N": "1"}, "mail": {"S": "a@b.example"}}
    assert found == [{**key, "price": {"N": "1.5"}, "tags": {"L": [{"S": "x"}]}}]
    assert clients("dynamodb").scan(TableName=names["CustomersTable"])["Count"] == 2
    assert clients("dynamodb").scan(TableName=names["EmptyTable"])["Count"] == 0
    stored = clients("s3").get_object(Bucket=names["PaperBucket"], Key="deep/c1.txt")
    assert stored["Body"].read() == b"hello"


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("shop.yaml", "tables: [{parameter: T}]", "keys"),
        ("shop.yaml", "tabels: []", "tabels"),
        ("shop.yaml", "tables: [", r"shop\.yaml"),
        ("customers.jsonl", '{"id": "c1", "at": 1}\nnonsense', r"customers\.jsonl, line 2"),
    ],
)
def test_what_is_wrong_with_a_shop_is_said_with_its_place(
    folder: Path, clients: Clients, file: str, text: str, message: str
) -> None:
    (folder / file).write_text(text)

    def fill() -> None:
        shop = ShopDirectory(folder)
        shop.seed(clients.session, shop.create(clients.session), members=1, seed=1)

    with pytest.raises(ShopError, match=message):
        fill()


def test_a_directory_without_a_shop_is_none(tmp_path: Path) -> None:
    with pytest.raises(ShopError, match=r"there is no shop\.yaml"):
        ShopDirectory(tmp_path)


def test_another_merchant_s_files_are_laid_over_ours(tmp_path: Path) -> None:
    ours, theirs, into = tmp_path / "ours", tmp_path / "theirs", tmp_path / "into"
    for path, text in {
        ours / "merchant.yaml": "ours",
        ours / "datamap.yaml": "ours",
        ours / "recipients.yaml": "ours",
        ours / "letters" / "en" / "a.txt": "ours",
        ours / "letters" / "ja" / "a.txt": "ours",
        theirs / "datamap.yaml": "theirs",
        theirs / "letters" / "en" / "a.txt": "theirs",
        theirs / "shop.yaml": "tables: []",
        theirs / "customers.jsonl": "{}",
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert merchant_files(ours, None, into) == ours
    merged = merchant_files(ours, theirs, into)
    texts = {path.relative_to(merged).as_posix(): path.read_text() for path in merged.rglob("*") if path.is_file()}
    assert texts == {
        "merchant.yaml": "ours",
        "datamap.yaml": "theirs",
        "letters/en/a.txt": "theirs",
        "letters/ja/a.txt": "ours",
    }
    assert (ours / "datamap.yaml").read_text() == "ours"
    (theirs / "datamap.yaml").unlink()
    again = merchant_files(ours, theirs, tmp_path / "again")
    assert (again / "recipients.yaml").read_text() == "ours", "it belongs to our map, and to no other"
