"""From the start to the request that is sent: one question after the other, in both languages."""

import re
from datetime import timedelta
from typing import Any

import pytest

from rightsdesk.domain.request import Aim, Door, RequestType
from tests.support.site_client import EXACTLY_SAID, SiteClient

QUESTIONS = {
    "en": ("What do you want to do?", "Where do you live?", "Your details", "Check your answers"),
    "ja": ("ご希望の内容をお選びください", "どちらにお住まいですか", "お客様の情報", "入力内容の確認"),
}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_each_question_leads_to_the_next_and_the_request_is_what_was_answered(language: str) -> None:
    client = SiteClient()
    assert f'href="/{language}/your-request"' in client.get(f"/{language}").body
    first, second, third, last = QUESTIONS[language]
    assert first in client.get(f"/{language}/your-request").title
    page = client.follow(client.fill(f"/{language}/your-request", {"types": ["access"]}))
    assert second in page.title
    page = client.follow(client.fill(f"/{language}/where-you-live", {"country": "NO"}))
    assert third in page.title
    typed = {"name": "田中 愛子", "email": " Aiko@Example.JP ", "order_number": "", "details": "1\r\n2"}
    page = client.follow(client.fill(f"/{language}/your-details", typed))
    assert last in page.title
    assert ("Norway" if language == "en" else "ノルウェー") in page.words
    sent = client.follow(client.fill(f"/{language}/check-your-answers"))
    case = client.fake.only_case()
    assert case.reference in sent.words
    assert "Aiko@Example.JP" in sent.words
    assert ("17 September 2026" if language == "en" else "2026年9月17日") in sent.words
    submission = case.submission
    assert submission.types == (RequestType.ACCESS,)
    assert (submission.country, submission.language, submission.door) == ("NO", language, Door.WEB)
    assert (submission.name, submission.order_number, submission.details) == ("田中 愛子", None, "1\n2")


@pytest.mark.parametrize(
    ("page", "fields", "wrong"),
    [
        ("your-request", {}, {"types"}),
        ("your-request", {"types": "everything"}, {"types"}),
        ("where-you-live", {}, {"country"}),
        ("where-you-live", {"country": "US"}, {"country"}),
        ("your-request", {"types": ["erasure", "portability"]}, {"types"}),
        ("your-region", {"region": "DE-XX"}, {"region"}),
        ("your-region", {"region": "AT-1"}, {"region"}),
        ("your-details", {}, {"name", "email"}),
        ("your-details", {"name": "\u200b\u2060", "email": "a@example.jp"}, {"name"}),
        ("your-details", {"name": " ", "email": "a@b"}, {"name", "email"}),
        ("your-details", {"name": "A", "email": "a@example.jp", "order_number": "1" * 65}, {"order_number"}),
        ("your-details", {"name": "A", "email": "a@example.jp", "details": "x" * 601}, {"details"}),
        ("your-details", {"name": "A", "email": "a@example.jp", "details": "4111 1111 1111 1111"}, {"details"}),
        ("your-details", {"name": "A\x07", "email": "a@example.jp"}, {"name"}),
        ("your-details", {"name": "A\nB", "email": "a@example.jp"}, {"name"}),
        ("your-details", {"name": "A", "email": f"{'a' * 250}@example.jp"}, {"email"}),
    ],
)
@pytest.mark.parametrize(("language", "prefix"), [("en", "Error: "), ("ja", "エラー：")])
def test_what_does_not_fit_is_said_in_a_summary_and_at_the_field(
    language: str, prefix: str, page: str, fields: dict[str, str], wrong: set[str]
) -> None:
    client = SiteClient()
    client.fill("/en/where-you-live", {"country": "DE"})
    answer = client.fill(f"/{language}/{page}", fields)
    assert answer.status == 400
    assert answer.title.startswith(prefix)
    summary, _, form = answer.body.partition("</ul>\n</div>")[0].rpartition('<div class="problems"')[2], "", answer.body
    said = dict(re.findall(r'<a href="#(\w+)">([^<]+)</a>', summary))
    assert set(said) == wrong
    for name, words in said.items():
        assert f'id="{name}"' in form
        assert re.search(rf'id="{name}-problem"><span class="hidden">[^<]+</span> {re.escape(words)}', form)
        assert f"{name}-problem" in form.partition("<form")[2].replace(f'id="{name}-problem"', "")  # aria-describedby
    assert 'role="alert" tabindex="-1" autofocus' in answer.body


