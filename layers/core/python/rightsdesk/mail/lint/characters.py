"""Characters that nobody sees: they reorder a line, split a word, or make a paragraph that looks like none."""

import unicodedata
from collections.abc import Iterator

from rightsdesk.mail.lint.finding import Finding

BOM = "\ufeff"
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})  # controls, formats (bidi, joiners), private, line marks
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # drawn as nothing, and no space to Unicode


def unseen_in(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, element, problem) for each such character, and for each line of blanks."""
    for number, line in enumerate(text.split("\n"), start=1):
        for character in dict.fromkeys(line):
            if unicodedata.category(character) in _UNSEEN or character in _BLANK_LETTERS:
                name = unicodedata.name(character, "a control character")
                yield number, f"U+{ord(character):04X}", f"can't be seen, and is not for a letter: {name}"
        if line and not line.strip():
            yield number, "blank", "looks like an empty line, and holds spaces"


def unseen_in_source(file: str, source: str) -> Iterator[Finding]:
    """The same of a file, which begins with no mark either."""
    if source.startswith(BOM):
        yield Finding(file, 1, "file", "begins with a byte order mark (BOM): save it as UTF-8 without one")
    for found in unseen_in(source.removeprefix(BOM)):
        yield Finding(file, *found)
