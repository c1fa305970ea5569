"""The page of a recipient of data: opened by its link alone, read without any trace, answered by its own form."""

# serves: E-03, E-04, E-05, P-10

import re
from html import unescape

import pytest

from rightsdesk.domain.fields import Label
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.recipient_notice import NoticeState
from rightsdesk.domain.views import ToldView
from tests.support.fake_subject_desk import NOTICE, NOTICE_TOKEN
from tests.support.site_client import SiteClient, rest_event

NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='alert(1)",
    "{{7*7}} {% raw %} ${jndi:ldap://x} %s %(name)s {0} {value}",
    "</textarea></dd></dl><h1>Erase everything</h1>",
]
WHY = "The parcels are delivered, and the labels are destroyed."


WHO = Label(en="Tsubame Express Co., Ltd. (deliveries)", ja="つばめ運輸株式会社（配送）")
ON = NOTICE.asked_on


@pytest.fixture
def client() -> SiteClient:
    return SiteClient()


def page(language: str = "en", token: str = NOTICE_TOKEN) -> str:
    return f"/{language}/notices/{token}"


def status_page(client: SiteClient, language: str, told: ToldView) -> str:
    reference = client.make_request(language)
    case = client.fake.cases[reference]
    client.fill(f"/{language}/requests/{reference}/confirm", {"code": client.fake.last_code(case.submission.email)})
    case.outcome, case.recipients = Outcome.FULFILLED, (told,)
    client.open_request(reference, language)
    return client.get(f"/{language}/requests/{reference}").words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("RN-3F2A-9C01", "Correct the record", "Order number K000001-0001", "21 September 2026 (Japan Time)")),
        ("ja", ("RN-3F2A-9C01", "訂正してください", "注文番号 K000001-0001", "2026年9月21日（日本時間）")),
    ],
)
def test_it_says_what_to_do_with_which_record_and_by_when(
    client: SiteClient, language: str, words: tuple[str, ...]
) -> None:
    shown = client.get(page(language))
    assert shown.status == 200
    for each in words:
        assert each in shown.words
    assert shown.headers["Cache-Control"] == "no-store"
    assert client.fake.said == [], "to look changes nothing"


@pytest.mark.parametrize("state", ["acknowledged", "done"])
def test_it_is_answered_with_one_choice(client: SiteClient, state: str) -> None:
    shown = client.follow(client.fill(page(), {"state": state, "reason": "not read"}))
    assert client.fake.said == [(NOTICE_TOKEN, NoticeState(state), None)]
    assert "Thank you" in shown.words


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("state", ["done_in_part", "impossible"])
def test_what_is_not_done_needs_its_reason(client: SiteClient, language: str, state: str) -> None:
    refused = client.fill(page(language), {"state": state, "reason": ""})
    assert refused.status == 400
    assert 'href="#reason"' in refused.body
    assert f'value="{state}" checked' in refused.body, "what was chosen stays chosen"
    client.follow(client.fill(page(language), {"state": state, "reason": WHY}))
    assert client.fake.said == [(NOTICE_TOKEN, NoticeState(state), WHY)]


@pytest.mark.parametrize("state", ["", "sent", "to_do", "disproportionate", "no such"])
def test_nothing_else_is_an_answer(client: SiteClient, state: str) -> None:
    refused = client.fill(page(), {"state": state, "reason": WHY})
    assert refused.status == 400
    assert 'href="#state"' in refused.body
    assert client.fake.said == []


def test_the_same_answer_twice_is_one(client: SiteClient) -> None:
    secret = client.get(page()).secret
    for _ in range(2):
        assert client.post(page(), f"csrf={secret}&state=done&reason=").status == 303
    assert client.fake.said == [(NOTICE_TOKEN, NoticeState.DONE, None)]
    assert "<form" not in client.get(page()).body.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize(
    ("language", "words", "thanks"),
    [("en", "your earlier one stands", "Thank you"), ("ja", "先にいただいたご回答が有効です", "ありがとうございます")],
)
def test_an_answer_that_is_not_taken_thanks_for_no_other(
    client: SiteClient, language: str, words: str, thanks: str
) -> None:
    client.fill(page(language), {"state": "done_in_part", "reason": WHY})
    shown = client.fill(page(language), {"state": "impossible", "reason": WHY})
    assert shown.status == 409
    assert words in shown.words
    assert "privacy@" in shown.words
    assert thanks not in shown.words
    assert thanks in client.get(page(language)).words, "looked at again, it says what is on record"


def test_of_what_is_over_without_an_answer_it_says_so(client: SiteClient) -> None:
    client.fake.notices[NOTICE_TOKEN] = NOTICE.model_copy(update={"open": False})
    assert "Nothing more has to be done here" in client.get(page()).words


