"""Refusals as they ship, in every country: each holds all that the law wants, and none that does not is sent (a82)."""

import re
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rightsdesk.adapters.merchant_files import read_data_map
from rightsdesk.domain.collecting import CollectionResult, SourceState
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.errors import MerchantFileError
from rightsdesk.domain.letters import Letter, OutgoingMail
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.request import SAID_TO_US, Language, PrivacyRequest, Refusal, RequestType, Treatment
from rightsdesk.law.applicability import laws_for
from rightsdesk.law.authorities import authority_for
from rightsdesk.law.countries import EEA
from rightsdesk.law.held_back import held_back
from rightsdesk.law.refusal import compile_partial_refusal, compile_refusal
from rightsdesk.law.refusal_grounds import REFUSAL_GROUNDS, grounds_for
from rightsdesk.law.remedies import may_sue_in_japan
from rightsdesk.mail.letters import MerchantLetters
from tests.support.cases import new_case
from tests.support.desk import MERCHANT, Desk, merchant
from tests.support.fakes import PlainPress

LANGUAGES: tuple[Language, ...] = ("en", "ja")
LANDS = ["BW", "BY", "BE", "BB", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH"]
PLACES = [(country, None) for country in (*sorted(EEA), "JP", "US")] + [("DE", f"DE-{land}") for land in LANDS]
REASON = "The chair in this order was a present that Tom's sister paid for."
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)

in_every_place = pytest.mark.parametrize(
    ("country", "region"), PLACES, ids=[region or country for country, region in PLACES]
)
in_each_language = pytest.mark.parametrize("language", LANGUAGES)


@cache
def shipped_map() -> DataMap:
    return read_data_map(MERCHANT / "datamap.yaml")


def a_case(
    country: str, region: str | None = None, *, seat: str = "JP", kind: RequestType = RequestType.ACCESS
) -> PrivacyRequest:
    held = {"orders/orders": Treatment.REDACT}
    case, _ = new_case(country=country, region=region, types=(kind,), treatments=held)
    laws = tuple(str(law) for law in laws_for(country, controller_country=seat))
    return case.model_copy(update={"due": case.due.model_copy(update={"laws": laws})})


def common(case: PrivacyRequest) -> dict[str, object]:
    return {
        "reference": case.reference,
        "name": case.name,
        "received_on": case.due.received_on,
        "link": "https://privacy.shop.example/en/request",
    }


def refused(
    case: PrivacyRequest, language: Language, *, folder: Path = MERCHANT, ground: str | None = None, seat: str = "JP"
) -> OutgoingMail:
    ground = ground or next(iter(sorted(grounds_for(case.due.laws, case.types))))
    ours = merchant().model_copy(update={"country": seat})
    values = common(case) | compile_refusal(case, Refusal(ground=ground, reason=REASON, by="sub-1"), ours)
    return MerchantLetters(folder, ours).print(Letter.REFUSED, language, values, to="jane@example.com")


def partly_refused(case: PrivacyRequest, language: Language, *, folder: Path = MERCHANT) -> OutgoingMail:
    members = CollectionResult(rows=1, flagged=0, bytes=1, sha256="0" * 64, as_of=NOW, withheld={"fraud_score": 1})
    state = SourceState(source="shop", status="done", at=NOW, collections={"members": members})
    parts = held_back(case, shipped_map(), [state])
    values = common(case) | {
        "portable": False,
        "downloads": 5,
        "window_ends_on": NOW,
        "found": True,
        "files": "answer.zip\n" + "0" * 64,
    }
    values |= compile_partial_refusal(case, parts, merchant())
    return MerchantLetters(folder, merchant()).print(Letter.PARTLY_REFUSED, language, values, to="jane@example.com")


def lacking(mail: OutgoingMail, case: PrivacyRequest, language: Language) -> list[str]:
    """The elements that are not in both forms of the letter, looked for in the words that shipped."""
    elements = {"contact": "privacy@shop.example"}
    if "gdpr" in case.due.laws:
        authority = authority_for(case.country, case.region)
        assert authority is not None
        elements |= {"authority": authority.name, "web": authority.web}
        elements["complaint"] = "complain to a supervisory authority" if language == "en" else "監督機関に苦情"
        elements["court"] = "go to court" if language == "en" else "裁判所に訴える"
    if "appi" in case.due.laws:
        elements |= {"phone": "03-6457-9849"}
        in_court = {"39": "APPI 39", "weeks": "two weeks"} if language == "en" else {"39": "第39条", "weeks": "2週間"}
        if may_sue_in_japan(case.types):
            elements |= in_court
        elif any(words in mail.text for words in in_court.values()):
            return ["a court that the Act does not open"]
        elements["desk"] = "complaint desk" if language == "en" else "苦情窓口"
    html = mail.html.replace("&#x27;", "'").replace("&amp;", "&")
    return [name for name, words in elements.items() if words not in mail.text or words not in html]


