"""The pages of the package: they open from a disk, run nothing, fetch nothing, and say everything in both languages."""

import base64
import hashlib
import io
import re
import string
import zipfile
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.domain.fields import Basis, DataField, Label, Origin
from rightsdesk.domain.recipients import Recipient
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import ANSWERED_BY_PACKAGE
from rightsdesk.export.grounds import GROUNDS, articles, cited
from rightsdesk.export.package import Controller, PackageContext
from rightsdesk.export.shown_values import shown
from rightsdesk.export.wording import amount, count, country, day, moment, pair, text, texts, zone_name
from rightsdesk.law.applicability import Law
from tests.unit.export.package_of_a_shop import AS_OF, PACKAGE, ROOT, build, collected, context

PAGES = ("index.html", "index.ja.html", "answer/letter.en.html", "answer/letter.ja.html")
LINK = re.compile(r"#[a-z_-]*|(\.\./)?[A-Za-z0-9_./-]+|mailto:[^\s@]+@[^\s@]+")
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)>{{7*7}}{% raw %}${jndi:x}%s"
    "javascript:alert(1)\u202egnp\u2066\u200b"
)


class Page(HTMLParser):
    """What a page is made of: its elements with attributes, and its text."""

    def __init__(self, content: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def pages(package_context: PackageContext | None = None, **options: Any) -> dict[str, bytes]:
    _, kept = build(package_context, **options)
    with zipfile.ZipFile(io.BytesIO(kept[1])) as archive:
        names = [name for name in archive.namelist() if name.endswith((".html", ".txt"))]
        return {name.removeprefix(f"{PACKAGE}/"): archive.read(name) for name in names}


WRITTEN = pages()


@pytest.mark.parametrize("name", PAGES)
def test_a87_a_page_runs_nothing_and_fetches_nothing(name: str) -> None:
    page = Page(WRITTEN[name])
    allowed = {
        "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "nav", "section", "article",
        "div", "h1", "h2", "h3", "p", "ul", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tr",
        "th", "td", "a", "span", "strong", "time", "bdi", "details", "summary", "code", "pre", "br",
    }  # fmt: skip
    assert {tag for tag, _ in page.elements} <= allowed
    for tag, attributes in page.elements:
        assert not [key for key in attributes if key.startswith("on") or key in ("style", "src", "srcset", "action")]
        assert not [value for value in attributes.values() if value and "//" in value], tag
        assert LINK.fullmatch(attributes.get("href") or "#"), attributes
    style = WRITTEN[name].decode().split("<style>")[1].split("</style>")[0]
    assert not re.search(r"url\(|@import|//", style)


@pytest.mark.parametrize("name", PAGES)
def test_a87_the_policy_lets_in_the_style_sheet_and_nothing_else(name: str) -> None:
    content = WRITTEN[name].decode()
    policy = next(each["content"] for each in Page(WRITTEN[name]).all("meta") if each.get("http-equiv"))
    style = content.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert content.index("Content-Security-Policy") < content.index("<style>")


@pytest.mark.parametrize("name", PAGES)
def test_a87_links_lead_to_files_of_the_package(name: str) -> None:
    _, kept = build()
    with zipfile.ZipFile(io.BytesIO(kept[1])) as archive:
        there = {entry.removeprefix(f"{PACKAGE}/") for entry in archive.namelist()}
    page = Page(WRITTEN[name])
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    for link in page.all("a"):
        target = link["href"] or ""
        if target.startswith("#"):
            assert target[1:] in ids
        elif not target.startswith("mailto:"):
            path = target.removeprefix("../") if target.startswith("../") else target
            assert path in there


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_by_everybody(name: str) -> None:
    page = Page(WRITTEN[name])
    assert page.all("html")[0]["lang"] == ("ja" if ".ja." in name else "en")
    assert len(page.all("h1")) == 1
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.all("table")) == len(page.all("caption"))
    assert all("scope" in heading for heading in page.all("th"))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert page.all("title")


