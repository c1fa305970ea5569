"""What only a person may decide: each a rule of the register, said in both languages."""

import pytest

from rightsdesk.law.judgement import JUDGEMENTS, Judgement
from rightsdesk.law.rules import RULES, RULES_OF_DECISIONS, Rule

WANTED = {
    *("GDPR-12-5", "GDPR-15-4", "GDPR-17-3-a", "GDPR-17-3-d", "GDPR-17-3-e", "GDPR-21-1", "GDPR-18-1", "GDPR-11-2"),
    *("APPI-33-2-i", "APPI-33-2-ii", "APPI-33-2-iii", "APPI-34", "APPI-35-2"),
}


def is_japanese(text: str) -> bool:
    return any("\u3041" <= letter <= "\u30ff" for letter in text) and text[-1] in "。"


def test_all_that_needs_a_person_is_there() -> None:
    assert WANTED <= JUDGEMENTS.keys() <= RULES.keys()


@pytest.mark.parametrize("judgement", JUDGEMENTS.values(), ids=lambda each: each.id)
def test_each_asks_and_says_what_evidence_it_wants(judgement: Judgement) -> None:
    assert "?" in judgement.question.en
    assert judgement.evidence.en.endswith(".")
    assert is_japanese(judgement.question.ja)
    assert is_japanese(judgement.evidence.ja)


@pytest.mark.parametrize("rule", RULES_OF_DECISIONS.values(), ids=lambda rule: rule.id)
def test_each_rule_of_decisions_is_said_in_japanese(rule: Rule) -> None:
    assert is_japanese(rule.ja)
