"""A letter looked at before it goes out: what is shown is what is sent, and looking does nothing."""

import copy
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from rightsdesk.domain.case_views import Draft, LetterPreview
from rightsdesk.domain.clock import ExtensionReason, QuestionKind
from rightsdesk.domain.errors import (
    AlreadyExtendedError,
    CaseClosedError,
    ConflictError,
    ErasedByPlanError,
    ExtensionTooLateError,
    InvalidInputError,
    NotAllowedError,
    NotAwaitingReviewError,
    NotFoundError,
    NotReviewedError,
    QuestionOpenError,
)
from rightsdesk.domain.letters import Letter, OutgoingMail
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.request import ANSWERED_BY_ACCOUNT, Aim, Language, PrivacyRequest, RequestType, Treatment
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.domain.use_stop import lifting_moment
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.services.ask_subject import ask_subject
from rightsdesk.services.close_request import close_request
from rightsdesk.services.extend_request import extend_request
from rightsdesk.services.preview_letter import LetterPreviews
from rightsdesk.services.send_answer import send_answer
from tests.support.desk import APPROVER, HANDLER, MERCHANT, Desk, merchant
from tests.support.fakes import PlainPress
from tests.support.weighing import SCORE, weighing_map

EXPLANATION = "Your letters of nineteen years lie in four archives on tape."
TYPED: dict[Draft, dict[str, str]] = {
    "extended": {"reason": "complexity", "explanation": EXPLANATION},
    "identity_question": {"text": "Which of your two accounts did you write from?"},
    "clarification_question": {"text": "Which orders do you mean?"},
    "refused": {"ground": "gdpr_15_4", "reason": "Every letter names the neighbours."},
    "answer": {},
}


class Press:
    """The merchant's letters; but the code is left plain, so that a play can enter it, and so is what staff get."""

    def __init__(self) -> None:
        self._plain, self._real = PlainPress(), MerchantLetters(MERCHANT, merchant())

    def print(self, letter: Letter, language: Language, values: Mapping[str, Any], *, to: str) -> OutgoingMail:
        plain = letter is Letter.VERIFICATION_CODE or letter.startswith("staff_")
        press = self._plain if plain else self._real
        return press.print(letter, language, values, to=to)


def desk_with_letters(**changes: Any) -> Desk:
    return Desk(press=Press(), **changes)


def preview(
    desk: Desk,
    case: PrivacyRequest,
    draft: Draft,
    typed: Mapping[str, Any] | None = None,
    *,
    staff: StaffMember = HANDLER,
) -> LetterPreview:
    to_person: dict[str, Any] = {"merchant": desk.merchant, "links": lambda: desk.links, "clock": desk.clock}
    return LetterPreviews(
        find=desk.staff.find,
        cases=desk.cases,
        press=desk.press,
        extend=partial(extend_request, **to_person),
        ask=partial(ask_subject, **to_person),
        refuse=partial(close_request, prefixes_of=lambda _: (), **to_person),
        answer=partial(send_answer, data_map=lambda: desk.data_map, recipients_are_told=False, **to_person),
        data_map=lambda: desk.data_map,
        lifted_at=lambda: lifting_moment(desk.clock(), desk.merchant.timezone),
    ).preview(staff, case.reference, draft, TYPED[draft] if typed is None else typed)


def everything(desk: Desk) -> Any:
    return copy.deepcopy((desk.table.cases, desk.table.events, desk.bucket.objects, desk.mailer.outbox))


def send_extension(desk: Desk, case: PrivacyRequest) -> None:
    desk.extend(case, EXPLANATION, reason=ExtensionReason.COMPLEXITY)


def send_identity_question(desk: Desk, case: PrivacyRequest) -> None:
    desk.ask(case, TYPED["identity_question"]["text"], kind=QuestionKind.IDENTITY)


def send_clarification_question(desk: Desk, case: PrivacyRequest) -> None:
    desk.ask(case, TYPED["clarification_question"]["text"])