def test_another_link_leads_nowhere_and_says_nothing(client: SiteClient) -> None:
    for token in ("x", NOTICE_TOKEN[:-1] + "z", "<script>"):
        answer = client.get(page(token=token))
        assert answer.status == 404
        assert "RN-" not in answer.words
        assert "<script>" not in answer.body
    assert client.post(page(token="x"), "state=done").status == 403, "nor without our own form"


def test_a_form_from_elsewhere_changes_nothing(client: SiteClient) -> None:
    secret = client.get(page()).secret
    answer = client.post(page(), f"csrf={secret}&state=done", Origin="https://elsewhere.example")
    assert answer.status == 403
    assert client.post(page(), "csrf=made-up&state=done").status == 403
    assert client.fake.said == []


def test_it_names_nobody(client: SiteClient) -> None:
    assert NOTICE.known_by[0].values[0] in client.get(page()).words
    for word in ("jane", "RD-", "@example"):
        assert word not in client.get(page()).words


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Who was told", "Tsubame Express", "is working on it")), ("ja", ("提供先", "つばめ運輸", "対応中です"))],
)
def test_the_person_sees_who_was_told_and_how_far_each_is(
    client: SiteClient, language: str, words: tuple[str, ...]
) -> None:
    shown = status_page(client, language, ToldView(who=WHO, state=NoticeState.ACKNOWLEDGED, settled=False, told_on=ON))
    for each in words:
        assert each in shown


@pytest.mark.parametrize(
    ("language", "words", "not_said"),
    [("en", "is not told any more", "will be told"), ("ja", "お知らせしません", "これからお知らせします")],
)
def test_nobody_is_promised_to_be_told_of_what_was_lifted(
    client: SiteClient, language: str, words: str, not_said: str
) -> None:
    told = ToldView(who=WHO, state=NoticeState.TO_DO, settled=True, told_on=None, told_no_more=True)
    shown = status_page(client, language, told)
    assert words in shown
    assert not_said not in shown


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("nasty", NASTY)
def test_a47_a48_what_the_shop_holds_and_what_is_typed_stays_text(
    client: SiteClient, nasty: str, language: str
) -> None:
    (value, *others), (known, *_) = NOTICE.fields, NOTICE.known_by
    client.fake.notices[NOTICE_TOKEN] = NOTICE.model_copy(
        update={
            "fields": (value.model_copy(update={"value": nasty}), *others),
            "known_by": (known.model_copy(update={"values": (nasty,)}),),
        }
    )
    shown = client.get(page(language))
    assert unescape(shown.body).count(nasty) == 2
    refused = client.fill(page(language), {"state": nasty, "reason": nasty})
    assert (refused.status, unescape(refused.body).count(nasty)) == (400, 3)
    for seen in (shown, refused):
        assert not re.search(r"<script|<img src=x|<h1>Erase", seen.body)
        assert not [name for name in seen.attributes if name.startswith("on")]
        assert seen.body.count("</textarea>") == 1
    assert "49" not in shown.words.replace(NOTICE.reference, "")
    assert client.fake.said == []


@pytest.mark.parametrize("value", ["\u202eevil\u202c", "א ב ג", "𠮷野家"])
def test_a49_the_right_value_is_shown_apart_in_its_own_direction(client: SiteClient, value: str) -> None:
    (first, *others) = NOTICE.fields
    changed = (first.model_copy(update={"value": value}), *others)
    client.fake.notices[NOTICE_TOKEN] = NOTICE.model_copy(update={"fields": changed})
    assert f'<bdi class="typed">{value}</bdi>' in client.get(page()).body


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("state=done&state=impossible&reason=", 400),
        ("state=done&reason=&let_rest_by=me", 400),
        ("state=done&reason=&recipient=printer&settled=true", 400),
        ("state=impossible&reason=a%00b", 400),
        ("state=impossible&reason=" + "x" * 10_000_000, 413),
    ],
)
def test_a42_a51_a_recipient_says_how_far_it_is_and_nothing_else(client: SiteClient, body: str, status: int) -> None:
    secret = client.get(page()).secret
    assert client.post(page(), f"csrf={secret}&{body}").status == status
    assert (client.fake.said, client.reports) == ([], [])


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE"])
def test_a26_a_scanner_that_opens_the_link_answers_nothing(client: SiteClient, method: str) -> None:
    for event in (rest_event(method, page()), rest_event("GET", page(), headers={"Purpose": "prefetch"})):
        answer = client.send(event)
        assert answer.status in (200, 405)
    assert client.fake.said == []
    assert client.fake.notices[NOTICE_TOKEN] == NOTICE
