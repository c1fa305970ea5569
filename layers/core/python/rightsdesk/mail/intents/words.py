"""The word lists, one file for each language in `words/`, and finding them in a sentence.

A file has lines `concept: entry, entry, ...`; a line that begins with a blank goes on with the one before, `#` begins
a remark. An entry is a word or several; `word*` is any word that begins so, `*word` any that ends so, and `..` stands
for up to seven words. Japanese has no blanks between words: an entry is found anywhere, and `..` stands for up to 14
characters.
What each concept means: docs/intents.md.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rightsdesk.mail.intents.folding import folded

_FOLDER = Path(__file__).parent / "words"
_TOKEN = re.compile(r"\w+|[,:()–—]+")
_GAP = ".."
_WORDS_IN_GAP = 7
_CHARACTERS_IN_GAP = 14
_LONGEST_WORD = 24
_WITHOUT_BLANKS = frozenset({"ja"})
BREAKS = frozenset(",:()–—、")

# What an idiom covers is not looked at: "do not hesitate" negates nothing.
_NOTHING = "nothing"
# Within a phrase of the first, the others mean nothing of their own: "I'd be glad if you could" is no condition.
_COVERS = {
    "please": frozenset({"if", "not", "howto", "threat"}),
    "unanswered": frozenset({"not", "howto", "please"}),
    "asked": frozenset({"please", "give"}),
    "hearsay": frozenset({"please", "give"}),
    "stop": frozenset({"not"}),
    "data": frozenset({"shop"}),
    "shop": frozenset(
        {"data", "info", "item", "account", "restrict", "machine", "correct", "newsletter", "copy", "remove"}
    ),
    "message": frozenset({"data", "info", "item"}),
    "taken_back": frozenset({"withdraw", "consent", "close", "not", "please", "erase"}),
    "contact": frozenset({"stop", "not", "newsletter", "marketing", "unsubscribe", "object"}),
    "policy": frozenset({"privacy", "data"}),
    "officer": frozenset({"privacy", "data"}),
}
# "My" in "my neighbour" says nothing of oneself.
_NOT_OF_OTHERS = frozenset({"mine", "about_me"})


class Hit(NamedTuple):
    """Where a concept was found: words (characters in Japanese) from `start` to before `end`."""

    start: int
    end: int
    text: str


@dataclass
class Found:
    """What one language's list finds in one sentence."""

    language: str
    tokens: list[str]
    hits: dict[str, list[Hit]]
    reach: int = 1  # a rule's distance counts words; this many positions are one word

    def broken(self, start: int, end: int) -> bool:
        """Whether a comma or the like stands between the two positions."""
        return any(token[0] in BREAKS for token in self.tokens[start:end])


class _Entry(NamedTuple):
    concept: str
    words: tuple[str, ...]
    second: str = ""  # a word that must stand just behind the first: looked at before all else