@in_each_language
@in_every_place
def test_a82_a_refusal_holds_every_element_wherever_the_person_lives(
    country: str, region: str | None, language: Language
) -> None:
    case = a_case(country, region)
    mail = refused(case, language)
    assert lacking(mail, case, language) == []
    assert REASON in mail.text
    assert "None" not in mail.text
    assert "sub-1" not in mail.text  # nobody on the staff is named


@in_each_language
@pytest.mark.parametrize("kind", sorted(set(RequestType) - SAID_TO_US))
@pytest.mark.parametrize("country", ["DE", "JP", "US"])
def test_a82_the_refusal_of_each_right_speaks_of_the_court_that_the_law_opens(
    country: str, kind: RequestType, language: Language
) -> None:
    case = a_case(country, kind=kind)
    assert lacking(refused(case, language), case, language) == []


@in_each_language
@in_every_place
def test_a82_a_refusal_in_part_holds_every_element_wherever_the_person_lives(
    country: str, region: str | None, language: Language
) -> None:
    case = a_case(country, region)
    mail = partly_refused(case, language)
    assert lacking(mail, case, language) == []
    assert ("Fraud score" if language == "en" else "不正利用スコア") in mail.text
    law = ("15(4)", "第15条第4項") if case.due.laws[0] != "appi" else ("33(2)(i)", "第33条第2項第1号")
    assert law[LANGUAGES.index(language)] in mail.text
    assert "None" not in mail.text


@in_each_language
def test_the_link_of_the_authority_can_be_clicked(language: Language) -> None:
    assert '<a href="https://www.lda.bayern.de/de/index.html">' in refused(a_case("DE", "DE-BY"), language).html


@in_each_language
@pytest.mark.parametrize("ground", sorted({g for law in REFUSAL_GROUNDS.values() for gs in law.values() for g in gs}))
def test_every_ground_is_said_with_its_article(ground: str, language: Language) -> None:
    laws = {"appi": "JP", "gdpr": "IE", "not": "IE"}
    kinds = next((kind,) for law in REFUSAL_GROUNDS.values() for kind, grounds in law.items() if ground in grounds)
    case = a_case(laws[ground.split("_")[0]]).model_copy(update={"types": kinds})
    text = refused(case, language, ground=ground).text
    article = re.match(r"(?:gdpr|appi)_(\d+)", ground)
    if article:
        assert re.search(rf"(?:GDPR|APPI) {article[1]}\b" if language == "en" else rf"第{article[1]}条", text)


@in_each_language
def test_without_a_law_of_ours_the_merchant_is_named(language: Language) -> None:
    case = a_case("US")
    assert case.due.laws == ("promise",)
    text = refused(case, language).text
    assert "privacy@shop.example" in text
    assert "03-6457-9849" not in text


@in_each_language
def test_of_a_merchant_in_the_eea_the_authority_is_named_to_who_lives_elsewhere(language: Language) -> None:
    case = a_case("US", seat="IE")
    text = refused(case, language, seat="IE").text
    assert "Irish Data Protection Commission" in text
    assert "https://www.dataprotection.ie" in text


# A merchant's own words


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(MERCHANT / "letters", tmp_path / "letters")
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    written = path.read_text("utf-8")
    assert old in written
    path.write_text(written.replace(old, new), "utf-8")


PRINT = {"refused": refused, "partly_refused": partly_refused}


@in_each_language
@pytest.mark.parametrize(
    ("letter", "variable"),
    [
        *(("refused", name) for name in ("remedies", "ground", "reason", "granted")),
        ("partly_refused", "remedies"),
    ],
)
@pytest.mark.parametrize("instead", ["", "{% if false %}{{ NAME }}{% endif %}", "{# {{ NAME }} #}"])
def test_a82_a_template_that_drops_an_element_is_not_sent(
    folder: Path, language: Language, letter: str, variable: str, instead: str
) -> None:
    path = folder / f"letters/{language}/{letter}.txt"
    edit(path, f"{{{{ {variable} }}}}", instead.replace("NAME", variable))
    with pytest.raises(MerchantFileError, match=variable):
        PRINT[letter](a_case("IE"), language, folder=folder)


@in_each_language
def test_a82_a_template_that_drops_what_is_withheld_is_not_sent(folder: Path, language: Language) -> None:
    path = folder / f"letters/{language}/partly_refused.txt"
    written = path.read_text("utf-8")
    path.write_text(re.sub(r"\{% for part in withheld %\}.*?\{% endfor %\}", "", written, flags=re.S), "utf-8")
    with pytest.raises(MerchantFileError, match="withheld"):
        partly_refused(a_case("IE"), language, folder=folder)


