"""One spelling for what people type in many: width, case, accents and umlauts are no difference between two words.

Text and word lists go through the same function, so a list may be written as its language is.
"""

import re
import unicodedata

_ACCENTS = re.compile("[\u0300-\u036f]+")  # not the marks of kana: they make other letters
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069]+")
_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "æ": "a", "œ": "o", "’": "'", "‘": "'"})
_UMLAUTS = re.compile("([aou])e")  # ä is typed ae, and ø oe: both become the plain letter


def folded(text: str) -> str:
    """NFKC, small letters, no accents, no unseen characters, umlauts as plain letters."""
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", plain))
    return _UMLAUTS.sub(r"\1", unicodedata.normalize("NFC", bare).translate(_LETTERS))
