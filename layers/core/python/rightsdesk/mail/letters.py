"""Letters: a template of the merchant becomes a mail, as text and as simple HTML that says the same.

A template is a text file, `letters/<language>/<letter>.txt`: the first line is the subject, then paragraphs. It can
place values and leave out what is not set, and nothing else: it runs in a sandbox without filters and functions, and an
unknown value is an error and not an empty place. Sentences that depend on the case stand in
`letters/<language>/phrases.yaml`. A letter that lacks what `requirements` asks for is never sent (abuse case 82).
"""

# serves: B-4

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from rightsdesk.domain.errors import MerchantFileError
from rightsdesk.domain.fields import Label
from rightsdesk.domain.letters import Letter, OutgoingMail, Phrase
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import Language

if TYPE_CHECKING:  # imported where a letter is written: many a cold start writes none
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    from rightsdesk.mail.requirements import Requirements

_SUBJECT = "Subject:"
NOT_MINE = "not_mine"  # the link that stands below each letter to the person, whatever its template says
COPY_FOR = "copy_for"  # whom it is a copy for: they are greeted above it, whatever its template says
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where it is built: ten times faster
_Words = Callable[[Any], Any]


class PhraseError(MerchantFileError):
    """A phrase is missing or wrong, whichever letter speaks it."""

    def __init__(self, language: Language, name: str, problem: str) -> None:
        super().__init__(f"letters/{language}/phrases.yaml: {name} {problem}")
        self.name = name
        self.problem = problem


class MerchantLetters:
    """Keeps the port LetterPress, with the templates in a merchant's folder."""

    def __init__(self, merchant_path: Path, merchant: MerchantProfile) -> None:
        self._folder = merchant_path / "letters"
        self._merchant = merchant

    def print(self, letter: Letter, language: Language, values: Mapping[str, Any], *, to: str) -> OutgoingMail:
        """The mail.

        Raises MerchantFileError, naming file and element, where a template or a phrase is missing or wrong, or does not
        say what the law wants said.
        """
        from jinja2.exceptions import TemplateError

        from rightsdesk.mail.html_letter import as_html
        from rightsdesk.mail.requirements import REQUIREMENTS

        file = f"letters/{language}/{letter}.txt"
        rules = REQUIREMENTS[letter]
        values = self._all_values(rules, language, values)
        shown = _Shown(self._in_words(language))
        try:
            template = _environment(shown).from_string((self._folder / language / f"{letter}.txt").read_text("utf-8"))
            subject, text = _parts(template.render({name: _Value(name, value) for name, value in values.items()}))
        except (OSError, TemplateError, LookupError, ValueError, TypeError, AttributeError) as error:
            raise MerchantFileError(f"{file}: {type(error).__name__}: {error}") from error
        if values.get(COPY_FOR):
            whose = {"agent": values[COPY_FOR], "reference": values["reference"]}
            text = f"{shown.words(Phrase(name='law.agent_copy', values=whose))}\n\n{text}"
        if values.get(NOT_MINE):
            text = f"{text}\n{shown.words(Phrase(name='law.not_mine', values={NOT_MINE: values[NOT_MINE]}))}\n"
        missing = _first_missing(rules, values, shown.names)
        if missing:
            raise MerchantFileError(f"{file}: the letter must hold {{{{ {missing} }}}}, and does not")
        links = set(_links(values))
        return OutgoingMail(to=to, subject=subject, text=text, html=as_html(text, subject, language, links=links))

    def _all_values(self, rules: "Requirements", language: Language, values: Mapping[str, Any]) -> dict[str, Any]:
        from rightsdesk.mail.wording import zone_name

        given = dict.fromkeys(rules.optional | rules.flags) | {
            "merchant": self._merchant.name,
            "address": self._merchant.address,
            "contact": self._merchant.contact_email,
            "officer": self._merchant.data_protection_officer,
            "representative": self._merchant.representative_in_the_eu,
            "zone": zone_name(self._merchant.zone, language),
            **values,
        }
        coded = {
            name: Phrase(name=f"{prefix}.{given[name]}")
            for name, prefix in rules.codes.items()
            if given.get(name) and not isinstance(given[name], Phrase)
        }
        sentences = {
            name: Phrase(name=each.promised if each.promised and given.get("promised") else each.phrase, values=given)
            for name, each in rules.sentences.items()
        }
        return given | coded | sentences

    def _in_words(self, language: Language) -> _Words:
        """What puts a value in words: dates, labels, phrases and lists as `language` has them."""
        from rightsdesk.mail.wording import written, zone_name

        zone = {"zone": zone_name(self._merchant.zone, language)}  # any phrase may name it: a day has a zone

        def shown(value: Any) -> Any:
            if value is None:
                return ""  # what is not set leaves no trace
            if isinstance(value, Label):
                return value.of(language)
            if isinstance(value, Phrase):
                sentence = _phrase(self._folder / language / "phrases.yaml", value.name, language)
                try:
                    return sentence.format_map(_Lazily(zone | value.values, shown))
                except KeyError as error:
                    raise PhraseError(
                        language, value.name, f"speaks of {{{error.args[0]}}}, which it is not given"
                    ) from error
            if isinstance(value, list | tuple):
                return ("、" if language == "ja" else ", ").join(str(shown(part)) for part in value)
            return written(value, language, self._merchant.timezone)

        return shown


