"""Text that can be kept and shown: NFC, without control characters but line breaks, and bounded (abuse cases 49, 56).
Nor does it hold what hides or turns other characters: it is what it looks like.

Whatever is read of a mail goes through here last, so that no header or name can carry a line break further, encoded or
not.
"""

import re
import unicodedata
from collections.abc import Iterator

from rightsdesk.domain.hidden_characters import without_hidden

TEXT_BYTES = 256 * 1024
LINE_CHARACTERS = 1_000

# The longest run of marks on one letter that real writing needs is far below (UAX #15, stream-safe text). More are cut
# off before NFC, which takes quadratic time for a flood of them: 64 kB would cost seconds.
_MARKS = 30

_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_GONE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters that show nothing


def plain_text(text: str, *, limit: int = TEXT_BYTES) -> tuple[str, bool]:
    """(text, whether something was cut off). `limit`: bytes of UTF-8."""
    kept = text[: limit + 1]  # a character is a byte or more
    kept = _GONE.sub("", _BREAKS.sub("\n", kept).replace("\t", " "))
    kept = _normal(kept)
    encoded = kept.encode()
    cut = len(text) > limit or len(encoded) > limit
    return (encoded[:limit].decode(errors="ignore") if cut else kept), cut


def plain_line(text: str, *, limit: int = LINE_CHARACTERS) -> str:
    """The same as one line, of `limit` characters at most."""
    kept = _BREAKS.sub(" ", text[: 4 * limit]).replace("\n", " ").replace("\t", " ")
    return _normal(_GONE.sub("", kept).strip())[:limit].strip()


def words(text: str) -> frozenset[str]:
    """A table of words, parted by commas."""
    return frozenset(word.strip() for word in text.split(","))


def has_something_to_see(text: str) -> bool:
    """Whether it holds a letter, digit or sign; spaces and what only joins or directs are nothing."""
    return any(unicodedata.category(character)[0] in "LNPS" and character not in _BLANKS for character in text)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", without_floods(without_hidden(text)))


def without_floods(text: str) -> str:
    """The text without the marks that no writing needs: after that NFC takes linear time."""
    return text if text.isascii() else "".join(_without_floods(text))


def _without_floods(text: str) -> Iterator[str]:
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= _MARKS:
            yield character
