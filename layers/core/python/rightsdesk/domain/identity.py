"""Making sure that it is that person: levels of assurance, the code, and its limits (mission E-00, P-01; GDPR 12(6)).

E-mail proves that a mailbox can be read, and nothing more.
"""

# serves: E-00, P-01

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from enum import IntEnum, StrEnum

CODE_LIFETIME = timedelta(minutes=10)
TRIES_PER_CODE = 5
TRIES_PER_DAY = 10  # for a request; a new code does not reset it
EVIDENCE_TRIES_PER_DAY = 5
EVIDENCE_KEPT = timedelta(hours=1)  # until it is compared, and no longer (P-01)
SESSION_LIFETIME = timedelta(minutes=15)
VERIFICATION_PERIOD = timedelta(days=14)
REMINDED_AFTER = timedelta(days=3)  # of what is still to be entered in that period
AGENT_MAILS_PER_DAY = 5  # to one address that asks for others; all its requests are taken
MAILBOX_SETTLED_AFTER = timedelta(days=30)
_DIGITS = 8
_HYPHENS = "-‐‑‒–—―−ー"
_LONGEST = 64  # of what is typed; NFKC of a flood of combining marks would take quadratic time


class Assurance(IntEnum):
    """How sure we are. Higher includes lower."""

    NONE = 0
    MAILBOX = 1  # T1: control of a mailbox
    FACTS = 2  # T2: T1 and facts that the shop holds
    STAFF = 3  # T3: assessed by staff


class CodePurpose(StrEnum):
    VERIFICATION = "verification"  # proves the mailbox of a new request
    ACCESS = "access"  # opens the status page and the download


def new_code(randbelow: Callable[[int], int] = secrets.randbelow) -> str:
    """Eight random digits."""
    return f"{randbelow(10**_DIGITS):0{_DIGITS}d}"


def shown_code(code: str) -> str:
    """As it stands in the mail: `1234-5678`."""
    return f"{code[:4]}-{code[4:]}"


def counted_anew_at(now: datetime) -> datetime:
    """When tries of a day start from nothing: days are counted in UTC."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)


def read_code(typed: str) -> str | None:
    """The eight digits of what a person typed or pasted: spaces, hyphens and full-width digits are accepted."""
    folded = unicodedata.normalize("NFKC", typed[:_LONGEST])
    digits = "".join(c for c in folded if c.isascii() and c.isdigit())
    others = [c for c in folded if not (c.isascii() and c.isdigit()) and not c.isspace() and c not in _HYPHENS + "・"]
    return digits if len(digits) == _DIGITS and not others else None


def code_digest(key: bytes, *, request_id: str, purpose: CodePurpose, code: str) -> str:
    """HMAC over request, purpose and code: a code for one is worthless for another (abuse case 28)."""
    return hmac.new(key, f"{request_id}|{purpose}|{code}".encode(), hashlib.sha256).hexdigest()


def same_digest(one: str, other: str) -> bool:
    return hmac.compare_digest(one, other)


def subject_key(key: bytes, canonical_address: str) -> str:
    """What stands for an address in indexes and counters: an HMAC, so that a copy of the table names nobody."""
    return hmac.new(key, canonical_address.encode(), hashlib.sha256).hexdigest()


def keyed_id(key: bytes, text: str) -> str:
    """An id of 128 bits that follows from what it is for: the same when it is made again, and nobody can guess it."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def required_assurance(
    *,
    is_account_mailbox: bool,
    mailbox_changed_at: datetime | None,
    anything_else: bool,
    now: datetime,
    stops: bool = False,
) -> Assurance:
    """The mailbox is enough where it is the account's and has not changed for 30 days.

    And always to be left alone (`stops`): to withdraw is as easy as to agree (GDPR 7(3)), and nothing is given away.

    `anything_else`: there is no account, but the mailbox or an order number that was given may lead to something. Where
    nothing does, there is nothing to protect: the answer is that we hold nothing (GDPR 15(1), APPI 33(3)).
    """
    if stops:
        return Assurance.MAILBOX
    if not is_account_mailbox:
        return Assurance.FACTS if anything_else else Assurance.MAILBOX
    if mailbox_changed_at is not None and now - mailbox_changed_at < MAILBOX_SETTLED_AFTER:
        return Assurance.FACTS
    return Assurance.MAILBOX


def facts_match(*, given_order: str, given_postcode: str, held_order: str, held_postcode: str) -> bool:
    """Whether an order number and its postcode agree with what the shop holds. The answer is only yes or no."""
    order = _same_fact(given_order, held_order)
    postcode = _same_fact(given_postcode, held_postcode)
    return order and postcode


def spellings(number: str) -> tuple[str, ...]:
    """An order number as the shop may have written what a person typed: as it is, then in capitals with plain hyphens.

    A Japanese keyboard types a long vowel mark for a hyphen; spaces come with copying.
    """
    plain = "".join("-" if c in _HYPHENS else c for c in unicodedata.normalize("NFKC", number) if not c.isspace())
    return tuple(dict.fromkeys((number, plain, plain.upper())))


def folded_fact(text: str) -> str:
    """Width, case, spaces and hyphens do not matter: `１５０−０００１` is `1500001`. What is empty says nothing."""
    folded = unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()
    return "".join(c for c in folded if c.isalnum() and c not in _HYPHENS)  # a long vowel mark counts as a letter


def _same_fact(given: str, held: str) -> bool:
    return hmac.compare_digest(folded_fact(given).encode(), folded_fact(held).encode()) and bool(folded_fact(held))
