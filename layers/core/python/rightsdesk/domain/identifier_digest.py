"""What stands for an identifier of a person where no value may be kept: a keyed digest (GDPR 5(1)(c), 32).

Each table of digests has a key of its own: none of them can be compared with another.
"""

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable

from rightsdesk.domain.address import canonical_address
from rightsdesk.domain.errors import InvalidInputError

EMAIL = "email"  # the kind of identifier that has more than one spelling

# Such a text is its own canonical form, be it an address or not; to find that out takes a replay of millions an hour.
_PLAIN = re.compile(r"[a-z0-9._+-]+@[a-z0-9.-]+")


def identifier_digest(key: bytes, kind: str, value: str) -> str:
    """HMAC-SHA-256, hex, over kind and value: the same text is another digest as another kind.

    `kind` is one of the data map; kinds have no `|` in their names.
    """
    return hmac.new(key, f"{kind}|{_canonical(kind, value)}".encode(), hashlib.sha256).hexdigest()


def identifier_digests(key: bytes, identifiers: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Of (kind, value): each digest once, in their order."""
    return tuple(dict.fromkeys(identifier_digest(key, kind, value) for kind, value in identifiers))


def subject_digest(key: bytes, kind: str, value: str, *, kinds: Collection[str]) -> str:
    """The digest of an identifier that somebody names to say whom they mean.

    Raises InvalidInputError for `subject`: a kind that the data map does not have (`unknown_kind`), or no e-mail
    address (`not_an_address`).
    """
    if kind not in kinds:
        raise InvalidInputError.of("subject", "unknown_kind")
    if kind == EMAIL and canonical_address(value) is None:
        raise InvalidInputError.of("subject", "not_an_address")
    return identifier_digest(key, kind, value)


def _canonical(kind: str, value: str) -> str:
    """An address as it is matched everywhere; what is no address, in an old row, is taken as it stands."""
    if kind != EMAIL or (_PLAIN.fullmatch(value) and "xn--" not in value):
        return value
    return canonical_address(value) or value
