"""An e-mail address: as typed, for showing, and canonical, for matching (abuse case 1).

Canonical means: Unicode NFC, the domain in lower case as IDNA, the local part in lower case. Dots and `+tags` are kept:
whether they are one mailbox is for its provider to know, and merging them would give one person's data to another.

Full-width letters, as Japanese keyboards type them, are the same letters in half width: `ｈａｎａ＠` is `hana@`.
Nothing else is folded: two addresses that merely look alike stay two.
"""

from functools import lru_cache

# U+FF01 to U+FF5E stand for the visible characters of ASCII, U+3000 for the space.
_HALF_WIDTH = {0xFF01 + n: 0x21 + n for n in range(0x5E)} | {0x3000: 0x20}

MAX_LENGTH = 254  # RFC 5321 4.5.3.1.3, less the angle brackets


@lru_cache(maxsize=1)
def canonical_address(typed: str) -> str | None:
    """The canonical form, or None where this can't be an address. Pure: nothing is looked up.

    The last answer is kept: a door, the submission and the service each ask for the same address.
    """
    from email_validator import EmailNotValidError, validate_email  # 30 ms that most functions never need

    text = _half_width(typed)
    if not text or len(text) > MAX_LENGTH:
        return None
    try:
        parts = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return f"{parts.local_part.lower()}@{parts.ascii_domain.lower()}"


def deliverable_address(typed: str) -> str:
    """As it goes into a mail: the local part in the letters that were typed, but of half width; the domain as IDNA.

    A header holds no other letters.
    """
    local, _, domain = _half_width(typed).rpartition("@")
    canonical = canonical_address(typed)
    return f"{local}@{canonical.rpartition('@')[2] if canonical else domain}"


def _half_width(typed: str) -> str:
    return typed.translate(_HALF_WIDTH).strip()


def masked_address(address: str) -> str:
    """For staff lists, until a reveal is asked for: `h•••@example.jp`."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}•••@{domain}"