def test_what_was_typed_stays_when_it_does_not_fit_and_in_the_other_language() -> None:
    client = SiteClient()
    answer = client.fill("/en/your-details", {"name": "Zoë <Ω>", "email": "zoë@", "order_number": "7", "details": "hm"})
    expected = {"name": "Zoë <Ω>", "email": "zoë@", "order_number": "7"}
    assert answer.values() | expected == answer.values()
    assert ">hm</textarea>" in answer.body
    (other,) = re.findall(r'<a lang="ja"[^>]* href="([^"]+)"', answer.body)
    japanese = client.get(other)
    assert japanese.values() | expected == japanese.values()
    assert "お客様の情報" in japanese.title


@pytest.mark.parametrize("kind", list(RequestType))
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_right_can_be_asked_for_by_itself(language: str, kind: RequestType) -> None:
    client = SiteClient()
    client.make_request(language, types=kind.value, details="The postcode is wrong.")
    assert client.fake.only_case().submission.types == (kind,)


def test_each_right_stands_on_the_page_once() -> None:
    body = SiteClient().get("/en/your-request").body
    assert sorted(re.findall(r'type="radio" name="types" id="[\w-]+" value="(\w+)"', body)) == sorted(RequestType)


def test_a_copy_may_come_with_a_file_for_another_service_and_stays_chosen() -> None:
    client = SiteClient()
    client.make_request(types=["access", "portability"])
    assert client.fake.only_case().submission.types == (RequestType.ACCESS, RequestType.PORTABILITY)
    client.fill("/en/your-request", {"types": ["access", "portability"]})
    assert chosen(client) == [("radio", "access"), ("checkbox", "portability")]
    client.fill("/en/your-request", {"types": ["portability"]})
    assert chosen(client) == [("radio", "portability")]
    client.fill("/en/your-request", {"types": ["portability", "portability"]})  # the button, and the box as well
    assert chosen(client) == [("radio", "portability")]


@pytest.mark.parametrize(("language", "said"), [("en", "Choose one thing at a time"), ("ja", "一度に一つだけ")])
def test_two_rights_are_two_requests_and_the_page_says_so(language: str, said: str) -> None:
    client = SiteClient()
    answer = client.fill(f"/{language}/your-request", {"types": ["portability", "erasure"]})
    assert (answer.status, said in answer.words) == (400, True)
    assert re.findall(r'value="(\w+)" aria-describedby="[\w-]+" checked', answer.body) == ["erasure"]


def chosen(client: SiteClient) -> list[tuple[str, str]]:
    body = client.get("/en/your-request").body
    return re.findall(r'<input type="(\w+)" name="types" id="[\w-]+" value="(\w+)"[^>]* checked>', body)


@pytest.mark.parametrize("kind", ["rectification", "restriction", "objection"])
@pytest.mark.parametrize("typed", ["", " ", "\u200b\u2060"])
def test_what_is_to_be_corrected_held_or_stopped_has_to_be_said(kind: str, typed: str) -> None:
    client = SiteClient()
    client.fill("/en/your-request", {"types": kind})
    if exactly := EXACTLY_SAID.get(kind):
        client.fill("/en/what-exactly", exactly)
    client.fill("/en/where-you-live", {"country": "JP"})
    answer = client.fill("/en/your-details", {"name": "A", "email": "a@example.jp", "details": typed})
    said = "what in your situation speaks against this use" if kind == "objection" else "what your request is about"
    assert (answer.status, f"Tell us {said}" in answer.words) == (400, True)
    assert client.get("/en/check-your-answers").headers["Location"] == "/en/your-details"