def test_a47_hostile_data_stay_text() -> None:
    rows: list[Record] = [
        {"name": HOSTILE, "interests": [HOSTILE, {HOSTILE: HOSTILE}], "linked_accounts": {HOSTILE: HOSTILE}}
    ]
    controller = Controller(name=Label(en=HOSTILE, ja=HOSTILE), email="privacy@shop.example")
    written = pages(context(name=HOSTILE, controller=controller), inputs=collected({"shop/members": rows}))
    for name in PAGES:
        page = Page(written[name])
        assert not {"script", "img", "svg"} & {tag for tag, _ in page.elements}
        assert HOSTILE in page.text
        for _, attributes in page.elements:
            assert not [key for key in attributes if key.startswith("on")]
    assert "{{7*7}}" in written["README.txt"].decode()


def test_a49_values_are_isolated() -> None:
    rows: list[Record] = [{"name": "\u202eevil\u2066"}]
    content = pages(inputs=collected({"shop/members": rows}))["index.html"].decode()
    assert "<bdi>\u202eevil\u2066</bdi>" in content


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
        lambda inner: st.lists(inner, max_size=15) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
        max_leaves=8,
    ),
    st.sampled_from(["en", "ja"]),
    st.sampled_from(["text", "timestamp", "date", "integer", "list", None]),
)
def test_a47_any_value_can_be_shown(value: Any, language: Any, kind: str | None) -> None:
    field = a_field(type=kind) if kind else a_field()
    html = shown(value, field, language=language, zone="Asia/Tokyo")
    tags = {tag for tag, _ in Page(html.encode("utf-8", "replace")).elements}
    assert tags <= {"bdi", "ul", "li", "span", "time"}


def a_field(**changes: Any) -> DataField:
    label = Label(en="Field", ja="項目")
    values = {
        "category": "purchase",
        "purposes": ["service"],
        "basis": "contract",
        "retention": "r",
        "origin": "provided",
    }
    return DataField.model_validate({"label": label, **values, **changes})


@pytest.mark.parametrize(
    ("value", "changes", "expected"),
    [
        ("2026-05-17T20:14:09+09:00", {"type": "timestamp"}, "17 May 2026, 20:14"),
        ("2026-05-17T20:14:09Z", {"type": "timestamp"}, "18 May 2026, 05:14"),
        ("1988-04-02", {"type": "date"}, "2 April 1988"),
        ("2026-02-31", {"type": "date"}, "2026-02-31"),
        ("2026-05-17T20:14:09+09:00", {}, "2026-05-17T20:14:09+09:00"),
        (48200, {"currency": "JPY"}, "¥48,200"),
        (True, {}, "yes"),
        (None, {}, "empty"),
        (4980123456789012, {}, "4980123456789012"),
        ("x" * 500, {}, "x" * 400 + "…"),
        (["a", 1], {}, "a1"),
        ({"k": "v"}, {}, "k: v"),
        ({"k": {"deep": 1}}, {}, '{"k":{"deep":1}}'),
    ],
)
def test_values_are_shown_as_people_read_them(value: Any, changes: dict[str, Any], expected: str) -> None:
    html = shown(value, a_field(**changes), language="en", zone="Asia/Tokyo")
    assert Page(html.encode()).text == expected


def test_the_start_page_shows_what_is_there_and_links_to_the_rest() -> None:
    page = Page(WRITTEN["index.html"])
    for words in (
        "RD-7K3M-9QXD-W",
        "12 September 2026",
        "12 October 2026",
        "39 records",
        "hanako@mail.example",
        "¥48,200",
    ):
        assert words in page.text
    assert "The first 10 of 28 are shown" in page.text
    assert "$2b$" not in page.text
    assert "Encrypted password" in page.text
    targets = {link["href"] for link in page.all("a")}
    assert {
        "data/orders.json",
        "data/orders.csv",
        "withheld.json",
        "answer/processing.json",
        "index.ja.html",
    } <= targets
    assert "Survey answers" in page.text.split("Where we found nothing")[-1]


def test_the_letter_has_all_that_the_law_asks_for() -> None:
    for name in ("answer/letter.en.txt", "answer/letter.en.html"):
        content = Page(WRITTEN[name]).text
        for point in (
            "Yes, we hold data about you",  # 15(1): confirmation
            "To run your account and deliver your orders: the contract with you",  # (a)
            "What you bought",  # (b)
            "Harbor Commerce, Inc. (shop platform)",  # (c): the actual recipients
            "Until 24 months after you close your account",  # (d)
            "Ask us to correct", "delete your data", "restrict their use, or object",  # (e)
            "You may complain",  # (f)
            "You gave it to us: Account",  # (g)
            "Fraud score", "a person to review a decision",  # (h)
            "United States, Standard contractual clauses",  # 15(2)
            "1 record of “Orders”",
        ):  # fmt: skip
            assert point in content, point
    assert "佐藤 花子 様" in WRITTEN["answer/letter.ja.txt"].decode()


