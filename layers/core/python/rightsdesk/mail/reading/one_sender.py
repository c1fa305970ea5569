"""Whether From names one mailbox in a form that every reader takes for the same one (abuse case 2).

The mail service judges the domain that it read in From, and does not say which one that was. Programs differ in what
they make of comments, routes, groups, encoded words and broken forms (RFC 5322, 3.4 and 4.4), so only the plain forms
count: an address, an address in angle brackets, and that with a name in front of it. A comment may follow. The name
may be the address once more, and where there is but one `@` to be found, however it is read, it may hold commas, square
brackets and comments.

Bytes, and not the text that was made of them: which charset was meant is one more thing that readers differ in.
"""

import re
import unicodedata
from collections.abc import Sequence

from rightsdesk.mail.reading.headers import decode_words, raw_text

_ATOM = rb"A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-"
# In ASCII alone: what becomes of other letters and spaces depends on who folds them or turns them into Punycode.
_ADDRESS = rb"(?:[" + _ATOM + rb']++|"[' + _ATOM + rb' ]++")@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)*+'
_QUOTED = rb'"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[\x20-\x7e])*+"'
_COMMENT = rb"\(([^()<>\"\\\x00-\x08\x0a-\x1f\x7f]*+)\)"
_PLAIN = re.compile(
    rb"(?:((?:[ \t\x80-\xff" + _ATOM + rb"]++|" + _QUOTED + rb")*+)<(" + _ADDRESS + rb")>[ \t]*+"
    rb"|[ \t]*+(" + _ADDRESS + rb")(?:[ \t]++|$))(?:" + _COMMENT + rb"[ \t]*+)?"
)
# `jane@example.com <jane@example.com>`, as some programs write who has no name, and Outlook in single quotes.
_TWICE = re.compile(
    rb"[ \t]*+(?:'(?P<quoted>" + _ADDRESS + rb")'|(?P<bare>" + _ADDRESS + rb"))[ \t]*+<(" + _ADDRESS + rb")>[ \t]*+"
)
# `Murphy, Jane [Acme] (Sales) <jane@example.com>`
_LOOSE = re.compile(
    rb"((?:[ \t\x80-\xff,\[\]" + _ATOM + rb"]++|" + _QUOTED + rb"|\([^()<>:;\"\\\x00-\x08\x0a-\x1f\x7f]*+\))*+)"
    rb"<" + _ADDRESS + rb">[ \t]*+(?:" + _COMMENT + rb"[ \t]*+)?"
)
_IN_QUOTES = re.compile(rb'"((?:[^"\\]|\\.)*+)"')
_SPECIAL = re.compile(r"[<>(),;:\"\\\x00-\x1f]")
_NO_NAME = re.compile(r"[@<>:;\x00-\x1f]|=\?")
_DOMAIN = re.compile(r"\S[.\u3002]\S")
_BETWEEN_WORDS = re.compile(r"[\s<>(),;:\"\\]+")


def names_one_sender(values: Sequence[bytes]) -> bool:
    """`values`: of every From that there is, unfolded."""
    return len(values) == 1 and (_is_plain(values[0]) or _is_twice_the_same(values[0]) or _is_loose(values[0]))


def _is_plain(value: bytes) -> bool:
    found = _PLAIN.fullmatch(value)
    if found is None:
        return False
    phrase, address, comment = found[1] or b"", found[2] or found[3], found[4] or b""
    return b"=?" not in address and "@" not in _decoded(comment) and not _may_be_addresses(phrase, address)


def _is_twice_the_same(value: bytes) -> bool:
    found = _TWICE.fullmatch(value)
    if found is None or b"=?" in value:
        return False
    return (found["quoted"] or found["bare"]).lower() == found[3].lower()


def _is_loose(value: bytes) -> bool:
    """Whether only one address can be meant, as there is one `@`, and no part before a comma may pass for a domain."""
    found = _LOOSE.fullmatch(value)
    if found is None or value.count(b"@") != 1:
        return False
    name = unicodedata.normalize("NFKC", _decoded(found[1]))
    if _NO_NAME.search(name) or ("," in name and _DOMAIN.search(name)):
        return False
    rest = unicodedata.normalize("NFKC", _decoded(value[found.end(1) :]))
    return rest.count("@") == 1 and "=?" not in rest


def _may_be_addresses(phrase: bytes, address: bytes) -> bool:
    """Whether a reader that decodes words first, or knows no quotation marks, may find another address in a name."""
    own = _decoded(address).casefold()
    bare = _decoded(_IN_QUOTES.sub(b" ", phrase))
    if any("." in one.partition("@")[2] for one in _others(bare, own)):
        return True
    name = _decoded(_IN_QUOTES.sub(rb"\1 ", phrase))
    return bool(_others(name, own)) and _SPECIAL.search(name) is not None


def _others(name: str, own: str) -> list[str]:
    return [one for one in _BETWEEN_WORDS.split(name) if "@" in one and one.strip("'").casefold() != own]


def _decoded(raw: bytes) -> str:
    return decode_words(raw_text(raw)[0])[0]
