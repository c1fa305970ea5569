"""What a person writes is what it looks like: nothing in it turns or hides the rest (abuse case 49)."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.hidden_characters import without_hidden
from rightsdesk.domain.messages import words_of_person
from rightsdesk.mail.reading.plain import plain_line, plain_text
from rightsdesk.web.api_models import AnswerBody, MessageBody, SubmitBody

REQUEST = {"type": "access", "email": "a@example.com", "country": "IE", "language": "en"}
# Every place at which words of a person come in.
DOORS: dict[str, Callable[[str], object]] = {
    "name": lambda text: SubmitBody.model_validate(REQUEST | {"name": text}).name,
    "details": lambda text: SubmitBody.model_validate(REQUEST | {"name": "A", "details": text}).details,
    "message in the API": lambda text: MessageBody.model_validate({"text": text}).text,
    "message on the page or by mail": words_of_person,
    "answer": lambda text: AnswerBody.model_validate({"text": text}).text,
    "text of a mail": lambda text: plain_text(text)[0],
    "subject of a mail": plain_line,
}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("pay \u202e001\u202c euro", "pay 001 euro"),
        ("\u202aa\u202bb\u202cc\u202dd", "abcd"),
        ("\u2066a\u2067b\u2068c\u2069d", "abcd"),
        ("era\u200bse", "erase"),
        ("era\u00adse", "erase"),
        ("a\u200eb\u200fc\u061cd", "abcd"),
        ("a\u2060b\u2061c\u2064d\u206fe", "abcde"),
        ("\ufeffHello", "Hello"),
        ("a\ufff9b\ufffac\ufffb\u180ed", "abcd"),
        ("Hi\U000e0049\U000e0047\U000e004e\U000e007f", "Hi"),  # letters that are nothing but tags
        ("e\u200b\u0301", "\u00e9"),  # in one form once nothing stands between
        ("👩\u200d💻", "👩\u200d💻"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("髙﨑 \U000e0100", "髙﨑 \U000e0100"),
        ("❤\ufe0f", "❤\ufe0f"),
        (ENGLAND := "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", ENGLAND),
        ("אבג abc", "אבג abc"),
        ("one\ntwo", "one\ntwo"),
    ],
)
@pytest.mark.parametrize("door", DOORS)
def test_a49_what_hides_or_turns_is_taken_out_and_what_belongs_to_a_script_stays(
    door: str, typed: str, kept: str
) -> None:
    if "\n" in typed and door in ("name", "subject of a mail"):
        return  # one line
    assert DOORS[door](typed) == kept


@given(st.text())
def test_a49_nothing_is_left_that_turns_and_nothing_else_is_lost(text: str) -> None:
    kept = without_hidden(text)
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not turning & {unicodedata.bidirectional(character) for character in kept}
    assert without_hidden(kept) == kept
    assert [c for c in text if unicodedata.category(c) != "Cf"] == [c for c in kept if unicodedata.category(c) != "Cf"]
