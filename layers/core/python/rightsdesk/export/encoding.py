"""Records as JSON bytes, exactly: a number leaves as it came, whatever its length.

orjson knows integers of 64 bits and binary floats only. A database knows 38 decimal digits, so a balance or an id
that is longer takes a second, slower way through `orjson.Fragment`.
"""

from decimal import Decimal
from typing import cast

import orjson

_Prepared = object  # a value as orjson takes it


def encode_value(value: object) -> bytes:
    """Compact UTF-8 JSON. Decimals are written digit by digit; raises TypeError for what JSON does not know."""
    try:
        return orjson.dumps(value, default=_exact)
    except TypeError:  # an integer beyond 64 bits, or half of a surrogate pair
        return orjson.dumps(_prepared(value), default=_exact)


def encode_document(value: object) -> bytes:
    """The same, indented for people, with a line break at the end."""
    return orjson.dumps(_prepared(value), default=_exact, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _exact(value: object) -> _Prepared:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(f"no JSON for {type(value).__name__}")


def _prepared(value: object) -> _Prepared:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {cast("str", _prepared(key)): _prepared(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_prepared(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() >= 63:
        return orjson.Fragment(str(value))
    return value
