"""Taking out of a text what may be a person's or a key: e-mail addresses, codes, tokens, IP addresses, random strings.

A net under logging. It would rather take out too much: request ids (hexadecimal, UUID), references and dates stay.
"""

import ipaddress
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

REMOVED = "[removed]"
MAX_TEXT = 2_000  # characters of one value
_MAX_ITEMS = 100
_MAX_DEPTH = 8

_TELLING_NAME = re.compile(
    r"\w*(e_?mail|address|authorization|cookie|digest|password|phone|postcode|recipient|secret|token|user_?agent)\w*"
    r"|(source_?)?ip|(full_?)?name|code|body|order_number",
    re.IGNORECASE,
)

_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")  # line breaks, terminal codes, broken Unicode
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")

_PART = r"""[^\s<>"'(),;:\[\]@＠]"""  # of an address
_ADDRESS = re.compile(rf"(?<!{_PART}){_PART}*(?:@|＠|%40){_PART}+")
_BEARER = re.compile(r"\b(?:bearer|basic)\s+\S+|\beyJ[\w-]+(?:\.[\w-]*){1,2}", re.IGNORECASE)
_IP = re.compile(
    r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9])"
    r"|(?<![0-9A-Fa-f:])(?=[0-9A-Fa-f]*:[0-9A-Fa-f]*:)[0-9A-Fa-f:]+(?:(?:\.[0-9]{1,3}){3})?"
)
_RANDOM = re.compile(
    r"(?P<kept>\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"  # a UUID
    r"|\bRD-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b"  # a reference of ours
    r"|\b20[0-9]{2}-(?:0[0-9]|1[0-2])-[0-3][0-9](?![0-9]))"  # a date
    r"|(?P<code>(?<!\w)\d(?:[\s\u2010-\u2015\u2212\u30fb\u30fc\uff0d-]?\d){7}(?!\w))"
    r"|(?P<long>[A-Za-z0-9+/_=-]{20,})"
)


def redacted(value: Any, *, depth: int = 0) -> Any:
    """The same as plain JSON values, redacted. Objects are named by their type: their text may hold anything."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return redacted_text(str(value))
    if isinstance(value, date | Decimal | UUID):
        return str(value)
    if depth == _MAX_DEPTH:
        return REMOVED
    if isinstance(value, Mapping):
        return {
            redacted_text(str(key)): REMOVED if _TELLING_NAME.fullmatch(str(key)) else redacted(each, depth=depth + 1)
            for key, each in list(value.items())[:_MAX_ITEMS]
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(each, depth=depth + 1) for each in list(value)[:_MAX_ITEMS]]
    return f"<{type(value).__name__}>"


def redacted_text(text: str) -> str:
    """One line, without what may be a person's or a key. Linear in the length of the text."""
    clean = _INVISIBLE.sub("", _BREAKS.sub(" ", text[:MAX_TEXT]))
    clean = _ADDRESS.sub(REMOVED, clean)
    clean = _BEARER.sub(REMOVED, clean)
    clean = _IP.sub(_without_ip, clean)
    return _RANDOM.sub(_without_random, clean)


def _without_ip(found: re.Match[str]) -> str:
    """Times (`12:34:56`) look alike, hence the second look."""
    if found[0].count(":") >= 4:
        return REMOVED
    try:
        ipaddress.ip_address(found[0].removeprefix(":") if found[0][:2] != "::" else found[0])
    except ValueError:
        return found[0]
    return REMOVED


def _without_random(found: re.Match[str]) -> str:
    if found["kept"]:
        return found[0]
    text = found["long"]
    return REMOVED if text is None or _looks_random(text) else text


def _looks_random(text: str) -> bool:
    """Base64 mixes cases and digits; a long digest is long. Names and our ids (32 hexadecimal digits) do neither."""
    digits = any(c.isdigit() for c in text)
    mixed = any(c.islower() for c in text) and any(c.isupper() for c in text)
    return digits and (mixed or (len(text) >= 40 and "_" not in text))
