"""Takes parts out of one row as it is written, or puts others there: what stays keeps its bytes, number or blank."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]

from pydantic import JsonValue

_SPACE = re.compile(r"[ \t\n\r]*")
_value = json.JSONDecoder().scan_once  # type: ignore[attr-defined]

Span = tuple[int, int]
Cut = tuple[int, int, str]  # what stands between goes, and this comes


def without_members(row: bytes, names: Collection[str], *, encoding: str) -> bytes:
    """A JSON object without the members of these names, however often they stand in it. ValueError: it is none."""
    text = row.decode(encoding)
    members = list(_members(text))
    kept = [name not in names for name, _, _ in members]
    first = kept.index(True) if True in kept else len(members)
    cuts: list[Cut] = []
    if first:
        cuts.append((members[0][1], members[first][1] if first < len(members) else members[-1][2], ""))
    cuts += [(members[i - 1][2], members[i][2], "") for i in range(first + 1, len(members)) if not kept[i]]
    return _cut(row, text, cuts, encoding)


def with_members(row: bytes, values: Mapping[str, JsonValue], *, encoding: str) -> bytes:
    """A JSON object with these values, in place of those that it has, or at its end. ValueError: it is none."""
    text = row.decode(encoding)
    members = list(_members(text))
    cuts: list[Cut] = [
        (_value_start(text, start), end, _written(values[name], encoding))
        for name, start, end in members
        if name in values
    ]
    there = {name for name, _, _ in members}
    new = [f"{_written(name, encoding)}: {_written(values[name], encoding)}" for name in values if name not in there]
    if new:
        at = members[-1][2] if members else _after(text, "{", 0)
        cuts.append((at, at, ", ".join(["", *new] if members else new)))
    return _cut(row, text, cuts, encoding)


def with_cells(row: bytes, cells: Sequence[str], new: Mapping[int, str], *, encoding: str, delimiter: str) -> bytes:
    """A row of CSV with other cells at these positions. One that was quoted stays so."""
    text = row.decode(encoding)
    spans = list(_cells(text, delimiter))
    if [_unquoted(text[start:end]) for start, end in spans] != list(cells):
        raise ValueError("the cells are not where they are looked for")
    cuts: list[Cut] = []
    for position in sorted(new):
        start, end = spans[position]
        cell = new[position]
        needs_quotes = len(spans) == 1 if not cell else any(sign in cell for sign in (delimiter, '"', "\r", "\n"))
        quoted = text.startswith('"', start) or needs_quotes  # an empty line would be no row
        cuts.append((start, end, '"' + cell.replace('"', '""') + '"' if quoted else cell))
    return _cut(row, text, cuts, encoding)


def _members(text: str) -> Iterator[tuple[str, int, int]]:
    """(name, start, end) of each member of a JSON object."""
    at = _after(text, "{", 0)
    if text.startswith("}", at):
        return
    while True:
        start = at
        name, at = scanstring(text, _expected(text, '"', start), True)
        at = _after(text, ":", _past_space(text, at))
        try:
            _, end = _value(text, at)
        except (StopIteration, RecursionError) as error:
            raise ValueError("no value") from error
        yield name, start, end
        at = _past_space(text, end)
        if text.startswith("}", at):
            return
        at = _after(text, ",", at)


def _value_start(text: str, member: int) -> int:
    _, at = scanstring(text, member + 1, True)
    return _after(text, ":", _past_space(text, at))


def _written(value: JsonValue, encoding: str) -> str:
    """JSON in the letters of the file, as far as it has them."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(value)
    return text


def _past_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _expected(text: str, sign: str, at: int) -> int:
    if not text.startswith(sign, at):
        raise ValueError(f"no {sign}")
    return at + 1


def _after(text: str, sign: str, at: int) -> int:
    return _past_space(text, _expected(text, sign, _past_space(text, at)))


def _cells(text: str, delimiter: str) -> Iterator[Span]:
    """Where each cell begins and ends, with its quotes."""
    end_of_row = len(text.rstrip("\r\n"))
    at = 0
    while True:
        start = at
        if text.startswith('"', at):
            at += 1
            while (at := text.index('"', at) + 1) < end_of_row and text[at] == '"':
                at += 1
        else:
            at = text.find(delimiter, at, end_of_row)
            at = end_of_row if at < 0 else at
        yield start, at
        if at >= end_of_row:
            return
        at = _expected(text, delimiter, at)


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def _cut(row: bytes, text: str, cuts: Sequence[Cut], encoding: str) -> bytes:
    """Bytes, not text, are cut: several sequences of cp932 stand for the same character."""
    if len(text.encode(encoding)) != len(row):
        raise ValueError("a character has forms of different lengths")
    parts, done = [], 0
    for start, end, new in cuts:
        parts += [row[done : len(text[:start].encode(encoding))], new.encode(encoding)]
        done = len(text[:end].encode(encoding))
    return b"".join([*parts, row[done:]])
