"""The page of a recipient of data: opened by its link alone, read without any trace, answered by its own form."""

# serves: E-03, E-04, E-05, P-10

import pytest

from rightsdesk.domain.fields import Label
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.recipient_notice import NoticeState
from rightsdesk.domain.views import ToldView
from tests.support.fake_subject_desk import NOTICE, NOTICE_TOKEN
from tests.support.site_client import SiteClient

WHY = "The parcels are delivered, and the labels are destroyed."


@pytest.fixture
def client() -> SiteClient:
    return SiteClient()


def page(language: str = "en", token: str = NOTICE_TOKEN) -> str:
    return f"/{language}/notices/{token}"


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
    reference = client.make_request(language)
    case = client.fake.cases[reference]
    client.fill(f"/{language}/requests/{reference}/confirm", {"code": client.fake.last_code(case.submission.email)})
    who = Label(en="Tsubame Express Co., Ltd. (deliveries)", ja="つばめ運輸株式会社（配送）")
    told = ToldView(who=who, state=NoticeState.ACKNOWLEDGED, settled=False, told_on=NOTICE.asked_on)
    case.outcome, case.recipients = Outcome.FULFILLED, (told,)
    client.open_request(reference, language)
    shown = client.get(f"/{language}/requests/{reference}").words
    for each in words:
        assert each in shown