def send_refusal(desk: Desk, case: PrivacyRequest) -> None:
    desk.refuse(case, "gdpr_15_4", "Every letter names the neighbours.")
    desk.close(case, Outcome.REFUSED)


def send_package(desk: Desk, case: PrivacyRequest) -> None:
    desk.release(case, Treatment.WITHHOLD)
    desk.answer(case)


SENT: dict[Draft, Callable[[Desk, PrivacyRequest], None]] = {
    "extended": send_extension,
    "identity_question": send_identity_question,
    "clarification_question": send_clarification_question,
    "refused": send_refusal,
    "answer": send_package,
}


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("draft", SENT)
def test_what_is_shown_is_what_is_sent_and_looking_changes_nothing(draft: Draft, language: str) -> None:
    desk = desk_with_letters()
    case = desk.awaiting_review(language=language)
    before = everything(desk)
    shown = preview(desk, case, draft)
    assert everything(desk) == before
    SENT[draft](desk, case)
    sent = desk.mailer.outbox[-1]
    assert (shown.subject, shown.text, shown.html) == (sent.subject, sent.text, sent.html)
    assert shown.language == language


@pytest.mark.parametrize("kind", sorted(ANSWERED_BY_ACCOUNT))
@pytest.mark.parametrize("language", ["en", "ja"])
def test_an_answer_without_a_copy_is_shown_as_it_is_sent(kind: RequestType, language: str) -> None:
    desk = desk_with_letters()
    case = desk.awaiting_review(types=(kind,), language=language)
    shown = preview(desk, case, "answer")
    with pytest.raises(InvalidInputError, match="not_held"):
        preview(desk, case, "answer", {"held": {"shop/orders": Treatment.GIVE}})
    send_package(desk, case)
    assert (shown.letter, shown.text) == (Letter.INFORMATION_READY, desk.mailer.outbox[-1].text)


@pytest.mark.parametrize(
    ("kind", "letter"),
    [
        (RequestType.RECTIFICATION, "rectification_answer"),
        (RequestType.RESTRICTION, "restriction_answer"),
        (RequestType.OBJECTION, "objection_answer"),
        (RequestType.CONSENT_WITHDRAWAL, "general_answer"),
    ],
)
def test_the_answer_of_a_request_that_staff_carry_out_is_shown_with_their_words(kind: RequestType, letter: str) -> None:
    desk = desk_with_letters()
    case = desk.to_be_carried_out(types=(kind,))
    before = everything(desk)
    shown = preview(desk, case, "answer", {"done": "It is done, in both shops."})
    assert everything(desk) == before
    desk.complete(case, "It is done, in both shops.")
    desk.answer(case)
    assert (shown.letter, shown.text) == (letter, desk.mailer.outbox[-1].text)
    assert "It is done, in both shops." in shown.text


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_staff_leave_stands_in_the_letter_with_its_ground_and_where_to_turn(language: str) -> None:
    ground, article = "gdpr_21_1", {"en": "GDPR 21(1)", "ja": "GDPR第21条第1項"}
    desk = desk_with_letters(data_map=weighing_map())
    case = desk.to_be_carried_out(
        types=(RequestType.OBJECTION,), aim=Aim(objects_to="other"), language=language, country="IE"
    )
    done = {"en": "Your account was looked at.", "ja": "お客様のアカウントを確認しました。"}[language]
    with pytest.raises(InvalidInputError, match="kept: missing"):
        preview(desk, case, "answer", {"done": done})
    before = everything(desk)
    reason = {"en": "Three orders were not paid.", "ja": "ご注文3件のお支払いが済んでいないためです。"}[language]
    said = {"done": done, "kept": {SCORE: ground}}
    with pytest.raises(InvalidInputError, match=r"reasons\.fraud: missing"):
        preview(desk, case, "answer", said)
    shown = preview(desk, case, "answer", said | {"reasons": {"fraud": reason}})
    assert everything(desk) == before
    desk.complete(case, done, kept={SCORE: ground}, reasons={"fraud": reason})
    desk.answer(case)
    assert shown.text == desk.mailer.outbox[-1].text
    score = {"en": "Account: Fraud score", "ja": "アカウント：不正利用スコア"}[language]
    line = {
        "en": f"To prevent fraud ({score}). {reason} ",
        "ja": f"不正防止（{score}）：{reason} ",
    }[language]
    for words in (line, article[language], "dataprotection.ie"):
        assert words in shown.text
    assert shown.text.count(score) == 1


