"""What a rule is, and how one of each source is written down."""

# serves: B-4

from dataclasses import dataclass
from datetime import date

POLICY = "policy of Rightsdesk"
PROMISE_RULE = "POLICY-PROMISED-RIGHTS"
"""Cited where no law of a case knows the right."""

_GDPR = "Regulation (EU) 2016/679 (GDPR)"
_GDPR_TEXT = "OJ L 119, 4.5.2016, as corrected by OJ L 127, 23.5.2018"
_APPI = "Act on the Protection of Personal Information (APPI)"
_APPI_TEXT = "Act No. 57 of 2003, as amended by Act No. 37 of 2021"
_POLICY_TEXT = "1"

_GDPR_APPLIES = date(2018, 5, 25)
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
    ja: str = ""  # the summary in Japanese, of rules that decide about data: staff read it

    @property
    def is_policy(self) -> bool:
        """True for a choice of this product, False for the text of a law or of an authority."""
        return self.source == POLICY


def gdpr(number: str, article: str, summary: str, ja: str = "") -> Rule:
    """An article of the GDPR."""
    return Rule(f"GDPR-{number}", f"{_GDPR}, Article {article}", _GDPR_TEXT, _GDPR_APPLIES, summary, ja)


def appi(number: str, article: str, summary: str, ja: str = "", *, valid_from: date = _APPI_IN_FORCE) -> Rule:
    """An article of the APPI; `valid_from` where it has its number since later than the rest."""
    return Rule(f"APPI-{number}", f"{_APPI}, Article {article}", _APPI_TEXT, valid_from, summary, ja)


def policy(name: str, summary: str, ja: str = "") -> Rule:
    """A choice of this product."""
    return Rule(f"POLICY-{name}", POLICY, _POLICY_TEXT, _POLICY_SINCE, summary, ja)