class _Lazily(dict[str, Any]):
    """The values of a phrase, each put in words when the phrase speaks of it."""

    def __init__(self, values: Mapping[str, Any], shown: _Words) -> None:
        super().__init__(values)
        self._shown = shown

    def __getitem__(self, name: str) -> Any:
        return self._shown(super().__getitem__(name))


class _Value:
    """A value under the name that a template calls it by: so that the letter is known to show it, and not another.

    It can be asked whether it is set, and gone through where it is a list; nothing else. Its parts show as it does.
    """

    __slots__ = ("_name", "_value")  # a sandbox opens no name that begins like this

    def __init__(self, name: str, value: Any) -> None:
        self._name = name
        self._value = value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __iter__(self) -> "Iterator[_Value]":
        parts = self._value if isinstance(self._value, list | tuple) else (self._value,)
        return (_Value(f"{self._name}[{number}]", part) for number, part in enumerate(parts))

    def __str__(self) -> str:
        raise TypeError(f"{self._name} is put in words by the press alone")


class _Shown:
    """Puts each value in words where a template shows it, and keeps the names of what was shown."""

    def __init__(self, in_words: _Words) -> None:
        self.words = in_words
        self.names: set[str] = set()

    def __call__(self, value: Any) -> Any:
        if not isinstance(value, _Value):
            raise TypeError(f"{value} is no variable of this letter")  # an undefined one says its name itself
        self.names.add(value._name)
        return self.words(value._value)


def _environment(shown: _Shown) -> "ImmutableSandboxedEnvironment":
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # Plain text is not escaped; the HTML is made from the finished text, and escaped as a whole.
    environment = ImmutableSandboxedEnvironment(
        autoescape=False, undefined=StrictUndefined, finalize=shown, trim_blocks=True, lstrip_blocks=True
    )
    for words in (environment.filters, environment.tests, environment.globals):
        words.clear()
    return environment


def _parts(finished: str) -> tuple[str, str]:
    """Subject and text; paragraphs stand apart by one empty line."""
    first, _, body = finished.partition("\n")
    if not first.startswith(_SUBJECT):
        raise ValueError("the first line is not the subject")
    subject = " ".join(first.removeprefix(_SUBJECT).split())
    return subject, re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"


def _first_missing(rules: "Requirements", values: Mapping[str, Any], shown: Collection[str]) -> str | None:
    """The first element that the letter must hold, and does not. Of a list each part is one."""

    def stands(name: str) -> bool:
        value = values[name]
        parts = range(len(value)) if isinstance(value, list | tuple) else ()
        return name in shown or (bool(parts) and all(f"{name}[{number}]" in shown for number in parts))

    needed = [name for name in sorted(rules.required) if not _is_set(values.get(name)) or not stands(name)]
    needed += [name for name in sorted(rules.optional) if _is_set(values[name]) and not stands(name)]
    needed += [
        name
        for name, sentence in rules.sentences.items()
        if (sentence.when is None or values[sentence.when]) and not stands(name)
    ]
    return next(iter(needed), None)


def _is_set(value: Any) -> bool:
    """Zero is a value: no download may be left."""
    said = value.strip() if isinstance(value, str) else value
    return said is not None and said not in ("", (), [])


def _phrase(path: Path, name: str, language: Language) -> str:
    from rightsdesk.mail.requirements import missing_in_phrase

    sentence = _phrases(path).get(name)
    if sentence is None:
        raise PhraseError(language, name, "the phrase is missing")
    if not sentence.strip():
        raise PhraseError(language, name, "the phrase is empty")
    for missing in missing_in_phrase(name, sentence, language):
        raise PhraseError(language, name, f"must hold {missing!r}, and does not")
    return sentence


@cache
def _phrases(path: Path) -> dict[str, str]:
    try:
        phrases = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a safe loader
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise MerchantFileError(f"{path.name}: {type(error).__name__}") from error
    if not isinstance(phrases, dict):
        raise MerchantFileError(f"{path.name}: holds no phrases")
    return {str(name): "" if sentence is None else str(sentence) for name, sentence in phrases.items()}


def _links(values: Mapping[str, Any]) -> Iterator[str]:
    """The addresses that may be clicked: our page, and that of an authority. What a person typed is never one."""
    for name, value in values.items():
        if isinstance(value, Phrase):
            yield from _links(value.values)
        elif name in ("link", "web", NOT_MINE) and value:
            yield str(value)
