"""CSV that a spreadsheet opens as data and never as a program.

A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab, a line break, `|` or `%` for a formula or a
command, whatever the file meant; so does the full-width keyboard of Japan, and so does a cell that hides the sign
behind blanks. Such text gets an apostrophe in front. Numbers stay numbers: an amount of -500 is not text.

The JSON files beside the CSV keep every value as it is; the README of the package says so.
# serves: E-02
"""

import csv
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import cast

from pydantic import JsonValue

from rightsdesk.export.encoding import encode_value

BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # without it Excel reads UTF-8 as the local code page: mojibake in Japanese

# Every character whose compatibility form (NFKC) begins with = + - @ | % or the minus sign: a test computes them.
_SIGNS = (
    "=+\\-@|%\u207a-\u207c\u208a-\u208c\u2212\u2a75\u2a76\ufb29"
    "\ufe62\ufe63\ufe66\ufe6a\ufe6b\uff05\uff0b\uff0d\uff1d\uff20\uff5c"
)
# What a program may skip before it looks at the first character: blanks, controls, invisible marks, opening quotes.
_INVISIBLE = (
    "\x00-\x08\x0b\x0c\x0e-\x20\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u1680\u180e\u2000-\u200f"
    "\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
_QUOTES = '"\uff02\u201c-\u201f'
_DANGEROUS_CELL = re.compile(rf"[\t\r\n]|[{_INVISIBLE}\t\r\n{_QUOTES}]*[{_SIGNS}]")
# Opened with the wrong separator (a semicolon in half of Europe) one cell becomes two, and the second one can be a
# formula. A line break inside a cell ends the row for such a reader. A comma is safe: it is always quoted.
_DANGEROUS_REST = re.compile(rf"([;\t\r\n])(?=[{_INVISIBLE}{_QUOTES}]*[{_SIGNS}])")
# A cell that has none of this, which is nearly every one.
_HARMLESS_CELL = re.compile(rf"(?![{_INVISIBLE}{_QUOTES}]*[{_SIGNS}])[^;\t\r\n\x00]*")
# Whether a row, as it is written, needs a closer look behind its first character: a sign or a break where a cell may
# begin. It begins with one set of characters, which `re` looks for quickly.
_SUSPICIOUS_ROW = re.compile(rf'[,;"\t\r\n](?:[{_INVISIBLE}{_QUOTES[1:]}]*[{_SIGNS}]|[\t\r\n])')
_WRITTEN_AS_THEY_ARE = frozenset((str, int, float, type(None)))


def neutralise(text: str) -> str:
    """The text of a cell that no spreadsheet takes for a formula. Applying it twice changes nothing more."""
    if _HARMLESS_CELL.fullmatch(text):
        return text
    safe = _DANGEROUS_REST.sub(r"\1'", text)
    if _DANGEROUS_CELL.match(text):
        safe = f"'{safe}"
    return safe.replace("\x00", "\u2400")  # some readers stop at NUL; the sign for it keeps it visible


def cell_text(value: JsonValue | Decimal) -> str:
    """One value as the text of a cell: numbers plain, lists and objects as JSON, nothing as an empty cell."""
    if isinstance(value, str):
        return neutralise(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return str(value)
    return neutralise(encode_value(value).decode()) if isinstance(value, (list, dict)) else repr(value)


class _Lines:
    """What `csv` writes to: `writerow` hands back what `write` returns, so each row comes out as its line."""

    def write(self, line: str) -> str:
        return line


_WRITER = csv.writer(_Lines(), lineterminator="\r\n")


def csv_header(names: Iterable[str]) -> bytes:
    """The byte order mark and the first line."""
    return BYTE_ORDER_MARK + csv_row(list(names))


def csv_row(values: Sequence[JsonValue | Decimal]) -> bytes:
    """One row: UTF-8, CRLF, quoted by RFC 4180. Half a surrogate pair, which is no character, becomes a `?`."""
    if _WRITTEN_AS_THEY_ARE.issuperset(map(type, values)):
        line = cast("str", _WRITER.writerow(values))
        if not (_DANGEROUS_CELL.match(line) or _SUSPICIOUS_ROW.search(line, 0, len(line) - 2) or "\x00" in line):
            return line.encode("utf-8", "replace")  # nearly every row, and much faster
    cells = [cell_text(value) for value in values]
    if cells and cells[0].startswith("-"):  # read with the wrong separator, the whole row is one cell: `-5,2+cmd|...`
        cells[0] = f"'{cells[0]}"
    return cast("str", _WRITER.writerow(cells)).encode("utf-8", "replace")
