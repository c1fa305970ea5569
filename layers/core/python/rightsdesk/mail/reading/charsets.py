"""From bytes to text, whatever the sender calls them (abuse case 69).

The charset that is declared, strictly; where that fails or none is, what mail programs really send: ISO-2022-JP with
the letters that its standard lacks, UTF-8, Shift_JIS and EUC-JP as Windows has them, and last a guess. All but the
first is flagged.

Japanese mailers of Windows put ①, ㈱ and half-width kana into ISO-2022-JP and EUC-JP. Python's codecs refuse all of
them, whichever of the family one takes. Both are only other ways to write the numbers of JIS X 0208, so they are
written as Shift_JIS, and read as cp932, which knows them.
"""

import codecs
import re
from collections.abc import Callable, Iterator

_MOST_GUESSED = 16 * 1024  # bytes that a guess looks at
_HIGH_RUNS = re.compile("[^\\x00-\\x7f]+")
_SHORT = 48  # bytes: too few to guess a charset by statistics


def decode_text(raw: bytes, declared: str | None) -> tuple[str, bool]:
    """(text, whether the charset was guessed). Never raises."""
    if not raw:
        return "", False
    named = _charset(declared)
    escaped = bool(_ESCAPE.search(raw))
    if named == "iso2022_jp":
        text = _strictly(from_jis, raw)
    elif named is not None and not (escaped and named in _ASCII_BASED):
        text = _strictly(_reader(named), raw)
    elif named is None and not declared and raw.isascii() and not escaped:
        text = raw.decode("ascii")
    else:
        text = None
    return (text, False) if text is not None else (_guessed(raw, named, escaped), True)


def from_jis(raw: bytes, errors: str = "strict") -> str:
    """ISO-2022-JP and what is sent under its name. Raises UnicodeDecodeError where it is `strict`."""
    return "".join(_jis_pieces(raw, errors))


def _guessed(raw: bytes, named: str | None, escaped: bool) -> str:
    if escaped and (text := _strictly(from_jis, raw)) is not None:
        return text
    if (text := _strictly(_reader("utf-8-sig"), raw)) is not None:
        return text
    japanese = [text for name in ("cp932", "euc_jp") if (text := _strictly(_reader(name), raw)) is not None]
    likely = [text for text in japanese if _looks_japanese(text)]
    if likely:
        return min(likely, key=_half_width_kana)
    name = _most_likely(raw[:_MOST_GUESSED])
    if name is not None and (text := _strictly(_reader(name), raw)) is not None:
        return text
    if japanese and len(raw) > _SHORT:
        return japanese[0]
    if escaped:
        return from_jis(raw, "replace")
    return raw.decode(named or "utf-8", "replace")


def _most_likely(raw: bytes) -> str | None:
    """A charset by statistics; of a short text, the one that most mail without a charset is in."""
    if len(raw) < _SHORT:
        return "cp1252"
    from charset_normalizer import from_bytes  # 40 ms that mail with a right charset never needs

    best = from_bytes(raw, steps=4, chunk_size=512, preemptive_behaviour=False, enable_fallback=False).best()
    return _charset(best.encoding) if best is not None else None


def _looks_japanese(text: str) -> bool:
    """Kana, and more of them in full width than in half: other scripts read as Shift_JIS give ideographs alone.

    A name may have no kana; what tells it from a Latin one is that its ideographs stand side by side.
    """
    half = _half_width_kana(text)
    kana = sum("\u3041" <= letter <= "\u30fe" for letter in text[:_MOST_GUESSED])
    return kana > half or (not half and len(text) < _SHORT and all(len(run) > 1 for run in _HIGH_RUNS.findall(text)))


def _half_width_kana(text: str) -> int:
    return sum("\uff61" <= letter <= "\uff9f" for letter in text[:_MOST_GUESSED])


def _strictly(reader: Callable[[bytes], str], raw: bytes) -> str | None:
    try:
        return reader(raw)
    except (UnicodeError, ValueError):
        return None