def test_the_letter_about_a_decision_is_known_once_it_is_reviewed() -> None:
    desk = desk_with_letters()
    case = desk.to_be_carried_out(types=(RequestType.AUTOMATED_DECISION,))
    with pytest.raises(NotReviewedError):
        preview(desk, case, "answer", {"done": "There was nothing to change."})
    desk.review(case, reasons="We looked at every order of yours, and none was declined.")
    shown = preview(desk, case, "answer", {"done": "There was nothing to change."}).text
    assert "There is no such decision about you." in shown
    assert "none was declined" in shown
    desk.complete(desk.now(case), "There was nothing to change.")
    desk.answer(case)
    assert desk.mailer.outbox[-1].text == shown


def test_the_answer_to_an_erasure_is_known_once_it_is_erased() -> None:
    desk = desk_with_letters()
    case = desk.confirmed()
    with pytest.raises(ErasedByPlanError):
        preview(desk, case, "answer", {"done": "It is done, in both shops."})


def test_a_package_is_announced_as_its_rows_about_others_are_decided() -> None:
    desk = desk_with_letters()
    case = desk.awaiting_review()
    texts = {
        treatment: preview(desk, case, "answer", {"held": {"shop/orders": treatment}}).text for treatment in Treatment
    }
    assert texts[Treatment.WITHHOLD] == preview(desk, case, "answer").text
    assert len(set(texts.values())) == 3


def test_a_letter_that_went_out_is_shown_again() -> None:
    desk = desk_with_letters()
    case = desk.awaiting_review()
    desk.ask(case)
    desk.answer_question(case)
    shown = preview(desk, case, "clarification_question")
    assert TYPED["clarification_question"]["text"] in shown.text


def test_evidence_stays_out_of_the_letter() -> None:
    desk = desk_with_letters()
    case = desk.awaiting_review()
    typed = {"ground": "gdpr_12_5", "reason": "Answered in full last week.", "evidence": "canary evidence"}
    shown = preview(desk, case, "refused", typed)
    assert "Answered in full last week." in shown.text
    assert "canary" not in shown.text + shown.html


def test_a47_what_staff_type_is_no_markup() -> None:
    desk = desk_with_letters()
    case = desk.awaiting_review()
    shown = preview(desk, case, "clarification_question", {"text": "<img src=x onerror=alert(1)> {{7*7}}"})
    assert "<img" not in shown.html
    assert "{{7*7}}" in shown.text


@pytest.mark.parametrize(
    ("draft", "typed", "problems"),
    [
        ("extended", {"reason": "complexity"}, [("explanation", "missing")]),
        ("extended", {"reason": "workload", "explanation": "x"}, [("reason", "not_a_choice")]),
        ("extended", TYPED["extended"] | {"text": "x"}, [("text", "not_of_this_letter")]),
        ("identity_question", {}, [("text", "missing")]),
        ("identity_question", {"text": "Send a copy of your passport."}, [("text", "identity_document")]),
        ("refused", {"ground": "gdpr_15_4"}, [("reason", "missing")]),
        ("refused", {"ground": "gdpr_21_1", "reason": "x"}, None),
        ("answer", {"done": "x"}, [("done", "not_of_this_letter")]),
        ("answer", {"held": {"shop/members": Treatment.GIVE}}, [("held.shop/members", "not_held")]),
        ("answer", {"kept": {}}, [("kept", "not_of_this_letter")]),
        ("answer", {"reasons": {}}, [("reasons", "not_of_this_letter")]),
        ("extended", TYPED["extended"] | {"held": {}}, [("held", "not_of_this_letter")]),
    ],
)
def test_what_could_not_be_sent_is_not_shown(
    draft: Draft, typed: dict[str, Any], problems: list[tuple[str, str]] | None
) -> None:
    desk = desk_with_letters()
    case = desk.awaiting_review()
    with pytest.raises(InvalidInputError) as refused:
        preview(desk, case, draft, typed)
    if problems:
        assert [(problem.field, problem.reason) for problem in refused.value.problems] == problems


