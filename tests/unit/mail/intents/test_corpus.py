"""The corpus is read right: no erasure that nobody asked for, no ordinary mail taken for a request."""

from pathlib import Path

import pytest

from rightsdesk.domain.intents import THRESHOLD, IntentType
from tests.unit.mail.intents.corpus import Outcome, confusion_table, disguises, read_corpus, read_message

BUILD = Path(__file__).parents[4] / ".build"
FEWEST = 180
EXACTLY_RIGHT = 0.97
HARD = 0.5
EVERY_LANGUAGE = {"en", "ja", "de", "fr", "es", "it", "nl", "pt", "sv", "cs", "el", "hr", "ro", "pl", "da", "fi", "hu"}


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return read_corpus()


def test_table_is_printed_and_kept(outcomes: list[Outcome]) -> None:
    table = confusion_table(outcomes)
    print(f"\n{table}")
    BUILD.mkdir(exist_ok=True)
    (BUILD / "intents.txt").write_text(table + "\n", encoding="utf-8")


def test_corpus_is_large_and_half_of_the_languages_are_not_the_two_of_the_pages(outcomes: list[Outcome]) -> None:
    assert len(outcomes) >= FEWEST
    assert {each.language for each in outcomes} == EVERY_LANGUAGE
    for language in ("en", "ja"):
        wanted = {intent for each in outcomes if each.language == language for intent in each.message.intents}
        assert wanted == set(IntentType)


def test_half_of_it_is_hard(outcomes: list[Outcome]) -> None:
    assert sum(bool(each.message.hard) for each in outcomes) >= HARD * len(outcomes)


def test_no_erasure_that_was_not_asked_for(outcomes: list[Outcome]) -> None:
    assert [
        str(each)
        for each in outcomes
        if IntentType.ERASURE in each.got and IntentType.ERASURE not in each.message.intents
    ] == []


def test_no_ordinary_mail_is_a_request(outcomes: list[Outcome]) -> None:
    assert [str(each) for each in outcomes if not each.message.intents and each.got] == []


def test_nearly_all_is_exactly_right(outcomes: list[Outcome]) -> None:
    wrong = [str(each) for each in outcomes if not each.right]
    assert len(wrong) <= (1 - EXACTLY_RIGHT) * len(outcomes), wrong


@pytest.mark.parametrize("language", ["en", "ja"])
def test_all_is_exactly_right_in_the_languages_of_the_pages(outcomes: list[Outcome], language: str) -> None:
    assert [str(each) for each in outcomes if each.language == language and not each.right] == []


def test_language_is_told(outcomes: list[Outcome]) -> None:
    wrong = [each for each in outcomes if each.reading.language != each.language]
    assert len(wrong) <= 0.02 * len(outcomes), [(str(each), each.reading.language) for each in wrong]


def test_every_score_has_its_reasons_and_best_is_first(outcomes: list[Outcome]) -> None:
    for each in outcomes:
        scores = [round(intent.score, 2) for intent in each.reading.intents]
        assert scores == sorted(scores, reverse=True), each
        assert all(intent.why for intent in each.reading.intents), each


def test_access_comes_before_erasure_where_both_are_clear(outcomes: list[Outcome]) -> None:
    for each in outcomes:
        order = [intent.type for intent in each.reading.intents if intent.score >= THRESHOLD]
        if {IntentType.ACCESS, IntentType.ERASURE} <= set(order):
            assert order.index(IntentType.ACCESS) < order.index(IntentType.ERASURE), each


@pytest.mark.parametrize("disguise", ["html", "history", "disclaimer", "signature"])
def test_what_stands_around_a_request_changes_nothing(outcomes: list[Outcome], disguise: str) -> None:
    plain = [each for each in outcomes if each.message.text and not each.message.history][::3]
    worn = [read_message(each.file, disguises(each.message)[disguise]) for each in plain]
    assert [str(each) for each in worn if not each.right] == []