@pytest.mark.parametrize("letter", PRINT)
def test_a82_without_its_translation_it_is_not_sent(folder: Path, letter: str) -> None:
    (folder / f"letters/ja/{letter}.txt").unlink()
    PRINT[letter](a_case("IE"), "en", folder=folder)
    with pytest.raises(MerchantFileError):
        PRINT[letter](a_case("IE"), "ja", folder=folder)


def phrase(folder: Path, language: Language, name: str, sentence: str) -> None:
    path = folder / f"letters/{language}/phrases.yaml"
    written, count = re.subn(rf"^{re.escape(name)}: .*$", f"{name}: {sentence}", path.read_text("utf-8"), flags=re.M)
    assert count == 1
    path.write_text(written, "utf-8")


@pytest.mark.parametrize(
    ("country", "language", "name", "sentence"),
    [
        ("IE", "en", "remedies.gdpr", '"You can complain to {authority}. You can also go to court."'),
        ("IE", "en", "remedies.gdpr", '"You can complain to an authority: {web}. You can also go to court."'),
        ("IE", "en", "remedies.gdpr", '"You can complain to {authority}, {web}."'),
        ("IE", "ja", "remedies.gdpr", '"監督機関に苦情を申し立てることができます：{authority}、{web}"'),
        ("IE", "en", "remedies.both", '"{first}"'),
        ("JP", "en", "remedies.appi", '"Our complaint desk: {contact}. The Commission: {phone}."'),
        ("JP", "en", "remedies.appi", '"Complaint desk: {contact}. You may sue after two weeks (APPI 39)."'),
        ("JP", "ja", "remedies.appi", '"苦情窓口：{contact}。相談ダイヤル：{phone}。"'),
        ("JP", "ja", "remedies.appi", '"相談ダイヤル：{phone}。苦情は2週間を経過した後（第39条）。"'),
        ("US", "en", "remedies.promise", '"Write to us."'),
        ("JP", "en", "remedies.appi_no_claim", '"Our complaint desk: {contact}. The Commission helps, too."'),
        ("JP", "ja", "remedies.appi_no_claim", '"相談ダイヤル：{phone}。{contact}"'),
        ("IE", "en", "ground.gdpr_11_2", '""'),
        ("IE", "ja", "ground.gdpr_11_2", '" "'),
        ("JP", "ja", "ground.appi_33_2_i", ""),
    ],
)
def test_a82_a_phrase_that_drops_an_element_is_not_sent(
    folder: Path, country: str, language: Language, name: str, sentence: str
) -> None:
    no_claim = name == "remedies.appi_no_claim"
    case = a_case(country, kind=RequestType.PURPOSE_NOTICE if no_claim else RequestType.ACCESS)
    ground = name.removeprefix("ground.") if name.startswith("ground.") else None
    refused(case, language, ground=ground)
    phrase(folder, language, name, sentence)
    with pytest.raises(MerchantFileError):
        refused(case, language, folder=folder, ground=ground)


class PlainThenReal(PlainPress):
    """Plain while codes are to be read out of mails, then the one that ships."""

    real = False

    def __init__(self, shipped: MerchantLetters) -> None:
        super().__init__()
        self._shipped = shipped

    def print(self, letter: Letter, language: Language, values: Mapping[str, Any], *, to: str) -> OutgoingMail:
        press = self._shipped.print if self.real else super().print
        return press(letter, language, values, to=to)


def test_a82_a_case_whose_refusal_can_not_be_printed_stays_open_for_staff(folder: Path) -> None:
    edit(folder / "letters/en/refused.txt", "{{ remedies }}", "")
    desk = Desk(press=(press := PlainThenReal(MerchantLetters(folder, merchant()))))
    case = desk.awaiting_review()
    desk.refuse(case)
    press.real = True
    sent = len(desk.mailer.outbox)
    with pytest.raises(MerchantFileError):
        desk.close(case, Outcome.REFUSED)
    assert desk.now(case).is_open
    assert len(desk.mailer.outbox) == sent
    shutil.copy(MERCHANT / "letters/en/refused.txt", folder / "letters/en/refused.txt")
    desk.close(case, Outcome.REFUSED)  # started again, once it is put right
    assert desk.now(case).outcome is Outcome.REFUSED
    assert "https://www.dataprotection.ie" in desk.mailer.outbox[-1].text


@pytest.mark.parametrize("field", ["fraud_score", "password_hash"])
def test_what_is_never_portable_is_left_out_of_portability_because_of_that(field: str) -> None:
    members = CollectionResult(rows=1, flagged=0, bytes=1, sha256="0" * 64, as_of=NOW, withheld={field: 1})
    state = SourceState(source="shop", status="done", at=NOW, collections={"members": members})
    asked = a_case("DE", "DE-BE")
    for types, ground in (((RequestType.PORTABILITY,), "gdpr_20_1"), (tuple(asked.types), "gdpr_15_4")):
        (part,) = held_back(asked.model_copy(update={"types": types, "treatments": {}}), shipped_map(), [state])
        assert part.ground == ground
