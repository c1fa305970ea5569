"""The pages about one request: confirm it, open it, look, answer a question, fetch, withdraw, leave."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from rightsdesk.domain.clock import ExtensionReason, QuestionKind
from rightsdesk.domain.fields import Label
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.reference import new_reference
from rightsdesk.domain.views import ExtensionView, QuestionView, SentView, StoppedView
from tests.support.fake_subject_desk import PACKAGE, MovableClock
from tests.support.site_client import SiteClient

ADDRESS = "aiko@example.jp"


@pytest.fixture
def client() -> SiteClient:
    return SiteClient()


def wrong_code(client: SiteClient) -> str:
    right = client.fake.last_code(ADDRESS).replace("-", "")
    return f"{(int(right) + 1) % 10**8:08d}"


@pytest.mark.parametrize(
    ("language", "due"), [("en", "3 October 2026 (Japan Time)"), ("ja", "2026年10月3日（日本時間）")]
)
def test_the_code_confirms_and_the_due_date_is_named_with_its_zone(client: SiteClient, language: str, due: str) -> None:
    reference = client.make_request(language)
    page = f"/{language}/requests/{reference}/confirm"
    assert ADDRESS in client.get(page).words
    code = client.fake.last_code(ADDRESS)
    confirmed = client.follow(client.fill(page, {"code": f" {code} "}))
    assert due in confirmed.words
    assert f'href="/{language}/requests/{reference}"' in confirmed.body
    assert client.fake.cases[reference].confirmed_at is not None


def test_full_width_digits_are_digits(client: SiteClient) -> None:
    reference = client.make_request()
    code = client.fake.last_code(ADDRESS).translate(str.maketrans("0123456789-", "０１２３４５６７８９－"))
    assert client.fill(f"/en/requests/{reference}/confirm", {"code": code}).status == 303


@pytest.mark.parametrize("typed", ["", "123", "12345678x", "passwort"])
def test_what_cannot_be_a_code_costs_no_try(client: SiteClient, typed: str) -> None:
    reference = client.make_request()
    for page in ("confirm", "code"):
        answer = client.fill(f"/en/requests/{reference}/{page}", {"code": typed})
        assert answer.status == 400
        assert answer.values()["code"] == typed
    assert client.fake.calls == ["submit"]


@pytest.mark.parametrize("page", ["confirm", "code"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a20_a28_every_code_that_does_not_work_gets_the_same_answer(page: str, language: str) -> None:
    def answer(kind: str) -> str:
        client = SiteClient()
        reference = client.make_request(language)
        other = client.make_request(language, name="B", email="b@example.jp")
        code, asked = client.fake.last_code(ADDRESS), reference
        if kind == "wrong":
            code = wrong_code(client)
        elif kind == "expired":
            client.fake.clock.advance(timedelta(minutes=10))
        elif kind == "used":
            client.fill(f"/{language}/requests/{reference}/confirm", {"code": code})
            client.cookie = ""
        elif kind == "of another request":
            code = client.fake.last_code("b@example.jp")
        elif kind == "replaced by a newer one":
            client.fill(f"/{language}/requests/{reference}/confirm", at=f"/{language}/requests/{reference}/resend")
        elif kind == "for an unknown request":
            asked = new_reference()
        client.cookie = ""
        client.get(f"/{language}/requests/{asked}/{page}")
        got = client.fill(f"/{language}/requests/{asked}/{page}", {"code": code})
        assert got.status == 400
        assert client.fake.cases[other].confirmed_at is None
        return re.sub(r'RD-\w{4}-\w{4}-\w|(?<=name="csrf" value=")[^"]+', "", got.body)

    kinds = ("wrong", "expired", "used", "of another request", "replaced by a newer one", "for an unknown request")
    assert len({answer(kind) for kind in kinds}) == 1


def test_a_new_code_is_mailed_and_the_page_says_what_it_may_say(client: SiteClient) -> None:
    reference = client.make_request()
    page = f"/en/requests/{reference}/confirm"
    answer = client.follow(client.fill(page, at=f"/en/requests/{reference}/resend"))
    assert "If this request exists, a new code is on its way" in answer.words
    assert len(client.fake.mails) == 2
    client.follow(client.fill(page, {"code": client.fake.last_code(ADDRESS)}))
    assert "on its way" not in client.get(page).words  # the notice is over with the next step


def test_a_request_opens_with_a_code_for_fifteen_minutes(client: SiteClient) -> None:
    reference = client.make_request()
    path = f"/en/requests/{reference}"
    assert "Open your request" in client.get(path).title
    status = client.open_request(reference)
    assert "Your request" in status.title
    assert "Answer due by 3 October 2026 (Japan Time)" in status.words
    client.fake.clock.advance(timedelta(minutes=15))
    ended = client.get(path)
    assert "Your 15 minutes are over" in ended.words
    assert "3 October 2026" not in ended.words


def test_the_timeline_says_in_words_what_is_done_now_and_later(client: SiteClient) -> None:
    reference = client.make_request()
    words = client.open_request(reference).words
    done = "Done, 3 September 2026"
    assert f"Received {done} Identity confirmed {done} Being prepared Now Answered Still to come" in words
    client.fake.cases[reference].prepared_at = client.fake.clock()
    assert f"Identity confirmed {done} Being prepared Now" in client.get(f"/en/requests/{reference}").words
    client.fake.answer(reference)
    assert f"Being prepared {done} Answered {done}" in client.get(f"/en/requests/{reference}").words


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("outcome", list(Outcome))
def test_each_outcome_has_its_words_and_no_open_steps(client: SiteClient, language: str, outcome: Outcome) -> None:
    reference = client.make_request(language)
    client.open_request(reference, language)
    client.fake.cases[reference].outcome = outcome
    page = client.get(f"/{language}/requests/{reference}")
    assert page.status == 200
    assert "Still to come" not in page.words
    assert "これから" not in page.words.partition("進み具合")[2]
    assert "/withdraw" not in page.body


def test_an_extra_check_says_why_and_takes_two_details(client: SiteClient) -> None:
    reference = client.make_request()
    client.open_request(reference)
    client.fake.cases[reference].evidence_needed = True
    path = f"/en/requests/{reference}"
    assert f'href="{path}/evidence"' in client.get(path).body
    page = client.get(f"{path}/evidence")
    for reason in (
        "the law asks us to make sure that it is you",
        "5 tries",
        "We do not ask for a copy of an identity document",
    ):
        assert reason in page.words
    wrong = client.fill(f"{path}/evidence", {"order_number": "", "postcode": "1" * 17})
    assert "Enter an order number" in wrong.words
    assert "Enter a postcode" in wrong.words
    thanks = client.follow(client.fill(f"{path}/evidence", {"order_number": "10023", "postcode": "１５３－００６３"}))
    assert "We compare your details with our records" in thanks.words
    client.fake.evidence_tries = 0
    stopped = client.fill(f"{path}/evidence", {"order_number": "1", "postcode": "2"})
    assert stopped.status == 429
    assert stopped.headers["Retry-After"] == "28800"
    assert "3 September 2026, 18:30 (Japan Time)" in stopped.words


def test_nobody_is_asked_for_details_that_are_not_needed(client: SiteClient) -> None:
    reference = client.make_request()
    client.open_request(reference)
    assert client.get(f"/en/requests/{reference}/evidence").headers["Location"] == f"/en/requests/{reference}"


def test_withdrawing_asks_once_more(client: SiteClient) -> None:
    reference = client.make_request()
    client.open_request(reference)
    path = f"/en/requests/{reference}"
    assert "Do you want to withdraw" in client.get(f"{path}/withdraw").title
    assert client.fake.cases[reference].outcome is None
    page = client.follow(client.fill(f"{path}/withdraw"))
    assert "You have withdrawn your request" in page.words
    assert client.get(f"{path}/withdraw").headers["Location"] == path
    secret = client.get(f"{path}/confirm").secret
    assert client.post(f"{path}/withdraw", f"csrf={secret}").headers["Location"] == path  # twice is no fault


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Points: 1,240", "Open orders: 2", "Account", "Orders (records: 12)", "31 March 2034 (Japan Time)"]),
        ("ja", ["ポイント：1,240", "未発送のご注文：2", "アカウント", "ご注文（12件）", "2034年3月31日（日本時間）"]),
    ],
)
def test_an_erasure_is_confirmed_by_a_post_after_what_goes_stays_and_is_lost_was_shown(
    client: SiteClient, language: str, said: list[str]
) -> None:
    reference = client.make_request(language)
    client.open_request(reference, language)
    path = f"/{language}/requests/{reference}"
    assert client.get(f"{path}/erasure").headers["Location"] == path  # nothing was asked yet
    client.fake.ask_for_confirmation(reference)
    assert f'href="{path}/erasure"' in client.get(path).body
    page = client.get(f"{path}/erasure")
    assert [words for words in said if words not in page.words] == []
    assert "confirm_erasure" not in client.fake.calls
    confirmed = client.follow(client.fill(f"{path}/erasure"))
    assert client.fake.calls.count("confirm_erasure") == 1
    assert {"en": "until 6 September 2026, 10:30 (Japan Time)", "ja": "2026年9月6日 10:30（日本時間）まで"}[
        language
    ] in confirmed.words
    assert f'href="{path}/erasure"' in confirmed.body
    page = client.get(f"{path}/erasure")  # what goes is shown for as long as it can be undone
    until = {"en": "until 6 September 2026, 10:30 (Japan Time)", "ja": "2026年9月6日 10:30（日本時間）まで"}
    assert [words for words in [*said, until[language]] if words not in page.words] == []
    assert f'action="{path}/withdraw"' in page.body
    assert f'action="{path}/erasure"' not in page.body


def test_an_erasure_is_undone_by_a_post_on_the_page_that_the_letter_names(client: SiteClient) -> None:
    reference = client.make_request()
    client.open_request(reference)
    client.fake.ask_for_confirmation(reference)
    path = f"/en/requests/{reference}"
    assert "Do you want to withdraw" in client.get(f"{path}/withdraw").title
    client.fill(f"{path}/erasure")
    page = client.get(f"{path}/withdraw")
    assert "Do you want to undo the deletion?" in page.title
    assert "Points: 1,240" in page.words
    assert client.fake.cases[reference].outcome is None
    assert "You have withdrawn your request" in client.follow(client.fill(f"{path}/withdraw")).words
    secret = client.get(f"{path}/confirm").secret
    assert client.post(f"{path}/erasure", f"csrf={secret}").headers["Location"] == path  # too late to confirm


def test_an_erasure_that_staff_check_can_be_withdrawn_and_shows_no_plan_that_may_have_changed(
    client: SiteClient,
) -> None:
    reference = client.make_request()
    client.open_request(reference)
    client.fake.ask_for_confirmation(reference)
    path = f"/en/requests/{reference}"
    client.fill(f"{path}/erasure")
    case = client.fake.cases[reference]
    assert case.erasure is not None
    case.erasure = case.erasure.model_copy(update={"state": "being_checked", "plan": None})
    assert client.get(f"{path}/erasure").headers["Location"] == path
    page = client.get(f"{path}/withdraw")
    assert "Do you want to undo the deletion?" in page.title
    assert "Points" not in page.words


def test_an_erasure_that_was_never_confirmed_says_that_nothing_was_deleted(client: SiteClient) -> None:
    reference = client.make_request()
    client.open_request(reference)
    client.fake.cases[reference].outcome = Outcome.UNCONFIRMED
    assert "Nothing was deleted" in client.get(f"/en/requests/{reference}").words


def test_a_download_is_named_with_size_checksum_end_and_count_and_made_by_post_alone(client: SiteClient) -> None:
    reference = client.make_request()
    client.open_request(reference)
    path = f"/en/requests/{reference}"
    assert client.get(f"{path}/download").headers["Location"] == path  # nothing to fetch yet
    client.fake.answer(reference)
    page = client.get(f"{path}/download")
    package = client.fake.cases[reference].package
    assert package is not None
    for fact in ("17 September 2026, 10:30 (Japan Time)", "Downloads left 5", "13 bytes", package.parts[0].sha256):
        assert fact in page.words
    assert "download" not in client.fake.calls
    got = client.fill(f"{path}/download", {"part": "1"})
    assert got.status == 200
    assert got.headers["Refresh"] == f"0; url={client.fake.download_url}"
    assert f'href="{client.fake.download_url.replace("&", "&amp;")}"' in got.body
    assert "Downloads left 4" in client.get(f"{path}/download").words
    assert len(PACKAGE) == 13


@pytest.mark.parametrize("part", ["", "x", "0x1", "-1", "１", "99999", "1.0"])
def test_a_part_is_a_small_number(client: SiteClient, part: str) -> None:
    reference = client.make_request()
    client.open_request(reference)
    client.fake.answer(reference)
    assert client.fill(f"/en/requests/{reference}/download", {"part": part}).status == 400


def test_a35_a_download_that_is_over_says_why(client: SiteClient) -> None:
    reference = client.make_request()
    client.open_request(reference)
    client.fake.answer(reference)
    path = f"/en/requests/{reference}/download"
    for _ in range(5):
        client.fill(path, {"part": "1"})
    used_up = client.fill(path, {"part": "1"})
    assert (used_up.status, "All downloads are used up" in used_up.words) == (410, True)
    assert client.fill(path, {"part": "2"}).status == 404
    client.fake.clock.advance(timedelta(days=14))
    client.cookie = ""
    client.open_request(reference)
    secret = client.get(f"/en/requests/{reference}/confirm").secret
    over = client.post(path, f"csrf={secret}&part=1")
    assert (over.status, "can no longer be downloaded" in over.words) == (410, True)


def test_leaving_closes_the_request_on_this_computer(client: SiteClient) -> None:
    reference = client.make_request()
    client.open_request(reference)
    path = f"/en/requests/{reference}"
    assert client.fill(path, at=f"{path}/leave").headers["Location"] == "/en"
    assert "Open your request" in client.get(path).title


def test_a_reference_is_read_as_people_write_it(client: SiteClient) -> None:
    reference = client.make_request()
    typed = reference.lower().replace("-", " ")
    assert client.fill("/en/my-request", {"reference": typed}).headers["Location"] == f"/en/requests/{reference}"
    assert reference in client.get(f"/en/requests/{reference.lower()}").words
    wrong = client.fill("/en/my-request", {"reference": "RD-7K3M"})
    assert (wrong.status, wrong.values()["reference"]) == (400, "RD-7K3M")
    assert client.fill("/en/my-request", {"reference": ""}).status == 400


@pytest.mark.parametrize("page", ["evidence", "download", "erasure", "withdraw"])
def test_a52_pages_behind_the_code_send_everybody_else_to_it(client: SiteClient, page: str) -> None:
    mine = client.make_request()
    client.open_request(mine)
    other = client.make_request(email="b@example.jp")
    for reference in (other, new_reference()):
        path = f"/en/requests/{reference}"
        assert client.get(f"{path}/{page}").headers["Location"] == path
        secret = client.get(f"{path}/confirm").secret
        answer = client.post(f"{path}/{page}", f"csrf={secret}")
        assert answer.headers.get("Location") == path or answer.status == 400
        assert "Open your request" in client.get(path).title
    assert client.fake.cases[other].outcome is None


def test_dates_are_those_of_the_merchants_zone() -> None:
    client = SiteClient()
    client.fake.clock = MovableClock(datetime(2026, 2, 27, 16, 0, tzinfo=UTC))  # 28 February in Tokyo
    client = SiteClient(fake=client.fake)
    client.make_request()
    assert "28 February 2026" in client.get("/en/sent").words


def asked(client: SiteClient, kind: QuestionKind = QuestionKind.CLARIFICATION, language: str = "en") -> str:
    """A request with a question of staff, open. The path of its page."""
    reference = client.make_request(language)
    case = client.fake.cases[reference]
    case.question = QuestionView(kind=kind, text="Which <orders> {do} you mean?", asked_on=date(2026, 9, 4))
    case.suspended_since = date(2026, 9, 4)
    client.open_request(reference, language)
    return f"/{language}/requests/{reference}"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ("We have a question for you", "On 4 September 2026 we asked you:", "has stood still since 4 September"),
        ),
        ("ja", ("お尋ねしたいことがあります", "2026年9月4日に、次のことを", "2026年9月4日から止まっています")),
    ],
)
def test_a_question_of_staff_is_shown_answered_and_thanked_for(language: str, said: tuple[str, ...]) -> None:
    client = SiteClient()
    path = asked(client, language=language)
    words = client.get(path).words
    assert [text for text in said if text not in words] == []
    assert "Which <orders> {do} you mean?" in words
    thanked = client.follow(client.fill(path, {"answer": "The ones of\r\n2024.\u3000"}, at=f"{path}/answer"))
    assert client.fake.only_case().answers == ["The ones of\n2024."]
    assert ("Thank you" if language == "en" else "お返事をありがとう") in thanked.words
    assert said[0] not in thanked.words
    assert said[2] not in thanked.words


@pytest.mark.parametrize("kind", list(QuestionKind))
def test_why_it_is_asked_is_said_and_no_identity_card_is_wanted(client: SiteClient, kind: QuestionKind) -> None:
    words = client.get(asked(client, kind)).words
    assert ("We do not need a copy of an identity document" in words) == (kind is QuestionKind.IDENTITY)
    assert ("we go on with what we know" in words) == (kind is QuestionKind.CLARIFICATION)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter your answer"),
        (" \u3000", "Enter your answer"),
        ("x" * 2001, "must be 2,000 characters or fewer"),
        ("a\x07b", "characters that we cannot store"),
        ("\u200b", "Enter your answer"),
        ("My card: 4111 1111 1111 1111", "Leave out card numbers and My Number"),
    ],
)
def test_an_answer_that_does_not_fit_stays_and_is_explained(client: SiteClient, typed: str, said: str) -> None:
    path = asked(client)
    page = client.fill(path, {"answer": typed}, at=f"{path}/answer")
    assert (page.status, page.title.startswith("Error: ")) == (400, True)
    assert page.words.count(said) == 2  # in the summary and at the field
    assert f">{typed.strip()}</textarea>" in page.body
    assert client.fake.only_case().answers == []


def test_an_answer_to_nothing_leads_back_and_says_nothing(client: SiteClient) -> None:
    path = asked(client)
    client.fill(path, {"answer": "One."}, at=f"{path}/answer")
    again = client.post(f"{path}/answer", f"csrf={client.get(path).secret}&answer=Two.")
    assert again.headers["Location"] == path
    assert client.fake.only_case().answers == ["One."]


def test_a52_nobody_answers_without_the_code_of_that_request(client: SiteClient) -> None:
    path = asked(client)
    secret = client.get(path).secret
    client.fake.clock.advance(timedelta(minutes=15))
    late = client.post(f"{path}/answer", f"csrf={secret}&answer=Late.")
    assert late.headers["Location"] == path
    assert client.fake.only_case().answers == []
    assert client.get(f"{path}/answer").status == 405


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [("en", "13 October 2026", "the date is 3 October 2026"), ("ja", "2026年10月13日", "期日は、2026年10月3日です")],
)
def test_both_dates_are_named_where_they_differ(client: SiteClient, language: str, first: str, second: str) -> None:
    reference = client.make_request(language)
    assert second not in client.open_request(reference, language).words
    client.fake.cases[reference].paused = timedelta(days=10)
    words = client.get(f"/{language}/requests/{reference}").words
    assert first in words
    assert second in words
    client.fake.cases[reference].outcome = Outcome.WITHDRAWN
    assert second not in client.get(f"/{language}/requests/{reference}").words


@pytest.mark.parametrize(("language", "said"), [("en", "This day has passed."), ("ja", "この期日を過ぎています。")])
def test_what_is_late_is_called_late_but_not_while_the_person_is_waited_for(
    client: SiteClient, language: str, said: str
) -> None:
    reference = client.make_request(language)
    path = f"/{language}/requests/{reference}"
    client.open_request(reference, language)
    assert said not in client.get(path).words
    client.fake.clock.advance(timedelta(days=60))
    client.open_request(reference, language)
    assert said in client.get(path).words
    client.fake.cases[reference].evidence_needed = True
    assert said not in client.get(path).words


@pytest.mark.parametrize("reason", list(ExtensionReason))
@pytest.mark.parametrize("language", ["en", "ja"])
def test_an_extension_says_until_when_and_why(client: SiteClient, language: str, reason: ExtensionReason) -> None:
    reference = client.make_request(language)
    client.fake.cases[reference].extension = ExtensionView(
        reason=reason, explanation="Your orders of <2009> are on paper.", told_on=date(2026, 9, 20)
    )
    words = client.open_request(reference, language).words
    for said in ("3 December 2026", "20 September 2026") if language == "en" else ("2026年12月3日", "2026年9月20日"):
        assert said in words
    assert "Your orders of <2009> are on paper." in words


@pytest.mark.parametrize(
    ("language", "said"), [("en", "There is nothing to download"), ("ja", "ダウンロードしていただくものはありません")]
)
def test_what_was_done_by_hand_is_in_our_letter_and_there_is_nothing_to_fetch(language: str, said: str) -> None:
    client = SiteClient()
    reference = client.make_request(language, types="erasure")
    words = client.open_request(reference, language).words
    assert ("A member of our team looks after it" if language == "en" else "担当者が対応しています") in words
    case = client.fake.cases[reference]
    case.answered_at = client.fake.clock()
    assert said in client.get(f"/{language}/requests/{reference}").words
    case.outcome = Outcome.FULFILLED
    page = client.get(f"/{language}/requests/{reference}")
    assert said in page.words
    assert "/download" not in page.body


@pytest.mark.parametrize(("language", "said"), [("en", "Our answer stands below"), ("ja", "回答は、この下と")])
def test_the_answer_to_a_question_is_on_its_page(language: str, said: str) -> None:
    client = SiteClient()
    reference = client.make_request(language, types="question", details="Whom do you give my address to?")
    client.open_request(reference, language)
    client.fake.cases[reference].answered_at = client.fake.clock()
    words = client.get(f"/{language}/requests/{reference}").words
    assert said in words
    assert "download" not in words.lower()


SENT = SentView(host="take.portable.example", state="sent", sent_on=date(2026, 9, 25), sha256="a7" * 32, reason=None)
UNSENT = SENT.model_copy(update={"state": "failed", "sent_on": None, "sha256": None})
REFUSED = UNSENT.model_copy(update={"state": "refused", "reason": "They have <no> contract."})


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_request_that_goes_on_as_another_has_no_day_of_its_own(client: SiteClient, language: str) -> None:
    reference = client.make_request(language)
    case = client.fake.only_case()
    assert 'class="due"' in client.open_request(reference, language).body
    case.outcome, case.merged_into = Outcome.MERGED, "RD-28T5-CY4G-M"
    page = client.open_request(reference, language)
    assert 'class="due"' not in page.body
    assert "RD-28T5-CY4G-M" in page.words


@pytest.mark.parametrize(
    ("language", "transfer", "said"),
    [
        ("en", SENT, ("confirmed that it arrived", "25 September 2026", "a7" * 32)),
        ("ja", SENT, ("受け取りの確認がありました", "2026年9月25日", "a7" * 32)),
        ("en", REFUSED, ("We have not sent the file to", "They have <no> contract.")),
        ("ja", REFUSED, ("送信は行っていません", "They have <no> contract.")),
        ("en", UNSENT, ("did not confirm that it arrived",)),
        ("ja", UNSENT, ("受け取りの確認を得られませんでした",)),
    ],
)
def test_what_became_of_the_transfer_to_another_company_is_on_the_page(
    client: SiteClient, language: str, transfer: SentView, said: tuple[str, ...]
) -> None:
    reference = client.make_request(language, types="portability")
    client.fake.only_case().transfer = transfer
    page = client.open_request(reference, language)
    for words in (*said, "take.portable.example"):
        assert words in page.words
    assert "<no>" not in page.body


@pytest.mark.parametrize(
    ("language", "said", "unsaid"),
    [
        ("en", "did not confirm that it arrived", "fetch the file"),
        ("ja", "受け取りの確認を得られませんでした", "お受け取りのうえ"),
    ],
)
def test_who_withdrew_is_not_told_to_fetch_the_file(client: SiteClient, language: str, said: str, unsaid: str) -> None:
    reference = client.make_request(language, types="portability")
    case = client.fake.only_case()
    case.transfer, case.outcome = UNSENT, Outcome.WITHDRAWN
    page = client.open_request(reference, language)
    assert said in page.words
    assert unsaid not in page.words


ADVERTISING, RUNNING = Label(en="To show offers", ja="ご提案"), Label(en="To run the shop", ja="ショップの運営")
GATEWAY = Label(en="Sakura Payments K.K.", ja="株式会社さくら決済")
NOTHING = StoppedView(
    purposes=(), meanwhile=(), recipients=(), needed_goes_on=False, everything=False, since=date(2026, 9, 7),
    provisional=False, ending=(), lifted_on=None,
)  # fmt: skip
WEIGHED = NOTHING.model_copy(update={"meanwhile": (RUNNING,), "provisional": True})
GONE_ON_WITH = NOTHING.model_copy(update={"ending": (RUNNING,), "lifted_on": date(2026, 9, 20)})
HANDED = NOTHING.model_copy(update={"recipients": (GATEWAY,), "needed_goes_on": True, "provisional": True})
ENDED = NOTHING.model_copy(update={"ended_on": date(2026, 9, 20)})
HOLDS = "This holds until we have decided."


@pytest.mark.parametrize(
    ("use", "said", "unsaid"),
    [
        (WEIGHED, ("do not use your data for: To run the shop This holds until",), "whatever we decide"),
        (
            WEIGHED.model_copy(update={"purposes": (ADVERTISING,)}),
            ("whatever we decide: To show offers Since", "until we have decided: To run the shop We tell you before"),
            HOLDS,
        ),
        (GONE_ON_WITH, ("Until 20 September 2026, as we wrote to you, we do not use your data for: To run",), "also"),
        (GONE_ON_WITH.model_copy(update={"purposes": (ADVERTISING,)}), ("to you, also for: To run the shop",), HOLDS),
        (
            HANDED,
            ("Sakura Payments K.K. What a contract with you or a law requires still goes to them.", HOLDS),
            "also",
        ),
        (ENDED, ("What had been stopped for a time ended on 20 September 2026",), HOLDS),
        (HANDED.model_copy(update={"needed_goes_on": False}), ("hand your data to: Sakura", HOLDS), "requires"),
    ],
)
def test_what_is_stopped_is_shown_with_its_end(
    client: SiteClient, use: StoppedView, said: tuple[str, ...], unsaid: str
) -> None:
    reference = client.make_request()
    client.fake.only_case().use = use
    words = client.open_request(reference).words
    stopped = words[words.index("What we have stopped") : words.index("How far we are")]
    for each in said:
        assert each in stopped
    assert unsaid not in stopped


def test_what_is_stopped_is_shown_in_japanese(client: SiteClient) -> None:
    reference = client.make_request("ja")
    client.fake.only_case().use = WEIGHED.model_copy(
        update={"purposes": (ADVERTISING,), "recipients": (GATEWAY,), "needed_goes_on": True}
    )
    words = client.open_request(reference, "ja").words
    for said in ("今後も利用しません。 ご提案", "結論が出るまで、次の目的でも", "引き続き提供します"):
        assert said in words