@pytest.mark.parametrize(
    ("kind", "said", "aim"),
    [
        ("objection", {"objects_to": "marketing"}, Aim(objects_to="marketing")),
        ("objection", {"objects_to": "both"}, None),
        ("objection", {"objects_to": "named", "purposes": ["promotion"]}, Aim(purposes=("promotion",))),
        ("restriction", {"ground": "claims"}, Aim(ground="claims")),
        ("consent_withdrawal", {"purposes": ["newsletter"]}, Aim(purposes=("newsletter",))),
        ("consent_withdrawal", {"purposes": []}, None),
        ("stop_provision", {"recipients": ["carrier"]}, Aim(recipients=("carrier",))),
        ("rectification", {"meanwhile": "yes"}, Aim(meanwhile=True)),
        ("rectification", {}, None),
    ],
)
def test_what_exactly_is_to_stop_goes_with_the_request(kind: str, said: dict[str, Any], aim: Aim | None) -> None:
    client = SiteClient()
    client.make_request(types=kind, details="Because of my situation.", **said)
    assert client.fake.only_case().submission.aim == aim


TAKEN_AT = "https://take.portable.example/v1/in?a=b"


@pytest.mark.parametrize(
    ("types", "typed", "aim"),
    [
        ("portability", f" {TAKEN_AT} ", Aim(send_to=TAKEN_AT)),
        (["access", "portability"], TAKEN_AT, Aim(send_to=TAKEN_AT)),
        ("portability", "", None),
        ("portability", "  ", None),
        ("access", TAKEN_AT, None),
    ],
)
def test_who_takes_data_elsewhere_may_name_where_to(types: str | list[str], typed: str, aim: Aim | None) -> None:
    client = SiteClient()
    client.make_request(types=types, send_to=typed)
    assert client.fake.only_case().submission.aim == aim


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Enter an address that begins with https://"), ("ja", "https:// で始まり")]
)
@pytest.mark.parametrize("typed", ["take.portable.example", "http://take.portable.example/", "https://127.0.0.1/"])
def test_a50_what_can_not_be_called_is_said_at_the_field(language: str, said: str, typed: str) -> None:
    client = SiteClient()
    page = client.follow(client.fill(f"/{language}/your-request", {"types": "portability"}))
    assert 'id="send_to"' in page.body
    answer = client.fill(f"/{language}/what-exactly", {"send_to": typed})
    assert (answer.status, said in answer.words) == (400, True)
    assert client.get(f"/{language}/check-your-answers").headers["Location"] == f"/{language}/what-exactly"


@pytest.mark.parametrize(
    ("language", "kind", "said"),
    [
        ("en", "portability", "What exactly I fetch the file myself"),
        ("ja", "portability", "具体的な内容 ファイルは自分で受け取る"),
        ("en", "rectification", "What exactly You need not stop using my data meanwhile"),
        ("ja", "rectification", "具体的な内容 その間の利用停止は希望しない"),
        ("en", "consent_withdrawal", "What exactly Everything that this right reaches"),
    ],
)
def test_what_was_left_empty_is_read_once_more_in_words_of_its_right(language: str, kind: str, said: str) -> None:
    words = SiteClient().answer_all(types=kind, language=language, details="The postcode is 153-0063.").words
    assert said in words


@pytest.mark.parametrize(("language", "said"), [("en", "Send the file to: "), ("ja", "送信先：")])
def test_the_address_is_read_once_more_before_it_is_sent(language: str, said: str) -> None:
    client = SiteClient()
    client.answer_all(types="portability", send_to=TAKEN_AT, language=language)
    assert f"{said}{TAKEN_AT}" in client.get(f"/{language}/check-your-answers").words


@pytest.mark.parametrize("aim", [{"objects_to": "marketing"}, {"objects_to": "named", "purposes": ["promotion"]}])
def test_nobody_has_to_give_a_reason_against_advertising(aim: dict[str, Any]) -> None:
    client = SiteClient()
    client.make_request(types="objection", **aim)
    assert client.fake.only_case().submission.details is None


