"""What a mail is made of: its parts, as places in the bytes. Nothing is copied before it is asked for.

The parser of the standard library goes down by recursion and keeps every line as an object of its own: a mail nested a
thousand times raises RecursionError in it, and one of 40 MB takes three times its size (abuse case 40). Here a part is
two numbers. Attached mails are not walked into: each is one attachment.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rightsdesk.mail.reading.headers import HeaderBlock, read_headers, read_parameters

DEEPEST = 20
MOST_PARTS = 50
_MOST_CANDIDATES = 20_000  # lines that begin like a boundary

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,120}")


@dataclass(slots=True)
class Part:
    """A part, and those inside it. `start`, `end`: of its content in the bytes of the mail."""

    headers: HeaderBlock
    start: int
    end: int
    media_type: str
    parameters: dict[str, str]
    disposition: str
    disposition_parameters: dict[str, str]
    children: list["Part"] = field(default_factory=list)

    @property
    def is_multipart(self) -> bool:
        return bool(self.children)

    @property
    def name(self) -> str:
        """The file name as the sender gave it, or nothing."""
        return self.disposition_parameters.get("filename") or self.parameters.get("name") or ""

    def content(self, *, limit: int | None = None) -> tuple[bytes, bool]:
        """(what its transfer encoding stands for, whether that was damaged). `limit`: of encoded bytes to look at."""
        end = self.end if limit is None else min(self.end, self.start + limit)
        return _decoded(self.headers.raw, self.start, end, _token(self.headers.first("content-transfer-encoding")))


@dataclass(slots=True)
class Walk:
    """What was noticed on the way."""

    too_deep: bool = False
    too_many: bool = False
    damaged: bool = False
    parts: int = 0
    candidates: int = 0


def read_parts(raw: bytes) -> tuple[Part, Walk]:
    """The mail as a tree, `DEEPEST` levels and `MOST_PARTS` parts of it. What lies deeper is one attachment."""
    walk = Walk()
    root = _part(raw, 0, len(raw), "text/plain", walk)
    waiting = [(root, 1)]
    while waiting:
        part, depth = waiting.pop(0)
        if not part.media_type.startswith("multipart/"):
            continue
        if depth >= DEEPEST:
            walk.too_deep = True
            continue
        boundary = part.parameters.get("boundary", "").rstrip()
        usual = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
        for start, end in _between(raw, part.start, part.end, boundary, walk):
            if walk.parts >= MOST_PARTS:
                walk.too_many = True
                break
            part.children.append(_part(raw, start, end, usual, walk))
        if not part.children:  # it is not what it says it is: what was written may still be read
            walk.damaged = True
            part.media_type = "text/plain"
        waiting += [(child, depth + 1) for child in part.children]
    return root, walk


def leaves(part: Part) -> Iterator[Part]:
    """The parts that hold something, in order."""
    if not part.children:
        yield part
    for child in part.children:
        yield from leaves(child)  # DEEPEST levels


def _part(raw: bytes, start: int, end: int, usual: str, walk: Walk) -> Part:
    walk.parts += 1
    headers = read_headers(raw, start, end)
    media_type, parameters = read_parameters(headers.first("content-type"))
    if _TYPE.fullmatch(media_type) is None:
        walk.damaged = walk.damaged or bool(media_type)
        media_type = "text/plain" if media_type else usual
    disposition, disposition_parameters = read_parameters(headers.first("content-disposition"))
    walk.damaged = walk.damaged or headers.damaged
    return Part(headers, headers.body, end, media_type, parameters, disposition, disposition_parameters)


def _between(raw: bytes, start: int, end: int, boundary: str, walk: Walk) -> Iterator[tuple[int, int]]:
    """The places between the boundaries. A missing end is forgiven: the last part goes to the end."""
    line = b"--" + boundary.encode("latin-1", "replace")
    if not boundary or len(line) > 200:
        return
    after = re.compile(rb"(--)?[ \t]{0,100}(?:\r?\n|\Z)")
    at, opened = max(0, start - 1), -1
    if start == 0 and raw.startswith(line):
        found, at = 0, len(line)
    else:
        line = b"\n" + line
        found = raw.find(line, at, end)
        at = found + len(line)
    line = line if line.startswith(b"\n") else b"\n" + line
    while found >= 0:
        walk.candidates += 1
        if walk.candidates > _MOST_CANDIDATES:
            walk.too_many = True
            break
        closed = after.match(raw, at, end)
        if closed is not None:
            if opened >= 0:
                yield opened, max(opened, found - (raw[found - 1 : found] == b"\r"))
            if closed[1]:
                return
            opened = closed.end()
            at = opened - 1  # the break that ends this line may begin the next boundary
        found = raw.find(line, at, end)
        at = found + len(line)
    if opened >= 0:
        yield min(opened, end), end


# ---- transfer encodings


def _token(value: bytes) -> str:
    return value.split(b";")[0].strip().decode("ascii", "ignore").lower()


def _decoded(raw: bytes, start: int, end: int, encoding: str) -> tuple[bytes, bool]:
    match encoding:
        case "base64":
            return _from_base64(raw, start, end)
        case "quoted-printable":
            return binascii.a2b_qp(raw[start:end]), False
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return _from_uuencode(raw[start:end])
    return raw[start:end], encoding not in ("", "7bit", "8bit", "binary")


_NO_DIGITS = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_DIGITS_AFTER = re.compile(rb"=[=\s]*[A-Za-z0-9+/]")


def _from_base64(raw: bytes, start: int, end: int) -> tuple[bytes, bool]:
    padded = raw.find(b"=", start, end)
    if padded < 0 or _DIGITS_AFTER.search(raw, padded, min(end, padded + 1_000)) is None:
        try:
            with memoryview(raw) as view:
                return binascii.a2b_base64(view[start:end]), False
        except binascii.Error:
            pass
    # Padding in the middle ends a piece: mailers put pieces side by side.
    *pieces, rest = re.split(rb"=+", raw[start:end].translate(None, _NO_DIGITS), maxsplit=MOST_PARTS)
    return b"".join((*map(_piece, pieces), _piece(rest.translate(None, b"=")))), True


def _piece(digits: bytes) -> bytes:
    whole = digits[: len(digits) - 1] if len(digits) % 4 == 1 else digits
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def _from_uuencode(raw: bytes) -> tuple[bytes, bool]:
    begun = re.search(rb"^begin [0-7]{3,4} .*$", raw, re.MULTILINE)
    if begun is None:
        return raw, True
    lines: list[bytes] = []
    for line in raw[begun.end() :].split(b"\n")[1:]:
        if line.strip() in (b"end", b"`", b""):
            break
        try:
            lines.append(binascii.a2b_uu(line.rstrip(b"\r")))
        except binascii.Error:
            return b"".join(lines), True
    return b"".join(lines), False
