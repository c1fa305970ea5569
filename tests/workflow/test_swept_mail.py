"""A mail whose notice is lost on its way is found by the daily sweep, and never answered by itself."""

from email.policy import SMTP

from rightsdesk.domain.identity import keyed_id
from tests.support.mails import ASKS, mail, new_address
from tests.support.stack import PlayedStack


def stored_only(stack: PlayedStack, raw: bytes, message_id: str) -> str:
    """A mail that SES stored and whose notice nobody got; its id at the desk."""
    bucket = stack.local.ref("MailBucket")
    stack.client("s3").put_object(Bucket=bucket, Key=f"inbound/{message_id}", Body=raw)
    return keyed_id(stack.keys.key("mail"), message_id)


def test_a_mail_without_a_notice_waits_for_staff_and_nobody_is_answered(stack: PlayedStack) -> None:
    sender, stored_at = new_address(), stack.now
    mail_id = stored_only(stack, mail(sender, ASKS).as_bytes(policy=SMTP), "untold")
    no_mail = stored_only(stack, b"You have set up a receipt rule.", "AMAZON_SES_SETUP_NOTIFICATION")
    stack.advance(days=1)
    view = stack.mail_view(mail_id)
    assert view["status"] == "triage"
    assert {"not_scanned_for_viruses", "not_scanned_for_spam", "unauthenticated"} <= set(view["held_for"])
    assert view["received_at"][:16] == stored_at.isoformat()[:16]  # the clock of the law runs from there
    assert ASKS.split()[0] in view["content"]["text"]
    assert not stack.mails(sender)
    assert stack.call("GET", f"/staff/mail/{no_mail}", staff="handler").status == 404

    assert stack.local.invoke("SweepDeadlinesFunction", {}).value["mails_found_again"] == 0  # found once


def test_a_mail_without_a_notice_and_without_a_clear_intent_is_shown_too(stack: PlayedStack) -> None:
    text = "My former husband reads my account at your shop. Who can I speak to?"
    mail_id = stored_only(stack, mail(new_address(), text).as_bytes(policy=SMTP), "untold-plea")
    stack.advance(days=1)
    assert stack.mail_view(mail_id)["status"] == "triage"


def test_further_back_is_looked_at_when_somebody_asks_for_it(stack: PlayedStack) -> None:
    with stack.failing("s3", "ListObjectsV2", code="SlowDown"):
        mail_id = stored_only(stack, mail(new_address(), ASKS).as_bytes(policy=SMTP), "long-untold")
        stack.advance(days=5)
    assert stack.local.invoke("SweepDeadlinesFunction", {}).value["mails_found_again"] == 0
    assert stack.local.invoke("SweepDeadlinesFunction", {"mails_of_days": 30}).value["mails_found_again"] == 1
    stack.local.settle()
    assert stack.mail_view(mail_id)["status"] == "triage"


def test_mails_are_found_though_staff_cannot_be_told_of_those_that_wait(stack: PlayedStack) -> None:
    stack.mail_in(mail(new_address(), "Hm."))
    mail_id = stored_only(stack, mail(new_address(), ASKS).as_bytes(policy=SMTP), "untold-beside-a-fault")
    with stack.failing("sesv2", "SendEmail", code="TooManyRequestsException", on="staff_mail_waiting") as failed:
        stack.advance(days=1)
    assert failed
    assert stack.mail_view(mail_id)["status"] == "triage"