@pytest.mark.parametrize(
    ("changes", "there", "not_there"),
    [
        ({"country": "FR", "laws": (Law.GDPR, Law.APPI)}, ["www.cnil.fr", "03-6457-9849"], []),
        ({"country": "FR", "laws": (Law.GDPR,)}, ["www.cnil.fr"], ["03-6457-9849"]),
        (
            {"country": "DE", "region": "DE-BY", "laws": (Law.GDPR,)},
            ["Bayerisches Landesamt für Datenschutzaufsicht"],
            ["Bundesbeauftragte"],
        ),
        ({"country": "JP", "laws": (Law.APPI,)}, ["03-6457-9849"], ["data protection authority"]),
        ({"country": "US", "laws": (Law.PROMISE,)}, ["We will look at it again"], ["03-6457-9849", "authority of the"]),
        ({"country": None, "laws": (Law.GDPR,)}, ["data protection authority"], ["for instance"]),
    ],
)
def test_the_authority_is_that_of_the_person(changes: dict[str, Any], there: list[str], not_there: list[str]) -> None:
    written = pages(context(**changes))
    for name in ("index.html", "answer/letter.en.txt"):
        for words in there:
            assert words in written[name].decode()
        for words in not_there:
            assert words not in Page(written[name]).text


def test_what_is_not_configured_leaves_no_trace() -> None:
    bare = Controller(name=Label(en="Kumo", ja="雲"), email="privacy@shop.example")
    written = pages(context(controller=bare, name=None))
    assert all("None" not in Page(content).text.replace("None of", "") for content in written.values())
    assert "Dear customer," in written["answer/letter.en.txt"].decode()
    assert "Representative" not in Page(written["index.html"]).text


def test_both_languages_have_the_same_texts_with_the_same_gaps() -> None:
    english, japanese = texts("en"), texts("ja")
    assert english.keys() == japanese.keys()
    for key, value in english.items():
        assert gaps(value) == gaps(japanese[key]), key
        assert japanese[key] != value or key in ("verify.windows", "verify.macos", "verify.linux"), key


def gaps(value: str | dict[str, str]) -> set[str | None]:
    forms = value.values() if isinstance(value, dict) else [value]
    return {name for form in forms for _, name, _, _ in string.Formatter().parse(form)} - {None}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_word_of_the_data_map_has_its_text(language: Any) -> None:
    roles = Recipient.model_fields["role"].annotation
    for key in (
        *(f"basis.{basis.value}" for basis in Basis),
        *(f"origin.{origin.value}" for origin in Origin),
        *(f"request.type.{kind.value}" for kind in ANSWERED_BY_PACKAGE),
        *(f"role.{role}" for role in roles.__args__),  # type: ignore[union-attr]
        *(f"ground.{ground}" for ground in GROUNDS),
    ):
        assert text(language, key)
    grounds = DataField.model_fields["ground"].annotation
    assert set(grounds.__args__[0].__args__) <= set(GROUNDS)  # type: ignore[union-attr]


def test_no_text_is_unused() -> None:
    folder = ROOT / "layers/core/python/rightsdesk/export"
    code = "".join(path.read_text() for path in (*folder.glob("*.py"), *folder.glob("templates/*.j2")))
    families = (
        "basis.",
        "origin.",
        "role.",
        "ground.",
        "request.type.",
        "requests.",
        "portability.",
        "withheld.",
        "rights.",
        "letter.",
        "account.",
        "needed.",
        "provision.",
        "consent.",
        "readme.",
    )
    unused = [key for key in texts("en") if f'"{key}"' not in code and not key.startswith(families)]
    assert unused == []


def test_articles_follow_the_laws_that_apply() -> None:
    assert articles("rights_of_others", (Law.APPI,)) == ("APPI 33(2)(i)",)
    assert articles("rights_of_others", (Law.GDPR,)) == ("GDPR 15(4)", "GDPR 20(4)")
    assert articles("rights_of_others", (Law.PROMISE,)) == ()


