"""The register of the rules this code carries: where each comes from and since when it holds.

A computation never states a date without the id of the rule that gave it, so that a decision can be read again years
later under the text it was made under. Rules whose source is `POLICY` are this product's own choice; a lawyer may
choose otherwise.
"""

# serves: B-4

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

POLICY = "policy of Rightsdesk"
_GDPR = "Regulation (EU) 2016/679 (GDPR)"
_GDPR_TEXT = "OJ L 119, 4.5.2016, as corrected by OJ L 127, 23.5.2018"
_TIME_LIMITS = "Regulation (EEC, Euratom) No 1182/71"
_TIME_LIMITS_TEXT = "OJ L 124, 8.6.1971"
_EDPB = "EDPB Guidelines 01/2022 on the right of access"
_EDPB_TEXT = "version 2.1 of 28 March 2023"
_APPI = "Act on the Protection of Personal Information (APPI)"
_APPI_TEXT = "Act No. 57 of 2003, as amended by Act No. 37 of 2021"
_POLICY_TEXT = "1"

_GDPR_APPLIES = date(2018, 5, 25)
_TIME_LIMITS_APPLY = date(1971, 7, 1)
_EDPB_ADOPTED = date(2023, 3, 28)
_APPI_IN_FORCE = date(2022, 4, 1)
_POLICY_SINCE = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `source` names the text and the place in it, `version` the wording that was read."""

    id: str
    source: str
    version: str
    valid_from: date
    summary: str

    @property
    def is_policy(self) -> bool:
        """True for a choice of this product, False for the text of a law or of an authority."""
        return self.source == POLICY


def _rules() -> tuple[Rule, ...]:
    def gdpr(number: str, article: str, summary: str) -> Rule:
        return Rule(f"GDPR-{number}", f"{_GDPR}, Article {article}", _GDPR_TEXT, _GDPR_APPLIES, summary)

    def limits(number: str, article: str, summary: str) -> Rule:
        return Rule(
            f"R1182-{number}", f"{_TIME_LIMITS}, Article {article}", _TIME_LIMITS_TEXT, _TIME_LIMITS_APPLY, summary
        )

    def edpb(paragraph: str, summary: str) -> Rule:
        return Rule(f"EDPB-{paragraph}", f"{_EDPB}, paragraph {paragraph}", _EDPB_TEXT, _EDPB_ADOPTED, summary)

    def appi(number: str, article: str, summary: str) -> Rule:
        return Rule(f"APPI-{number}", f"{_APPI}, Article {article}", _APPI_TEXT, _APPI_IN_FORCE, summary)

    def policy(name: str, summary: str) -> Rule:
        return Rule(f"POLICY-{name}", POLICY, _POLICY_TEXT, _POLICY_SINCE, summary)

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
        appi("16-2", "16(2) and 171", "Applies to businesses in Japan, and to others that deal with people in Japan."),
        appi("33-2", "33(2)", "Disclosure without delay; the Act names no number of days and no extension."),
        appi("39", "39", "The subject may sue two weeks after the request arrived, or once it was refused."),
        policy("ZONE", "Of the dates of receipt in the zones concerned, the one that ends the period earlier holds."),
        policy("ASKED-IN-TIME", "A suspension counts only if asked for within 3 working days of receipt."),
        policy("TARGET", "Work aims at 5 working days, here and there, before the period ends."),
        policy("APPI-TARGET", "14 days after arrival, rolled back to a working day in Japan."),
        policy("STRICTER", "Where two laws apply, each step follows the stricter."),
        policy("PROMISE", "Where neither law applies, the merchant's own promise does, counted like the GDPR's month."),
    )


RULES = MappingProxyType({rule.id: rule for rule in _rules()})
