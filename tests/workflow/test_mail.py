"""Mail comes in and letters go out, over everything that is deployed: receipt rule, bucket, topic, queue, function."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.mails import ASKS, mail, new_address, reply
from tests.support.stack import Case, PlayedStack

SAMPLES = Path(__file__).parents[2] / "events/mail"
DMARC_FAILS = {"verdicts": {"dmarc": "FAIL", "spf": "FAIL", "dkim": "FAIL"}}


def test_a_mail_becomes_a_request_and_its_code_comes_back_by_mail(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    stack.canaries.add(ASKS)
    view = stack.mail_view(stack.mail_in(mail(member.email, ASKS, name=member.name)))
    assert view["status"] == "requested"
    case = Case(reference=view["requests"][0], email=member.email, language="en")
    stored = stack.stored(case)
    assert (stored.door, stored.name, stored.types, stored.country_assumed) == ("email", member.name, ("access",), True)
    (letter,) = stack.mails_about(case)
    assert letter.headers["Auto-Submitted"] == "auto-replied"
    assert case.reference in letter.text
    assert ASKS not in letter.text  # nothing that a requester typed is repeated
    answer, to = reply(letter, member.email, f"Here it is: {stack.code(case)}\n\nOn Monday, Kumo wrote:\n> Hello\n")
    stack.mail_in(answer, recipients=[to])
    assert stack.stored(case).assurance == 1
    assert stack.staff_view(case)["status"] == "awaiting_review"
    confirmed = stack.mails_about(case)[-1]
    assert "due" in confirmed.text.lower()
    assert stack.staff_view(case)["messages"] == 2
    listed = stack.call("GET", f"/staff/requests/{case.reference}/messages", staff="auditor").expect(200)
    assert [line["status"] for line in listed["items"]] == ["requested", "attached"]
    stack.release(case)
    assert stack.download(case)


def test_in_japanese_too(stack: PlayedStack) -> None:
    raw = (SAMPLES / "access-ja.eml").read_bytes().replace(b"hanako@example.jp", b"mail.hanako@example.jp")
    stack.canaries |= {"mail.hanako@example.jp", "ｹｰﾀｲ"}
    view = stack.mail_view(stack.mail_in(raw))
    assert view["status"] == "requested", view
    assert "①会員情報" in view["content"]["text"]
    assert "開示請求①" in view["content"]["subject"]
    stored = stack.cases.find(view["requests"][0])
    assert (stored.language, stored.country, stored.name, stored.types) == ("ja", "JP", "佐藤花子", ("access",))
    (letter,) = stack.mails("mail.hanako@example.jp")
    assert "様" in letter.text or "ください" in letter.text


# What is made of the samples, with a clean sender
SAMPLE_WAYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "access-en": ("requested", ()),
    "access-ja": ("requested", ()),
    "erasure-de": ("requested", ()),
    "html_only-en": ("requested", ()),
    "two_requests-en": ("triage", ("several_intents",)),
    "reminder-en": ("triage", ("reminder",)),
    "complaint-fr": ("requested", ()),
    "for_another-en": ("triage", ("for_somebody_else",)),
    "for_another-ja": ("triage", ("for_somebody_else",)),
    "order-en": ("triage", ("no_clear_intent",)),
    "order-ja": ("triage", ("no_clear_intent",)),
    "unauthenticated-en": ("triage", ("unauthenticated",)),
    "identity_card-en": ("triage", ("sensitive",)),
    "empty_with_pdf": ("triage", ("no_text", "no_clear_intent")),
    "out_of_office-en": ("kept", ("automatic",)),
    "bounce": ("kept", ("automatic",)),
}


def test_every_sample_has_its_way() -> None:
    assert {path.stem for path in SAMPLES.glob("*.eml")} == set(SAMPLE_WAYS)


@pytest.mark.parametrize("name", SAMPLE_WAYS)
def test_what_becomes_of_a_sample(stack: PlayedStack, name: str) -> None:
    raw = (SAMPLES / f"{name}.eml").read_bytes()
    own = new_address()
    for address in (b"jane@example.com", b"hanako@example.jp", b"hans@example.de", b"claire@example.fr"):
        raw = raw.replace(b"<" + address + b">", f"<{own}>".encode())  # so that samples do not limit one another
    raw = raw.replace(b"Message-ID: <", f"Message-ID: <{own}.".encode())
    how: dict[str, Any] = {"sender": ""} if name == "bounce" else {}
    view = stack.mail_view(stack.mail_in(raw, **how, **(DMARC_FAILS if name.startswith("unauth") else {})))
    assert (view["status"], tuple(view["held_for"])) == SAMPLE_WAYS[name], view
    assert view["intact"]
    if name == "html_only-en":
        assert "delete my account" not in view["content"]["text"]


# Abuse


def test_a01_a_look_alike_address_is_a_request_of_its_own(stack: PlayedStack) -> None:
    jane = stack.new_member()
    alike = jane.email.replace("subject", "subjеct")
    stack.canaries.add(alike)
    view = stack.mail_view(stack.mail_in(mail(alike, ASKS)))
    assert not stack.mails(jane.email)
    for reference in view["requests"]:
        assert stack.cases.find(reference).email != jane.email


def test_a02_a_forged_sender_is_written_to_by_nobody(stack: PlayedStack) -> None:
    victim = stack.new_member()
    view = stack.mail_view(stack.mail_in(mail(victim.email, ASKS, name=victim.name), **DMARC_FAILS))
    assert (view["status"], view["held_for"]) == ("triage", ["unauthenticated"])
    assert not stack.mails(victim.email)
    assert view["requests"] == []


def test_a03_a_display_name_is_no_address(stack: PlayedStack) -> None:
    victim, attacker = stack.new_member(), new_address()
    made = mail(attacker, ASKS)
    del made["From"]
    made["From"] = f'"{victim.email}" <{attacker}>'
    view = stack.mail_view(stack.mail_in(made))
    assert "name_is_address" in view["flags"]
    assert not stack.mails(victim.email)
    assert stack.cases.find(view["requests"][0]).email == attacker


def test_a60_what_a_mail_says_of_its_own_checks_is_ignored(stack: PlayedStack) -> None:
    forged = mail(
        new_address(),
        ASKS,
        X_SES_Virus_Verdict="PASS",
        X_SES_Spam_Verdict="PASS",
        Authentication_Results="amazonses.com; spf=pass; dkim=pass; dmarc=pass",
    )
    view = stack.mail_view(stack.mail_in(forged, verdicts={"spam": "FAIL", "virus": "FAIL", "dmarc": "FAIL"}))
    assert view["doubts"] == ["virus", "spam", "unauthenticated"]
    assert view["requests"] == []


@pytest.mark.parametrize("verdict", ["GRAY", "PROCESSING_FAILED", "DISABLED", "MISSING"])
def test_a61_a_check_that_did_not_pass_is_none(stack: PlayedStack, verdict: str) -> None:
    view = stack.mail_view(stack.mail_in(mail(new_address(), ASKS), verdicts={"virus": verdict, "spam": verdict}))
    assert view["doubts"] == ["not_scanned_for_viruses", "not_scanned_for_spam"]


def test_a62_a_request_in_spam_waits_with_its_clock(stack: PlayedStack) -> None:
    mail_id = stack.mail_in(mail(new_address(), ASKS), verdicts={"spam": "FAIL"})
    listed = stack.call("GET", "/staff/mail?limit=100", staff="handler").expect(200)["items"]
    (line,) = [line for line in listed if line["id"] == mail_id]
    assert line["due_on"] > line["received_at"][:10]
    assert line["intents"][0]["type"] == "access"


def test_a70_one_delivery_is_one_mail_however_often_it_is_told(stack: PlayedStack) -> None:
    address = new_address()
    same = mail(address, ASKS)
    recipients = ["privacy@shop.example", "privacy+other@shop.example"]
    first = stack.mail_in(same, message_id="twice", recipients=recipients)
    assert stack.mail_in(same, message_id="twice", recipients=recipients) == first
    again = stack.mail_in(same)
    assert stack.mail_view(again)["same_as"] == first
    assert len(stack.mails(address)) == 1


def test_a63_a64_a_thread_is_proven_or_it_is_a_suggestion(stack: PlayedStack) -> None:
    address = new_address()
    case = _asked_by_mail(stack, address)
    (letter,) = stack.mails_about(case)
    _, to = reply(letter, address, "x")
    upper = to.partition("@")[0].upper() + "@shop.example"
    tampered = to.replace("+1", "+2")
    stranger = new_address()
    for sender, recipient, subject, held in (
        (stranger, to, "Hello", "thread_other_address"),
        (address, tampered, "Hello", "thread_unproven"),
        (stranger, "privacy@shop.example", f"Re: [{case.reference}]", "names_a_request"),
    ):
        view = stack.mail_view(stack.mail_in(mail(sender, "Hello there", subject=subject), recipients=[recipient]))
        assert (view["status"], view["held_for"][0]) == ("triage", held)
        assert [match["reference"] for match in view["matches"]] == [case.reference]
        assert not stack.mails(stranger)
    assert stack.mail_view(stack.mail_in(mail(address, "Hello"), recipients=[upper]))["attached_to"] == case.reference


def test_a58_two_systems_stop_at_three_mails(stack: PlayedStack) -> None:
    """The other one answers each of our letters, in the thread and beside it, with no header to go by."""
    robot = new_address()
    stack.mail_in(mail(robot, ASKS))
    seen = 0
    for _ in range(10):
        letters = stack.mails(robot)
        if len(letters) == seen:
            break
        for letter in letters[seen:]:
            answer, to = reply(letter, robot, "Thank you for your mail. Your ticket is 1234-5678.")
            stack.mail_in(answer, recipients=[to])
            stack.mail_in(mail(robot, ASKS, subject=f"[Ticket 1] {letter.subject}"))
        seen = len(letters)
    assert len(stack.mails(robot)) <= 3


def test_a72_a_bounce_marks_its_letter_and_calls_staff(stack: PlayedStack) -> None:
    member = stack.new_member()
    case = stack.to_review(member, type="rectification", details="My postcode is wrong.")
    version = stack.staff_view(case)["version"]
    stack.decide(
        case,
        "question",
        {"version": version, "kind": "clarification", "text": "Which of your addresses?"},
        by="handler",
    ).expect(200)
    question = stack.mails_about(case)[-1]
    bounce = (
        (SAMPLES / "bounce.eml")
        .read_bytes()
        .replace(b"<the-letter@shop.example>", question.headers["References"].encode())
    )
    stack.mail_in(bounce, sender="")
    seen = stack.staff_view(case)
    assert seen["undelivered"] == ["clarification_question"]
    assert seen["next_step"] == "answer_in_another_way" or seen["failure"] is None


def test_a43_a_notice_that_nobody_can_read_is_seen_by_staff(stack: PlayedStack) -> None:
    before = len(_waiting(stack))
    stack.client("sqs").send_message(QueueUrl=stack.local.ref("InboundMailQueue"), MessageBody="{not json")
    stack.local.settle()
    waiting = _waiting(stack)
    assert len(waiting) == before + 1
    assert any("unreadable" in line["flags"] for line in waiting)


def test_a43_a_mail_whose_taking_fails_is_not_lost(stack: PlayedStack) -> None:
    address = new_address()
    with stack.failing("dynamodb", "TransactWriteItems", code="InternalServerError", times=2) as failed:
        mail_id = stack.mail_in(mail(address, ASKS))
        stack.advance(hours=2)
    assert failed
    assert stack.mail_view(mail_id)["status"] in ("requested", "triage")
    assert stack.mail_view(mail_id)["intact"]


# Staff


def test_staff_make_two_requests_of_one_mail(stack: PlayedStack) -> None:
    member = stack.new_member()
    text = "Please send me a copy of all my personal data. Then delete all personal data that you have about me."
    mail_id = stack.mail_in(mail(member.email, text, name=member.name))
    received = stack.mail_view(mail_id)["received_at"]
    stack.advance(days=1)
    body = {"types": ["erasure", "access"], "country": "IE", "language": "en"}
    view = stack.settle_mail(mail_id, "request", body).expect(200)
    cases = [stack.cases.find(reference) for reference in view["requests"]]
    assert [case.types for case in cases] == [("access",), ("erasure",)]
    assert {case.received_at.isoformat()[:19] for case in cases} == {received[:19]}
    for stored in cases:
        case = Case(reference=stored.reference, email=member.email, language="en")
        stack.verify(case).expect(200)
        assert stack.stored(case).assurance == 1
    assert stack.settle_mail(mail_id, "dismissal", {"reason": "spam"}).body["code"] == "mail_settled"


def test_staff_ask_the_sender_and_dismiss(stack: PlayedStack) -> None:
    address = new_address()
    mail_id = stack.mail_in(mail(address, "Something about my sofa and my address."))
    stack.settle_mail(mail_id, "clarification", {"text": "Do you want an address corrected?"}).expect(200)
    (letter,) = stack.mails(address)
    assert "Do you want an address corrected?" in letter.text
    assert "sofa" not in letter.text
    assert mail_id in {line["id"] for line in _waiting(stack)}
    stack.settle_mail(mail_id, "dismissal", {"reason": "shop_matter"}).expect(200)
    assert mail_id not in {line["id"] for line in _waiting(stack)}
    month = f"{stack.now:%Y-%m}"
    registered = stack.call("GET", f"/staff/mail?month={month}&limit=100", staff="auditor").expect(200)["items"]
    assert mail_id in {line["id"] for line in registered}


def test_a71_a_file_is_saved_under_a_short_link_and_never_shown(stack: PlayedStack) -> None:
    made = mail(new_address(), "See the file.")
    made.add_attachment(b"<svg onload=alert(1)>", maintype="image", subtype="svg+xml", filename="../../x.svg")
    mail_id = stack.mail_in(made)
    view = stack.mail_view(mail_id)
    (file,) = view["content"]["files"]
    assert "/" not in file["name"]
    assert "active_attachment" in view["flags"]
    link = stack.call("POST", f"/staff/mail/{mail_id}/files/1", {}, staff="handler").expect(200)
    assert stack.fetch(link["url"]) == b"<svg onload=alert(1)>"
    assert "response-content-type=application%2Foctet-stream" in link["url"]
    stack.call("POST", f"/staff/mail/{mail_id}/files/1", {}, staff="auditor").expect(403)
    stack.settle_mail(mail_id, "purge", {"what": "files"}).expect(200)
    listed = stack.client("s3").list_objects_v2(Bucket=stack.local.ref("MailBucket"), Prefix="quarantine/")
    assert not any(entry["Size"] == file["bytes"] for entry in listed.get("Contents", []))


def test_the_history_of_a_mail_is_in_the_evidence(stack: PlayedStack) -> None:
    mail_id = stack.mail_in(mail(new_address(), "Good day."))
    stack.local.settle()
    bucket = stack.local.ref("EvidenceBucket")
    listed = stack.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"audit/{mail_id}/").get("Contents", [])
    bodies = [stack.client("s3").get_object(Bucket=bucket, Key=entry["Key"])["Body"].read() for entry in listed]
    assert [json.loads(body)["type"] for body in bodies] == ["mail_received", "mail_triaged"]


def test_a_residence_that_was_assumed_is_put_right(stack: PlayedStack) -> None:
    case = _asked_by_mail(stack, new_address())
    seen = stack.staff_view(case)
    assert (seen["country"], seen["country_assumed"]) == ("IE", True)
    body = {"version": seen["version"], "country": "DE", "region": "DE-BY"}
    seen = stack.decide(case, "residence", body, by="handler").expect(200)
    assert (seen["country"], seen["region"], seen["country_assumed"]) == ("DE", "DE-BY", False)


def _asked_by_mail(stack: PlayedStack, address: str) -> Case:
    view = stack.mail_view(stack.mail_in(mail(address, ASKS)))
    assert view["status"] == "requested", view
    return Case(reference=view["requests"][0], email=address, language="en")


def _waiting(stack: PlayedStack) -> list[dict[str, Any]]:
    return list(_pages(stack))


def _pages(stack: PlayedStack) -> Iterator[dict[str, Any]]:
    cursor = ""
    while True:
        page = stack.call("GET", f"/staff/mail?limit=100{cursor}", staff="auditor").expect(200)
        yield from page["items"]
        if page["next"] is None:
            return
        cursor = f"&cursor={page['next'].replace('#', '%23')}"
