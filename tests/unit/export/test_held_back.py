"""A field that staff hold back leaves no trace in the package but its name and its ground."""

import dataclasses
import json
from typing import Any

import pytest

from rightsdesk.domain.request import Language, RequestType, Treatment, Withholding
from rightsdesk.export.package import CollectionInput
from rightsdesk.law.applicability import Law
from tests.unit.export.package_of_a_shop import build, collected, context
from tests.unit.export.test_build import document, unpacked

WHY = "We know it from a neighbour."


def holding_back(
    fields: dict[str, dict[str, str]], *, treatments: dict[str, Treatment] | None = None
) -> list[CollectionInput]:
    """The inputs of the shop; `fields`: collection path -> field -> ground."""
    return [
        dataclasses.replace(
            each,
            held_back={
                name: Withholding(ground=ground, reason=WHY)
                for name, ground in fields.get(each.collection.path, {}).items()
            },
        )
        for each in collected(treatments=treatments)
    ]


def named(files: dict[str, bytes]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = document(files, "withheld.json")["withheld"]
    return entries


def entry(files: dict[str, bytes], field: str) -> dict[str, Any]:
    (found,) = [each for each in named(files) if each["field"] == field]
    return found


@pytest.mark.parametrize("language", ["en", "ja"])
def test_nothing_but_the_name_of_a_field_held_back_is_in_the_package(language: Language) -> None:
    phone, birthday, city = "+81 90-0000-0042", "1988-04-02", "札幌市"
    before = b"".join(unpacked(build()[1]).values()).decode()
    assert all(value in before for value in (phone, birthday, city))  # else this shows nothing
    inputs = holding_back(
        {"shop/members": {"phone": "gdpr_15_4", "birth_date": "gdpr_15_4"}, "shop/addresses": {"city": "gdpr_15_4"}}
    )
    _, kept = build(context(language=language), inputs)
    files = unpacked(kept)
    for path, content in files.items():
        for value in (phone, birthday, city):
            assert value not in content.decode(), path
    members = document(files, "data/members.json")
    assert "phone" not in {field["name"] for field in members["fields"]}
    assert "telephone" not in document(files, "portability/customer.json")
    assert entry(files, "phone")["rows"] == 1
    assert entry(files, "phone")["ground"] == "gdpr_15_4"
    assert entry(files, "phone")["article"] == ["GDPR 15(4)"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Telephone number in “Account”", "would harm the rights or freedoms of others", "GDPR 15(4)", WHY]),
        ("ja", ["「アカウント」の電話番号", "権利または自由が害される", "GDPR第15条第4項", WHY]),
    ],
)
def test_the_letter_and_the_start_page_say_what_was_held_back_and_why(language: Language, words: list[str]) -> None:
    inputs = holding_back({"shop/members": {"phone": "gdpr_15_4"}})
    summary, kept = build(context(language=language), inputs)
    files = unpacked(kept)
    letter = files[f"answer/letter.{language}.txt"].decode()
    assert all(word in letter.replace("\n", " ") or word in letter.replace("\n", "") for word in words)
    page = "".join(content.decode() for path, content in files.items() if path.endswith(".html"))
    assert words[1] in page
    assert WHY in page
    assert "phone" in {each.field for each in summary.withheld}


def test_under_the_appi_its_own_article_is_cited() -> None:
    inputs = holding_back({"shop/members": {"phone": "appi_33_2_iii"}})
    files = unpacked(build(context(laws=(Law.APPI,), language="ja"), inputs)[1])
    assert entry(files, "phone")["article"] == ["APPI 33(2)(iii)"]
    assert "個人情報保護法第33条第2項第3号" in files["answer/letter.ja.txt"].decode().replace("\n", "")


def test_a_field_about_others_that_is_held_back_is_named_once() -> None:
    inputs = holding_back({"orders/orders": {"gift_name": "gdpr_15_4"}}, treatments={"orders/orders": Treatment.REDACT})
    files = unpacked(build(inputs=inputs)[1])
    assert (entry(files, "gift_name")["rows"], entry(files, "gift_name")["ground"]) == (1, "gdpr_15_4")
    assert "田中" not in json.dumps(document(files, "data/orders.json"), ensure_ascii=False)
    assert document(files, "data/orders.json")["rows"] == 3


def test_a_collection_of_which_every_field_is_held_back_is_still_named() -> None:
    fields = next(each.collection.fields for each in collected() if each.collection.path == "orders/order_lines")
    inputs = holding_back({"orders/order_lines": dict.fromkeys(fields, "gdpr_15_4")})
    files = unpacked(build(inputs=inputs)[1])
    assert not [path for path in files if "order_lines" in path.replace("-", "_")]
    assert "Oak chair" not in b"".join(files.values()).decode()
    assert {each["field"] for each in named(files) if each["collection"] == "order_lines"} == set(fields)


def test_what_portability_alone_would_not_give_is_not_named_as_held_back() -> None:
    inputs = holding_back({"shop/members": {"segment": "gdpr_20_4", "phone": "gdpr_20_4"}})
    files = unpacked(build(context(types=(RequestType.PORTABILITY,)), inputs)[1])
    held_back = {each["field"] for each in named(files) if each["ground"] == "gdpr_20_4"}
    assert held_back == {"phone"}
