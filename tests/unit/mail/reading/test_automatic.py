"""A57, A59: what a machine sent is not answered by a machine, and what a person sent is."""

from datetime import UTC, datetime

import pytest

from rightsdesk.domain.incoming_mail import Envelope, IncomingMail, MailAddress
from rightsdesk.mail.reading.automatic import automatic_reasons
from tests.support.hostile_mails import hostile_mail

OWN = ("privacy@shop.example", "no-answer@shop.example")

# sample -> reasons
SAMPLES: dict[str, tuple[str, ...]] = {
    "exchange_oof": ("auto_submitted", "auto_response_suppress", "ooo_subject"),
    "gmail_vacation": ("auto_submitted", "precedence", "x_autoreply"),
    "zimbra": ("auto_submitted", "precedence"),
    "postfix_dsn": ("empty_envelope_sender", "mailer_daemon", "auto_submitted", "report"),
    "office365_ndr": ("empty_envelope_sender", "report"),
    "google_group": ("precedence", "mailing_list"),
    "auto_notified": ("auto_submitted",),
    "suppress_list": ("auto_response_suppress",),
    "submitted_no": (),
    "own_letter": ("own_marker",),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a57_samples_of_machines(name: str) -> None:
    assert automatic_reasons(hostile_mail(f"automatic_{name}"), None, own_addresses=OWN) == SAMPLES[name]


def envelope(sender: str) -> Envelope:
    return Envelope(message_id="1", received_at=datetime(2026, 10, 3, tzinfo=UTC), sender=sender)


def mail(address: str = "jane@customer.example", subject: str = "", **headers: str) -> IncomingMail:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return IncomingMail(senders=(MailAddress(address=address),), subject=subject, headers=named)


@pytest.mark.parametrize(
    ("sender", "reasons"),
    [
        ("jane@customer.example", ()),
        ("", ("empty_envelope_sender",)),
        ("<>", ("empty_envelope_sender",)),
        ("MAILER-DAEMON@mx.example", ("mailer_daemon",)),
        ("bounces+12=jane@list.example", ("no_reply",)),
        ("Privacy+1abc@SHOP.example", ("own_address",)),
    ],
)
def test_a57_the_envelope_counts(sender: str, reasons: tuple[str, ...]) -> None:
    assert automatic_reasons(mail(), envelope(sender), own_addresses=OWN) == reasons


def test_an_envelope_that_nobody_told_us_says_nothing() -> None:
    """A mail that the daily sweep found: its headers say whether it was returned to nobody."""
    untold = Envelope(message_id="1", received_at=datetime(2026, 10, 3, tzinfo=UTC), sender=None)
    assert automatic_reasons(mail(), untold, own_addresses=OWN) == ()
    assert automatic_reasons(mail(return_path="<>"), untold, own_addresses=OWN) == ("empty_envelope_sender",)


def test_a57_an_envelope_counts_more_than_a_header_about_it() -> None:
    forged = mail(return_path="<>")
    assert automatic_reasons(forged, envelope("jane@customer.example"), own_addresses=OWN) == ()
    assert automatic_reasons(forged, None, own_addresses=OWN) == ("empty_envelope_sender",)


@pytest.mark.parametrize(
    ("address", "reasons"),
    [
        ("postmaster@x.example", ("mailer_daemon",)),
        ("No-Reply@x.example", ("no_reply",)),
        ("noreply+abc@x.example", ("no_reply",)),
        ("shop.do_not_reply@x.example", ("no_reply",)),
        ("noreen.reply@x.example", ()),
        ("privacy@shop.example", ("own_address",)),
        ("privacy+token@shop.example", ("own_address",)),
        ("no-answer@SHOP.example", ("own_address",)),
        ("a@b@c", ()),
    ],
)
def test_a59_addresses_that_no_person_reads(address: str, reasons: tuple[str, ...]) -> None:
    assert automatic_reasons(mail(address), None, own_addresses=OWN) == reasons


@pytest.mark.parametrize(
    ("name", "value", "reasons"),
    [
        ("auto_submitted", "No", ()),
        ("auto_submitted", "no; a=b", ()),
        ("auto_submitted", "no (really)", ()),
        ("auto_submitted", "auto-replied; owner=x", ("auto_submitted",)),
        ("auto_submitted", "", ("auto_submitted",)),
        ("x_auto_response_suppress", "None", ()),
        ("x_auto_response_suppress", "RN,NRN", ()),
        ("x_auto_response_suppress", "rn, oof", ("auto_response_suppress",)),
        ("precedence", "Auto_Reply", ("precedence",)),
        ("precedence", "first-class", ()),
        ("list_unsubscribe", "<https://x.example>", ("mailing_list",)),
        ("feedback_id", "1:2:3", ("feedback_id",)),
        ("x_mail_autoreply", "yes", ("x_autoreply",)),
        ("x_loop", "privacy+abc@shop.example", ("own_marker",)),
        ("x_loop", "someone@else.example", ()),
        ("content_type", "multipart/report", ("report",)),
    ],
)
def test_a57_headers(name: str, value: str, reasons: tuple[str, ...]) -> None:
    assert automatic_reasons(mail(**{name: value}), None, own_addresses=OWN) == reasons


@pytest.mark.parametrize(
    ("subject", "is_absent"),
    [
        ("Automatic reply: Your request", True),
        ("Auto: Re: Your request", True),
        ("Out of Office", True),
        ("Out of Office!", True),
        ("Out of Office AutoReply: Your request", True),
        ("AutoReply: Your request", True),
        ("[Auto-Reply] Your request", True),
        ("Automatische Antwort: Ihre Anfrage", True),
        ("Absence du bureau : Votre demande", True),
        ("Message d'absence", True),
        ("Risposta automatica: La tua richiesta", True),
        ("Respuesta automática: Su solicitud", True),
        ("Automatisch antwoord: Uw verzoek", True),
        ("Autosvar: Din begäran", True),
        ("Automatyczna odpowiedź: Wniosek", True),
        ("Αυτόματη απάντηση: Αίτημα", True),
        ("自動返信：開示請求", True),
        ("自動返信メール", True),
        ("不在のお知らせ", True),
        ("[自動応答] お問い合わせ", True),
        ("Abwesenheitsnotiz: Ihre Anfrage", True),
        ("Réponse automatique : Votre demande", True),
        ("【自動応答】お問い合わせ", True),
        ("自動返信: 開示請求", True),
        ("Re: Automatic reply: x", False),  # a person answers it
        ("Absence de réponse à ma demande", False),
        ("Réponse automatique reçue, et rien d'autre", False),
        ("自動返信しか届きません", False),
        ("「自動返信」しか届きません", False),
        ("不在通知が届いた荷物の件", False),
        ("Automatic reply received - nobody answers", False),
        ("Automatic response is not an answer: my data", False),
        ("Out of office hours I can't reach you", False),
        ("Abwesenheit einer Antwort", False),
        ("Afwezigheid van een antwoord", False),
        ("Auto", False),
        ("Automatisierte Entscheidung: Widerspruch", False),
        ("Please stop the automatic reply", False),
        ("Automatic decision about me", False),
        ("Autocomplete keeps my data", False),
        ("自動車の件", False),
    ],
)
def test_a57_a_subject_may_be_all_that_says_so(subject: str, is_absent: bool) -> None:
    reasons = automatic_reasons(mail(subject=subject), None, own_addresses=OWN)
    assert reasons == (("ooo_subject",) if is_absent else ())
