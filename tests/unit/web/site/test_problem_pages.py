"""Errors are pages in the person's language, with what to do now, and tell nobody what went wrong inside."""

from datetime import timedelta

import pytest

from rightsdesk.domain import errors
from rightsdesk.domain.errors import GoneError, NotAllowedError, NotFoundError, RightsdeskError, TooManyAttemptsError
from rightsdesk.web.problem_pages import CODES, status_and_code
from tests.support.fake_subject_desk import MovableClock
from tests.support.site_client import SiteClient

NOW = MovableClock()()
FAILURES: list[tuple[Exception, int, str, str]] = [
    (errors.InvalidInputError.of("email", "x"), 400, "we could not read what was sent", "読み取れませんでした"),
    (NotAllowedError(), 403, "no longer valid", "無効になりました"),
    (NotFoundError(), 404, "We cannot find this page", "ページが見つかりません"),
    (errors.ConflictError(), 409, "Your request has moved on", "ご請求の状況が変わりました"),
    (GoneError("download_window_ended"), 410, "can no longer be downloaded", "ダウンロード期間が終了しました"),
    (GoneError("download_limit_reached"), 410, "All downloads are used up", "上限に達しました"),
    (GoneError("notice_replaced"), 410, "A newer notice has taken the place", "新しいお知らせに替わりました"),
    (GoneError("something_else"), 410, "no longer available", "すでに終了しています"),
    (
        TooManyAttemptsError(NOW + timedelta(minutes=5)),
        429,
        "from 3 September 2026, 10:35 (Japan Time)",
        "10:35（日本時間）",
    ),
    (errors.ServiceUnavailableError(), 503, "Nothing is lost", "入力内容は失われていません"),
    (RuntimeError("aiko@example.jp"), 500, "req-0042", "req-0042"),
]


@pytest.mark.parametrize(("error", "status", "english", "japanese"), FAILURES)
def test_each_error_is_a_page_in_both_languages(error: Exception, status: int, english: str, japanese: str) -> None:
    for language, words in (("en", english), ("ja", japanese)):
        client = SiteClient()
        reference = client.make_request(language)
        client.open_request(reference, language)
        client.fake.failing = error
        answer = client.get(f"/{language}/requests/{reference}")
        assert answer.status == status
        assert words in answer.words
        assert f'lang="{language}"' in answer.body
        assert answer.headers["Content-Language"] == language
        assert "aiko" not in answer.body
        assert f'href="/{language}/requests/{reference}"' in answer.body  # the way on
        assert client.reports == ([(error, "req-0042")] if status >= 500 else [])


def test_a_wait_is_told_to_machines_too() -> None:
    client = SiteClient()
    client.answer_all()
    client.fake.failing = TooManyAttemptsError(NOW + timedelta(minutes=5, milliseconds=1))
    assert client.fill("/en/check-your-answers").headers["Retry-After"] == "301"


def test_what_is_meant_for_people_is_never_taken_for_a_fault_of_ours() -> None:
    for kind in (errors.CaseClosedError, errors.NotAuthenticatedError, errors.SourceUnavailableError):
        status, code = status_and_code(kind())
        assert status != 500
        assert code in CODES
    for error in (RightsdeskError(), errors.SourceBrokenError(), errors.MerchantFileError(), ValueError()):
        assert status_and_code(error) == (500, "unexpected")


def test_a_page_that_is_not_there_speaks_the_language_of_its_address_or_of_the_browser() -> None:
    client = SiteClient()
    assert 'lang="ja"' in client.get("/ja/nothing", Accept_Language="en").body
    assert 'lang="ja"' in client.get("/nothing/at/all/here", Accept_Language="ja").body
    assert 'lang="en"' in client.get("/favicon.ico").body


def test_the_language_can_be_changed_on_an_error_too() -> None:
    assert 'hreflang="ja" rel="alternate" href="/ja"' in SiteClient().get("/en/nothing").body
    refused = SiteClient().post("/en/your-details", "")
    assert 'hreflang="ja" rel="alternate" href="/ja/your-details"' in refused.body
    action = SiteClient().get("/en/requests/RD-28T5-CY4G-M/resend")
    assert 'hreflang="ja" rel="alternate" href="/ja/requests/RD-28T5-CY4G-M"' in action.body