@pytest.mark.parametrize(
    "aim",
    [
        {"objects_to": "other"},
        {"objects_to": "both"},
        {"objects_to": "named", "purposes": ["fraud_prevention"]},
        {"objects_to": "named", "purposes": ["promotion", "fraud_prevention"]},
    ],
)
@pytest.mark.parametrize(
    ("language", "said"), [("en", "Tell us what in your situation"), ("ja", "ご事情をご記入ください")]
)
def test_against_any_other_use_the_situation_has_to_be_told(aim: dict[str, Any], language: str, said: str) -> None:
    """GDPR 21(1): on grounds relating to the particular situation; the page says so at the field."""
    client = SiteClient()
    client.fill(f"/{language}/your-request", {"types": "objection"})
    client.fill(f"/{language}/what-exactly", aim)
    page = client.follow(client.fill(f"/{language}/where-you-live", {"country": "JP"}))
    assert not re.search(r'<label for="details">[^<]*<span class="mark optional">', page.body)
    answer = client.fill(f"/{language}/your-details", {"name": "A", "email": "a@example.jp", "details": ""})
    assert answer.status == 400
    assert re.search(rf'id="details-problem">.*{said}', answer.body)
    assert client.get(f"/{language}/check-your-answers").headers["Location"] == f"/{language}/your-details"


def test_a51_names_that_fit_nothing_are_no_reason_to_break() -> None:
    client = SiteClient()
    client.fill("/en/your-request", {"types": "objection"})
    client.fill("/en/what-exactly", {"objects_to": "named", "purposes": ["No Name"]})
    assert client.get("/en/your-details").status == 200
    assert client.get("/en/check-your-answers").headers["Location"] == "/en/what-exactly"


@pytest.mark.parametrize("kind", ["objection", "restriction"])
def test_what_exactly_has_to_be_chosen_where_it_decides(kind: str) -> None:
    client = SiteClient()
    page = client.follow(client.fill("/en/your-request", {"types": kind}))
    answer = client.fill("/en/what-exactly", {})
    assert (page.status, answer.status, answer.title[:6]) == (200, 400, "Error:")
    client.fill("/en/where-you-live", {"country": "JP"})
    assert client.get("/en/check-your-answers").headers["Location"] == "/en/what-exactly"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Tick the uses that you object to"), ("ja", "異議のある利用目的")]
)
def test_who_objects_to_some_uses_alone_says_to_which(language: str, said: str) -> None:
    client = SiteClient()
    page = client.follow(client.fill(f"/{language}/your-request", {"types": "objection"}))
    assert 'value="promotion"' in page.body
    answer = client.fill(f"/{language}/what-exactly", {"objects_to": "named"})
    assert (answer.status, said in answer.words) == (400, True)


@pytest.mark.parametrize("objects_to", ["marketing", "other", "both"])
@pytest.mark.parametrize(("language", "said"), [("en", "You ticked uses below"), ("ja", "利用目的が選ばれています")])
def test_what_is_ticked_beside_another_answer_is_not_passed_over(language: str, said: str, objects_to: str) -> None:
    client = SiteClient()
    client.fill(f"/{language}/your-request", {"types": "objection"})
    answer = client.fill(f"/{language}/what-exactly", {"objects_to": objects_to, "purposes": ["promotion"]})
    assert (answer.status, said in answer.words) == (400, True)


def test_what_was_said_exactly_of_another_right_is_left_aside() -> None:
    client = SiteClient()
    client.fill("/en/your-request", {"types": "objection"})
    client.fill("/en/what-exactly", {"objects_to": "marketing"})
    client.make_request(types="access")
    assert client.fake.only_case().submission.aim is None


@pytest.mark.parametrize("name", ["horoscopes", "service"])
def test_a51_a_name_that_was_not_offered_is_refused(name: str) -> None:
    client = SiteClient()
    client.answer_all(types="consent_withdrawal", purposes=[name])
    assert client.fill("/en/check-your-answers").status == 400
    assert client.fake.cases == {}


@pytest.mark.parametrize("name", ["../x", "x" * 100, "<script>"])
def test_a51_what_can_be_no_name_is_refused_where_it_is_chosen(name: str) -> None:
    client = SiteClient()
    client.fill("/en/your-request", {"types": "consent_withdrawal"})
    answer = client.fill("/en/what-exactly", {"purposes": [name]})
    assert (answer.status, "Choose from the list" in answer.words) == (400, True)
    assert "<script" not in answer.body


