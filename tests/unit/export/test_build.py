"""The package as a whole: what is where, what is held back, what happens when something is wrong."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from rightsdesk.domain.errors import IncompleteCollectionError
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import RequestType, Treatment
from rightsdesk.export.archive import PackageError
from rightsdesk.export.build import build_package
from rightsdesk.export.package import CollectionInput, PackageLimits
from tests.unit.export.package_of_a_shop import AS_OF, PACKAGE, ROOT, build, collected, context, datamap, sinks


def unpacked(kept: dict[int, bytes]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for content in kept.values():
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files |= {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    return files


def document(files: dict[str, bytes], path: str) -> Any:
    return json.loads(files[path])


def test_everything_is_where_the_layout_says() -> None:
    summary, kept = build()
    files = unpacked(kept)
    kinds = ["members", "addresses", "newsletter_consents", "orders", "order_lines", "support_messages", "site_visits"]
    others = ["newsletter_consents", "support_messages", "site_visits"]
    assert set(files) == {
        "index.html", "index.ja.html", "README.txt", "README.ja.txt",
        *(f"answer/letter.{language}.{kind}" for language in ("en", "ja") for kind in ("html", "txt")),
        "answer/processing.json", "withheld.json", "manifest.json", "SHA256SUMS", "data/third_party_records.json",
        "data/consents.json", "data/acceptances.json", "data/requests.json",
        *(f"data/{kind}.{extension}" for kind in kinds for extension in ("json", "csv")),
        "portability/customer.json", "portability/orders.jsonl", *(f"portability/data/{kind}.jsonl" for kind in others),
        *(f"portability/schema/{kind}.schema.json" for kind in ("customer", "order", *others)),
    }  # fmt: skip
    assert [part.name for part in summary.parts] == [f"{PACKAGE}.zip"]
    assert summary.rows == 39
    assert summary.files == len(files) - 2


def test_the_manifest_says_what_is_in_it_and_for_whom() -> None:
    _, kept = build()
    files = unpacked(kept)
    manifest = document(files, "manifest.json")
    assert manifest["subject"] == context().subject
    assert manifest["reference"] == "RD-7K3M-9QXD-W"
    listed = {file["path"]: file for file in manifest["files"]}
    assert listed["data/orders.csv"]["rows"] == 2
    assert listed["portability/orders.jsonl"]["schema"] == "portability/schema/order.schema.json"
    assert all(listed[path]["bytes"] == len(content) for path, content in files.items() if path in listed)
    sources = {f"{source['name']}/{source['collection']}": source for source in manifest["sources"]}
    assert set(sources) == {collection.path for collection in datamap().collections}
    assert sources["orders/orders"]["withheld_rows"] == 1
    assert datetime.fromisoformat(sources["orders/orders"]["as_of"]) == AS_OF
    assert sources["files/surveys"] | {"as_of": ""} == {
        "name": "files",
        "collection": "surveys",
        "status": "empty",
        "rows": 0,
        "withheld_rows": 0,
        "as_of": "",
        "files": [],
    }


def test_a_file_of_data_explains_its_fields_in_both_languages() -> None:
    _, kept = build()
    data = document(unpacked(kept), "data/orders.json")
    assert data["rows"] == len(data["records"]) == 2
    total = next(field for field in data["fields"] if field["name"] == "total")
    assert total["label"] == {"en": "Total", "ja": "合計金額"}
    assert total["currency"] == "JPY"
    assert {name for record in data["records"] for name in record} <= {field["name"] for field in data["fields"]}


def test_a92_only_described_fields_leave_and_what_never_leaves_is_named() -> None:
    summary, kept = build()
    everything = b"".join(unpacked(kept).values())
    for secret in (b"$2b$12$secret", b"knows Mr. T", b"angry", b"MEMBER#", b"ORDER#1"):
        assert secret not in everything
    named = {(entry.collection, entry.what, entry.field, entry.ground) for entry in summary.withheld}
    assert ("members", "field", "password_hash", "security") in named
    assert ("support_messages", "rows", None, "rights_of_others") in named
    assert ("support_messages", "undescribed_fields", None, "under_review") in named
    assert summary.undescribed == {"files/support_messages": ("mood",)}
    listed = document(unpacked(kept), "withheld.json")["withheld"]
    password = next(entry for entry in listed if entry["field"] == "password_hash")
    assert password["article"] == ["GDPR 15(4)", "GDPR 32(1)", "APPI 33(2)(ii)"]
    assert password["reason"]["ja"]
    assert password["until"] is None


def test_what_was_left_out_while_collecting_is_named_as_well() -> None:
    rows: list[Record] = [{"name": "A"}]
    inputs = [
        replace(given, withheld={"password_hash": 1}, undescribed={"nickname": 1}, records=lambda: rows)
        if given.collection.path == "shop/members"
        else given
        for given in collected()
    ]
    summary, _ = build(inputs=inputs)
    assert {(entry.what, entry.field, entry.rows) for entry in summary.withheld if entry.collection == "members"} == {
        ("field", "password_hash", 1),
        ("undescribed_fields", None, 1),
    }
    assert summary.undescribed["shop/members"] == ("nickname",)


@pytest.mark.parametrize(
    ("treatment", "rows", "gift_name", "named"),
    [
        (Treatment.WITHHOLD, 2, False, {("rows", None)}),
        (Treatment.REDACT, 3, False, {("field", "gift_name")}),
        (Treatment.GIVE, 3, True, set()),
    ],
)
def test_a12_rows_about_other_people_are_treated_as_staff_decided(
    treatment: Treatment, rows: int, gift_name: bool, named: set[tuple[str, str | None]]
) -> None:
    summary, kept = build(inputs=collected(treatments={"orders/orders": treatment}))
    files = unpacked(kept)
    assert document(files, "data/orders.json")["rows"] == rows
    assert ("田中 次郎".encode() in files["data/orders.json"]) is gift_name
    assert ("田中 次郎".encode() in files["data/orders.csv"]) is gift_name
    assert "田中 次郎".encode() not in files["portability/orders.jsonl"], "it is not about the subject"
    assert {(entry.what, entry.field) for entry in summary.withheld if entry.collection == "orders"} == named


def test_nothing_found_is_an_answer_too() -> None:
    summary, kept = build(inputs=collected({}))
    files = unpacked(kept)
    assert summary.rows == 0
    assert sorted(path for path in files if path.startswith("data/")) == [
        *("data/acceptances.json", "data/consents.json", "data/requests.json", "data/third_party_records.json")
    ]
    assert not summary.found
    assert not [path for path in files if path.startswith("portability/")], "no person without a name"
    assert b"We hold no data about you" in files["index.html"]
    assert "該当するデータはありません。" in files["answer/letter.ja.txt"].decode()
    for recipient in ("Harbor Commerce", "ハーバーコマース"):
        assert not [path for path, content in files.items() if recipient.encode() in content]
    said = document(files, "answer/processing.json")
    assert not [said[key] for key in ("purposes", "categories", "recipients", "retention", "origins") if said[key]]
    assert {source["status"] for source in document(files, "manifest.json")["sources"]} == {"empty"}


def test_only_what_was_found_is_explained() -> None:
    """GDPR 15(1)(c), CJEU C-154/21: the recipients of this person's data, and not those of everybody's."""
    _, kept = build(inputs=collected({"files/surveys": [{"survey": "S", "answer": "Yes", "score": None}]}))
    files = unpacked(kept)
    said = document(files, "answer/processing.json")
    assert [purpose["id"] for purpose in said["purposes"]] == ["surveys"]
    assert said["recipients"] == []
    assert [period["fields"] for period in said["retention"]] == [{"files/surveys": ["survey", "answer"]}]
    letter = files["answer/letter.en.txt"].decode()
    assert "Nobody outside receives your data" in letter
    assert "Fraud score" not in letter


def test_a_field_that_is_never_disclosed_was_found_as_well() -> None:
    """What is withheld is held: its purpose and its recipients are told."""
    given = [
        replace(each, withheld={"fraud_score": 1}) if each.collection.path == "shop/members" else each
        for each in collected({"shop/members": [{"member_id": "M-1"}]})
    ]
    summary, kept = build(inputs=given)
    said = document(unpacked(kept), "answer/processing.json")
    assert "fraud_prevention" in {purpose["id"] for purpose in said["purposes"]}
    assert "payment_gateway" in {recipient["id"] for recipient in said["recipients"]}
    assert len(summary.withheld) == 1


def test_everything_that_is_withheld_has_its_reason() -> None:
    _, kept = build()
    listed = document(unpacked(kept), "withheld.json")["withheld"]
    assert {entry["what"] for entry in listed} == {"field", "rows", "undescribed_fields"}
    assert all(entry["reason"]["en"] and entry["reason"]["ja"] for entry in listed)


def test_portability_alone_gives_portable_fields_alone() -> None:
    _, kept = build(context(types=(RequestType.PORTABILITY,)))
    files = unpacked(kept)
    member = document(files, "data/members.json")["records"][0]
    assert member["name"] == "佐藤 花子"
    assert not {"member_id", "segment", "points", "email_changed_at"} & set(member)
    assert all(field["portable"] for field in document(files, "data/orders.json")["fields"])


def test_access_alone_has_no_folder_for_elsewhere() -> None:
    _, kept = build(context(types=(RequestType.ACCESS,)))
    files = unpacked(kept)
    assert not [path for path in files if path.startswith("portability")]
    assert b"To take elsewhere" not in files["index.html"]


def test_a81_a_missing_collection_is_an_error_and_never_a_gap() -> None:
    _, open_part = sinks()
    inputs = [given for given in collected() if given.collection.path != "files/surveys"]
    with pytest.raises(IncompleteCollectionError, match="files/surveys"):
        build_package(context(), inputs, open_part)


@pytest.mark.parametrize("there", [0, 1, 4])
def test_a81_records_that_are_not_those_collected_abort_every_part(there: int) -> None:
    kept, open_part = sinks()
    rows: list[Record] = [{"order_id": "O-1"}] * there
    broken = [
        replace(given, records=lambda: rows) if given.collection.name == "orders" else given for given in collected()
    ]
    with pytest.raises(PackageError, match="orders/orders: 3 records were collected"):
        build_package(context(), broken, open_part)
    assert kept == {}, "a sink that is left by an error keeps nothing"


def test_a_source_that_fails_while_it_is_read_aborts_too() -> None:
    def failing() -> Iterator[Record]:
        yield {"order_id": "O-1"}
        raise ConnectionError("gone")

    kept, open_part = sinks()
    broken = [replace(given, records=failing) if given.collection.name == "orders" else given for given in collected()]
    with pytest.raises(ConnectionError):
        build_package(context(), broken, open_part)
    assert kept == {}


def test_an_input_that_contradicts_itself_is_refused() -> None:
    given = collected()[0]
    with pytest.raises(ValueError, match="empty with 1"):
        replace(given, status="empty")


def test_a_table_too_long_for_a_spreadsheet_becomes_two() -> None:
    _, kept = build(limits=PackageLimits(csv_rows=10))
    files = unpacked(kept)
    assert [files[f"data/site_visits{n}.csv"].count(b"\r\n") for n in ("", "-2", "-3")] == [11, 11, 9]
    assert all(files[f"data/site_visits{n}.csv"].startswith(b"\xef\xbb\xbfanalytics_id,") for n in ("", "-2", "-3"))
    assert b'href="data/site_visits-3.csv"' in files["index.html"]


def test_a45_memory_does_not_grow_with_the_rows() -> None:
    """Peak memory of a process that builds from 200,000 rows of 200 bytes, over one that builds from 2,000."""
    small, large = (peak_of(rows) for rows in (2_000, 200_000))
    assert large - small < 32 * 1024, f"{small} kB for 2,000 rows, {large} kB for 200,000"


def peak_of(rows: int) -> int:
    """Peak resident memory in kB."""
    program = f"from tests.unit.export.test_build import build_large; build_large({rows})"
    environment = {"PYTHONPATH": f"{ROOT / 'layers/core/python'}:{ROOT}"}
    result = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return int(result.stdout)


def build_large(rows: int) -> None:
    """Builds with `rows` orders and as many lines, and prints the peak."""
    import resource

    def orders() -> Iterator[Record]:
        for number in range(rows // 2):
            yield {
                "order_id": f"O-{number:09d}",
                "ordered_at": "2026-05-17T20:14:09+09:00",
                "total": number,
                "channel": "x" * 120,
            }

    def lines() -> Iterator[Record]:
        for number in range(rows // 2):
            yield {
                "order_id": f"O-{number:09d}",
                "line": 1,
                "sku": f"{number:09d}",
                "product": "x" * 120,
                "unit_price": number,
            }

    class Nowhere:
        def write(self, data: bytes, /) -> None: ...
        def __enter__(self) -> "Nowhere":
            return self

        def __exit__(self, *_: object) -> None: ...

    made = {"orders/orders": orders, "orders/order_lines": lines}
    inputs = [
        CollectionInput(
            collection=collection,
            status="ok" if collection.path in made else "empty",
            as_of=AS_OF,
            rows=rows // 2 if collection.path in made else 0,
            records=made.get(collection.path, list),
        )
        for collection in datamap().collections
    ]
    summary = build_package(context(), inputs, lambda _: Nowhere())
    assert summary.rows == rows
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
