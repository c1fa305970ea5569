"""The reference of a request, as the person sees it: `RD-28T5-CY4G-M`.

Eight random characters of Crockford's base32 (40 bits) and a check character: it can be read over the telephone,
it can't be guessed or counted, and it says nothing of when it was made.
"""

import secrets
import unicodedata
from collections.abc import Callable

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BITS = 40
_LENGTH = 9  # with the check character
_PREFIX = "RD"
_LONGEST = 64
# x^5 + x^3 + 1 is primitive: one wrong character, or two that changed places, always give another remainder.
_POLYNOMIAL = 0b101001


def new_reference(randbits: Callable[[int], int] = secrets.randbits) -> str:
    """A new random reference."""
    value = randbits(_BITS)
    digits = [value >> shift & 31 for shift in range(_BITS - 5, -1, -5)]
    return _format([*digits, _remainder([*digits, 0])])


def parse_reference(text: str) -> str | None:
    """The canonical form of a reference that a person typed, or None where it can't be one (typing errors)."""
    folded = unicodedata.normalize("NFKC", text[:_LONGEST]).upper()
    compact = "".join(c for c in folded if c.isalnum())
    if len(compact) == len(_PREFIX) + _LENGTH:
        compact = compact.removeprefix(_PREFIX)
    compact = compact.translate(_READ_AS)
    if len(compact) != _LENGTH or any(c not in _ALPHABET for c in compact):
        return None
    digits = [_ALPHABET.index(c) for c in compact]
    return _format(digits) if _remainder(digits) == 0 else None


def _remainder(digits: list[int]) -> int:
    """A CRC of five bits, over whole characters. It starts at 1, so that nine zeros are no reference."""
    remainder = 1
    for digit in digits:
        remainder <<= 1
        remainder ^= digit ^ (_POLYNOMIAL if remainder & 32 else 0)
    return remainder


def _format(digits: list[int]) -> str:
    text = "".join(_ALPHABET[digit] for digit in digits)
    return f"{_PREFIX}-{text[:4]}-{text[4:8]}-{text[8:]}"