@pytest.mark.parametrize(("language", "label"), [("en", "What is wrong, and what is right?"), ("ja", "誤っている内容")])
def test_the_last_question_is_about_what_was_chosen(language: str, label: str) -> None:
    client = SiteClient()
    client.fill(f"/{language}/your-request", {"types": "rectification"})
    assert label in client.get(f"/{language}/your-details").words
    client.fill(f"/{language}/your-request", {"types": "access"})
    assert label not in client.get(f"/{language}/your-details").words


@pytest.mark.parametrize(
    ("kind", "country", "names"),
    [
        ("erasure", "JP", "In the law: Erasure (APPI 35)"),
        ("erasure", "FR", "In the law: Erasure (GDPR 17), Erasure (APPI 35)"),
        ("objection", "FR", "In the law: Objection (GDPR 21)"),
        ("objection", "JP", None),
        ("erasure", "ZZ", None),
    ],
)
def test_the_answers_name_the_right_as_the_law_of_that_place_does(kind: str, country: str, names: str | None) -> None:
    words = SiteClient().answer_all(types=kind, country=country, details="All of it.").words
    assert (names in words) if names else ("In the law" not in words)


def test_in_japanese_the_names_are_those_of_the_japanese_law() -> None:
    words = SiteClient().answer_all("ja", types="erasure", country="DE", details="").words
    assert "法律上の名称：消去（GDPR 17）、消去（APPI 35）" in words


def test_who_lives_in_germany_may_say_in_which_land() -> None:
    client = SiteClient()
    client.fill("/en/your-request", {"types": "access"})
    page = client.follow(client.fill("/en/where-you-live", {"country": "DE"}))
    assert "In which federal state do you live?" in page.title
    assert "I would rather not say" in page.words
    client.fill("/en/your-region", {"region": "DE-BY"})
    page = client.follow(client.fill("/en/your-details", {"name": "A", "email": "a@example.jp"}))
    assert "Federal state Bavaria (Bayern) Change" in page.words
    client.fill("/en/check-your-answers")
    assert client.fake.only_case().submission.region == "DE-BY"


def test_the_land_is_nobodys_secret_to_give_and_nothing_once_one_lives_elsewhere() -> None:
    client = SiteClient()
    client.make_request(country="DE")
    assert client.fake.only_case().submission.region is None
    other = SiteClient()
    other.answer_all(country="DE")
    other.fill("/en/your-region", {"region": "DE-BY"})
    page = other.follow(other.fill("/en/where-you-live", {"country": "AT"}))
    assert ("Check your answers" in page.title, "Bavaria" in page.words) == (True, False)
    other.fill("/en/check-your-answers")
    assert (other.fake.only_case().submission.country, other.fake.only_case().submission.region) == ("AT", None)


def test_a_question_that_was_passed_over_is_asked_before_the_answers_are_shown() -> None:
    client = SiteClient()
    assert client.get("/en/check-your-answers").headers["Location"] == "/en/your-request"
    client.fill("/en/your-request", {"types": "access"})
    details = {"name": "A", "email": "a@example.jp"}
    assert client.fill("/en/your-details", details).headers["Location"] == "/en/where-you-live"
    assert client.fill("/en/where-you-live", {"country": "JP"}).headers["Location"] == "/en/check-your-answers"


def test_a_changed_answer_leads_straight_back_to_the_answers() -> None:
    client = SiteClient()
    page = client.answer_all()
    assert 'href="/en/your-details#email"' in page.body
    page = client.follow(client.fill("/en/where-you-live", {"country": "ZZ"}))
    assert "Check your answers" in page.title
    assert "Another country" in page.words


def test_what_was_left_out_is_said_to_be() -> None:
    assert SiteClient().answer_all().words.count("Not provided") == 3
    assert SiteClient().answer_all("ja", country="JP").words.count("未入力") == 2


