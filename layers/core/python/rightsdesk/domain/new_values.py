"""What a corrected value has to look like before it is written into somebody else's system (GDPR 16, APPI 34).

Type and form are the data map's. A value is put into the one way in which a form is usually held, full-width digits as
plain ones, and what cannot be that type or form is refused by a code; a value is never part of one.
"""

# serves: E-03

import re
import unicodedata
from decimal import Decimal
from zoneinfo import ZoneInfo

from rightsdesk.domain.address import canonical_address
from rightsdesk.domain.correction import MOST_DIGITS, Value
from rightsdesk.domain.field_values import reading_of
from rightsdesk.domain.fields import FieldFormat, FieldType
from rightsdesk.domain.request import can_be_seen
from rightsdesk.law.countries import WORLD

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ー－ｰ", "-"))
_PLAIN = frozenset({FieldFormat.PHONE, FieldFormat.POSTCODE, FieldFormat.COUNTRY})  # letters, digits and signs only
_DIGITS = r"(?:\([0-9]{1,6}\)|[0-9])"
_FORMATS = {
    FieldFormat.PHONE: re.compile(rf"(?=(?:[^0-9]*[0-9]){{7,15}}[^0-9]*$)\+?{_DIGITS}(?:[ ./-]{{0,2}}{_DIGITS})*"),
    FieldFormat.POSTCODE: re.compile(r"(?=.*[0-9])[0-9A-Za-z](?:[ -]?[0-9A-Za-z]){2,9}"),
}
_NUMBERS = frozenset({FieldType.INTEGER, FieldType.NUMBER})
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_DAY = r"[0-9]{4}([-/])[0-9]{2}\1[0-9]{2}"
_MOMENTS = {FieldType.DATE: re.compile(_DAY), FieldType.TIMESTAMP: re.compile(rf"{_DAY}[T ][0-9]{{2}}:.+")}
_LARGEST_EXPONENT, _SMALLEST_EXPONENT = 125, -130  # of a number in a table
_UNSEEN = {"Cc", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"  # within words of some scripts, and within emoji


def tidied(kind: FieldType | None, form: FieldFormat | None, value: Value) -> Value:
    """As it is usually held: composed letters, no space around; numbers, days, what is dialled in plain characters."""
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", value).strip()
    if form is FieldFormat.EMAIL:
        return canonical_address(text) or text  # as it is looked up
    if kind is FieldType.DATE:
        return unicodedata.normalize("NFKC", text).translate(_DASHES).replace("/", "-").strip()
    if form in _PLAIN or kind in _NUMBERS:
        text = unicodedata.normalize("NFKC", text).translate(_DASHES).strip()
    return text.removeprefix("〒").strip() if form is FieldFormat.POSTCODE else text


def misfit(kind: FieldType | None, form: FieldFormat | None, zone: str, old: Value | None, new: Value) -> str | None:
    """What is wrong with a new value for a field of this type and form; None: nothing."""
    if isinstance(new, str) and (reason := _unreadable(new)):
        return reason
    if kind is None and (type(new) is not str if old is None else type(old) is not type(new)):
        return "not_as_held"
    if kind is FieldType.TEXT and not isinstance(new, str):
        return "not_text"
    if kind in (None, FieldType.TEXT):
        return _misformed(form, new)
    return None if _is_of(kind, zone, new) else f"not_{kind}"


def has_controls(text: str) -> bool:
    """A value is one line of what can be seen and stored. What turns the direction of writing hides what is there."""
    return any(
        unicodedata.category(character) in _UNSEEN
        or (unicodedata.category(character) == "Cf" and character not in _JOINERS)
        for character in text
    )


def _unreadable(text: str) -> str | None:
    if has_controls(text):
        return "control_characters"
    return None if any(map(can_be_seen, text)) else "missing"


def _is_of(kind: FieldType | None, zone: str, new: Value) -> bool:
    if isinstance(new, bool):
        return kind is FieldType.BOOLEAN  # true is no number and no day
    shape = _MOMENTS.get(kind) if kind else None
    if shape is not None and not (isinstance(new, str) and shape.fullmatch(new)):
        return False
    if kind in _NUMBERS and isinstance(new, str) and not _NUMBER.fullmatch(new):
        return False
    reading = reading_of(kind, ZoneInfo(zone)) if kind else None
    try:
        if reading is not None:
            reading(new)
    except ValueError:
        return False
    return kind not in _NUMBERS or _can_be_held(Decimal(str(new).strip()))


def _can_be_held(number: Decimal) -> bool:
    """A table holds 38 digits and no more, and nothing beyond these exponents."""
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    return len(digits) <= MOST_DIGITS and (number == 0 or _SMALLEST_EXPONENT <= number.adjusted() <= _LARGEST_EXPONENT)


def _misformed(form: FieldFormat | None, new: Value) -> str | None:
    if form is None:
        return None
    if not isinstance(new, str):
        return f"not_{form}"
    if form is FieldFormat.EMAIL:
        return None if canonical_address(new) else "not_email"
    if form is FieldFormat.COUNTRY:
        return None if new in WORLD else "not_country"
    return None if _FORMATS[form].fullmatch(new) else f"not_{form}"
