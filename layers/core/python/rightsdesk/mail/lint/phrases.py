"""`phrases.yaml`: every sentence that a case may call for, in both languages, speaking of the same things."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from rightsdesk.domain.clock import ExtensionReason
from rightsdesk.domain.decision_review import ReviewResult
from rightsdesk.domain.letters import LEGAL_LETTERS, DeliveryState
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import SAID_TO_US, Language, RequestType
from rightsdesk.law.refusal_grounds import REFUSAL_GROUNDS
from rightsdesk.mail.lint.characters import unseen_in, unseen_in_source
from rightsdesk.mail.lint.finding import Finding
from rightsdesk.mail.lint.forbidden import forbidden_in_phrase
from rightsdesk.mail.requirements import PHRASE_RULES, REQUIREMENTS, missing_in_phrase

FILE = "phrases.yaml"
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Said by one place in the code each.
_BY_NAME = """
    months.1 months.2 months.3
    doubt.not_the_account doubt.mailbox_changed doubt.contact_change progress.awaiting_answer status.awaiting_answer
    progress.awaiting_undo_time status.awaiting_undo_time
    nobody backups asked.newsletter asked.all_consents asked.no_marketing asked.no_use
    refusal.nothing_granted refusal.rest_granted withheld.field withheld.withhold withheld.redact
    withheld.undescribed kept.purpose
    warning.target_in_7_days warning.target_in_3_days warning.target_in_1_day warning.target warning.due warning.overdue
    warning.recipients
    action.correct action.erase action.restrict action.stop_use
    action.restrict_meanwhile action.stop_use_meanwhile role.assignee role.approver
    notice.more_identifiers notice.no_identifier
"""


def phrases_needed() -> frozenset[str]:
    """Every name that the desk may say, and no other."""
    grounds = {code for by_type in REFUSAL_GROUNDS.values() for codes in by_type.values() for code in codes}
    return frozenset(
        {f"type.{each}" for each in RequestType}
        | {f"status.{each}" for each in Status}
        | {f"progress.{each}" for each in Status}
        | {f"extension.{each}" for each in ExtensionReason}
        | {f"ground.{each}" for each in grounds}
        | {f"letter.{each}" for each in LEGAL_LETTERS}
        | {sentence.phrase for rules in REQUIREMENTS.values() for sentence in rules.sentences.values()}
        | {each.promised for rules in REQUIREMENTS.values() for each in rules.sentences.values() if each.promised}
        | {f"review.{each}" for each in ReviewResult}
        | {f"due_rule.{each}" for each in SAID_TO_US}
        | {f"delivery.{each}" for each in DeliveryState if each.is_missing}
        | PHRASE_RULES.keys()
        | set(_BY_NAME.split())
    )


def lint_phrases(folder: Path, languages: tuple[Language, ...]) -> list[Finding]:
    """What is wrong with the phrases of each language, and between them."""
    findings: list[Finding] = []
    all_phrases: dict[Language, dict[str, str]] = {}
    for language in languages:
        file = f"{language}/{FILE}"
        try:
            source = (folder / file).read_text("utf-8")
            parsed = yaml.load(source, _Loader)  # noqa: S506 - a safe loader
        except (OSError, UnicodeDecodeError) as error:
            findings.append(Finding(file, 1, "file", f"can't be read: {type(error).__name__}"))
            continue
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            findings.append(Finding(file, mark.line + 1 if mark else 1, "file", "is not YAML"))
            continue
        if not isinstance(parsed, dict) or not all(isinstance(sentence, str) for sentence in parsed.values()):
            findings.append(Finding(file, 1, "file", "holds `name: sentence`, a line each"))
            continue
        all_phrases[language] = parsed
        findings += _twice(file, source)
        findings += unseen_in_source(file, source)
        findings += _lint(file, language, parsed, source)
    findings += _between(folder, all_phrases)
    return findings


def _lint(file: str, language: Language, phrases: Mapping[str, str], source: str) -> Iterator[Finding]:
    for name in sorted(phrases_needed() - phrases.keys()):
        yield Finding(file, 1, name, "the phrase is missing")
    for name, sentence in phrases.items():
        line = line_of(name, source)
        if not sentence.strip():
            yield Finding(file, line, name, "the phrase is empty")
        for _, element, problem in unseen_in(sentence):  # YAML can write them as escapes
            yield Finding(file, line, name, f"{element} {problem}")
        if _places(sentence) is None:
            yield Finding(file, line, name, "a place is {name} and nothing else; write {{ for a brace")
        for element in missing_in_phrase(name, sentence, language):
            yield Finding(file, line, name, f"must hold {element!r}, and does not")
        for words, why in forbidden_in_phrase(name, sentence):
            yield Finding(file, line, name, f"{words!r}: {why}")


def _twice(file: str, source: str) -> Iterator[Finding]:
    """YAML would keep the last in silence."""
    first: dict[str, int] = {}
    root = yaml.compose(source, _Loader)
    for key, _ in root.value if isinstance(root, yaml.MappingNode) else ():
        line = key.start_mark.line + 1
        if key.value in first:
            yield Finding(file, line, key.value, f"stands here twice, first in line {first[key.value]}")
        first.setdefault(key.value, line)


def _between(folder: Path, all_phrases: Mapping[Language, Mapping[str, str]]) -> Iterator[Finding]:
    names = {name for phrases in all_phrases.values() for name in phrases} - phrases_needed()
    for language, phrases in all_phrases.items():
        for name in sorted(names - phrases.keys()):
            yield Finding(f"{language}/{FILE}", 1, name, "the phrase is missing: another language has it")
    if len(all_phrases) < 2:
        return
    (_, first), *others = all_phrases.items()
    for language, phrases in others:
        source = (folder / language / FILE).read_text("utf-8")
        for name in sorted(first.keys() & phrases.keys()):
            if _places(first[name]) != _places(phrases[name]):
                line = line_of(name, source)
                yield Finding(f"{language}/{FILE}", line, name, "speaks of other values than in another language")


def _places(sentence: str) -> frozenset[str] | None:
    """The values that a sentence speaks of; None where it asks for more than a value."""
    try:
        parsed = list(Formatter().parse(sentence))
    except ValueError:
        return None
    if any(
        name is not None and (not name.isidentifier() or spec or conversion) for _, name, spec, conversion in parsed
    ):
        return None
    return frozenset(name for _, name, _, _ in parsed if name)


def line_of(name: str, source: str) -> int:
    """Where a phrase stands in its file; 1 where it does not."""
    found = re.search(rf"^['\"]?{re.escape(name)}['\"]?:", source, re.MULTILINE)
    return source.count("\n", 0, found.start()) + 1 if found else 1
