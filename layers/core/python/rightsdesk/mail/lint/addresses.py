"""Addresses in the words of a merchant: none is ever written out, so that a letter leads to known places only."""

# serves: B-4

import re
import unicodedata

_VALUE = "\ufffc"  # stands for a value that is placed
_ANY_VALUE = re.compile(r"\{\{.*?\}\}|\{\w*\}")
# Where a known address is placed, nothing is put before or behind it that would make it another one.
_ADDRESS_WITH_MORE = re.compile(
    r"[\w/@:.=?&#%~-]*[a-z0-9/@:.=?&#%~-](?:\{\{ *(?:link|contact|web) *\}\}|\{(?:link|contact|web)\})"
    r"|(?:\{\{ *(?:link|contact|web) *\}\}|\{(?:link|contact|web)\})(?:[a-z0-9/@?&#%~+_-]|\.\w)\S*",
    re.IGNORECASE | re.ASCII,
)
_ADDRESS = re.compile(
    r"\S*//\S*"
    r"|\bwww\.\S*"
    rf"|[^\s@]+@[\w{_VALUE}]\S*"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b"
    r"|\]\(\S*",  # a link of Markdown
    re.IGNORECASE,
)
_DOTTED = re.compile(rf"[\w{_VALUE}-]+(?:\.[\w-]+)*\.([\w-]+)(?:[/:?#]\S*)?")
_FILES = frozenset({"html", "json", "jsonl", "txt", "csv", "pdf", "zip", "md"})
_SCHEME = re.compile(r"\b[a-z][a-z0-9+.-]*:[^\s\u3000-\u9fff]\S*", re.IGNORECASE | re.ASCII)


def written_out(text: str) -> list[str]:
    """What reads as an address, or a program could take for one, in the words around the values."""
    words = _ANY_VALUE.sub(_VALUE, text)
    normal = unicodedata.normalize("NFKC", words)  # `．` between two words is a dot, too
    found = [each[0] for each in (*_ADDRESS.finditer(normal), *_SCHEME.finditer(words))]
    found += [each[0] for each in _DOTTED.finditer(normal) if _is_top(each[1])]
    return [*_ADDRESS_WITH_MORE.findall(text), *dict.fromkeys(each.replace(_VALUE, "…") for each in found)]


def _is_top(label: str) -> bool:
    """Whether a name may end like this: `example`; not `html` or the `m` of `a.m.`."""
    latin = re.match(r"[a-z]+", label, re.IGNORECASE)
    ending = latin[0] if latin else label  # Japanese may follow without a space
    return len(ending) > 1 and ending.isalpha() and ending.casefold() not in _FILES