@pytest.mark.parametrize("laws", [(Law.APPI,), (Law.PROMISE,)])
def test_a_law_that_does_not_apply_is_not_named(laws: tuple[Law, ...]) -> None:
    shop = context(laws=laws)
    merchants_own = [law for kept in shop.datamap.retention.values() if kept.law for law in (kept.law.en, kept.law.ja)]
    for name, content in pages(shop).items():
        for law in merchants_own:  # what the data map says about a retention is repeated as it is
            content = content.replace(law.encode(), b"")
        assert b"GDPR" not in content, name
        named = b"APPI" in content or "個人情報保護法".encode() in content
        assert named is (Law.APPI in laws and "README" not in name), name


@pytest.mark.parametrize(
    ("article", "expected"),
    [
        ("APPI 33(2)(ii)", "個人情報保護法第33条第2項第2号"),
        ("APPI 33(2)", "個人情報保護法第33条第2項"),
        ("GDPR 15(4)", "GDPR第15条第4項"),
        ("GDPR 6(1)(c)", "GDPR第6条第1項c号"),
        ("GDPR recital 63", "GDPR前文第63項"),
    ],
)
def test_japanese_pages_cite_as_japanese_lawyers_do(article: str, expected: str) -> None:
    assert (cited("ja", article), cited("en", article)) == (expected, article)


def test_japanese_texts_use_japanese_punctuation() -> None:
    kana = "[\u3040-\u30ff\u4e00-\u9fff]"
    half_width = re.compile(rf"{kana}[,.!?:;()]|[(),.!?:;]{kana}")
    for name in ("index.ja.html", "answer/letter.ja.txt", "README.ja.txt"):
        assert not half_width.search(Page(WRITTEN[name]).text), name
    assert "2026年10月12日（日本時間）" in WRITTEN["answer/letter.ja.txt"].decode()
    assert (
        "（GDPR第15条第4項、GDPR第32条第1項、個人情報保護法第33条第2項第2号）"
        in WRITTEN["answer/letter.ja.txt"].decode()
    )


def test_a_period_says_of_which_part_of_the_account() -> None:
    letter = WRITTEN["answer/letter.en.txt"].decode()
    assert "Account (all other fields), Address book" in letter
    assert "Account (Encrypted password): Until you change your password" in letter


def test_dates_amounts_and_counts_in_words() -> None:
    assert day("en", AS_OF.date()) == "3 October 2026"
    assert day("ja", AS_OF.date()) == "2026年10月3日"
    assert moment("en", AS_OF, "Asia/Tokyo") == "3 October 2026, 10:15"
    assert moment("ja", AS_OF, "Asia/Tokyo") == "2026年10月3日 10:15"
    assert (zone_name("en", "Asia/Tokyo"), zone_name("ja", "Asia/Tokyo")) == ("Japan Time", "日本時間")
    assert zone_name("ja", "UTC") == "UTC"
    assert amount("en", 12800, "JPY") == "¥12,800"
    assert amount("en", 5, "points") == "5 points"
    assert (count("en", "count.records", 1), count("en", "count.records", 1204)) == ("1 record", "1,204 records")
    assert count("ja", "count.records", 1204) == "1,204件"
    assert (country("en", "US"), country("ja", "US"), country("en", "ZZZ")) == (
        "United States",
        "アメリカ合衆国",
        "ZZZ",
    )
    assert (pair("en", "a", "b"), pair("ja", "a", "b")) == ("a: b", "a：b")
    with pytest.raises(KeyError):
        text("en", "no.such.text")


def test_the_readme_explains_the_files_of_its_part() -> None:
    assert "\n  index.html      the start page" in WRITTEN["README.txt"].decode()
    assert "\n  index.ja.html   最初のページ（英語版：index.html）" in WRITTEN["README.ja.txt"].decode()
    readme = WRITTEN["README.txt"].decode()
    for words in (
        "apostrophe",
        "postcode",
        "SHA256SUMS",
        "portability/",
        f"sha256sum {PACKAGE}.zip",
        "privacy@shop.example",
    ):
        assert words in readme
