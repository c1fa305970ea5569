"""What becomes of mail as days pass: a stack with little in it, for each day is played."""

from tests.support.mails import mail, new_address
from tests.support.stack import PlayedStack


def test_once_a_day_staff_are_told_what_waits(stack: PlayedStack) -> None:
    stack.mail_in(mail(new_address(), "Good day."))
    before = len(stack.mails("privacy-desk@shop.example"))
    stack.advance(days=2)
    told = [letter for letter in stack.mails("privacy-desk@shop.example")[before:] if "still wait" in letter.subject]
    assert told


def test_raw_mail_goes_after_thirty_days_and_the_history_stays(stack: PlayedStack) -> None:
    mail_id = stack.mail_in(mail(new_address(), "Good day."))
    bucket = stack.local.ref("MailBucket")

    def raw() -> set[str]:
        found = stack.client("s3").list_objects_v2(Bucket=bucket, Prefix="inbound/").get("Contents", [])
        return {entry["Key"] for entry in found}

    there = raw()
    assert there
    stack.advance(days=31)
    assert not there & raw()
    assert stack.mail_view(mail_id)["content"]["text"].startswith("Good day.")
