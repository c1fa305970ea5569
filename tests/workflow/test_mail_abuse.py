"""What must not work by mail (abuse cases of parts A, B, D, E and F), over everything that is deployed."""

import re
import time
from email.message import EmailMessage
from typing import Any

import pytest
from moto.ses.models import ses_backends

from local.account import ACCOUNT, REGION
from tests.support.mails import ASKS, mail, new_address, reply
from tests.support.stack import Case, PlayedStack

HEADERS = {
    *("From", "To", "Reply-To", "Subject", "Auto-Submitted", "X-Auto-Response-Suppress", "X-Rightsdesk"),
    *("Message-ID", "References", "MIME-Version", "Content-Type", "X-Letter-Salt"),
}


def raw_headers(to: str) -> list[list[str]]:
    """The names of the headers of every mail to an address, as they stand in the bytes that SES was handed."""
    found = []
    for message in ses_backends[ACCOUNT][REGION].sent_messages:
        block = message.raw_data.replace("\r\n", "\n").partition("\n\n")[0]
        if re.search(rf"^To: .*{re.escape(to)}", block, re.MULTILINE):
            found.append([line.partition(":")[0] for line in block.split("\n") if not line.startswith((" ", "\t"))])
    return found


def asked(stack: PlayedStack, address: str, **how: Any) -> Case:
    view = stack.mail_view(stack.mail_in(mail(address, ASKS, **how)))
    assert view["status"] == "requested", view
    return Case(reference=view["requests"][0], email=address, language="en")


def test_a08_an_identity_card_that_was_sent_unasked_is_seen_and_deleted(stack: PlayedStack) -> None:
    made = mail(new_address(), ASKS + " A scan of my passport is attached.")
    made.add_attachment(b"\xff\xd8\xff", maintype="image", subtype="jpeg", filename="passport.jpg")
    mail_id = stack.mail_in(made)
    view = stack.mail_view(mail_id)
    assert (view["status"], view["held_for"], "id_scan" in view["flags"]) == ("triage", ["sensitive"], True)
    view = stack.settle_mail(mail_id, "purge", {"what": "files"}).expect(200)
    assert (view["content"]["files"], view["purged"]) == ([], True)
    held = [entry["Key"] for entry in _objects(stack) if entry["Size"] == 3]
    assert held == []


def test_a09_many_requests_of_one_proxy_are_not_answered_by_themselves(stack: PlayedStack) -> None:
    proxy = new_address()
    ways = [stack.mail_view(stack.mail_in(mail(proxy, f"{ASKS} (File {number}.)")))["status"] for number in range(20)]
    assert ways.count("requested") == 1
    assert ways.count("triage") == 19  # none is refused, and none is lost
    assert len(stack.mails(proxy)) == 1


def test_a11_pressure_is_no_shortcut(stack: PlayedStack) -> None:
    calm = asked(stack, new_address())
    threat = mail(
        new_address(),
        f"{ASKS} I want it TODAY, within one hour, or I will sue every one of you and tell the press!!!",
        subject="URGENT!!! LAST WARNING",
        X_Priority="1",
        Importance="high",
    )
    view = stack.mail_view(stack.mail_in(threat))
    assert view["requests"], view
    pressed = stack.cases.find(view["requests"][0])
    assert pressed.due == stack.stored(calm).due


def test_a17_a_member_and_a_stranger_get_the_same_letters(stack: PlayedStack) -> None:
    member = stack.new_member(orders=3)
    letters = []
    for address in (member.email, new_address()):
        case = asked(stack, address)
        sent = [letter.text for letter in stack.mails(address)]
        letters.append(
            [
                re.sub(r"[0-9]{4}-[0-9]{4}|/not-mine/[a-z0-9]+", "CODE", text.replace(case.reference, "RD"))
                for text in sent
            ]
        )
    assert letters[0] == letters[1]
    assert len(letters[0]) == 1


def test_a38_a_flood_of_one_address_gets_one_mail(stack: PlayedStack) -> None:
    victim = new_address()
    for _ in range(30):
        stack.mail_in(mail(victim, ASKS))
    assert len(stack.mails(victim)) == 1


