"""The register of the rules this code carries: where each comes from and since when it holds.

A computation never states a date without the id of the rule that gave it, so that a decision can be read again years
later under the text it was made under. Rules whose source is `POLICY` are this product's own choice; a lawyer may
choose otherwise.
"""

# serves: B-4

from collections.abc import Iterable
from datetime import date
from types import MappingProxyType

from rightsdesk.domain.audit import Detail
from rightsdesk.law.rule import POLICY, Rule, appi, gdpr, policy
from rightsdesk.law.rules_of_duties import rules_of_duties
from rightsdesk.law.rules_of_fields import rules_of_fields

__all__ = ["POLICY", "RULES", "RULES_OF_DECISIONS", "RULES_OF_TIME", "Rule", "cited"]

_TIME_LIMITS = "Regulation (EEC, Euratom) No 1182/71"
_TIME_LIMITS_TEXT = "OJ L 124, 8.6.1971"
_EDPB = "EDPB Guidelines 01/2022 on the right of access"
_EDPB_TEXT = "version 2.1 of 28 March 2023"
_TIME_LIMITS_APPLY = date(1971, 7, 1)
_EDPB_ADOPTED = date(2023, 3, 28)
_NUMBERED_171_SINCE = date(2023, 4, 1)  # 166 until then


def _of_time() -> tuple[Rule, ...]:
    def limits(number: str, article: str, summary: str) -> Rule:
        return Rule(
            f"R1182-{number}", f"{_TIME_LIMITS}, Article {article}", _TIME_LIMITS_TEXT, _TIME_LIMITS_APPLY, summary
        )

    def edpb(paragraph: str, summary: str) -> Rule:
        return Rule(f"EDPB-{paragraph}", f"{_EDPB}, paragraph {paragraph}", _EDPB_TEXT, _EDPB_ADOPTED, summary)

    return (
        gdpr("3", "3", "Applies to a controller in the EEA, and to one outside that offers goods to people in it."),
        gdpr("12-3", "12(3)", "Answer within one month of receipt; two more where necessary, told within the first."),
        gdpr("12-4", "12(4)", "A refusal is told at the latest one month after receipt."),
        edpb("159", "Starts on receipt; suspended while identity or a clarification is asked for without undue delay."),
        edpb("162", "An extension is an exception and depends on the case, not on the general load."),
        limits(
            "2",
            "2(1)",
            "Holidays are those of the member state concerned: the nation-wide ones where the subject lives.",
        ),
        limits("3-1", "3(1)", "The day of the event is not counted."),
        limits("3-2-c", "3(2)(c)", "A period of months ends on the same date, or on the last day of a shorter month."),
        limits("3-4", "3(3) and (4)", "A last day on a holiday, Saturday or Sunday moves to the next working day."),
        appi(
            "16-2",
            "16(2) and 171",
            "Applies to businesses in Japan, and to others that deal with people in Japan.",
            valid_from=_NUMBERED_171_SINCE,
        ),
        appi(
            "32-35",
            "32(2), 33(2) and (5), 34(2) and 35(2), (4) and (6)",
            "Every answer is without delay; the Act names no number of days and no extension.",
        ),
        appi(
            "39",
            "39",
            "Where articles 33 to 35 give a claim, the subject may sue two weeks after the request arrived, or once it "
            "was refused.",
        ),
        appi("40", "40", "Complaints are dealt with appropriately and promptly; the Act names no number of days."),
        policy("QUESTION", "A question is answered within the working days that the merchant promises."),
        policy("COMPLAINT", "A complaint is acknowledged at once, and answered within the working days promised."),
        policy("ZONE", "Of the dates of receipt in the zones concerned, the one that ends the period earlier holds."),
        policy("ASKED-IN-TIME", "A suspension counts only if asked for within 3 working days of receipt."),
        policy("TARGET", "Work aims at 5 working days, here and there, before the period ends."),
        policy("APPI-TARGET", "14 days after arrival, rolled back to a working day in Japan."),
        policy("STRICTER", "Where two laws apply, each step follows the stricter."),
        policy("PROMISE", "Where neither law applies, the merchant's promise does, counted like the GDPR's month."),
    )


RULES_OF_TIME = MappingProxyType({rule.id: rule for rule in _of_time()})
RULES_OF_DECISIONS = MappingProxyType({rule.id: rule for rule in (*rules_of_fields(), *rules_of_duties())})
RULES = MappingProxyType({**RULES_OF_TIME, **RULES_OF_DECISIONS})


def cited(rules: Iterable[str]) -> dict[str, Detail]:
    """Rules as an event keeps them, each with the version of its text. Raises KeyError for one that is not here."""
    ids = list(rules)
    return {"rules": ids, "rule_versions": [RULES[rule].version for rule in ids]}