def test_a_double_click_is_one_request() -> None:
    client = SiteClient()
    client.answer_all()
    before = client.cookie
    first = client.fill("/en/check-your-answers")
    after, client.cookie = client.cookie, before  # the second click leaves before the first is answered
    second = client.fill("/en/check-your-answers")
    assert (first.status, second.status) == (303, 303)
    assert len(client.fake.cases) == 1
    client.cookie = after
    assert client.get("/en/sent").words == client.follow(second).words


def test_sending_once_more_from_the_page_before_shows_what_was_sent() -> None:
    client = SiteClient()
    page = client.answer_all()
    client.fill("/en/check-your-answers")
    again = client.post("/en/check-your-answers", f"csrf={page.secret}")
    assert again.headers["Location"] == "/en/sent"
    assert client.fake.calls == ["submit"]


def test_other_answers_are_another_request() -> None:
    client = SiteClient()
    client.make_request()
    client.make_request(name="Somebody Else")
    assert len(client.fake.cases) == 2


def test_the_answers_leave_the_cookie_when_they_are_sent() -> None:
    client = SiteClient()
    client.make_request(name="Aiko Tanaka")
    assert client.get("/en/your-details").values()["name"] == ""
    assert client.get("/en/check-your-answers").headers["Location"] == "/en/sent"


def test_a_failed_submission_loses_nothing() -> None:
    client = SiteClient()
    client.answer_all()
    client.fake.failing = RuntimeError("down")
    assert client.fill("/en/check-your-answers").status == 500
    assert client.fill("/en/check-your-answers").headers["Location"] == "/en/sent"


def test_the_page_that_says_sent_survives_being_kept_as_a_bookmark() -> None:
    assert SiteClient().get("/ja/sent").headers["Location"] == "/ja/my-request"


def test_answers_are_kept_for_sixty_minutes_after_the_last_step_and_then_the_form_says_so() -> None:
    client = SiteClient()
    client.fill("/en/your-request", {"types": "access"})
    client.fake.clock.advance(timedelta(minutes=59))
    client.fill("/en/where-you-live", {"country": "DE"})
    client.fake.clock.advance(timedelta(minutes=59))
    page = client.get("/en/your-details")
    client.fake.clock.advance(timedelta(minutes=2))
    late = client.post("/en/your-details", f"csrf={page.secret}&name=A&email=a@example.jp")
    assert late.status == 403
    assert "60 minutes" in late.words


@pytest.mark.parametrize("language", ["en", "ja"])
def test_required_and_optional_are_words(language: str) -> None:
    body = SiteClient().get(f"/{language}/your-details").body
    marks = re.findall(r'<label for="\w+">[^<]+(?:<span class="mark[^"]*">([^<]+)</span>)?', body)
    assert marks == (["", "", "(optional)", "(optional)"] if language == "en" else ["必須", "必須", "任意", "任意"])


def test_fields_say_what_they_are_for_to_the_browser() -> None:
    body = SiteClient().get("/en/your-details").body
    assert re.search(r'id="email"[^>]* type="email"[^>]* autocomplete="email" spellcheck="false"', body)
    assert re.search(r'id="name"[^>]* autocomplete="name"', body)
    assert body.count("novalidate") == 1
    assert "required" not in body.partition("<main")[2].partition("</main>")[0]


def test_all_addresses_hold_the_stage_of_the_api() -> None:
    client = SiteClient(base_url="https://privacy.shop.example/live")
    body = client.get("/en/your-request").body
    local = re.findall(r'(?:href|action|src)="(/[^"]*)"', body)
    assert local
    assert all(address.startswith("/live/") for address in local)
    assert client.fill("/en/your-request", {"types": "access"}).headers["Location"] == "/live/en/where-you-live"
    assert client.get("/").headers["Location"] == "/live/en"


@pytest.mark.parametrize("kind", ["question", "complaint"])
def test_who_only_says_something_is_promised_no_month(kind: str) -> None:
    """A question and a complaint have days of their own, which the mail names."""
    client = SiteClient()
    client.make_request(types=kind, details="Whom do you give my address to?")
    words = client.get("/en/sent").words
    assert "answers it. Our e-mail says by which day" in words
    assert "within one month" not in words
