"""Answers without a copy: information, purposes of use, records of provision (GDPR 13-15, APPI 32, 33(5))."""

import io
import json
import re
import zipfile
from itertools import pairwise
from typing import Any

import pytest

from rightsdesk.domain.fields import Label
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import ANSWERED_BY_ACCOUNT, RequestType, Treatment
from rightsdesk.export.package import Controller
from rightsdesk.export.verify import verify_package
from rightsdesk.law.applicability import Law
from tests.unit.export.package_of_a_shop import PACKAGE, build, collected, context, provision, records_of_hanako, save
from tests.unit.export.test_pages import LINK, Page

KINDS = sorted(ANSWERED_BY_ACCOUNT)
BY_OTHERS = {
    "record_id": "0d" * 16,
    "direction": "received",
    "party": "payment_gateway",
    "party_name": Label(en="Sakura Payments K.K.", ja="さくらペイメント株式会社"),
    "items": ("payment",),
}


def answer(kind: RequestType, **options: Any) -> dict[str, bytes]:
    changes = {name: options.pop(name) for name in ("laws", "controller", "country") if name in options}
    _, kept = build(context(types=(kind,), **changes), **options)
    with zipfile.ZipFile(io.BytesIO(kept[1])) as archive:
        return {name.removeprefix(f"{PACKAGE}/"): archive.read(name) for name in archive.namelist()}


def document(files: dict[str, bytes], path: str) -> Any:
    return json.loads(files[path])


def values(records: dict[str, list[Record]]) -> set[str]:
    """Texts of the records that say something about the person, and that no label of ours says by chance."""
    found: set[str] = set()
    for rows in records.values():
        for row in rows:
            found |= {value for value in row.values() if isinstance(value, str) and len(value) > 6}
    return found - {"newsletter", "catalogue", "delivered", "withdrawn", "153-0063"}


@pytest.mark.parametrize("kind", KINDS)
def test_no_value_of_the_person_is_in_the_answer(kind: RequestType) -> None:
    files = answer(kind, provisions=[provision()])
    everything = b"".join(files.values()).decode()
    assert not [value for value in values(records_of_hanako()) if value in everything]
    assert not [path for path in files if path.endswith(".csv") or path.startswith("portability/")]
    assert "withheld.json" not in files


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("held", [True, False])
def test_it_is_whole_and_can_be_checked(kind: RequestType, held: bool, tmp_path: Any) -> None:
    summary, kept = build(context(types=(kind,)), collected(None if held else {}), provisions=[provision()])
    assert verify_package(save(kept, summary, tmp_path)).ok
    assert (summary.found, summary.withheld, summary.withheld_rows) == (held, (), 0)
    assert (summary.rows > 0) is held


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("held", [True, False])
def test_the_pages_run_nothing_lead_nowhere_else_and_can_be_read(kind: RequestType, held: bool) -> None:
    files = answer(kind, inputs=collected(None if held else {}), provisions=[provision(), provision(**BY_OTHERS)])
    for name in ("index.html", "index.ja.html", "answer/letter.en.html", "answer/letter.ja.html"):
        page = Page(files[name])
        ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        assert not page.all("script")
        assert len(page.all("h1")) == 1
        assert len(page.all("table")) == len(page.all("caption"))
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
        assert all(after - before <= 1 for before, after in pairwise(levels))
        for link in page.all("a"):
            target = link["href"] or ""
            assert LINK.fullmatch(target)
            if target.startswith("#"):
                assert target[1:] in ids
            elif not target.startswith("mailto:"):
                assert target.removeprefix("../") in files
        assert "None" not in page.text


def test_information_says_all_that_the_law_asks_for_and_of_what_is_held_alone() -> None:
    files = answer(RequestType.INFORMATION)
    letter = files["answer/letter.en.txt"].decode()
    for words in (
        "Yes, we hold data about you",
        "To run your account and deliver your orders",
        "GDPR 6(1)(b)",
        "What you bought",
        "Paper Plane, Inc. (e-mail delivery): service provider on our behalf, United States, Standard contractual",
        "Seven years after the tax return",
        "Concluded by us",
        "a person to review",
        "without it we can't run your account",
        "You may withdraw your consent",
        "a copy of your data",
        "in a form that you can take elsewhere",
        "03-6457-9849",
        "2-11-3 Meguro",
    ):
        assert words in letter, words
    said = document(files, "answer/processing.json")
    assert {entry["id"] for entry in said["recipients"]} >= {"mail_service", "commerce_platform"}
    assert next(entry for entry in said["recipients"] if entry["id"] == "mail_service")["country"] == "US"
    assert said["inferred"]["shop/members"]
    assert said["complaints"]["ja"]


