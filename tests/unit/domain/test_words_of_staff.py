"""Reasons that say nothing are none (GDPR 12(4); APPI 36)."""

import pytest

from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.domain.words_of_staff import words_of_staff


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "missing"),
        (" \n", "missing"),
        ("-", "too_short"),
        (".", "too_short"),
        ("no", "too_short"),
        ("x " * 40, "too_short"),
        ("-" * 60, "too_short"),
        ("ｎｏｔ　ｎｏｗ", "too_short"),
        ("不可です", "too_short"),
        ("ab" * 1001, "too_long"),
    ],
)
def test_words_that_say_nothing_are_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        words_of_staff("reason", text, longest=2000)
    assert [(each.field, each.reason) for each in caught.value.problems] == [("reason", code)]


@pytest.mark.parametrize("text", ["We hold none of it.", "第三者の情報です", "ｄａｔａ　ｏｆ　ｏｔｈｅｒｓ"])
def test_words_that_say_something_are_tidied(text: str) -> None:
    assert words_of_staff("reason", f" {text}\n", longest=2000) == text
