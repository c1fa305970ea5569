"""What staff may ask: never for a copy of an identity card (abuse case 5; GDPR 12(6))."""

import pytest

from rightsdesk.domain.clock import QuestionKind
from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.domain.questions import LONGEST_ANSWER, LONGEST_QUESTION, answer_text, question_text

IDENTITY, CLARIFICATION = QuestionKind.IDENTITY, QuestionKind.CLARIFICATION
DOCUMENTS = [
    "Please send us a copy of your passport.",
    "A scan of your ID is enough.",
    "Please upload a photo ID.",
    "Send your identity  card.",
    "We need your\nNATIONAL ID card",
    "a driver’s license or a driving licence",
    "ＰＡＳＳＰＯＲＴをお送りください。",
    "身分証明書の写しをお送りください。",
    "運転免許証をアップロードしてください。",
    "パスポートの画像が必要です。",
    "ﾊﾟｽﾎﾟｰﾄの画像が必要です。",
    "マイナンバーカードの表面をお送りください。",
    "健康保険証をお送りください。",
    "本人確認書類の写しをお送りください。",
    "ご登録は不要ですので、本人確認書類の写しをお送りください。",
    "You need not hurry, but send a copy of your passport.",
    "Do not forget to send us your passport.",
]
FACTS = [
    "In which month did you open your account?",
    "Which address was your last parcel sent to? Did you avoid any ideas of idle identity?",
    "最後にご注文いただいた商品は何ですか。",
    "Which lamp did you order? You need not send a copy of your passport.",
    "最後のご注文は何でしたか。本人確認書類の写しをお送りいただく必要はありません。",
]


def reason_of(kind: QuestionKind, text: str) -> str:
    with pytest.raises(InvalidInputError) as error:
        question_text(kind, text)
    (problem,) = error.value.problems
    assert problem.field == "text"
    return problem.reason


@pytest.mark.parametrize("text", DOCUMENTS)
def test_a05_nobody_is_asked_for_an_identity_document(text: str) -> None:
    assert reason_of(IDENTITY, text) == "identity_document"


@pytest.mark.parametrize("text", FACTS)
def test_facts_may_be_asked_for(text: str) -> None:
    assert question_text(IDENTITY, f" {text} ") == text


def test_what_is_meant_may_be_a_document_that_the_shop_holds() -> None:
    text = "Do you mean the scan of your passport that you sent in 2024?"
    assert question_text(CLARIFICATION, text) == text


@pytest.mark.parametrize("kind", QuestionKind)
def test_a_question_says_something_and_not_too_much(kind: QuestionKind) -> None:
    assert reason_of(kind, "　\n") == "missing"
    assert reason_of(kind, "?") == reason_of(kind, "Which?") == "too_short"
    assert question_text(kind, "when? " * (LONGEST_QUESTION // 6))
    assert reason_of(kind, "when? " * (LONGEST_QUESTION // 6) + "where") == "too_long"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "missing"), (" \t", "missing"), ("x" * 2001, "too_long"), ("4111 1111 1111 1111", "sensitive_number")],
)
def test_so_does_an_answer(text: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        answer_text(text)
    assert [(problem.field, problem.reason) for problem in error.value.problems] == [("answer", reason)]
    assert answer_text(" " + "x" * LONGEST_ANSWER) == "x" * LONGEST_ANSWER
