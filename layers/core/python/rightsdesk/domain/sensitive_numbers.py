"""Card numbers and individual numbers, which nobody should send us (abuse case 73). Linear in the text."""

# serves: E-00, B-6

import re
import unicodedata

from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.domain.incoming_mail import MailFlag

# Thirteen digits and more, by ones or with single spaces or hyphens between; full width is folded before.
_DIGITS = re.compile(r"(?<![0-9A-Za-z])[0-9](?:[ \-‐-―]?[0-9]){11,22}(?![0-9A-Za-z])")
_NO_DIGIT = re.compile(r"[^0-9]")
_BY_FOURS = re.compile(r"[0-9]{4}([ \-‐-―])[0-9]{4}\1[0-9]{4}")
_NEAR = 80  # characters around a number in which a word says what it is
_MY_NUMBER = re.compile(r"マイナンバー|個人番号|my ?number|individual number", re.IGNORECASE)
_MOST_NUMBERS = 2_000


def numbers_not_to_send(text: str) -> frozenset[MailFlag]:
    """A net, and no judgement: a number of the shop that only looks like one is found as well."""
    flags = set()
    folded = unicodedata.normalize("NFKC", text)
    for found, _ in zip(_DIGITS.finditer(folded), range(_MOST_NUMBERS), strict=False):
        digits = _NO_DIGIT.sub("", found[0])
        if is_card_number(digits):
            flags.add(MailFlag.CARD_NUMBER)
        if is_individual_number(digits):
            around = folded[max(0, found.start() - _NEAR) : found.end() + _NEAR]
            if _MY_NUMBER.search(around) or _BY_FOURS.fullmatch(found[0]):
                flags.add(MailFlag.MY_NUMBER)
    return frozenset(flags)


def require_no_sensitive_number(field: str, text: str) -> None:
    """Raises InvalidInputError on `field`, `sensitive_number`: what we do not keep nobody can take from us."""
    if numbers_not_to_send(text):
        raise InvalidInputError.of(field, "sensitive_number")


def is_card_number(digits: str) -> bool:
    """A length and beginning that a card scheme uses, and the check digit of ISO/IEC 7812 (Luhn)."""
    return _is_of_a_scheme(digits) and _luhn(digits) and len(set(digits)) > 1


def is_individual_number(digits: str) -> bool:
    """Twelve digits whose last checks the others (ordinance of 2014 under the Individual Number Act, article 5)."""
    if len(digits) != 12 or len(set(digits)) == 1:
        return False
    weighed = sum(
        int(digit) * (place + 1 if place <= 6 else place - 5) for place, digit in enumerate(reversed(digits[:11]), 1)
    )
    rest = weighed % 11
    return int(digits[11]) == (0 if rest <= 1 else 11 - rest)


def _is_of_a_scheme(digits: str) -> bool:
    first4, length = int(digits[:4]), len(digits)
    return (
        (digits[0] == "4" and length in (13, 16, 19))  # Visa
        or (length == 16 and (5100 <= first4 <= 5599 or 2221 <= first4 <= 2720))  # Mastercard
        or (length == 15 and first4 // 100 in (34, 37))  # American Express
        or (16 <= length <= 19 and 3528 <= first4 <= 3589)  # JCB
        or (14 <= length <= 19 and (3000 <= first4 <= 3059 or first4 // 100 in (36, 38, 39)))  # Diners Club
        or (16 <= length <= 19 and (first4 == 6011 or first4 // 100 == 65 or 6440 <= first4 <= 6499))  # Discover
        or (16 <= length <= 19 and first4 // 100 == 62)  # UnionPay
        or (12 < length <= 19 and first4 // 100 in (50, 56, 57, 58, 67))  # Maestro
    )


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
