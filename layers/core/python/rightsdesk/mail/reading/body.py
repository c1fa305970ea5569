"""Which parts are the text, and that text: what was written to be read, plain where there is plain, else from HTML."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice

from rightsdesk.domain.incoming_mail import MailFlag
from rightsdesk.mail.reading.charsets import decode_text
from rightsdesk.mail.reading.html_text import HTML_CHARACTERS, html_to_text, without_tags
from rightsdesk.mail.reading.parts import Part, leaves
from rightsdesk.mail.reading.plain import has_something_to_see, plain_text

_ENCODED_BYTES = 2 * 1024 * 1024  # of a part that are decoded; HTML says little with many
_ARMOR = "-----BEGIN PGP MESSAGE-----"
# A plain part that only stands there for the HTML is shorter than this, and than a quarter of it, or speaks of HTML.
_STUB_CHARACTERS = 200
_STUB_PART = 4
_LETTERS = 20_000
_META_CHARSET = re.compile(rb"<meta[^>]{1,200}charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Read:
    part: Part
    text: str
    flags: frozenset[MailFlag]


@dataclass(frozen=True, slots=True)
class Body:
    """The text, the flags that it earned, and the parts that are attachments."""

    text: str
    flags: frozenset[MailFlag]
    others: tuple[Part, ...]


def read_body(root: Part) -> Body:
    all_leaves = list(leaves(root))
    candidates = {id(leaf) for leaf in all_leaves if _may_be_text(leaf)}
    if not candidates:  # the only text has a name: it is read all the same, and stays an attachment
        named = [leaf for leaf in all_leaves if leaf.media_type == "text/plain" and leaf.disposition != "attachment"]
        chosen = [_read(leaf) for leaf in named[:1]]
        others = tuple(all_leaves)
    else:
        chosen = _chosen(root, candidates)
        # What says the same in another way is not an attachment: it stays in the mail as it came.
        others = tuple(leaf for leaf in all_leaves if id(leaf) not in candidates)
    seen = [read for read in chosen if has_something_to_see(read.text)]
    text, cut = plain_text("\n\n".join(read.text.strip("\n") for read in seen))
    flags = {flag for read in seen for flag in read.flags}
    if cut:
        flags.add(MailFlag.TRUNCATED)
    if not seen:
        flags.add(MailFlag.NO_TEXT)
        if others and all(part.media_type.startswith("image/") for part in others):
            flags.add(MailFlag.IMAGES_ONLY)
    elif all(read.part.media_type == "text/html" for read in seen):
        flags.add(MailFlag.HTML_ONLY)
    if _ARMOR in text:
        flags.add(MailFlag.ENCRYPTED)
    return Body(text, frozenset(flags), others)


def _may_be_text(part: Part) -> bool:
    return part.media_type in ("text/plain", "text/html") and part.disposition != "attachment" and not part.name


def _chosen(part: Part, candidates: set[int]) -> list[_Read]:
    if not part.children:
        return [_read(part)] if id(part) in candidates else []
    options = [_chosen(child, candidates) for child in part.children]  # DEEPEST levels
    if part.media_type != "multipart/alternative":
        return [read for option in options for read in option]
    seen = [option for option in options if any(has_something_to_see(read.text) for read in option)]
    plain = [option for option in seen if _has_plain(option)]
    html = [option for option in seen if not _has_plain(option)]
    stub = next(iter(plain or filter(_has_plain, options)), None)
    if stub and html and _is_stub(stub, html[-1]):
        return [*(() if _says(html[-1], stub) else stub), *(_differing(read) for read in html[-1])]
    return next(iter(plain or seen[-1:] or options), [])


def _has_plain(option: Iterable[_Read]) -> bool:
    return any(read.part.media_type == "text/plain" for read in option)


def _is_stub(plain: Iterable[_Read], html: Iterable[_Read]) -> bool:
    """Whether somebody who reads the HTML reads something else: "This message is best viewed in HTML"."""
    short = _letters(plain)
    if len(short) >= _STUB_CHARACTERS:
        return False
    return len(short) * _STUB_PART < len(_letters(html)) or ("html" in short and not _says(html, plain))


def _says(html: Iterable[_Read], plain: Iterable[_Read]) -> bool:
    short = _letters(plain)
    return bool(short) and short in _letters(html)


def _letters(reads: Iterable[_Read]) -> str:
    """Letters and digits alone, as many as tell."""
    return "".join(islice((one for read in reads for one in read.text.casefold() if one.isalnum()), _LETTERS))


def _differing(read: _Read) -> _Read:
    return replace(read, flags=read.flags | {MailFlag.ALTERNATIVES_DIFFER})


def _read(part: Part) -> _Read:
    flags = set()
    raw, damaged = part.content(limit=_ENCODED_BYTES)
    if damaged:
        flags.add(MailFlag.DAMAGED)
    if part.end - part.start > _ENCODED_BYTES:
        flags.add(MailFlag.TRUNCATED)
        raw = raw[: raw.rfind(b"\n") + 1] or _whole_letters(raw)
    is_html = part.media_type == "text/html"
    declared = part.parameters.get("charset") or (_meta_charset(raw) if is_html else None)
    text, guessed = decode_text(raw, declared)
    if guessed:
        flags.add(MailFlag.GUESSED_CHARSET)
    if is_html:
        try:
            text, cut = html_to_text(text)
        except (ValueError, RecursionError, MemoryError):
            text, cut = without_tags(text), len(text) > HTML_CHARACTERS
            flags.add(MailFlag.DAMAGED)
        if cut:
            flags.add(MailFlag.TRUNCATED)
    elif part.parameters.get("format", "").lower() == "flowed":
        text = _unflowed(text.replace("\r\n", "\n").split("\n"), part.parameters.get("delsp", "").lower() == "yes")
    text, cut = plain_text(text)
    if cut:
        flags.add(MailFlag.TRUNCATED)
    return _Read(part, text, frozenset(flags))


def _whole_letters(raw: bytes) -> bytes:
    """Without the letter of UTF-8 that may have been cut in two at the end."""
    tail = raw[-4:].rstrip(bytes(range(0x80, 0xC0)))
    return raw[: len(raw) - len(raw[-4:]) + len(tail) - (tail[-1:] >= b"\xc0")]


def _meta_charset(raw: bytes) -> str | None:
    found = _META_CHARSET.search(raw, 0, 4_096)
    return found[1].decode("ascii") if found else None


def _unflowed(lines: Iterable[str], delete_space: bool) -> str:
    """RFC 3676: a line that ends in a space goes on in the next one of the same depth."""
    paragraphs: list[list[str]] = []
    open_depth = -1  # of the paragraph that goes on
    for line in lines:
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        is_mark = content == "-- "  # of a signature
        flows = content.endswith(" ") and not is_mark
        kept = content[:-1] if flows and delete_space else content
        if open_depth == depth and not is_mark:
            paragraphs[-1].append(kept)
        else:
            paragraphs.append([f"{'>' * depth} {kept}" if depth else kept])
        open_depth = depth if flows else -1
    return "\n".join("".join(pieces) for pieces in paragraphs)
