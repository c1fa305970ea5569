"""Whether a mail comes from the mailbox that it names (abuse cases 2 to 4, 60, 61)."""

from datetime import UTC, datetime

import pytest

from rightsdesk.domain.incoming_mail import Envelope, IncomingMail, MailAddress, MailFlag, Verdict, Verdicts
from rightsdesk.domain.sender_trust import doubts_about, sender_of

P, F, G = Verdict.PASS, Verdict.FAIL, Verdict.GRAY
JANE = "jane@example.com"


def doubts(
    *,
    senders: tuple[str, ...] = (JANE,),
    source: str = "bounce@example.com",
    **verdicts: Verdict,
) -> tuple[str, ...]:
    given = Verdicts(**({"spf": P, "dkim": P, "dmarc": P, "spam": P, "virus": P} | verdicts))
    mail = IncomingMail(senders=tuple(MailAddress(address=each) for each in senders))
    envelope = Envelope(message_id="1", received_at=datetime(2026, 11, 28, tzinfo=UTC), sender=source, verdicts=given)
    return doubts_about(mail, envelope)


def test_a_clean_mail_has_no_doubt() -> None:
    assert doubts() == ()


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not P])
def test_a61_a_scan_that_did_not_pass_is_never_taken_as_passed(verdict: Verdict) -> None:
    assert doubts(virus=verdict) == ("virus" if verdict is F else "not_scanned_for_viruses",)
    assert doubts(spam=verdict) == ("spam" if verdict is F else "not_scanned_for_spam",)


@pytest.mark.parametrize(
    ("dmarc", "spf", "dkim", "source", "clean"),
    [
        (P, F, F, "x@elsewhere.example", True),  # DMARC has looked at alignment itself
        (F, P, P, "bounce@example.com", False),
        (G, P, F, "bounce@example.com", True),
        (G, P, F, "bounce@mail.example.com", True),
        (G, P, F, "bounce@evil.example", False),  # SPF passes for the attacker's own domain
        (G, P, F, "bounce@notexample.com", False),
        (G, P, F, "", False),
        (G, F, P, "x@evil.example", False),  # SES does not say whose signature was good
        (G, F, F, "bounce@example.com", False),
        (Verdict.MISSING, P, F, "bounce@example.com", True),
        (Verdict.MISSING, Verdict.MISSING, Verdict.MISSING, "bounce@example.com", False),
        (Verdict.PROCESSING_FAILED, Verdict.DISABLED, G, "bounce@example.com", False),
        (G, P, F, "x@com", False),
    ],
)
def test_a02_only_an_aligned_check_that_passed_authenticates(
    dmarc: Verdict, spf: Verdict, dkim: Verdict, source: str, clean: bool
) -> None:
    found = doubts(dmarc=dmarc, spf=spf, dkim=dkim, source=source)
    assert found == (() if clean else ("unauthenticated",))


@pytest.mark.parametrize("senders", [(), (JANE, "tom@example.com"), ("not an address",), ("a@b@c",), ("",)])
def test_a04_without_one_sender_nobody_is_answered(senders: tuple[str, ...]) -> None:
    assert doubts(senders=senders) == ("no_single_sender",)


def test_a02_a_second_from_that_the_mail_service_may_have_judged_is_no_sender() -> None:
    mail = IncomingMail(senders=(MailAddress(address=JANE),), flags=frozenset({MailFlag.SEVERAL_SENDERS}))
    assert sender_of(mail) is None


def test_a03_the_address_counts_and_the_display_name_does_not() -> None:
    mail = IncomingMail(senders=(MailAddress(address="attacker@evil.example", name="jane@example.com"),))
    assert sender_of(mail) == "attacker@evil.example"


def test_everything_that_is_wrong_is_said() -> None:
    assert doubts(virus=F, spam=G, dmarc=F) == ("virus", "not_scanned_for_spam", "unauthenticated")
