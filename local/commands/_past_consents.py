"""Lines of a shop's own file of consents, CSV or JSON Lines: each as a model, or what is wrong with it."""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from local.running import RefusedError
from rightsdesk.domain.errors import FieldProblem, InvalidInputError
from rightsdesk.domain.past_consent import FIELDS, FileLine, PastConsent
from rightsdesk.web.strict_json import read_object
from rightsdesk.web.validation import validated


@dataclass(frozen=True)
class Line:
    """`past` is None where `problems` say why."""

    place: FileLine
    past: PastConsent | None
    problems: tuple[FieldProblem, ...] = ()


def read_lines(path: Path) -> list[Line]:
    """Raises OSError, and RefusedError for a file that is none of these, or whose name can't go into the ledger."""
    content = path.read_bytes()
    read = {".csv": _csv, ".jsonl": _json_lines}.get(path.suffix.lower())
    if read is None:
        raise RefusedError("the name of the file has to end in .csv or .jsonl")
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        FileLine(file=path.name, line=1, sha256=sha256)
    except ValidationError:
        raise RefusedError(
            "the ledger keeps the name of the file: letters, digits, '.', '_' and '-' alone, and nobody's name"
        ) from None
    return [_line(FileLine(file=path.name, line=number, sha256=sha256), told) for number, told in read(content)]


def _line(place: FileLine, told: Mapping[str, Any] | InvalidInputError) -> Line:
    if isinstance(told, InvalidInputError):
        return Line(place, None, tuple(told.problems))
    try:
        return Line(place, validated(PastConsent, {name: value for name, value in told.items() if value is not None}))
    except InvalidInputError as error:
        return Line(place, None, tuple(error.problems))


def _csv(content: bytes) -> Iterator[tuple[int, Mapping[str, Any] | InvalidInputError]]:
    """The first line names the fields; an empty cell says nothing."""
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        names = [name.strip() for name in next(reader, [])]
        if len(set(names)) != len(names) or not {"subject", "purpose", "at"} <= set(names) <= set(FIELDS):
            raise RefusedError(f"the first line has to name subject, purpose, at, and of the rest some: {_MORE}")
        begins = reader.line_num + 1
        for cells in reader:
            number, begins = begins, reader.line_num + 1
            if len(cells) > len(names):
                yield number, InvalidInputError.of("line", "too_many_cells")
            elif any(cells):
                told = zip(names, cells, strict=False)
                yield number, {name: cell.strip() for name, cell in told if cell.strip()}
    except UnicodeDecodeError:
        raise RefusedError("the file is not in UTF-8: save it as CSV UTF-8") from None
    except csv.Error:
        raise RefusedError(f"line {reader.line_num} is no CSV") from None


def _json_lines(content: bytes) -> Iterator[tuple[int, Mapping[str, Any] | InvalidInputError]]:
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if raw.strip():
            try:
                yield number, read_object(raw)
            except InvalidInputError as error:
                yield number, error


_MORE = ", ".join(name for name in FIELDS if name not in ("subject", "purpose", "at"))
