"""A mail in sentences: what is asked for is said within one, or in two that follow each other.

Left out is what the sender does not say here and now: quoted lines, what stands below the mark of a signature, and
longer passages in quotation marks.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

from rightsdesk.mail.intents.folding import folded
from rightsdesk.mail.intents.names import MARK, marked

LONGEST_TEXT = 20_000  # characters that are read; whoever writes more has said it by then
_LONGEST_SENTENCE = 700  # characters; a longer one is cut
_LONGEST_SUBJECT = 300

_CIRCLED = dict.fromkeys(range(ord("①"), ord("⑳") + 1), "・")  # a circled number begins a point of a list
_BULLET = re.compile(r"\s*(?:[-*•・●■▪–+○◆]|\(?\d{1,2}[.)]|\(?[a-z]\)|[・●■○◆])\s+(?=\S)|\s*[・●■○◆]")
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_END = re.compile(r"[.!?;。！？…\u037e]+")
_NO_END = frozenset(
    [
        "art",
        "arts",
        "nr",
        "no",
        "abs",
        "zb",
        "str",
        "par",
        "odst",
        "pkt",
        "ust",
        "lit",
        "cl",
        "al",
        "inc",
        "ltd",
        "mr",
        "mrs",
        "dr",
        "hr",
        "fr",
        "bzw",
        "ca",
        "vgl",
        "gem",
        "usw",
        "etc",
        "tel",
        "st",
        "cf",
        "n",
    ]
)
_WIDE = "[\u3040-\u30ff\u3400-\u9fff\u3000-\u303f\uff00-\uff60]"
_WIDE_BREAK = re.compile(rf"(?<={_WIDE})[ \t]*\n[ \t]*(?={_WIDE})")
_WIDE_BLANK = re.compile(rf"(?<={_WIDE})[ \t\u3000]+(?={_WIDE})")
_REPLY = re.compile(
    r"^\s*(?:(?:re|aw|antw|sv|vs|fw|fwd|wg|tr|r|rv|odp|vb|ynt|返信|転送)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE
)
_QUOTED = re.compile(r"[\"“„«»「『]([^\"”“»«」』\n]{12,400})[\"”“»«」』]")


@dataclass(frozen=True)
class Sentence:
    """One sentence, folded. `asks` is its question mark; a subject is a sentence, too."""

    text: str
    asks: bool = False
    subject: bool = False
    reply: bool = False  # the subject of an answer: it may be of an older mail
    paragraph: int = 0
    named: bool = False  # somebody who did not sign is named as the one whom the data are about


def sentences_of(subject: str, text: str) -> list[Sentence]:
    """The subject, if there is one, then the text."""
    found = []
    title = " ".join(subject[:_LONGEST_SUBJECT].split())
    bare = _REPLY.sub("", title)
    if bare:
        plain = folded(marked(bare, f"{bare}\n{text[:LONGEST_TEXT]}"))
        named, plain = MARK in plain, plain.replace(MARK, "")
        found.append(Sentence(plain, asks="?" in plain, subject=True, reply=bare != title, named=named))
    for number, paragraph in enumerate(paragraphs_of(text), start=1):
        found += [replace(each, paragraph=number) for each in _split(paragraph)]
    return found


def paragraphs_of(text: str) -> list[str]:
    """Folded paragraphs and points of a list, each on one line."""
    cut = text[:LONGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n")
    cut = marked(cut, cut)
    own = "\n".join(line for line in cut.split("\n") if not line.lstrip().startswith((">", "|")))
    above = _SIGNATURE.split(own or cut, maxsplit=1)[0]
    written = (above if above.strip() else own).translate(_CIRCLED)
    wide = _WIDE_BLANK.sub("", _WIDE_BREAK.sub("", unicodedata.normalize("NFKC", written)))
    found: list[list[str]] = [[]]
    for line in wide.split("\n"):
        bullet = _BULLET.match(line)
        if not line.strip() or bullet:
            found.append([])
        found[-1].append(line[bullet.end() :] if bullet else line)
    return [joined for lines in found if (joined := folded(_without_quotations(" ".join(" ".join(lines).split()))))]


def _without_quotations(line: str) -> str:
    return _QUOTED.sub(lambda match: " … " if _is_long(match[1]) else f" {match[1]} ", line)


def _is_long(quoted: str) -> bool:
    """A name of a thing may stand in quotation marks; a sentence there is somebody else's."""
    wide = sum(character >= "\u3040" for character in quoted)
    return wide > 20 or (not wide and len(quoted.split()) > 4)


def _split(paragraph: str) -> list[Sentence]:
    found, start = [], 0
    for end in _END.finditer(paragraph):
        if end[0] == "." and not _ends_here(paragraph, start, end):
            continue
        if end[0] in (";", "\u037e") and not _is_greek(paragraph[start : end.start()]):
            continue
        asks = "?" in end[0] or end[0] in (";", "\u037e")
        found += _cut(paragraph[start : end.start()], asks=asks)
        start = end.end()
    return found + _cut(paragraph[start:], asks=False)


def _ends_here(paragraph: str, start: int, end: re.Match[str]) -> bool:
    if end.end() < len(paragraph) and not paragraph[end.end()].isspace():
        return False
    word = re.search(r"\w*$", paragraph[max(start, end.start() - 20) : end.start()])
    last = word[0] if word else ""
    return not (len(last) < 2 or last.isdigit() or last in _NO_END) or end.end() == len(paragraph)


def _is_greek(text: str) -> bool:
    return sum("\u0370" <= character <= "\u03ff" for character in text) * 3 > len(text)


def _cut(text: str, *, asks: bool) -> list[Sentence]:
    whole = text.strip()
    asks = asks or whole.endswith("か")  # Japanese asks without a mark
    pieces = [whole[at : at + _LONGEST_SENTENCE] for at in range(0, len(whole), _LONGEST_SENTENCE)]
    return [Sentence(piece.replace(MARK, ""), asks=asks, named=MARK in piece) for piece in pieces if piece]
