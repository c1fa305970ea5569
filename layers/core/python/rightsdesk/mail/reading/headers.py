"""The header block of a mail or part: found in the bytes, cut to a bounded length, and only then read.

The parsers of the standard library are not used: they recurse, take quadratic time for a long header, and raise for
`Message-ID: <[abc` (abuse cases 40, 41, 56).
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rightsdesk.mail.reading.charsets import decode_text

HEADERS = 1_000  # fields of one block that are looked at
HEADER_BYTES = 16 * 1024  # of one value
_HIDDEN_BYTES = 1_000_000  # after a damaged block, in which another reader may find headers
TAIL_BYTES = 64 * 1024  # of References, whose newest stand last

_NAME = re.compile(rb"[!-9;-~]{1,100}[ \t]*:")
_NEXT_FIELD = re.compile(rb"\n(?![ \t])")
_FOLD = re.compile(rb"\r?\n(?=[ \t])")


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """Where each field stands. `damaged`: it does not end as one should, or holds too many fields."""

    fields: dict[str, list[tuple[int, int]]]
    start: int
    body: int  # where the body begins
    damaged: bool
    raw: bytes = field(repr=False)

    def all(self, name: str, *, limit: int = HEADER_BYTES) -> list[bytes]:
        """The values under this name (in small letters), unfolded and cut."""
        return [_unfolded(self.raw[start : min(end, start + limit)]) for start, end in self.fields.get(name, [])]

    def first(self, name: str) -> bytes:
        """The first value, or nothing."""
        return next(iter(self.all(name)), b"")

    def is_cut(self, name: str) -> bool:
        """Whether a value under this name is longer than what `all` gives of it."""
        return any(end - start > HEADER_BYTES for start, end in self.fields.get(name, []))

    def hidden(self, name: bytes) -> list[bytes]:
        """Values under this name that another reader may see, and that `all` does not know.

        After a line that is no field, after too many fields, or after a carriage return alone. Mail servers differ in
        what they make of these, and the one that judged the sender may have judged another one (abuse case 2).
        """
        end = self.body
        if self.damaged:
            end = min(_after_block(self.raw, self.body, len(self.raw)), self.body + _HIDDEN_BYTES)
        known = {place for place, _ in self.fields.get(name.decode("ascii"), [])}
        found = re.finditer(rb"(?i)(?<![^\r\n])%b[ \t]*:([^\r\n]*)" % name, self.raw[self.start : end])
        return [one[1][:HEADER_BYTES] for one in found if self.start + one.start(1) not in known]

    def tail(self, name: str) -> bytes:
        """The end of the first value."""
        places = self.fields.get(name, [])
        return _unfolded(self.raw[max(places[0][0], places[0][1] - TAIL_BYTES) : places[0][1]]) if places else b""


def read_headers(raw: bytes, start: int, end: int) -> HeaderBlock:
    """The block at `start`. A line that is no field ends it, and belongs to the body: nothing is lost."""
    fields: dict[str, list[tuple[int, int]]] = {}
    at, count, damaged = start, 0, False
    if raw.startswith((b"From ", b">From "), at):  # of a mailbox file
        at = _line_end(raw, at, end)
    while at < end:
        if raw.startswith((b"\n", b"\r\n"), at):
            return HeaderBlock(fields, start, min(end, at + (1 if raw[at] == 0x0A else 2)), damaged, raw)
        named = _NAME.match(raw, at, end)
        if named is None:
            return HeaderBlock(fields, start, at, True, raw)
        if count == HEADERS:
            return HeaderBlock(fields, start, _after_block(raw, at, end), True, raw)
        found = _NEXT_FIELD.search(raw, at, end)
        value_end = found.start() if found else end
        name = named[0][:-1].strip().decode("ascii").lower()
        fields.setdefault(name, []).append((named.end(), value_end))
        at, count = min(end, value_end + 1), count + 1
    return HeaderBlock(fields, start, end, damaged, raw)


def _line_end(raw: bytes, at: int, end: int) -> int:
    found = raw.find(b"\n", at, end)
    return end if found < 0 else found + 1


def _after_block(raw: bytes, at: int, end: int) -> int:
    places = [
        found + len(blank) for blank in (b"\n\n", b"\n\r\n") if (found := raw.find(blank, max(0, at - 1), end)) >= 0
    ]
    return min(places, default=end)


def _unfolded(value: bytes) -> bytes:
    return _FOLD.sub(b"", value).strip()


# ---- words in other letters

# RFC 2047, and what is sent under its name: with spaces in it. What stands between two words is only folding.
_WORD = re.compile(r"=\?([A-Za-z0-9_.:+-]{1,60})(?:\*[A-Za-z0-9-]{0,20})?\?([bBqQ])\?([^?]*)\?=")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


@dataclass(slots=True)
class _Run:
    """Words of one charset side by side: a letter may be split between them."""

    charset: str
    content: bytes


def raw_text(raw: bytes) -> tuple[str, bool]:
    """(text, whether its charset was guessed) of a header with its encoded words: UTF-8 (RFC 6532), or a guess."""
    return decode_text(raw, "utf-8")


def header_text(raw: bytes) -> tuple[str, bool]:
    """(text with encoded words decoded, whether a charset was guessed). Not cleaned yet."""
    text, guessed = raw_text(raw)
    words, also_guessed = decode_words(text)
    return words, guessed or also_guessed


def decode_words(text: str) -> tuple[str, bool]:
    pieces: list[str | _Run] = []
    at = 0
    for found in _WORD.finditer(text):
        between = text[at : found.start()]
        after_word = bool(pieces) and isinstance(pieces[-1], _Run)
        if between and not (after_word and not between.strip()):
            pieces.append(between)
            after_word = False
        content = _content(found[2], found[3])
        last = pieces[-1] if pieces else None
        if after_word and isinstance(last, _Run) and last.charset == found[1].lower():
            last.content += content
        else:
            pieces.append(_Run(found[1].lower(), content))
        at = found.end()
    pieces.append(text[at:])
    return _joined(pieces)


def _joined(pieces: list[str | _Run]) -> tuple[str, bool]:
    texts, guessed = [], False
    for piece in pieces:
        if isinstance(piece, _Run):
            text, was_guessed = decode_text(piece.content, piece.charset)
            guessed = guessed or was_guessed
            texts.append(text)
        else:
            texts.append(piece)
    return "".join(texts), guessed


def _content(encoding: str, payload: str) -> bytes:
    raw = payload.encode("utf-8", "replace")
    if encoding in "qQ":
        return _HEX.sub(lambda found: binascii.unhexlify(found[1]), raw.replace(b"_", b" "))
    clean = _NOT_BASE64.sub(b"", raw)
    whole = clean[: len(clean) - 1] if len(clean) % 4 == 1 else clean
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


# ---- values with parameters

_PARAMETER = re.compile(r";[ \t]*([A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,60})[ \t]*=[ \t]*(\"(?:[^\"\\]|\\.)*\"?|[^;]*)")
_QUOTED_PAIR = re.compile(r"\\(.)")
_SECTION = re.compile(r"([^*]+)(?:\*([0-9]{1,3}))?(\*)?")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


def read_parameters(raw: bytes) -> tuple[str, dict[str, str]]:
    """(the value in small letters, its parameters), as of Content-Type: RFC 2231 and its continuations included."""
    text, _ = raw_text(raw)
    value, _, _ = text.partition(";")
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for found in _PARAMETER.finditer(text, len(value)):
        name, given = found[1].lower(), _unquoted(found[2].strip())
        section = _SECTION.fullmatch(name)
        if section is None or section[0] == section[1]:
            plain.setdefault(name, given)
        else:
            sections.setdefault(section[1], {}).setdefault(int(section[2] or 0), (given, section[3] is not None))
    extended = {name: _put_together(parts) for name, parts in sections.items()}
    return value.strip().lower(), {name: decode_words(given)[0] for name, given in plain.items()} | extended


def _unquoted(given: str) -> str:
    return _QUOTED_PAIR.sub(r"\1", given[1:].removesuffix('"')) if given.startswith('"') else given


def _put_together(parts: dict[int, tuple[str, bool]]) -> str:
    first, is_encoded = parts[min(parts)]
    charset = None
    if is_encoded and first.count("'") >= 2:
        charset, _, rest = first.split("'", 2)
        parts = parts | {min(parts): (rest, True)}
    content = b"".join(
        _PERCENT.sub(lambda found: binascii.unhexlify(found[1]), given.encode("utf-8", "replace"))
        if encoded
        else given.encode("utf-8", "replace")
        for _, (given, encoded) in sorted(parts.items())
    )
    return decode_text(content, charset)[0]


# ---- ids

_ID = re.compile(rb"<[!-;=?-~]{1,498}>")
MOST_IDS = 50


def message_ids(raw: bytes) -> Iterator[str]:
    """The `<...>` of a header, in order. What is longer than 500 characters, or holds others than ASCII's, is no id."""
    return (found[0].decode("ascii") for found in _ID.finditer(raw))