def _reader(name: str) -> Callable[[bytes], str]:
    match name:
        case "euc_jp":
            return _from_euc_jp
        case "cp1252":
            return _from_cp1252
    return lambda raw: codecs.decode(raw, name, "strict")


def _from_cp1252(raw: bytes) -> str:
    """As browsers read it: the five bytes that stand for nothing are control characters."""
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


# ---- names

_FOLDED = re.compile(r"[^a-z0-9]")
# Only charsets of mail: a name may not choose whatever codec Python has (`unicode_escape`, `punycode`, ...).
_CHARSETS = {
    **dict.fromkeys(("usascii", "ascii", "ansix341968", "iso646us"), "ascii"),
    **dict.fromkeys(("utf8", "unicode11utf8", "utf8mb4", "utf8sig", "cp65001"), "utf-8-sig"),
    **dict.fromkeys(("utf7", "unicode11utf7", "unicode20utf7", "cp65000"), "utf-7"),
    **dict.fromkeys(("utf16", "unicode", "ucs2"), "utf-16"),
    "utf16le": "utf-16-le",
    "utf16be": "utf-16-be",
    "utf32": "utf-32",
    "utf32le": "utf-32-le",
    **dict.fromkeys(("shiftjis", "sjis", "xsjis", "mskanji", "cp932", "ms932", "windows31j", "xmscp932"), "cp932"),
    **dict.fromkeys(("eucjp", "xeucjp", "ujis", "cp51932", "eucjpms"), "euc_jp"),
    **dict.fromkeys(("iso2022jp", "csiso2022jp", "iso2022jp1", "iso2022jp2", "iso2022jp3", "jis"), "iso2022_jp"),
    **dict.fromkeys(("iso2022jpms", "cp50220", "cp50221", "cp50222", "iso2022jp2004", "iso2022jpext"), "iso2022_jp"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "cp936", "euccn", "xgbk", "csgb2312", "gb231280"), "gb18030"),
    "hzgb2312": "hz",
    "hz": "hz",
    "big5": "cp950",
    "cp950": "cp950",
    "big5hkscs": "big5hkscs",
    "xxbig5": "cp950",
    **dict.fromkeys(("euckr", "ksc56011987", "ksc5601", "cp949", "uhc", "ksc56011992", "cseuckr"), "cp949"),
    "iso2022kr": "iso2022_kr",
    "koi8r": "koi8_r",
    "koi8u": "koi8_u",
    "koi8": "koi8_r",
    "tis620": "cp874",
    **dict.fromkeys(("iso88591", "latin1", "l1", "ansi", "iso88591windows1252", "88591", "isolatin1"), "cp1252"),
    "iso88599": "cp1254",
    "iso885911": "cp874",
    "cp437": "cp437",
    "cp850": "cp850",
    "cp852": "cp852",
    "cp866": "cp866",
    **{f"iso8859{part}": f"iso8859_{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    "iso88596i": "iso8859_6",
    "iso88598i": "iso8859_8",
    "iso88598e": "iso8859_8",
    "latin2": "iso8859_2",
    **{f"{family}{page}": f"cp{page}" for page in range(1250, 1259) for family in ("windows", "cp", "xcp", "win")},
    "windows874": "cp874",
    "macintosh": "mac_roman",
    "macroman": "mac_roman",
    "xmacroman": "mac_roman",
    "maccyrillic": "mac_cyrillic",
    "maccentraleurope": "mac_latin2",
    "latin9": "iso8859_15",
    "johab": "johab",
}
# Charsets whose bytes under 0x80 are ASCII: an escape of ISO-2022-JP in them says that the label is wrong.
_ASCII_BASED = frozenset({"ascii", "utf-8-sig", "cp932", "euc_jp", "cp1252", "gb18030"})


