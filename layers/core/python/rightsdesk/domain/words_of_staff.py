"""What staff write for a person, or for the file, says something: a dash or "no" is no reason (GDPR 12(1), 12(4))."""

# serves: B-2, E-13

import unicodedata

from rightsdesk.domain.errors import InvalidInputError

_ENOUGH = 10  # Latin letters and digits; a Japanese character says as much as two
_DIFFERENT = 3  # `xxxxxxxxxx` says nothing
_CLOSED = (".", "!", "?", ")", "。", "！", "？", "）")


def words_of_staff(field: str, text: str, *, longest: int) -> str:
    """The words, tidied. Raises InvalidInputError on `field`: `missing`, `too_short`, `too_long`."""
    tidied = text.strip()
    if not tidied:
        raise InvalidInputError.of(field, "missing")
    if len(tidied) > longest:
        raise InvalidInputError.of(field, "too_long")
    if not says_something(tidied):
        raise InvalidInputError.of(field, "too_short")
    return tidied


def line_of_staff(field: str, text: str, *, longest: int) -> str:
    """A line of a letter that goes on with the ground: in one line, and closed. Raises as `words_of_staff`."""
    words = " ".join(words_of_staff(field, text, longest=longest).split())
    if words.endswith(_CLOSED):
        return words
    return words + ("." if words[-1].isascii() else "。")


def says_something(text: str) -> bool:
    """At least ten Latin letters or digits, or five Japanese characters; signs and spaces don't count."""
    letters = [each for each in unicodedata.normalize("NFKC", text).casefold() if unicodedata.category(each)[0] in "LN"]
    weight = sum(2 if unicodedata.east_asian_width(each) == "W" else 1 for each in letters)
    return weight >= _ENOUGH and len(set(letters)) >= _DIFFERENT
