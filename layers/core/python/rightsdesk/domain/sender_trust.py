"""Whether a mail comes from the mailbox that its From names, by the mail service's word and not by the mail's own.

E-mail proves that a mailbox can be read, and a From that is not authenticated proves nothing at all (abuse cases 2, 3,
4, 60, 61). A mail with a doubt is registered and looked at by staff; nothing is answered and nothing changes by itself.
"""

# serves: E-00

from rightsdesk.domain.address import canonical_address
from rightsdesk.domain.incoming_mail import Envelope, IncomingMail, MailFlag, Verdict


def sender_of(mail: IncomingMail) -> str | None:
    """The one canonical address that From names; None where it names none or several. A display name never counts.

    Several are also flagged where the mail service may have judged another From than the one that was read.
    """
    if len(mail.senders) != 1 or MailFlag.SEVERAL_SENDERS in mail.flags:
        return None
    return canonical_address(mail.senders[0].address)


def doubts_about(mail: IncomingMail, envelope: Envelope) -> tuple[str, ...]:
    """Why this mail is not to be acted on by itself; nothing for a clean one. Codes, in the order of their weight."""
    verdicts = envelope.verdicts
    doubts = []
    if verdicts.virus is not Verdict.PASS:
        doubts.append("virus" if verdicts.virus is Verdict.FAIL else "not_scanned_for_viruses")
    if verdicts.spam is not Verdict.PASS:
        doubts.append("spam" if verdicts.spam is Verdict.FAIL else "not_scanned_for_spam")
    sender = sender_of(mail)
    if sender is None:
        doubts.append("no_single_sender")
    elif not _is_authenticated(sender.rpartition("@")[2], envelope):
        doubts.append("unauthenticated")
    return tuple(doubts)


def _is_authenticated(domain: str, envelope: Envelope) -> bool:
    """DMARC passed; or the domain has no policy, and SPF passed for this very domain (RFC 7489, 3.1).

    A signature alone is not enough: SES says that one was good, and not whose.
    """
    verdicts = envelope.verdicts
    if verdicts.dmarc is Verdict.PASS:
        return True
    if verdicts.dmarc is Verdict.FAIL:
        return False
    return verdicts.spf is Verdict.PASS and _aligned((envelope.sender or "").rpartition("@")[2], domain)


def _aligned(one: str, other: str) -> bool:
    """The same domain, or one below the other: DMARC's relaxed alignment, without a list of public suffixes."""
    a, b = one.lower().rstrip("."), other.lower().rstrip(".")
    return "." in a and "." in b and (a == b or a.endswith(f".{b}") or b.endswith(f".{a}"))
