"""A letter of ours as somebody kept it: what its digest is over, and nothing else of it.

`read_mail` is not asked: it tidies a text to be worked with, and may take the HTML for it; a digest is over what was
sent. Bounds and decoding are the same (abuse cases 40, 41, 69).
"""

# serves: B-5

from rightsdesk.domain.letters import SALT_HEADER, LetterCopy
from rightsdesk.mail.reading.charsets import decode_text
from rightsdesk.mail.reading.headers import HeaderBlock, header_text
from rightsdesk.mail.reading.parts import Part, leaves, read_parts
from rightsdesk.mail.reading.plain import without_floods

_ENCODED_BYTES = 2 * 1024 * 1024  # of a part that are decoded: no letter is as long
_NOTHING = LetterCopy(salt="", subject="", text="")


def read_letter_copy(raw: bytes) -> LetterCopy:
    """Never raises. What stands in it twice, or can't be read, is left empty: then it is no letter of ours."""
    try:
        root, _ = read_parts(raw.removeprefix(b"\xef\xbb\xbf"))
        texts = [leaf for leaf in leaves(root) if leaf.media_type == "text/plain"]
        return LetterCopy(
            salt=_only(root.headers, SALT_HEADER.lower()),
            subject=without_floods(_only(root.headers, "subject")),
            text=without_floods(_text(texts[0])) if len(texts) == 1 else "",
        )
    except Exception:  # whatever it is, it is no letter of ours
        return _NOTHING


def _only(headers: HeaderBlock, name: str) -> str:
    values = headers.all(name)
    return header_text(values[0])[0] if len(values) == 1 else ""


def _text(part: Part) -> str:
    content, _ = part.content(limit=_ENCODED_BYTES)
    return decode_text(content, part.parameters.get("charset"))[0]