@pytest.mark.parametrize("what", ["large", "deep", "parts", "line", "references"])
def test_a40_a_mail_that_is_too_much_is_taken_all_the_same(stack: PlayedStack, what: str) -> None:
    made = mail(new_address(), "Good day.")
    match what:
        case "large":
            made.add_attachment(bytes(12_000_000), maintype="application", subtype="zip", filename="bomb.zip")
            raw = made.as_bytes()
        case "deep":
            raw = _head(made) + b"".join(
                b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(1000)
            )
        case "parts":
            part = b"--x\r\nContent-Type: text/plain\r\n\r\nGood day\r\n"
            raw = _head(made) + b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n' + part * 10_000 + b"--x--\r\n"
        case "line":
            raw = _head(made) + b"X-Long: " + b"(" * 1_000_000 + b"\r\n\r\nGood day\r\n"
        case _:
            raw = _head(made) + b"References: " + b" <a@b>" * 100_000 + b"\r\n\r\nGood day\r\n"
    began = time.monotonic()
    view = stack.mail_view(stack.mail_in(raw))
    assert time.monotonic() - began < 60
    assert view["status"] == "triage"
    assert view["intact"]


def test_a47_what_a_mail_says_is_shown_as_it_is_and_nowhere_as_markup(stack: PlayedStack) -> None:
    evil = '<img src=x onerror=alert(1)> {{7*7}} ${jndi:ldap://x} %s "quoted"'
    address = new_address()
    mail_id = stack.mail_in(mail(address, f"{ASKS} {evil}", subject=evil, name='"<b>Eve</b> {{7*7}}"'))
    view = stack.mail_view(mail_id)
    assert evil in view["content"]["text"]
    assert view["content"]["subject"] == evil
    answer = stack.call("GET", f"/staff/mail/{mail_id}", staff="handler")
    assert answer.headers["content-type"].startswith("application/json")
    for letter in stack.mails(address):
        assert "onerror" not in letter.html + letter.text + letter.subject
        assert "49" not in letter.subject


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?x=0D=0ABcc=3A_evil=40example.com?=",
        "=?utf-8?q?x=0ABcc=3A_evil=40example.com?=",
        "=?utf-8?b?eA0KQmNjOiBldmlsQGV4YW1wbGUuY29t?=",
        "x\u2028Bcc: evil@example.com",
        "x" * 10_000,
    ],
)
def test_a56_nothing_of_a_mail_gets_into_the_headers_of_an_answer(stack: PlayedStack, subject: str) -> None:
    address = new_address()
    raw = (
        f"From: =?utf-8?q?Eve=0ABcc=3A_evil?= <{address}>\r\nTo: privacy@shop.example\r\n"
        f"Subject: {subject}\r\nMessage-ID: <x\u2028y@example.com>\r\nReferences: <a\rb@c>\r\n"
        f"Reply-To: evil@example.com\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{ASKS}\r\n"
    ).encode()
    view = stack.mail_view(stack.mail_in(raw))
    assert view["status"] == "requested", view
    (names,) = raw_headers(address)
    assert set(names) <= HEADERS
    assert len(set(names)) == len(names)
    assert not stack.mails("evil@example.com")


@pytest.mark.parametrize(
    ("headers", "subject"),
    [
        ({"Auto_Submitted": "auto-replied", "X_Auto_Response_Suppress": "All"}, "Automatic reply: My data"),  # Exchange
        ({"Auto_Submitted": "auto-replied", "Precedence": "bulk", "X_Autoreply": "yes"}, "Out of office"),  # Gmail
        ({"Auto_Submitted": "auto-replied (zimbra; vacation)"}, "Re: My data"),  # Zimbra
        ({"List_Id": "<friends.googlegroups.com>", "Precedence": "list"}, "[friends] My data"),
        ({"Auto_Submitted": "auto-notified"}, "Notification"),
        ({"X_Auto_Response_Suppress": "DR, OOF, AutoReply"}, "My data"),
    ],
)
def test_a57_a_machine_gets_no_answer_and_is_on_record(
    stack: PlayedStack, headers: dict[str, str], subject: str
) -> None:
    address = new_address()
    view = stack.mail_view(stack.mail_in(mail(address, ASKS, subject=subject, **headers)))
    assert view["status"] in ("triage", "kept"), view  # for staff where it may be a request all the same
    assert "automatic" in view["held_for"]
    assert not stack.mails(address)