@pytest.mark.parametrize("kind", [RequestType.INFORMATION, RequestType.ACCESS])
def test_a_purpose_stands_on_the_basis_that_the_register_goes_by(kind: RequestType) -> None:
    said = document(answer(kind), "answer/processing.json")
    bases = {purpose["id"]: purpose["legal_bases"] for purpose in said["purposes"]}
    known = context().datamap.purposes
    assert bases == {name: [known[name].basis.value] for name in bases}
    assert {basis for each in bases.values() for basis in each} <= {basis["id"] for basis in said["legal_bases"]}


def test_decisions_by_machine_are_told_where_data_for_them_are_held() -> None:
    paid: dict[str, list[Record]] = {"orders/orders": [{"order_id": "K-1", "fraud_check": "passed"}]}
    for kind in (RequestType.INFORMATION, RequestType.ACCESS):
        files = answer(kind, inputs=collected(paid))
        letter = files["answer/letter.en.txt"].decode()
        for words in (
            "made by a machine alone:",
            "- Fraud check when I pay: Whether an order can be paid by card",
            "above a",
        ):
            assert words in letter
        (decision,) = document(files, "answer/processing.json")["automated_decisions"]
        assert decision["inputs"] == ["orders/orders.fraud_check"]
        assert decision["logic"]["ja"]
    files = answer(RequestType.INFORMATION, inputs=collected({"files/surveys": [{"survey": "S", "answer": "Yes"}]}))
    assert "no decision about you by a machine alone" in files["answer/letter.en.txt"].decode()


def test_information_about_part_of_the_data_names_the_recipients_of_that_part() -> None:
    files = answer(RequestType.INFORMATION, inputs=collected({"files/surveys": [{"survey": "S", "answer": "Yes"}]}))
    assert document(files, "answer/processing.json")["recipients"] == []
    letter = files["answer/letter.en.txt"].decode()
    assert "Nobody outside receives your data" in letter
    assert "without it we can't run your account" not in letter


def test_rows_that_are_about_others_count_as_held_and_need_no_decision() -> None:
    rows: dict[str, list[Record]] = {"orders/orders": [{"order_id": "K-1", "gift_name": "Tom"}]}
    for treatment in (Treatment.WITHHOLD, Treatment.GIVE):
        inputs = collected(rows, treatments={"orders/orders": treatment})
        files = answer(RequestType.INFORMATION, inputs=inputs)
        assert "Orders: 1 record" in files["answer/letter.en.txt"].decode()
        assert document(files, "manifest.json")["sources"][3]["withheld_rows"] == 0
        assert sum(each["rows"] for each in document(files, "answer/processing.json")["collections"]) == 1


def test_the_purposes_are_told_by_kind_of_data_in_the_words_of_the_act() -> None:
    files = answer(RequestType.PURPOSE_NOTICE, laws=(Law.APPI,))
    letter = files["answer/letter.ja.txt"].decode()
    assert "利用目的" in letter
    assert "- アンケートの回答：" not in letter  # nothing of that kind is held
    assert "- サイトの利用状況：委託先を通じたショップの運営" in letter
    assert "訴え" not in letter, "article 32 gives no claim that 39 speaks of"
    assert "03-6457-9849" in letter
    assert set(document(files, "answer/purposes.json")["purposes"][0]) == {"id", "clause", "label", "collections"}
    assert "answer/processing.json" not in files
    assert b"GDPR" not in files["index.html"]


def test_the_records_of_provision_say_when_to_whom_what_and_on_which_ground() -> None:
    files = answer(RequestType.PROVISION_RECORDS, provisions=[provision(), provision(**BY_OTHERS)])
    letter = files["answer/letter.en.txt"].decode()
    assert (
        "- 18 May 2026, to Tsubame Express Co., Ltd. (Japan): Deliveries, Telephone number. "
        "What for: To run your account and deliver your orders. Ground: your consent."
    ) in letter
    assert "- 18 May 2026, from Sakura Payments K.K. (Japan): How you paid." in letter
    assert "2026年5月18日" in files["index.ja.html"].decode()
    page = Page(files["index.ja.html"]).text
    for words in (
        "つばめ運輸株式会社（日本）",
        "配送情報、電話番号",
        "アカウントの管理およびご注文の履行",
        "ご本人の同意",
    ):
        assert words in page
    assert "built-in" not in page
    said = document(files, "data/third_party_records.json")
    (entry,) = said["provided"]
    assert entry["party"] == {
        "id": "carrier",
        "name": {"en": "Tsubame Express Co., Ltd.", "ja": "つばめ運輸株式会社"},
        "country": "JP",
    }
    assert [item["label"]["ja"] for item in entry["items"]] == ["配送情報", "電話番号"]
    assert entry["ground"]["id"] == "consent"
    assert len(said["received"]) == 1
    assert "arn:" not in files["data/third_party_records.json"].decode()