def test_an_answer_by_hand_has_to_say_what_was_done() -> None:
    desk = desk_with_letters()
    with pytest.raises(InvalidInputError, match="done: missing"):
        preview(desk, desk.to_be_carried_out(), "answer", {})


def test_what_the_law_or_the_case_forbids_is_not_shown_either() -> None:
    desk = desk_with_letters()
    case = desk.awaiting_review()
    desk.ask(case)
    with pytest.raises(QuestionOpenError):
        preview(desk, case, "clarification_question")
    desk.extend(desk.now(case))
    with pytest.raises(AlreadyExtendedError):
        preview(desk, case, "extended")
    late = desk.awaiting_review(email="tom@example.net")
    desk.clock.advance(timedelta(days=40))
    with pytest.raises(ExtensionTooLateError):
        preview(desk, late, "extended")


@pytest.mark.parametrize("draft", ["refused", "answer"])
def test_before_and_after_the_review_there_is_nothing_to_show(draft: Draft) -> None:
    desk = desk_with_letters()
    case = desk.collecting()
    with pytest.raises(NotAwaitingReviewError):
        preview(desk, case, draft)
    desk = desk_with_letters()
    released = desk.awaiting_review()
    desk.release(released)
    with pytest.raises(NotAwaitingReviewError):
        preview(desk, released, draft)


def test_of_a_closed_case_there_is_no_letter_left() -> None:
    desk = desk_with_letters()
    case = desk.collecting()
    desk.withdraw(case)
    with pytest.raises(CaseClosedError):
        preview(desk, case, "extended")


@pytest.mark.parametrize("draft", SENT)
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_a96_letters_name_the_person_and_are_for_who_works_on_cases(draft: Draft, role: Role) -> None:
    desk = desk_with_letters()
    case = desk.awaiting_review()
    calls = len(desk.faults.calls)
    with pytest.raises(NotAllowedError):
        preview(desk, case, draft, staff=StaffMember(user_id="sub-1", roles=frozenset({role})))
    assert len(desk.faults.calls) == calls


def test_an_unknown_reference_has_no_letters() -> None:
    desk = desk_with_letters()
    unknown = desk.awaiting_review().model_copy(update={"reference": "RD-28T5-CY4G-M"})
    with pytest.raises(NotFoundError):
        preview(desk, unknown, "extended")


def test_a_refusal_says_when_that_ends_which_was_stopped_meanwhile() -> None:
    desk = desk_with_letters()
    case = desk.to_be_carried_out(types=(RequestType.RESTRICTION,), aim={"ground": "claims"})
    desk.use_stopper().stop(case.request_id)
    typed = {"ground": "gdpr_18_1", "reason": "Nothing of it is needed for a claim."}
    shown = preview(desk, desk.now(case), "refused", typed)
    desk.use_stopper().lift(case.request_id)
    assert preview(desk, desk.now(case), "refused", typed).text == shown.text
    assert "This restriction ends on" in shown.text


def test_a_letter_that_its_use_case_does_not_write_is_a_conflict() -> None:
    desk = desk_with_letters()
    case = desk.awaiting_review()
    silent = LetterPreviews(
        find=desk.staff.find,
        cases=desk.cases,
        press=desk.press,
        **dict.fromkeys(("extend", "ask", "refuse", "answer"), lambda *_, **__: None),
        data_map=lambda: desk.data_map,
        lifted_at=desk.clock,
    )
    with pytest.raises(ConflictError, match="no letter"):
        silent.preview(APPROVER, case.reference, "extended", TYPED["extended"])