def _charset(declared: str | None) -> str | None:
    """The name that Python has for a charset of mail; None for any other."""
    if declared is None:
        return None
    return _CHARSETS.get(_FOLDED.sub("", declared[:60].lower()))


# ---- Japanese, as Windows writes it

# Escapes, shifts, and line breaks: every line begins in ASCII (RFC 1468).
_ESCAPE = re.compile(rb"\x1b(?:\([BJIH]|\$\(?[@BD])")
_SHIFTS = re.compile(rb"(\x1b(?:\([A-Z]|\$\(?[@A-Z]|&@|\.[A-Z])|[\x0e\x0f\n])")
_ROMAN = str.maketrans({"\\": "¥", "~": "‾"})


def _jis_pieces(raw: bytes, errors: str) -> Iterator[str]:
    mode, before = b"B", b"B"
    for number, piece in enumerate(_SHIFTS.split(raw)):
        if number % 2 == 0:
            yield _in_mode(mode, piece, errors)
        elif piece == b"\n":
            mode = b"B"
            yield "\n"
        elif piece == b"\x0e":
            mode, before = b"I", mode
        elif piece == b"\x0f":
            mode = before
        elif piece != b"\x1b&@":  # says that what follows is of a later edition
            mode = piece[1:].replace(b"(", b"") if piece[1:2] == b"$" else piece[2:]


def _in_mode(mode: bytes, piece: bytes, errors: str) -> str:
    match mode:
        case b"B" | b"H":
            return piece.decode("ascii", errors)
        case b"J":
            return piece.decode("ascii", errors).translate(_ROMAN)
        case b"I":
            return bytes(byte | 0x80 if 0x21 <= byte <= 0x5F else byte for byte in piece).decode("cp932", errors)
        case b"$@" | b"$B":
            return _shift_jis(piece).decode("cp932", errors)
        case b"$D":
            return b"".join(b"\x8f" + _high(piece[at : at + 2]) for at in range(0, len(piece), 2)).decode(
                "euc_jp", errors
            )
    if errors == "strict":
        raise UnicodeDecodeError("iso2022_jp", piece or b"?", 0, 1, "an unknown escape")
    return piece.decode("ascii", errors)


def _high(pair: bytes) -> bytes:
    return bytes(byte | 0x80 for byte in pair)


def _shift_jis(pairs: bytes) -> bytes:
    """Numbers of JIS X 0208, two bytes each, as Shift_JIS. What is no such number stays, for the decoder to refuse."""
    written = bytearray()
    at = 0
    while at < len(pairs):
        row, cell = pairs[at], pairs[at + 1] if at + 1 < len(pairs) else 0
        if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
            written.append(row if row < 0x21 else 0xFF)  # a space or control character between letters
            at += 1
            continue
        odd = row & 1
        lead = ((row + 1) >> 1) + (0x70 if row < 0x5F else 0xB0)
        written += bytes((lead, cell + (0x1F if odd and cell < 0x60 else 0x20 if odd else 0x7E)))
        at += 2
    return bytes(written)


_EUC_PIECES = re.compile(
    rb"([\x00-\x7f]+)|((?:[\xa1-\xfe][\xa1-\xfe])+)|((?:\x8e[\xa1-\xdf])+)|((?:\x8f[\xa1-\xfe]{2})+)"
)


def _from_euc_jp(raw: bytes) -> str:
    try:
        return raw.decode("euc_jp")
    except UnicodeDecodeError:
        return "".join(_euc_pieces(raw))


def _euc_pieces(raw: bytes) -> Iterator[str]:
    at = 0
    while at < len(raw):
        found = _EUC_PIECES.match(raw, at)
        if found is None:
            raise UnicodeDecodeError("euc_jp", raw, at, at + 1, "no such character")
        pairs = found[2]
        yield (_shift_jis(bytes(byte & 0x7F for byte in pairs)).decode("cp932") if pairs else found[0].decode("euc_jp"))
        at = found.end()