@pytest.mark.parametrize("held", [True, False])
def test_that_nothing_was_provided_is_an_answer(held: bool) -> None:
    files = answer(RequestType.PROVISION_RECORDS, inputs=collected(None if held else {}))
    assert "no provision of your data to a third party is on record" in files["answer/letter.en.txt"].decode()
    assert "第三者に提供した記録はありません" in files["index.ja.html"].decode()
    said = document(files, "data/third_party_records.json")
    assert (said["provided"], said["received"]) == ([], [])


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_for_programs_are_named_on_the_page_and_in_the_readme(kind: RequestType) -> None:
    files = answer(kind)
    programs = {path for path in files if path.endswith(".json")} - {"manifest.json"}
    assert programs
    for path in programs:
        assert path in {link["href"] for link in Page(files["index.ja.html"]).all("a")}
        assert path in files["README.txt"].decode()
    assert "CSV" not in files["README.txt"].decode()


def test_that_nothing_is_held_is_an_answer() -> None:
    for kind in (RequestType.INFORMATION, RequestType.PURPOSE_NOTICE):
        files = answer(kind, inputs=collected({}))
        assert "We hold no data about you" in files["answer/letter.en.txt"].decode()
        assert "該当するデータはありません" in files["index.ja.html"].decode()
        assert b"Harbor Commerce" not in files["index.html"]


def test_a_field_that_the_map_has_no_more_keeps_its_name() -> None:
    gone = provision(items=("shop/old.nickname", "shop/members.gone"), purpose="old_purpose")
    letter = answer(RequestType.PROVISION_RECORDS, provisions=[gone])["answer/letter.en.txt"].decode()
    assert "shop/old.nickname, shop/members.gone. What for: old_purpose." in letter


def test_a_copy_has_the_records_too_and_its_page_a_table_of_them() -> None:
    files = answer(RequestType.ACCESS, provisions=[provision()])
    assert len(document(files, "data/third_party_records.json")["provided"]) == 1
    page = Page(files["index.html"]).text
    for words in ("Tsubame Express Co., Ltd. (Japan)", "Deliveries, Telephone number"):
        assert words in page
    assert "data/third_party_records.json" in files["README.txt"].decode()
    assert "18 May 2026, to Tsubame" in files["answer/letter.en.txt"].decode()
    assert "data/third_party_records.json" not in answer(RequestType.PORTABILITY, provisions=[provision()])


def test_who_represents_the_business_and_how_data_are_kept_safe_where_the_merchant_says_so() -> None:
    full = Controller(
        name=Label(en="Kumo", ja="雲"),
        email="privacy@shop.example",
        head=Label(en="Kumiko Amano, President", ja="代表取締役 天野 久美子"),
        security_measures=Label(en="Access is limited by role.", ja="役割に応じてアクセスを制限しています。"),
        representative_in_the_eu=Label(en="Nuage SARL, Lyon", ja="Nuage SARL（リヨン）"),
        data_protection_officer=Label(en="Dr. Ito", ja="伊藤"),
    )
    letter = answer(RequestType.INFORMATION, controller=full)["answer/letter.en.txt"].decode()
    for words in ("Kumiko Amano", "limited by role", "Nuage SARL", "Dr. Ito"):
        assert words in letter
    bare = Controller(name=Label(en="Kumo", ja="雲"), email="privacy@shop.example")
    letter = answer(RequestType.INFORMATION, controller=bare)["answer/letter.en.txt"].decode()
    for words in ("Represented", "keep the data safe", "officer", "Address:"):
        assert words not in letter


@pytest.mark.parametrize("kind", KINDS)
def test_that_rights_are_free_of_charge_is_said_where_rights_are_named(kind: RequestType) -> None:
    files = answer(kind, provisions=[provision()])
    said = {path for path, held in files.items() if "free of charge" in held.decode() or "手数料" in held.decode()}
    assert bool(said) is (kind is RequestType.INFORMATION)