@dataclass
class WordTable:
    """One language's list, ready for looking up."""

    language: str
    exact: dict[str, list[_Entry]] = field(default_factory=lambda: defaultdict(list))
    stems: dict[str, list[_Entry]] = field(default_factory=lambda: defaultdict(list))
    endings: dict[str, list[_Entry]] = field(default_factory=lambda: defaultdict(list))
    function: frozenset[str] = frozenset()
    not_after: int = 0  # how many words after a verb its negation may stand

    @property
    def spaced(self) -> bool:
        return self.language not in _WITHOUT_BLANKS

    def add(self, concept: str, entry: str) -> None:
        """Take one entry up."""
        if not self.spaced:
            first, *rest = entry.split(_GAP)
            self.exact[first[:2]].append(_Entry(concept, (first, *rest)))
            return
        words = tuple(entry.split())
        words = tuple(
            part for word in words for part in ([word] if word == _GAP or "*" in word else _TOKEN.findall(word))
        )
        plain = len(words) > 1 and words[1] != _GAP and "*" not in words[1]
        made = _Entry(concept, words, words[1] if plain else "")
        if words[0].endswith("*"):
            self.stems[words[0][:-1]].append(made)
        elif words[0].startswith("*"):
            self.endings[words[0][1:]].append(made)
        else:
            self.exact[words[0]].append(made)

    def find(self, text: str) -> Found:
        """Every concept in a folded sentence. An idiom and a phrase take away what they cover."""
        tokens = _TOKEN.findall(text) if self.spaced else list(text)
        entries = self._spaced(tokens) if self.spaced else self._unspaced(text)
        hits: dict[str, list[Hit]] = defaultdict(list)
        for concept, start, end in entries:
            said = " ".join(tokens[start:end]) if self.spaced else text[start:end]
            hits[concept].append(Hit(start, end, said))
        for phrase, covered in ((_NOTHING, frozenset(hits) - {_NOTHING}), *_COVERS.items()):
            for concept in covered & hits.keys() if phrase in hits else ():
                all_of_it = phrase == _NOTHING
                hits[concept] = [hit for hit in hits[concept] if not _lies_in(hit, hits.get(phrase, []), all_of_it)]
        for concept in _NOT_OF_OTHERS & hits.keys() if "others" in hits else ():
            hits[concept] = [hit for hit in hits[concept] if not _belongs_to(hit, hits)]
        hits.pop(_NOTHING, None)
        return Found(
            self.language, tokens, {name: each for name, each in hits.items() if each}, 1 if self.spaced else 3
        )

    def _spaced(self, tokens: list[str]) -> Iterator[tuple[str, int, int]]:
        for at, token in enumerate(tokens):
            known = list(self.exact.get(token, ()))
            for length in range(1, min(len(token), _LONGEST_WORD) + 1):
                known += self.stems.get(token[:length], ())
                known += self.endings.get(token[-length:], ())
            following = tokens[at + 1] if at + 1 < len(tokens) else ""
            for concept, words, second in known:
                if second and second != following:
                    continue
                end = _matches(words, tokens, at) if len(words) > 1 else at + 1
                if end:
                    yield concept, at, end

    def _unspaced(self, text: str) -> Iterator[tuple[str, int, int]]:
        for at, character in enumerate(text):
            known = self.exact.get(text[at : at + 2], ())
            for concept, (first, *rest), _ in [*known, *self.exact.get(character, ())]:
                if not text.startswith(first, at):
                    continue
                end = at + len(first)
                for part in rest:
                    start = text.find(part, end, end + _CHARACTERS_IN_GAP + len(part))
                    end = start + len(part) if start >= 0 else -1
                    if end < 0:
                        break
                if end > 0:
                    yield concept, at, end


def _matches(words: tuple[str, ...], tokens: list[str], at: int) -> int:
    """The position behind the entry when it stands at `at`, else 0."""
    gap = 0
    for word in words:
        if word == _GAP:
            gap = _WORDS_IN_GAP
            continue
        for position in range(at, min(at + gap + 1, len(tokens))):
            if _is(word, tokens[position]):
                at, gap = position + 1, 0
                break
            if tokens[position][0] in BREAKS:
                return 0
        else:
            return 0
    return at


def _is(word: str, token: str) -> bool:
    if word.endswith("*"):
        return token.startswith(word[:-1])
    if word.startswith("*"):
        return token.endswith(word[1:])
    return token == word


def _lies_in(hit: Hit, phrases: list[Hit], all_of_it: bool) -> bool:
    """Whether a phrase covers the hit: a longer one, or also one just as long."""
    return any(
        phrase.start <= hit.start and hit.end <= phrase.end and (all_of_it or phrase[:2] != hit[:2])
        for phrase in phrases
    )


def _belongs_to(hit: Hit, hits: Mapping[str, list[Hit]]) -> bool:
    """Whether "my" is said of another person; or, beside one, is the "me" of "send me"."""
    others = hits.get("others", [])
    behind_giving = any(give.end == hit.start for give in hits.get("give", ()))
    return bool(others) and (behind_giving or any(hit.start < other.end and other.start <= hit.end for other in others))


def languages() -> tuple[str, ...]:
    """The languages that there is a list for."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.txt")))


@cache
def word_table(language: str) -> WordTable:
    """The list of one language. It is read once, when it is first needed. Raises ValueError for a broken line."""
    table = WordTable(language)
    concept, function = "", set()
    for number, line in enumerate((_FOLDER / f"{language}.txt").read_text("utf-8").splitlines(), start=1):
        said = line.partition("#")[0]
        if not said.strip():
            continue
        if not said[0].isspace():
            concept, colon, said = said.partition(":")
            if not colon:
                raise ValueError(f"words/{language}.txt:{number}: a line begins with a concept and a colon, or a blank")
        for entry in filter(None, (folded(part).strip() for part in said.split(","))):
            if concept == "function":
                function.add(entry)
            elif concept == "not_after":
                table.not_after = int(entry)
            else:
                table.add(concept, entry)
    table.function = frozenset(function)
    return table
