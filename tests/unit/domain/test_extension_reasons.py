"""An extension is explained by the case, never by the general load (EDPB 01/2022, 162-164)."""

import pytest

from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.domain.extension_reasons import LONGEST_EXPLANATION, explanation_text

LOAD = [
    "We have a high volume of requests.",
    "ＨＩＧＨ　ＶＯＬＵＭＥ",
    "Due to our current workload we need more time.",
    "Our staff are on holiday over Christmas, and we are short-staffed.",
    "We are very busy at the moment. Please be patient.",
    "Because of the holidays our office was closed for two weeks.",
    "Black Friday brought us a high volume of requests.",
    "There is a backlog in our department, and two colleagues are on sick leave.",
    "We received an unusually high\nnumber of enquiries, and a lack of staff does not allow us to answer in time.",
    "業務多忙のため、回答にお時間をいただきます。",
    "現在お問い合わせが多く、対応が遅れております。",
    "ゴールデンウィークの休業により、期限を延長いたします。",
    "人手不足のため、ご請求の処理に時間がかかっております。",
    "年末年始の休暇と大量のお問い合わせのため、申し訳ございませんが延長いたします。",
    "担当者が不在のため、回答が遅れます。",
    "アクセスが集中しているため、回答が遅れます。",
    "Due to numerous requests we are late.",
]
THIS_CASE = [
    "Your orders of nineteen years lie in four archives on tape, which have to be read one by one.",
    "You have made fourteen requests in two weeks, and they cover different accounts.",
    "The recordings of your calls hold the voices of other people, which have to be taken out.",
    "Your mail archive holds 12,000 messages, a high volume that two lawyers have to read for names of others.",
    "お客様の19年間のご注文が四つの保管用テープに分かれており、順に読み出す必要があります。",
    "通話記録に第三者の声が含まれており、一件ずつ取り除く必要があるため、休日を挟んで作業しております。",
]


def reason_of(explanation: str) -> str:
    with pytest.raises(InvalidInputError) as error:
        explanation_text(explanation)
    (problem,) = error.value.problems
    assert problem.field == "explanation"
    return problem.reason


@pytest.mark.parametrize("explanation", LOAD)
def test_a75_what_speaks_of_load_alone_is_no_reason(explanation: str) -> None:
    assert reason_of(explanation) == "general_load"


@pytest.mark.parametrize("explanation", THIS_CASE)
def test_what_speaks_of_the_case_is_taken_as_it_is(explanation: str) -> None:
    assert explanation_text(f"  {explanation}\n") == explanation


def test_load_said_beside_the_reasons_of_the_case_does_not_spoil_them() -> None:
    text = f"{THIS_CASE[0]} {LOAD[0]}"
    assert explanation_text(text) == text


def test_it_has_to_say_something_and_not_too_much() -> None:
    assert reason_of(" \n　") == "missing"
    assert reason_of("-") == reason_of("tapes") == "too_short"
    assert explanation_text("tape " * (LONGEST_EXPLANATION // 5))
    assert reason_of("tape " * (LONGEST_EXPLANATION // 5) + "-") == "too_long"
