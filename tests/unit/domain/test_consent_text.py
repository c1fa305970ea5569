"""The words that people agree to: in order, whole, and those of the data map."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from rightsdesk.domain.consent_text import LANGUAGES, ConsentTexts
from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.fields import Basis
from tests.support.consents import CONSENT_TEXTS, DATA_MAP


def text(version: str, day: str, words: str = "words", **more: Any) -> dict[str, Any]:
    return {"version": version, "valid_from": day, "text": {"en": words, "ja": f"{words}の"}, **more}


TEXTS = ConsentTexts.model_validate({"newsletter": [text("b", "2026-06-01", "new"), text("a", "2026-01-01", "old")]})


@pytest.mark.parametrize(
    ("on", "version"), [(date(2026, 6, 1), "b"), (date(2026, 5, 31), "a"), (date(2030, 1, 1), "b")]
)
def test_the_words_of_a_day_are_the_newest_that_hold(on: date, version: str) -> None:
    assert TEXTS.current("newsletter", on).version == version


def test_nothing_is_asked_for_without_words() -> None:
    for purpose, on in (("newsletter", date(2025, 12, 31)), ("surveys", date(2026, 6, 1))):
        with pytest.raises(NotFoundError):
            TEXTS.current(purpose, on)
    with pytest.raises(NotFoundError):
        TEXTS.version("newsletter", "c")


def test_words_are_found_again_by_their_digest_in_their_language() -> None:
    for each in TEXTS.root["newsletter"]:
        for language in LANGUAGES:
            start = bytes.fromhex(each.sha256(language))[:8]
            assert TEXTS.with_digest(start) == ("newsletter", each, language)
    assert TEXTS.with_digest(b"\0" * 8) is None


@pytest.mark.parametrize(
    "versions",
    [
        [],
        [text("a", "2026-01-01"), text("b", "2026-06-01")],
        [text("a", "2026-06-01"), text("a", "2026-01-01")],
        [text("a", "2026-01-01") | {"text": {"en": "only"}}],
        [text("a b", "2026-01-01")],
    ],
)
def test_texts_out_of_order_or_in_one_language_are_refused(versions: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        ConsentTexts.model_validate({"newsletter": versions})


def test_what_does_not_fit_the_data_map_is_named() -> None:
    strange = ConsentTexts.model_validate(
        {"dancing": [text("a", "2026-01-01")], "surveys": [text("a", "2026-01-01", recipients=["nobody"])]}
    )
    problems = strange.problems({"newsletter": True, "surveys": True, "service": False}, {"mail_service"})
    assert problems == (
        "dancing: is no purpose of the data map",
        "newsletter: needs a consent, and has no text",
        "surveys a: nobody is no recipient",
    )


def test_the_texts_that_ship_fit_the_data_map_that_ships() -> None:
    by_consent = {name: purpose.basis is Basis.CONSENT for name, purpose in DATA_MAP.purposes.items()}
    assert CONSENT_TEXTS.problems(by_consent, DATA_MAP.recipients) == ()
