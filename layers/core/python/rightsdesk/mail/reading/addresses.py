"""The addresses of a header, as many as it names, and what is odd about them (abuse cases 1, 3, 4).

Taken apart before encoded words are decoded: a comma or bracket that somebody encoded is a letter of a name, and never
becomes an address.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from rightsdesk.domain.address import canonical_address
from rightsdesk.domain.incoming_mail import MailAddress, MailFlag
from rightsdesk.mail.reading.headers import decode_words, raw_text
from rightsdesk.mail.reading.one_sender import names_one_sender
from rightsdesk.mail.reading.plain import plain_line

UNREADABLE = "(unreadable)"
MOST_ADDRESSES = 50
ADDRESS_CHARACTERS = 320
NAME_CHARACTERS = 200


_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff]")


@dataclass(slots=True)
class _Entry:
    """One address on the way: what stands in angle brackets, in front of them, and in comments."""

    phrase: str = ""
    bare: str = ""  # the phrase with its quotation marks: `"jane murphy"@example.com`
    angles: list[str] = field(default_factory=list)
    comment: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.phrase.strip() or self.angles or self.comment.strip())


@dataclass(frozen=True, slots=True)
class Addresses:
    found: tuple[MailAddress, ...]
    guessed: bool
    damaged: bool


def read_addresses(raw: Sequence[bytes], *, is_cut: bool = False, is_from: bool = False) -> Addresses:
    """All addresses of all headers of one name. One that can't be read is kept as it stands, and is no address.

    Where the header was cut, or can be read in several ways, there is one more that can't be read: whoever else read
    it may have found another address in it, and the one that is found here is never alone. From is judged by its form.
    """
    found: list[MailAddress] = []
    guessed = damaged = False
    for value in raw:
        text, was_guessed = raw_text(value)
        guessed = guessed or was_guessed
        entries, is_whole = _entries(text, literally=False)
        if not is_whole:
            entries, damaged = _entries(text, literally=True)[0], True
            is_cut = is_cut or text.count("@") > 1
        here: list[MailAddress] = []
        names = ""
        for entry in entries:
            if not entry.angles and "@" not in entry.phrase:
                names += f"{entry.phrase.strip()}, "  # `Murphy, Jane <jane@example.com>`, as Outlook writes it
                continue
            read, was_guessed = _addresses(entry, names)
            guessed, names = guessed or was_guessed, ""
            here += read
        if not here and text.strip() and not _is_empty_group(text):
            here = [MailAddress(address=_address(text))]
        found += here
    if is_from and len(found) == 1 and canonical_address(found[0].address) is not None:
        is_cut = is_cut or not names_one_sender(raw)
    if is_cut:
        found.insert(0, MailAddress(address=UNREADABLE))
    kept = tuple(found[:MOST_ADDRESSES])
    damaged = (
        damaged or is_cut or len(found) > MOST_ADDRESSES or any(canonical_address(one.address) is None for one in kept)
    )
    return Addresses(kept, guessed, damaged)


def _addresses(entry: _Entry, names: str) -> tuple[list[MailAddress], bool]:
    name, guessed = decode_words(names + (entry.phrase if entry.angles else entry.comment))
    shown = plain_line(" ".join(name.split()), limit=NAME_CHARACTERS)
    return [MailAddress(address=_address(text), name=shown) for text in entry.angles or [entry.bare]], guessed


def _address(text: str) -> str:
    stripped = text.strip()
    if stripped.startswith("@") and ":" in stripped:  # a route of old: `@relay:jane@example.com`
        stripped = stripped.rpartition(":")[2]
    # What is taken out of other texts leaves a mark and a space here: no address comes to be by losing a letter.
    return plain_line(_CONTROLS.sub("\ufffd ", stripped), limit=ADDRESS_CHARACTERS) or UNREADABLE


def _entries(text: str, *, literally: bool) -> tuple[list[_Entry], bool]:
    """The entries of a header, and whether each quote, bracket and comment was closed. One pass.

    `literally`: a quotation mark or parenthesis is a letter like any other, for a header that leaves one open.
    """
    done: list[_Entry] = []
    entry = _Entry()
    phrase: list[str] = []
    bare: list[str] = []
    inside: list[str] = []  # of the bracket or comment that is open
    state, depth, escaped = "", 0, False

    def close() -> None:
        nonlocal entry
        entry.phrase, entry.bare = "".join(phrase), "".join(bare)
        phrase.clear()
        bare.clear()
        if not entry.is_empty:
            done.append(entry)
        entry = _Entry()

    for letter in text:
        if state in ("", '"'):
            bare.append(letter)
        if escaped:
            escaped = False
            (inside if state == "(" else phrase).append(letter)
        elif letter == "\\" and state in ('"', "("):
            escaped = True
        elif state == '"':
            if letter == '"':
                state = ""
            else:
                phrase.append(letter)
        elif state == "(":
            depth += (letter == "(") - (letter == ")")
            if depth:
                inside.append(letter)
            else:
                entry.comment, state = "".join(inside), ""
                inside.clear()
        elif state == "<":
            if letter == ">":
                entry.angles.append("".join(inside))
                state = ""
                inside.clear()
            else:
                inside.append(letter)
        elif letter == '"' and not literally:
            state = '"'
        elif letter == "(" and not literally:
            state, depth = "(", 1
            bare.pop()
        elif letter == "<":
            state = "<"
        elif letter in ",;":
            bare.pop()
            close()
        elif letter == ":" and "@" not in phrase and not entry.angles:
            phrase.clear()  # the name of a group
            bare.clear()
        else:
            phrase.append(letter)
    if state == "<":
        entry.angles.append("".join(inside))
    close()
    return done, state == ""


def _is_empty_group(text: str) -> bool:
    """`undisclosed-recipients:;`"""
    return re.fullmatch(r"[^<>@,]*:\s*;?\s*", text) is not None


# ---- what is odd

# As many letters of other scripts look like Latin ones; in one word they are there to deceive, or a typing error.
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")
_WORDS = re.compile(r"[^\W\d_]+")
_SOME_ADDRESS = re.compile(r"[^\s<>@\"'(),;:]{1,64}@[^\s<>@\"'(),;:]{1,253}")


def sender_flags(senders: tuple[MailAddress, ...], sender: Addresses, reply_to: Addresses) -> frozenset[MailFlag]:
    """`sender`, `reply_to`: of the headers Sender and Reply-To, empty where there is none."""
    flags: set[MailFlag] = set()
    ours = {_same(one.address) for one in senders}
    if not any(canonical_address(one.address) for one in senders):
        flags.add(MailFlag.NO_SENDER)
    if len(senders) > 1:
        flags.add(MailFlag.SEVERAL_SENDERS)
    if any(_same(one.address) not in ours for one in sender.found):
        flags.add(MailFlag.SENDER_DIFFERS)
    if any(_same(one.address) not in ours for one in reply_to.found):
        flags.add(MailFlag.REPLY_TO_DIFFERS)
    for one in senders:
        folded = unicodedata.normalize("NFKC", one.name)
        if any(_same(found[0].strip(".")) != _same(one.address) for found in _SOME_ADDRESS.finditer(folded)):
            flags.add(MailFlag.NAME_IS_ADDRESS)
        if has_mixed_scripts(f"{one.name} {one.address}"):
            flags.add(MailFlag.MIXED_SCRIPTS)
    return frozenset(flags)


def has_mixed_scripts(text: str) -> bool:
    """Whether a word mixes Latin letters with Cyrillic or Greek ones; a domain in Punycode is read first."""
    return any(_is_mixed(word[0]) for word in _WORDS.finditer(_without_punycode(text)))


def _is_mixed(word: str) -> bool:
    if word.isascii():
        return False
    scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in word}
    return len(scripts.intersection(_SCRIPTS)) > 1


def _without_punycode(text: str) -> str:
    return re.sub(r"(?i)xn--([a-z0-9-]{1,59})", lambda found: _label(found[1]), text)


def _label(punycode: str) -> str:
    try:
        return punycode.lower().encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return punycode


def _same(address: str) -> str:
    return canonical_address(address) or address
