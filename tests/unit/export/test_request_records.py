"""What the desk itself holds of a person, in the answer to access: requests with letters, messages and steps."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from rightsdesk.domain.audit import AuditEvent, next_event
from rightsdesk.domain.clock import Question, QuestionKind
from rightsdesk.domain.letters import DeliveryState, LetterRecord
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.messages import Message
from rightsdesk.domain.request import KEPT_AFTER_CLOSING, Agent, AgentRole, Aim, Door, PrivacyRequest, RequestType
from rightsdesk.export.request_records import RequestOnRecord, RequestsOnRecord
from rightsdesk.export.wording import text
from tests.support.cases import RECEIVED, new_case
from tests.unit.export.package_of_a_shop import build, context
from tests.unit.export.test_build import unpacked

HANAKO = "1" * 64
STAFF = "sub-4711-of-staff"
SALT = "5a17" * 8
ENTRY = {
    *("reference", "types", "door", "agent", "received_at", "due_on", "country", "region", "language"),
    *("name", "email", "order_number", "details", "aim", "questions"),
    *("status", "outcome", "closed_at", "kept_until", "letters", "messages", "events"),
}


def letter(name: str, to: str, state: DeliveryState = DeliveryState.DELIVERED) -> LetterRecord:
    at = RECEIVED + timedelta(days=1)
    return LetterRecord(letter=name, recipient_key=to, version=1, state=state, at=at, sent_at=at, sha256="e" * 64)


def history(case: PrivacyRequest, *types: str) -> list[AuditEvent]:
    events: list[AuditEvent] = []
    for kind in types:
        events.append(
            next_event(
                events[-1] if events else None,
                request_id=case.request_id,
                type=kind,
                at=RECEIVED + timedelta(minutes=len(events)),
                actor=f"staff:{STAFF}",
                details={"assignee": STAFF},
            )
        )
    return events


def earlier(**changes: Any) -> RequestOnRecord:
    """A question, answered and closed, with a thread of two."""
    values: dict[str, Any] = {
        "reference": "RD-4BNJ-E13T-H",
        "types": (RequestType.QUESTION,),
        "status": Status.CLOSED,
        "outcome": Outcome.FULFILLED,
        "closed_at": RECEIVED + timedelta(days=3),
        "door": Door.EMAIL,
        "subject_key": HANAKO,
        "details": "Whom do you give my address to?",
        "assignee": STAFF,
        "handled_by": (STAFF,),
        "decided_by": (STAFF,),
        "disown_secret": "d15o" * 8,
    }
    case, _ = new_case(**(values | changes))
    return RequestOnRecord(
        case=case,
        letters=[
            letter("message_received", HANAKO),
            letter("message_answer", HANAKO, DeliveryState.BOUNCED),
            letter("staff_message", "staff"),
            letter("recipient_notice", "carrier"),
            letter("agent_received", "2" * 64),
        ],
        messages=[
            Message(number=1, by="person", at=RECEIVED, text="In Berlin, I mean.", salt=SALT, mail="mail-1"),
            Message(number=2, by="staff", at=RECEIVED, text="To our carrier.", salt=SALT, staff=STAFF),
        ],
        events=history(case, "received", "assigned", "hold_placed", "hold_lifted", "closed"),
    )


def this_one() -> RequestOnRecord:
    case, event = new_case(
        reference=context().reference,
        received_at=RECEIVED + timedelta(days=9),
        subject_key=HANAKO,
        status=Status.COLLECTING,
    )
    return RequestOnRecord(case=case, letters=(), messages=(), events=[event])


def answered(*requests: RequestOnRecord, more: int = 0, **changes: Any) -> dict[str, bytes]:
    return unpacked(build(context(**changes), requests=RequestsOnRecord(requests=requests, more=more))[1])


def said(*requests: RequestOnRecord, more: int = 0) -> Any:
    return json.loads(answered(*requests, more=more)["data/requests.json"])


def test_a100_each_request_is_there_with_its_letters_messages_and_steps() -> None:
    told = said(this_one(), earlier())
    assert set(told) == {"as_of", "kept_days_after_closing", "requests", "not_listed"}
    assert (told["as_of"], told["not_listed"]) == (context().generated_at.isoformat(), 0)
    first, own = told["requests"]  # the oldest first
    assert set(first) == set(own) == ENTRY
    assert (first["reference"], own["reference"]) == ("RD-4BNJ-E13T-H", context().reference)
    assert (first["types"], first["door"], first["country"], first["language"]) == (["question"], "email", "JP", "ja")
    assert (first["name"], first["email"]) == ("佐藤 花子", "Hanako@example.jp")
    assert (first["status"], first["outcome"], first["due_on"]) == ("closed", "fulfilled", "2026-12-09")
    assert first["details"] == "Whom do you give my address to?"
    assert [(each["letter"], each["state"]) for each in first["letters"]] == [
        ("message_received", "delivered"),
        ("message_answer", "bounced"),
    ]
    assert [(each["number"], each["by"], each["text"]) for each in first["messages"]] == [
        (1, "person", "In Berlin, I mean."),
        (2, "staff", "To our carrier."),
    ]
    assert first["events"][0] == {"type": "received", "at": RECEIVED.isoformat()}


def test_a100_it_says_until_when_each_is_kept() -> None:
    first, own = said(this_one(), earlier())["requests"]
    assert datetime.fromisoformat(first["kept_until"]) == datetime.fromisoformat(first["closed_at"]) + timedelta(
        days=said()["kept_days_after_closing"]
    )
    assert (own["closed_at"], own["outcome"], own["kept_until"]) == (None, None, None)


def test_a100_nothing_of_staff_is_in_it_and_no_letter_to_anybody_else() -> None:
    files = answered(this_one(), earlier())
    for secret in (STAFF, SALT, "staff_message", "recipient_notice", "agent_received", "d15o", HANAKO, "e" * 64):
        assert not [path for path, content in files.items() if secret.encode() in content], secret
    first = json.loads(files["data/requests.json"])["requests"][0]
    assert all(set(event) == {"type", "at"} for event in first["events"])
    assert all(set(message) == {"number", "by", "at", "text"} for message in first["messages"])
    assert all(set(sent) == {"letter", "state", "at"} for sent in first["letters"])


def test_what_the_register_of_holds_has_is_not_told() -> None:
    assert [event["type"] for event in said(earlier())["requests"][0]["events"]] == ["received", "assigned", "closed"]


def test_what_was_asked_and_answered_stands_with_it_and_no_password_of_an_address() -> None:
    question = Question(
        kind=QuestionKind.CLARIFICATION,
        asked_at=RECEIVED,
        text="Which orders?",
        answered_at=RECEIVED + timedelta(hours=1),
        answer="Those of 2024.",
    )
    aim = Aim(send_to="https://elsewhere.example/in?token=hush")
    agent = Agent(role=AgentRole.PROXY, name="Ren Abe", email="ren@law.example", mandate="I am her lawyer.")
    (told,) = said(earlier(questions=(question,), aim=aim, agent=agent, order_number="K-1"))["requests"]
    (asked,) = told["questions"]
    assert (asked["kind"], asked["text"], asked["answer"]) == ("clarification", "Which orders?", "Those of 2024.")
    assert told["aim"]["send_to"] == "https://elsewhere.example/in"
    assert (told["agent"], told["order_number"]) == ("proxy", "K-1")
    assert "Ren Abe" not in json.dumps(told)  # another person


def test_more_than_it_lists_is_said() -> None:
    files = answered(earlier(), more=3)
    assert json.loads(files["data/requests.json"])["not_listed"] == 3
    for name in ("index.html", "answer/letter.en.txt"):
        assert "3 older requests are on record" in files[name].decode()
    assert "このほかに、以前のご請求が3件記録されています" in files["index.ja.html"].decode()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("index.html", ("Your requests on record", "a question", "answered", "25 November 2029", 'href="#requests"')),
        ("index.ja.html", ("ご請求の記録", "ご質問", "回答済み", "2029年11月25日", "終了から3年")),
        ("answer/letter.en.txt", ("Your requests on record", "RD-4BNJ-E13T-H", "three years after it has ended")),
        ("answer/letter.ja.txt", ("ご請求の記録", "RD-4BNJ-E13T-H", "手続き中")),
        ("README.txt", ("data/requests.json",)),
    ],
)
def test_a_person_reads_it_on_the_pages(name: str, shown: tuple[str, ...]) -> None:
    content = answered(this_one(), earlier())[name].decode()
    for words in shown:
        assert words in content


def test_who_is_not_in_the_shop_is_told_of_their_requests_all_the_same() -> None:
    from tests.unit.export.package_of_a_shop import collected

    _, kept = build(context(), collected({}), requests=RequestsOnRecord(requests=[earlier()]))
    files = unpacked(kept)
    assert len(json.loads(files["data/requests.json"])["requests"]) == 1
    assert "RD-4BNJ-E13T-H" in files["answer/letter.en.txt"].decode()


def test_the_words_say_as_long_as_it_is_kept() -> None:
    assert timedelta(days=3 * 365) == KEPT_AFTER_CLOSING
    assert "three years" in text("en", "letter.requests")
    assert "3年間" in text("ja", "letter.requests")
    processing = json.loads(answered()["answer/processing.json"])
    (own,) = processing["own_records"]
    assert (own["id"], own["days"], own["from"], own["file"]) == ("requests", 1095, "closing", "data/requests.json")
    assert own["label"]["ja"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_kind_of_request_and_every_end_has_its_words(language: Any) -> None:
    for kind in RequestType:
        assert text(language, f"request.type.{kind.value}")
    for outcome in Outcome:
        assert text(language, f"requests.outcome.{outcome.value}")


@pytest.mark.parametrize("kind", [RequestType.PORTABILITY, RequestType.INFORMATION, RequestType.PROVISION_RECORDS])
def test_other_answers_do_without(kind: RequestType) -> None:
    files = answered(earlier(), types=(kind,))
    assert "data/requests.json" not in files
    assert not [path for path, content in files.items() if b"RD-4BNJ-E13T-H" in content]
    if "answer/processing.json" in files:
        assert json.loads(files["answer/processing.json"])["own_records"] == []


def test_days_are_those_of_the_merchants_zone() -> None:
    late = earlier(received_at=datetime.fromisoformat("2026-11-23T16:00:00+00:00"))  # the 24th in Japan
    assert "24 November 2026" in answered(late)["index.html"].decode()
    assert date.fromisoformat(said(late)["requests"][0]["due_on"])
