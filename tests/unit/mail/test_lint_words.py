"""What a letter must not say, in the words that a merchant may well choose; and what it may say."""

import pytest

from rightsdesk.domain.letters import Letter
from rightsdesk.mail.lint.forbidden import FORGOTTEN, forbidden_in_letter, forbidden_in_phrase, forbidden_in_source


def why(letter: Letter, text: str) -> str:
    return " ".join(reason for _, reason in forbidden_in_letter(letter, text))


@pytest.mark.parametrize(
    "text",
    [
        "All your personal data have been erased.",
        "We erased all personal data.",
        "Your data were completely deleted.",
        "Everything was deleted.",
        "ＡＬＬ　ＤＡＴＡ were removed.",
        "全データの消去が完了しました。",
        "すべてのデータを削除しました。",
        "データの消去がすべて完了しました。",
    ],
)
def test_a82_nothing_says_that_everything_is_gone(text: str) -> None:
    assert "{{ kept }}" in why(Letter.ERASURE_ANSWER, text)
    assert list(forbidden_in_phrase("law.account", text))


@pytest.mark.parametrize(
    "text",
    [
        "Not everything was deleted.",
        "None was kept.",
        "We could not delete all data.",
        "What we deleted, and what we keep",
        "Everything was deleted except what is listed below.",
        "You need not send a copy of your passport.",
        "すべてのデータを消去することはできません。",
        "すべてを消去したわけではありません。",
        "保存が必要なものを除き、すべて消去しました。",
    ],
)
def test_an_answer_may_say_what_was_not_erased(text: str) -> None:
    assert why(Letter.ERASURE_ANSWER, text) == ""
    assert not FORGOTTEN.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "Due to many requests we are late.",
        "There is a staff shortage, and it is Christmas.",
        "多数のお問い合わせをいただいております。",
        "年末年始をはさむためです。",
        "ご依頼が集中しているためです。",
        "アクセスが集中しています。",
        "窓口がＢＵＳＹです。",
    ],
)
def test_a75_no_letter_gives_the_general_load_as_a_reason(text: str) -> None:
    assert "general load" in why(Letter.EXTENDED, text)
    assert list(forbidden_in_phrase("extension.complexity", text))


@pytest.mark.parametrize(
    "text",
    ["You have sent us many requests, which belong together.", "お客様から多数のご請求をいただいているためです。"],
)
def test_many_requests_by_one_person_are_a_reason(text: str) -> None:
    assert why(Letter.EXTENDED, text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Send us a copy of your ID.",
        "We need a national identity document.",
        "You need not call, but send a copy of your passport.",
        "Do not forget to send your passport.",
        "免許証の写しをお送りください。",
        "本人確認書類の写しをお送りください。",
        "登録は不要ですので、免許証の写しをお送りください。",
    ],
)
def test_a05_no_letter_asks_for_an_identity_document(text: str) -> None:
    assert "identity card" in why(Letter.EVIDENCE_NEEDED, text)
    assert list(forbidden_in_phrase("law.other_way", text))


@pytest.mark.parametrize(
    "text",
    [
        "You need not send a copy of your passport.",
        "We never ask for an identity card.",
        "No copy of an identity document is needed.",
        "本人確認書類の写しをお送りいただく必要はありません。",
        "パスポートや免許証の写しは不要です。",
    ],
)
def test_a_letter_may_say_that_none_is_needed(text: str) -> None:
    assert why(Letter.EVIDENCE_NEEDED, text) == ""


@pytest.mark.parametrize(
    "text", ["会員かどうかにかかわらず", "アカウントの有無にかかわらず", "Whether or not you have an account, go on."]
)
def test_a_mailbox_may_read_that_it_does_not_matter_what_it_has(text: str) -> None:
    assert why(Letter.VERIFICATION_CODE, text) == ""
    assert why(Letter.VERIFICATION_CODE, "会員の方にお送りしています。") != ""


@pytest.mark.parametrize(
    "text",
    [
        "evil.example/x",
        "See evil.example for more.",
        "詳しくはevil.exampleをご覧ください。",
        "evil．example",
        "//evil.example/x",
        "ftp://x",
        "javascript:x",
        "data:text/html,x",
        "tel:+81",
        "mailto:{{ contact }}",
        "[here](javascript:x)",
        "[here]({{ link }})",
        "192.0.2.1/x",
        "somebody@{{ merchant }}",
        "https://{{ merchant }}",
        "{{ merchant }}.example/x",
        "{{ link }}.evil.example",
        "{{ link }}x",
        "x{{ contact }}",
        "x{{contact}}",
    ],
)
def test_a_letter_leads_to_known_addresses_only(text: str) -> None:
    assert "never written out" in why(Letter.REFUSED, text)
    phrase = text.replace("{{ ", "{").replace(" }}", "}").replace("{{", "{").replace("}}", "}")
    assert list(forbidden_in_phrase("nobody", phrase))


@pytest.mark.parametrize(
    "text",
    [
        "e.g. this, i.e. that, at 9 a.m.",
        "GDPR 12(3); APPI 33(2)(i); No. 5; 10:30; 2.5 MB; and/or",
        "Open index.html, or index.ja.html から; files.zip",
        "Write to {{ contact }}. Or here: {{ link }}",
        "次のページ：{{ link }}",
        "{{ contact }}まで、または（{{ link }}）",
        "SHA-256: x",
    ],
)
def test_what_only_looks_a_little_like_an_address_is_none(text: str) -> None:
    assert why(Letter.REFUSED, text) == ""


def test_a_sentence_that_goes_on_in_the_next_line_is_one_sentence() -> None:
    source = (
        "Subject: x\n\nDear {{ name }},\nall your{# #} personal\n{% if kept %}data were deleted.{% endif %}\n\nBye\n"
    )
    (finding,) = forbidden_in_source("en/erasure_answer.txt", Letter.ERASURE_ANSWER, source)
    assert finding.line == 3
    (other,) = forbidden_in_source("en/refused.txt", Letter.REFUSED, "Subject: x\n\na\nsee evil.example\nb\n")
    assert (other.line, other.element) == (4, "'evil.example'")
