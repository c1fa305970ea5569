"""The merchant's letters as they are shipped, with the values that services really pass.

Every letter is printed here by playing requests over the services, in English and in Japanese: the proof that the
values of services, the templates and the requirements go together. What stands in the files is linted in `test_lint`.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from rightsdesk.domain.clock import QuestionKind
from rightsdesk.domain.correction import Correction, Dispute
from rightsdesk.domain.errors import AskedBeforeError, InvalidInputError
from rightsdesk.domain.identifier_digest import identifier_digests
from rightsdesk.domain.letters import COPIED_LETTERS, DeliveryNews, DeliveryState, Letter, OutgoingMail
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.provision import KEY_PURPOSE
from rightsdesk.domain.request import ANSWERED_BY_ACCOUNT, Agent, AgentRole, Aim, Door, Language, RequestType, Treatment
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.mail.requirements import REQUIREMENTS, Reader
from rightsdesk.mail.samples import sample_values
from rightsdesk.services.record_delivery import record_delivery
from rightsdesk.services.write_letter import LetterDesk
from tests.support.correcting import MAILBOX, NAME, fill, telling_map
from tests.support.desk import APPROVER, HANDLER, JANE, JANES_MEMBER_ID, MERCHANT, ORIGIN, Desk, merchant
from tests.unit.export.package_of_a_shop import datamap, provision

LANGUAGES: tuple[Language, ...] = ("en", "ja")
COUNTRIES = ("IE", "JP", "US")
TYPED = {"name": "Canary Wren", "details": "canary details", "order_number": "CANARY-ORDER-1"}
STAFF = {letter for letter, rules in REQUIREMENTS.items() if rules.reader is Reader.STAFF}
UNCONFIRMED = {letter for letter, rules in REQUIREMENTS.items() if rules.reader is Reader.MAILBOX}
# By the services of the door by e-mail, of consents, of a transfer that is tried again, and of the end of retention
# years later: played elsewhere; here these letters are printed with made-up values.
ELSEWHERE = {
    *(Letter.CONFIRMED, Letter.CODE_REFUSED, Letter.MAIL_QUESTION),
    *(Letter.STAFF_MAIL, Letter.STAFF_MAIL_WAITING, Letter.STAFF_MESSAGE),
    *(Letter.KEPT_DATA_ERASED, Letter.STAFF_RETENTION),
    *(Letter.MESSAGE_RECEIVED, Letter.MESSAGE_WAITING, Letter.REVIEW_ANSWER),
    *(Letter.RECIPIENT_LIFTING, Letter.STAFF_LIFTING, Letter.TRANSFERRED),
    *(Letter.NEWSLETTER_CONFIRMATION, Letter.CONSENT_QUESTION, Letter.NEW_PURPOSE),
}
BY_HAND = (
    RequestType.RECTIFICATION,
    RequestType.RESTRICTION,
    RequestType.OBJECTION,
    RequestType.AUTOMATED_DECISION,
    RequestType.QUESTION,
    RequestType.COMPLAINT,
)
Printed = list[tuple[Letter, Language, OutgoingMail]]


class Recorder(MerchantLetters):
    """The real press, which remembers what it printed."""

    def __init__(self, staff_language: Language) -> None:
        super().__init__(MERCHANT, merchant())
        self.staff_language = staff_language
        self.mails: Printed = []

    def print(self, letter: Letter, language: Language, values: Mapping[str, Any], *, to: str) -> OutgoingMail:
        language = self.staff_language if letter in STAFF else language
        mail = super().print(letter, language, values, to=to)
        self.mails.append((letter, language, mail))
        return mail


def a_desk(press: Recorder, **options: Any) -> Desk:
    """Codes are read from the mail as a person does."""
    desk = Desk(press=press, **options)
    code = re.compile(r"^(\d{4}-\d{4})$", re.MULTILINE)
    desk.code = lambda: next(found[1] for mail in reversed(desk.mailer.outbox) if (found := code.search(mail.text)))  # type: ignore[method-assign]
    return desk


def play_everything(press: Recorder, language: Language, country: str) -> None:
    how = {"language": language, "country": country} | TYPED
    play_a_mailbox_that_never_confirms(a_desk(press), how)
    play_an_answer(a_desk(press), how, Treatment.GIVE)
    play_an_answer(a_desk(press), how, Treatment.REDACT)
    play_questions_and_waiting(a_desk(press), how)
    play_refusals(a_desk(press), how)
    play_doubt(a_desk(press), how)
    play_twice(press, how)
    play_an_agent(press, how)
    play_a_mailbox_that_did_not_ask(press, how)
    play_erasures(press, how)
    play_a_correction(press, how)
    play_answers_without_a_copy(press, how)
    play_stops(press, how)
    for kind in BY_HAND:
        desk = a_desk(press)
        case = desk.to_be_carried_out(types=(kind,), **how)
        desk.complete(case, done="Done as you asked.\n\nNothing is left to do.")
        desk.answer(case)
        desk.close(case)


def play_a_mailbox_that_never_confirms(desk: Desk, how: dict[str, str]) -> None:
    case = desk.submit(**how)
    desk.send_verification(case)
    for _ in range(2):
        for _ in range(5):
            with pytest.raises(InvalidInputError):
                desk.verify(case, "0000-000x")
        desk.clock.advance(timedelta(minutes=10))
        desk.ask_code(case)
    desk.clock.advance(timedelta(days=4))
    desk.look(case)
    desk.clock.advance(case.due.due_on + timedelta(days=2) - desk.clock().date())
    desk.look(case)
    desk.close(case, Outcome.UNVERIFIED)


def play_an_answer(desk: Desk, how: dict[str, str], held: Treatment) -> None:
    case = desk.answered(held, **how)
    desk.ask_code(case)
    desk.download(case)
    bounced = DeliveryNews(
        request_id=case.request_id,
        letter=Letter.PARTLY_REFUSED if held is Treatment.REDACT else Letter.ANSWER_READY,
        recipient_key=case.subject_key,
        version=1,
        state=DeliveryState.BOUNCED,
        at=desk.clock(),
    )
    record_delivery(bounced, cases=desk.cases, letters=desk.letters, clock=desk.clock)
    desk.clock.advance(timedelta(days=14))
    desk.close(case)


def play_answers_without_a_copy(press: Recorder, how: dict[str, Any]) -> None:
    for kind in sorted(ANSWERED_BY_ACCOUNT):
        a_desk(press).answered(types=(kind,), **how)
    desk = a_desk(press)
    case = desk.submit(types=(RequestType.PROVISION_RECORDS,), **how)
    key = desk.keys.key(KEY_PURPOSE)
    record = provision(party="carrier", items=("contact",))
    desk.provisions.record(identifier_digests(key, [("email", case.email)]), record)
    desk.answered(types=(RequestType.PROVISION_RECORDS,), **how)
    for kind in (RequestType.INFORMATION, RequestType.PURPOSE_NOTICE):
        stranger = a_desk(press)
        stranger.reader.rows = {}
        stranger.answered(types=(kind,), **how)


WHY = {"en": "Three orders on invoice were not paid.", "ja": "後払いのご注文3件が未払いとなっているためです。"}


def play_stops(press: Recorder, how: dict[str, str]) -> None:
    """What needs nobody; what staff carry out, in part; and what they refuse."""
    for kind, aim in (
        (RequestType.CONSENT_WITHDRAWAL, Aim(purposes=("newsletter",))),
        (RequestType.OBJECTION, Aim(objects_to="other")),
        (RequestType.STOP_PROVISION, Aim()),
        (RequestType.RESTRICTION, Aim(ground="claims")),
    ):
        desk = a_desk(press, data_map=datamap())
        case = desk.collecting(types=(kind,), aim=aim, **how)
        if not desk.use_stopper().stop(case.request_id):
            desk.ask_release(desk.now(case))
            if kind is RequestType.OBJECTION and "gdpr" in case.due.laws:
                kept = dict.fromkeys(("shop/members.fraud_score", "orders/orders.fraud_check"), "gdpr_21_1")
                desk.complete(desk.now(case), kept=kept, reasons={"fraud_prevention": WHY[case.language]})
            else:
                desk.complete(desk.now(case), kept={})
        desk.answer(case)
        desk.use_stopper().settle(case.request_id)
    desk = a_desk(press, data_map=datamap())
    case = desk.collecting(types=(RequestType.RESTRICTION,), **how)
    desk.use_stopper().stop(case.request_id)
    desk.use_stopper().lift(case.request_id)


def play_questions_and_waiting(desk: Desk, how: dict[str, str]) -> None:
    case = desk.awaiting_review(**how)
    for kind in QuestionKind:
        desk.ask(desk.now(case), "Which two things did you order in spring?", kind=kind)
        desk.answer_question(case, "A chair and a lamp.")
    if "appi" not in case.due.laws or "gdpr" in case.due.laws:
        desk.extend(desk.now(case))
    desk.clock.advance(desk.now(case).due.target_on - desk.clock().date())
    desk.look(desk.now(case))
    desk.clock.advance(timedelta(days=2) + desk.now(case).due.due_on - desk.clock().date())
    desk.look(desk.now(case))


def play_refusals(desk: Desk, how: dict[str, str]) -> None:
    case = desk.awaiting_review(**how)
    desk.fail(case)
    if how["country"] == "IE":
        desk.refuse(desk.now(case), "gdpr_12_5", evidence="Ten in a week, for the same data.", staff=HANDLER)
    desk.refuse(desk.now(case), "appi_33_2_ii" if how["country"] == "JP" else "gdpr_15_4", "It names a neighbour.")
    desk.close(case, Outcome.REFUSED)


def play_doubt(desk: Desk, how: dict[str, str]) -> None:
    desk.directory.accounts.clear()
    desk.directory.guests.add(JANE)
    case = desk.verified(**how)
    desk.decide(case)
    desk.clock.advance(timedelta(days=15))
    desk.close(case, Outcome.NOT_IDENTIFIED)

    desk.add_account(JANE, JANES_MEMBER_ID, mailbox_changed_at=desk.clock())
    case = desk.verified(**how)
    desk.decide(case)
    desk.withdraw(case)
    desk.close(case, Outcome.WITHDRAWN)


def play_a_correction(press: Recorder, how: dict[str, str]) -> None:
    """Of a mailbox and a name, with a conclusion that is disputed."""
    desk = fill(a_desk(press, data_map=telling_map(language="ja" if how["language"] == "ja" else "en")))
    case = desk.to_be_carried_out(types=(RequestType.RECTIFICATION,), **how)
    note = Dispute(field="shop/members.segment", note="I never look for bargains.")
    empty = Correction(field="shop/members.points", old=5, new=6, evidence="The receipt of 3 May.")
    desk.state_corrections(case, MAILBOX, NAME, empty, disputes=(note,))
    desk.decide(case)
    desk.enter_evidence(desk.now(case))
    desk.decide(case)
    desk.plan_correction(case)
    desk.ask_release(case)
    desk.approve_correction(desk.now(case))
    assert desk.correct(desk.now(case)) == "answer"
    desk.telling().tell(case.request_id)
    desk.answer(case)
    desk.await_recipients(case)
    desk.clock.advance(timedelta(days=7))
    desk.look(case)
    desk.settle_recipients(case)
    desk.close(case)


def play_an_agent(press: Recorder, how: dict[str, str]) -> None:
    """Somebody asks for somebody else."""
    desk = a_desk(press)
    for role in AgentRole:
        agent = Agent(role=role, name="Robin Clarke", email="robin@law.example", mandate="Canary power of attorney")
        desk.clock.advance(timedelta(days=1))
        desk.send_verification(desk.submit(agent=agent, **how))


def play_a_mailbox_that_did_not_ask(press: Recorder, how: dict[str, str]) -> None:
    desk = a_desk(press)
    desk.disown(desk.awaiting_review(**how))


def play_twice(press: Recorder, how: dict[str, str]) -> None:
    """The same is asked for again, while the first request is open."""
    desk = a_desk(press)
    desk.awaiting_review(**how)
    desk.clock.advance(timedelta(days=1))
    again = desk.verified(**how)
    with pytest.raises(AskedBeforeError):
        desk.decide(again)
    desk.close(again, Outcome.MERGED)


def play_erasures(press: Recorder, how: dict[str, str]) -> None:
    """One that is carried out, one of a person of whom nothing is held, and one that is never confirmed."""
    desk = a_desk(press)
    erased = desk.erased(**how)
    assert desk.certify(erased) == "answer"
    desk.answer(erased)
    desk.close(erased)

    desk = a_desk(press)
    desk.reader.rows.clear()  # type: ignore[attr-defined]
    nobody = desk.planned(**how)
    desk.ask_release(nobody)
    desk.approve(desk.now(nobody), {})
    desk.approve(desk.now(nobody), staff=APPROVER)
    for step in (desk.check_erasure, lambda case, _: desk.begin_erasure(case), desk.erase, desk.search_again):
        for source in nobody.sources:
            step(nobody, source)
    assert desk.certify(nobody) == "answer"
    desk.answer(nobody)

    desk = a_desk(press)
    case = desk.planned(**how)
    desk.clock.advance(timedelta(days=14))
    desk.close(case, Outcome.UNCONFIRMED)


@pytest.fixture(scope="module")
def mails() -> Printed:
    found: Printed = []
    for language in LANGUAGES:
        press = Recorder(language)
        for country in COUNTRIES:
            play_everything(press, language, country)
        for letter in sorted(ELSEWHERE):
            press.print(letter, language, sample_values(letter, language), to=JANE)
        found += press.mails
    return found


def test_every_letter_is_sent_by_a_service_in_every_language(mails: Printed) -> None:
    sent = {(letter, language) for letter, language, _ in mails}
    assert sent == {(letter, language) for letter in Letter for language in LANGUAGES}


def test_no_letter_shows_what_is_not_set_or_not_filled_in(mails: Printed) -> None:
    for letter, language, mail in mails:
        for place in (mail.subject, mail.text, mail.html):
            for trace in ("None", "{", "}", "undefined", "Label(", "Phrase(", "datetime", "()", "[]", "  \n"):
                assert trace not in place.replace("[RD-", "RD-"), (letter, language, trace)
        assert mail.subject.strip() == mail.subject != ""
        assert len(mail.subject) <= 78
        assert len(mail.subject.splitlines()) == 1
        assert "\n\n\n" not in mail.text
        assert mail.text.endswith("\n")


def test_the_code_is_in_the_body_and_not_in_the_subject(mails: Printed) -> None:
    for letter, _, mail in mails:
        holds_code = letter in {Letter.VERIFICATION_CODE, Letter.ACCESS_CODE}
        assert bool(re.search(r"^\d{4}-\d{4}$", mail.text, re.M)) is holds_code
        assert not re.search(r"(?<!RD-)\d{4}-\d{4}", mail.subject), "a reference may be all digits"


def test_a38_nothing_that_was_typed_is_repeated_to_a_mailbox_that_has_proven_nothing(mails: Printed) -> None:
    for letter, language, mail in mails:
        everything = f"{mail.subject} {mail.text} {mail.html}".lower()
        assert TYPED["details"] not in everything, letter
        assert TYPED["order_number"].lower() not in everything, letter
        assert JANE not in everything, letter
        assert "canary" not in mail.subject.lower(), letter
        if letter in UNCONFIRMED | STAFF:
            assert "canary" not in everything, (letter, language)


def test_links_go_to_our_origin_or_to_an_authority(mails: Printed) -> None:
    for letter, _, mail in mails:
        links = [link.rstrip(".") for link in re.findall(r"https?://[^\s<>\"、。）]+", mail.text)]
        assert sorted(set(links)) == sorted(set(re.findall(r'href="([^"]+)"', mail.html)))
        others = {link for link in links if not link.startswith(f"{ORIGIN}/")}
        assert others <= {"https://www.dataprotection.ie"}
        if letter in UNCONFIRMED:
            assert not others


def test_no_letter_loads_anything(mails: Printed) -> None:
    for _, _, mail in mails:
        assert not re.search(r"<(img|script|link|iframe|object|video|form)\b|src=|url\(|@import", mail.html)


def test_a82_a_refusal_names_where_to_turn(mails: Printed) -> None:
    refusals = [mail.text for letter, _, mail in mails if letter in (Letter.REFUSED, Letter.PARTLY_REFUSED)]
    assert len(refusals) == 2 * len(COUNTRIES) * len(LANGUAGES)
    assert sum("dataprotection.ie" in text for text in refusals) == 2 * len(LANGUAGES)
    assert sum("03-6457-9849" in text for text in refusals) >= 2 * len(LANGUAGES)
    assert sum("It names a neighbour." in text for text in refusals) == len(COUNTRIES) * len(LANGUAGES)


HALF_WIDTH = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff][,.!?:;()\[\]]|[(),.!?:;\[\]][\u3040-\u30ff\u4e00-\u9fff]")


def test_japanese_letters_use_japanese_punctuation(mails: Printed) -> None:
    for letter, language, mail in mails:
        if language == "ja":
            text = mail.subject.partition("] ")[2] or mail.subject
            assert not HALF_WIDTH.search(text), (letter, text)
            assert not HALF_WIDTH.search(mail.text), (letter, HALF_WIDTH.search(mail.text), mail.text)
            if letter not in STAFF | UNCONFIRMED | ELSEWHERE | {Letter.RECIPIENT_NOTICE}:
                assert "Canary Wren 様" in mail.text


def test_the_html_says_what_the_text_says(mails: Printed) -> None:
    for letter, _, mail in mails:
        body = mail.html.partition("<body")[2].partition(">")[2]
        plain = re.sub(r"<[^>]+>", "", body).replace("&amp;", "&").replace("&#x27;", "'").replace("&quot;", '"')
        assert plain.split() == mail.text.split(), letter


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "We searched all our systems and found no data about you. The package confirms this."),
        ("ja", "すべてのシステムを調べましたが、お客様に関するデータは見つかりませんでした。"),
    ],
)
@pytest.mark.parametrize("found", [True, False])
def test_the_answer_says_whether_anything_was_found(language: Language, sentence: str, found: bool) -> None:
    values = sample_values(Letter.ANSWER_READY, language)
    values |= {"found": found, "withheld": values["withheld"] if found else ()}
    mail = MerchantLetters(MERCHANT, merchant()).print(Letter.ANSWER_READY, language, values, to="jane@example.com")
    assert (sentence in mail.text) is not found
    assert ("index" in mail.text) is found, "where what was left out is listed"
    assert "withheld.json" not in mail.text


def test_an_erasure_lists_what_stays_with_law_and_time() -> None:
    for language in LANGUAGES:
        values = sample_values(Letter.ERASURE_ANSWER, language)
        press = MerchantLetters(MERCHANT, merchant())
        text = press.print(Letter.ERASURE_ANSWER, language, values, to="jane@example.com").text
        for part in values["kept"]:
            assert all(said in text for said in part.values.values() if isinstance(said, str))
        assert {"en": "GDPR 17(3)(e)", "ja": "GDPR第17条第3項"}[language] in text  # of what staff leave
        nothing_kept = press.print(Letter.ERASURE_ANSWER, language, values | {"kept": []}, to="jane@example.com").text
        assert "Kept, for" not in nothing_kept
        assert "保存するもの" not in nothing_kept


@pytest.mark.parametrize(("country", "said"), [("IE", True), ("GB", False)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_law_is_spoken_of_only_where_one_holds_and_no_day_is_told_twice(
    language: Language, country: str, said: bool
) -> None:
    press = Recorder(language)
    desk = a_desk(press)
    desk.add_account(JANE, JANES_MEMBER_ID, mailbox_changed_at=desk.clock())
    case = desk.verified(language=language, country=country)
    desk.decide(case)
    (mail,) = [mail for letter, _, mail in press.mails if letter is Letter.EVIDENCE_NEEDED]
    words = " ".join(mail.text.split())
    assert bool(re.search("suspended|停止", words))
    assert bool(re.search("the law allows|法令で認められる", words)) is said
    due_on = desk.now(case).due.due_on
    day = {"en": f"{due_on.day} {due_on:%B %Y}", "ja": f"{due_on.year}年{due_on.month}月{due_on.day}日"}[language]
    assert words.count(day) == 1


@pytest.mark.parametrize(
    ("language", "collected", "stays"),
    [
        ("en", "collected for the answer has been deleted", "Nothing of your data was deleted"),
        ("ja", "集めた情報は削除しました", "データは何も消去していません"),
    ],
)
@pytest.mark.parametrize("kind", [RequestType.ERASURE, RequestType.ACCESS])
def test_whoever_undoes_an_erasure_reads_that_their_data_stay(
    language: Language, collected: str, stays: str, kind: RequestType
) -> None:
    press = Recorder(language)
    desk = a_desk(press)
    case = desk.planned(language=language) if kind is RequestType.ERASURE else desk.verified(language=language)
    desk.withdraw(case)
    desk.close(case, Outcome.WITHDRAWN)
    letter, _, mail = press.mails[-1]
    assert letter is Letter.WITHDRAWN
    assert (stays in mail.text, collected in mail.text) == (kind is RequestType.ERASURE, kind is RequestType.ACCESS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_whom_nothing_was_held_the_letter_speaks_of_nothing_deleted_kept_or_suppressed(language: Language) -> None:
    values = sample_values(Letter.NOTHING_TO_ERASE, language)
    mail = MerchantLetters(MERCHANT, merchant()).print(Letter.NOTHING_TO_ERASE, language, values, to=JANE)
    said = {"en": ("found no data about you", "nothing that is yours"), "ja": ("見つかりません", "見つかりません")}
    assert said[language][0] in mail.subject
    assert said[language][1] in mail.text
    assert not re.search("What we deleted|backup|stay erased|number|バックアップ|消去したもの|番号を", mail.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_erasure_speaks_of_an_account_and_of_numbers_only_where_there_were_any(language: Language) -> None:
    press = MerchantLetters(MERCHANT, merchant())
    values = sample_values(Letter.ERASURE_ANSWER, language)
    number, address = {"en": ("Member number", "E-mail address"), "ja": ("会員番号", "メールアドレス")}[language]
    account, stays = "account that was deleted|アカウントは元に", "stay erased|元に戻ることのないよう"
    text = press.print(Letter.ERASURE_ANSWER, language, values, to=JANE).text
    assert all(re.search(said, text) for said in (number, address, account, stays))
    guest = values | {"suppressed": [address], "account_deleted": False}
    text = press.print(Letter.ERASURE_ANSWER, language, guest, to=JANE).text
    assert all(re.search(said, text) for said in (address, stays))
    assert not any(re.search(said, text) for said in (number, account))
    text = press.print(Letter.ERASURE_ANSWER, language, guest | {"suppressed": []}, to=JANE).text
    assert not re.search(stays, text)
    assert "\n\n\n" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_an_erasure_the_person_reads_what_goes_what_stays_until_when_and_what_is_lost(
    language: Language,
) -> None:
    press = MerchantLetters(MERCHANT, merchant())
    values = sample_values(Letter.ERASURE_CONFIRMATION, language)
    text = press.print(Letter.ERASURE_CONFIRMATION, language, values, to=JANE).text
    for said in {
        "en": ["Points: 1240", "Open orders: 2", "until 31 March 2034", "72 hours", "- Survey answers", "21 September"],
        "ja": [
            "ポイント：1240",
            "ご注文：2件",
            "2034年3月31日（日本時間）まで",
            "72時間",
            "・アンケートの回答",
            "9月21日",
        ],
    }[language]:
        assert said in text
    plain = press.print(Letter.ERASURE_CONFIRMATION, language, values | {"losses": []}, to=JANE).text
    assert not re.search("would lose|失われる", plain)


def test_staff_get_their_own_language() -> None:
    desk = Desk()
    letters = LetterDesk(
        cases=desk.cases,
        press=desk.press,
        mailer=desk.mailer,
        clock=desk.clock,
        staff_mailbox="s@x",
        staff_language="ja",
    )
    case = desk.submit(language="en")
    letters.to_staff(case, Letter.STAFF_FAILURE, {})
    assert desk.press.printed[-1].language == "ja"
    assert desk.press.printed[-1].to == "s@x"


TOKEN = "102m628t5cy4gmabcdefghjkmnpqrs"


def the_code_of(language: Language, **changes: Any) -> str:
    """The first letter about a case, as its service writes it."""
    desk = a_desk(Recorder(language))
    case = desk.submit(language=language, country="IE", types=(RequestType.ACCESS, RequestType.PORTABILITY), **TYPED)
    desk.sender.send_first(case.model_copy(update=changes))
    return desk.mailer.outbox[-1].text


WORDS = {
    "en": ("replying to this mail", "took it to ask for: access, portability", "we assumed: Ireland"),
    "ja": ("ご返信いただいてもかまいません", "開示、データポータビリティ", "アイルランド"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_letter_says_how_we_read_the_mail_and_repeats_nothing_of_it(language: Language) -> None:
    by_mail = {"door": Door.EMAIL, "reply_token": TOKEN, "country_assumed": True}
    text = the_code_of(language, **by_mail)
    assert all(words in text for words in WORDS[language])
    assert "canary" not in text.lower()
    assert WORDS[language][2] not in the_code_of(language, **by_mail | {"country_assumed": False})
    unanswerable = the_code_of(language, **by_mail | {"reply_token": None})
    assert WORDS[language][0] not in unanswerable
    assert WORDS[language][1] in unanswerable


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_letter_of_a_form_says_nothing_of_a_mail(language: Language) -> None:
    text = the_code_of(language, reply_token=TOKEN)
    assert not any(words in text for words in WORDS[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_about_a_mail_stands_without_words_of_staff_too(language: Language) -> None:
    values = sample_values(Letter.MAIL_QUESTION, language)
    press = MerchantLetters(MERCHANT, merchant())
    asked = press.print(Letter.MAIL_QUESTION, language, values, to=JANE).text
    plain = press.print(Letter.MAIL_QUESTION, language, values | {"question": None}, to=JANE).text
    assert asked.replace(f"{values['question']}\n\n", "") == plain


COVER = {
    "en": ("Dear Robin Clarke,\n\nThis is a copy of our letter about request RD-28T5-CY4G-M", "agreed"),
    "ja": ("Robin Clarke 様\n\n代理でご請求いただいた件（受付番号 RD-28T5-CY4G-M）", "同意"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", sorted(COPIED_LETTERS))
def test_a_copy_begins_by_saying_that_it_is_one_and_why(letter: Letter, language: Language) -> None:
    values = sample_values(letter, language)
    press = MerchantLetters(MERCHANT, merchant())
    plain = press.print(letter, language, values, to=JANE)
    copied = press.print(letter, language, values | {"copy_for": "Robin Clarke"}, to=JANE)
    begins, why = COVER[language]
    assert copied.text.startswith(begins)
    assert copied.text.endswith(f"\n\n{plain.text}")
    assert why in copied.text.removesuffix(plain.text)
    assert copied.subject == plain.subject
    assert "Robin Clarke" not in plain.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_who_seems_to_ask_for_another_is_told_how_to(language: Language) -> None:
    values = sample_values(Letter.MAIL_QUESTION, language)
    press = MerchantLetters(MERCHANT, merchant())
    for for_another in (True, False):
        text = press.print(Letter.MAIL_QUESTION, language, values | {"for_another": for_another}, to=JANE).text
        assert bool(re.search("somebody else|ご本人以外", text)) is for_another
        assert values["link"] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_staff_are_told_of_a_withdrawal_only_where_a_message_proposes_one(language: Language) -> None:
    values = sample_values(Letter.STAFF_MESSAGE, language)
    press = MerchantLetters(MERCHANT, merchant())
    for proposes in (True, False):
        text = press.print(Letter.STAFF_MESSAGE, language, values | {"proposes_withdrawal": proposes}, to=JANE).text
        assert bool(re.search("withdraw|取り下げ", text)) is proposes


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", sorted(set(Letter) - STAFF))
def test_a84_what_only_lost_its_number_is_never_called_anonymous(letter: Letter, language: Language) -> None:
    """An order with its number and its day can be joined with others: it is kept, and said to be."""
    press = MerchantLetters(MERCHANT, merchant())
    mail = press.print(letter, language, sample_values(letter, language), to=JANE)
    for part in (mail.subject, mail.text, mail.html):
        assert not re.search(r"anonym|匿名", part, re.IGNORECASE)
