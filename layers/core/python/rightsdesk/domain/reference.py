"""The reference of a request, as the person sees it: `RD-7K3M-9QXD-W`.

Eight random characters of Crockford's base32 (40 bits) and a check character: it can be read over the telephone,
it can't be guessed or counted, and it says nothing of when it was made.
"""

import secrets
from collections.abc import Callable

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK_ALPHABET = _ALPHABET + "*~$=U"  # Crockford: the value modulo 37
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_LENGTH = 8
_PREFIX = "RD"


def new_reference(randbits: Callable[[int], int] = secrets.randbits) -> str:
    """A new random reference. References whose check character would be a symbol are passed over."""
    while True:
        value = randbits(5 * _LENGTH)
        if value % 37 < len(_ALPHABET):
            return _format(value)


def parse_reference(text: str) -> str | None:
    """The canonical form of a reference that a person typed, or None where it can't be one (typing errors)."""
    compact = "".join(c for c in text.upper() if c.isalnum()).removeprefix(_PREFIX).translate(_READ_AS)
    if len(compact) != _LENGTH + 1 or any(c not in _ALPHABET for c in compact):
        return None
    value = 0
    for character in compact[:-1]:
        value = value * 32 + _ALPHABET.index(character)
    return _format(value) if _CHECK_ALPHABET[value % 37] == compact[-1] else None


def _format(value: int) -> str:
    digits = "".join(_ALPHABET[(value >> shift) & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))
    return f"{_PREFIX}-{digits[:4]}-{digits[4:]}-{_CHECK_ALPHABET[value % 37]}"