def test_a57_who_says_that_they_are_no_machine_is_answered(stack: PlayedStack) -> None:
    address = new_address()
    stack.mail_in(mail(address, ASKS, Auto_Submitted="no"))
    assert len(stack.mails(address)) == 1


@pytest.mark.parametrize("sender", ["privacy@shop.example", "privacy+x@shop.example", "privacy-desk@shop.example"])
def test_a59_mail_from_ourselves_is_kept_and_not_answered(stack: PlayedStack, sender: str) -> None:
    before = len(stack.mails(sender))
    view = stack.mail_view(stack.mail_in(mail(sender, "A loop of some kind.")))
    assert "own_address" in view["automatic"]
    assert view["requests"] == []
    assert len(stack.mails(sender)) == before


def test_a66_a_forward_that_names_a_request_is_a_suggestion(stack: PlayedStack) -> None:
    case = asked(stack, new_address())
    for prefix in ("WG", "Fw", "転送"):
        stranger = new_address()
        made = mail(stranger, "See below.", subject=f"{prefix}: Your code for request {case.reference}")
        view = stack.mail_view(stack.mail_in(made))
        assert (view["status"], view["attached_to"]) == ("triage", None)
        assert view["suggestions"] == [case.reference]
        assert not stack.mails(stranger)


def test_a67_words_of_our_own_letter_that_are_quoted_ask_for_nothing(stack: PlayedStack) -> None:
    case = asked(stack, new_address())
    (letter,) = stack.mails_about(case)
    quoted = "\n".join(f"> {line}" for line in f"{letter.text}\nPlease delete my account and all my data.".split("\n"))
    stranger = new_address()
    made = mail(stranger, f"Thank you for this.\n\nOn Monday, Kumo Furniture wrote:\n{quoted}\n", subject="Re: code")
    view = stack.mail_view(stack.mail_in(made))
    assert view["status"] == "triage"
    assert not [intent for intent in view["intents"] if intent["score"] >= 0.6]


def test_a71_a_virus_is_kept_away_from_everybody(stack: PlayedStack) -> None:
    made = mail(new_address(), ASKS)
    eicar = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    made.add_attachment(eicar, maintype="application", subtype="octet-stream", filename="a.pdf.exe")
    mail_id = stack.mail_in(made)
    view = stack.mail_view(mail_id)
    assert (view["status"], view["doubts"]) == ("triage", ["virus"])
    refused = stack.call("POST", f"/staff/mail/{mail_id}/files/1", {}, staff="handler")
    assert (refused.status, refused.body["code"]) == (409, "unsafe_file")


def test_a22_an_unknown_mail_and_one_that_can_be_none_are_the_same(stack: PlayedStack) -> None:
    for mail_id in ("0" * 32, "x", "..%2f..%2fetc", "A" * 500):
        answer = stack.call("GET", f"/staff/mail/{mail_id}", staff="handler")
        assert (answer.status, answer.body["code"]) == (404, "not_found"), mail_id


def test_nothing_is_answered_to_reply_to_or_cc(stack: PlayedStack) -> None:
    address, elsewhere = new_address(), new_address()
    case = asked(stack, address, Reply_To=elsewhere, Cc=elsewhere)
    (letter,) = stack.mails_about(case)
    answer, to = reply(letter, address, stack.code(case))
    answer["Reply-To"] = elsewhere
    stack.mail_in(answer, recipients=[to])
    assert stack.stored(case).assurance == 1
    assert not stack.mails(elsewhere)


def _head(made: EmailMessage) -> bytes:
    names = ("From", "To", "Subject", "Message-ID")
    return b"".join(f"{name}: {made[name]}\r\n".encode() for name in names)


def _objects(stack: PlayedStack) -> list[dict[str, Any]]:
    found = stack.client("s3").list_objects_v2(Bucket=stack.local.ref("MailBucket"), Prefix="quarantine/")
    return list(found.get("Contents", []))
