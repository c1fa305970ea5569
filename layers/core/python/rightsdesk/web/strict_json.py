"""JSON as a caller sent it, read without mercy: what two readers could understand differently is refused.

Duplicate fields, NaN and Infinity, numbers out of range, lone surrogates, NUL, and deep nesting (abuse case 42) are
answered with InvalidInputError (400) before any model sees them.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NoReturn

from rightsdesk.domain.errors import InvalidInputError

MAX_DEPTH = 20
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_SAFE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")


def read_object(raw: bytes) -> dict[str, Any]:
    """The object in `raw` (UTF-8). Nothing at all is read as `{}`: a model says what is missing.

    Raises InvalidInputError on `body`, or on the field that stands twice.
    """
    if not raw.strip():
        return {}
    try:
        document = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_float=_finite
        )
    except UnicodeDecodeError:
        raise InvalidInputError.of("body", "not_utf8") from None
    except RecursionError:
        raise InvalidInputError.of("body", "too_deep") from None
    except ValueError:
        raise InvalidInputError.of("body", "not_json") from None
    if not isinstance(document, dict):
        raise InvalidInputError.of("body", "not_an_object")
    _inspect(document)
    return document


def shown_name(name: str) -> str:
    """A field's name as it may be said back to a caller: only what looks like a name."""
    return name if _SAFE_NAME.fullmatch(name) else "*"


def _no_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        times = Counter(name for name, _ in pairs)
        twice = next(name for name in times if times[name] > 1)
        raise InvalidInputError.of(shown_name(twice), "duplicate")
    return fields


def _no_constant(_: str) -> NoReturn:
    raise InvalidInputError.of("body", "not_a_number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise InvalidInputError.of("body", "not_a_number")
    return number


def _inspect(document: dict[str, Any]) -> None:
    """Level by level, so that depth costs no stack."""
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        inside = [value for container in level for value in _contents(container)]
        if any(isinstance(value, str) and _FORBIDDEN.search(value) for value in inside):
            raise InvalidInputError.of("body", "forbidden_character")
        level = [value for value in inside if isinstance(value, (dict, list))]
        if not level:
            return
    raise InvalidInputError.of("body", "too_deep")


def _contents(container: dict[str, Any] | list[Any]) -> list[Any]:
    return [*container.keys(), *container.values()] if isinstance(container, dict) else container
