"""From evidence to scores.

    score = 1 - (1 - w1)(1 - w2)...    over the evidence for an intent, each rule once, at its strongest

Evidence in doubt counts half: said as a question, on a condition, about somebody else, in the subject of an answer, or
of what was asked before. Then, for the whole mail:

- a message that a machine or a seller wrote (it acknowledges, it offers) keeps 0.4 of each score;
- erasure stays under the threshold where any of its words is negated, or where no piece of plain evidence is left;
- erasure is no surer than a clear request for access beside it: the copy comes first;
- what a copy of the data says anyway (purposes, recipients) is no request of its own beside a clear request for access;
- "send me my data" is no request for access beside a clear one for portability;
- to whom data went is no request beside a clear one for information or erasure, unless the records are asked for;
- a question, or a breach that is only mentioned, is none beside a clear right;
- a reminder keeps what it reminds of below the threshold.
"""

from collections.abc import Iterable, Mapping

from rightsdesk.domain.intents import THRESHOLD, Intent, IntentType
from rightsdesk.mail.intents.evidence import Evidence

BELOW = 0.55  # where a score is put that must not be acted on
_LEAST = 0.2  # less is not worth a line
_DOUBTED = 0.5
_NOT_FROM_A_PERSON = 0.4
_BESIDE = 0.6
_MORE_THAN_SEND = 0.7  # "send me my data" alone says no more than portability does
_SAID_BY_A_COPY = (IntentType.INFORMATION, IntentType.PURPOSE_NOTICE, IntentType.PROVISION_RECORDS)
_OTHERS = frozenset({IntentType.QUESTION, IntentType.COMPLAINT, IntentType.REMINDER})

# Equal scores: what must be done first, first. A copy before anything is changed, erasure last.
_ORDER = (
    *(IntentType.REMINDER, IntentType.COMPLAINT, IntentType.ACCESS, IntentType.PORTABILITY),
    *(IntentType.PROVISION_RECORDS, IntentType.INFORMATION, IntentType.PURPOSE_NOTICE, IntentType.RECTIFICATION),
    *(IntentType.RESTRICTION, IntentType.OBJECTION, IntentType.STOP_PROVISION, IntentType.AUTOMATED_DECISION),
    *(IntentType.CONSENT_WITHDRAWAL, IntentType.QUESTION, IntentType.ERASURE),
)


def scored(
    evidence: Iterable[Evidence], *, reminder: tuple[float, tuple[str, ...]], from_a_person: bool
) -> list[Intent]:
    """The intents with their scores, best first."""
    by_intent: dict[IntentType, list[Evidence]] = {}
    for each in evidence:
        by_intent.setdefault(each.intent, []).append(each)
    scores = {intent: _score(intent, each) for intent, each in by_intent.items()}
    if not from_a_person:
        scores = {intent: score * _NOT_FROM_A_PERSON for intent, score in scores.items()}
    reminded = reminder[0] if from_a_person else reminder[0] * _NOT_FROM_A_PERSON
    _settle(scores, by_intent, is_reminder=reminded >= THRESHOLD)
    reasons = {intent: _reasons(each) for intent, each in by_intent.items()}
    scores[IntentType.REMINDER], reasons[IntentType.REMINDER] = reminded, reminder[1]
    listed = [
        Intent(type=intent, score=round(min(score, 1), 4), why=reasons[intent])
        for intent, score in scores.items()
        if score >= _LEAST
    ]
    return sorted(listed, key=lambda intent: (-round(intent.score, 2), _ORDER.index(intent.type)))


def weight(evidence: Evidence) -> float:
    """What one piece counts, its doubts considered."""
    return evidence.weight * (_DOUBTED if evidence.doubts else 1)


def _score(intent: IntentType, evidence: list[Evidence]) -> float:
    strongest: dict[str, float] = {}
    for each in evidence:
        strongest[each.rule] = max(strongest.get(each.rule, 0), weight(each))
    left = 1.0
    for weighed in strongest.values():
        left *= 1 - weighed
    score = 1 - left
    if intent is IntentType.ERASURE:
        plain = any(not each.doubts and each.weight >= THRESHOLD for each in evidence)
        if not plain or any(each.negated for each in evidence):
            score = min(score, BELOW)
    elif all(each.doubts or not each.weight for each in evidence):
        score = min(score, BELOW)
    return score


def _settle(
    scores: dict[IntentType, float], evidence: Mapping[IntentType, list[Evidence]], *, is_reminder: bool
) -> None:
    """Intents that are part of another, or less than it."""
    if scores.get(IntentType.ACCESS, 0) >= THRESHOLD:
        for intent in _SAID_BY_A_COPY:
            by_name = intent is not IntentType.INFORMATION and any(each.own for each in evidence.get(intent, ()))
            if intent in scores and not by_name:
                scores[intent] *= _BESIDE
    for_access = evidence.get(IntentType.ACCESS, [])
    if (
        for_access
        and scores.get(IntentType.PORTABILITY, 0) >= THRESHOLD
        and all(each.weight < _MORE_THAN_SEND and not each.own for each in for_access)
    ):
        scores[IntentType.ACCESS] *= _BESIDE
    if scores.get(IntentType.ACCESS, 0) >= THRESHOLD and IntentType.ERASURE in scores:
        scores[IntentType.ERASURE] = min(scores[IntentType.ERASURE], scores[IntentType.ACCESS])
    if any(scores.get(intent, 0) >= THRESHOLD for intent in (IntentType.INFORMATION, IntentType.ERASURE)):
        records = evidence.get(IntentType.PROVISION_RECORDS, [])
        if records and all(each.weight < _MORE_THAN_SEND and not each.own for each in records):
            scores[IntentType.PROVISION_RECORDS] *= _BESIDE
    if scores.get(IntentType.PURPOSE_NOTICE, 0) >= THRESHOLD and IntentType.INFORMATION in scores:
        scores[IntentType.INFORMATION] *= _BESIDE
    clear = {intent for intent, score in scores.items() if score >= THRESHOLD and intent is not IntentType.QUESTION}
    for intent in (IntentType.QUESTION, IntentType.COMPLAINT):
        if (
            intent in scores
            and (is_reminder or clear - {intent})
            and all(each.secondary or not each.weight for each in evidence[intent])
        ):
            scores[intent] *= _BESIDE
    if is_reminder:
        for intent in scores:
            if intent not in _OTHERS and not any(each.new and not each.doubts for each in evidence[intent]):
                scores[intent] = min(scores[intent], BELOW)
        if IntentType.QUESTION in scores:
            scores[IntentType.QUESTION] *= _BESIDE


def _reasons(evidence: list[Evidence]) -> tuple[str, ...]:
    told: dict[str, float] = {}
    for each in evidence:
        doubts = f" ({', '.join(each.doubts)})" if each.doubts and each.weight else ""
        told[each.why + doubts] = max(told.get(each.why + doubts, 0), weight(each))
    return tuple(sorted(told, key=lambda why: -told[why]))[:8]
