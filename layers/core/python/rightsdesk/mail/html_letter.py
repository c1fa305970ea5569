"""A finished letter as simple HTML: paragraphs, links to known addresses, and nothing that is loaded."""

import html
import re
from collections.abc import Collection

from rightsdesk.domain.request import Language

_FONT = "font-family:system-ui,-apple-system,'Hiragino Sans','Noto Sans JP','Yu Gothic',sans-serif"
_CODE_STYLE = "font-size:1.6em;font-weight:600;letter-spacing:.08em"
_CODE = re.compile(r"[0-9]{4}-[0-9]{4}")


def as_html(text: str, title: str, language: Language, *, links: Collection[str]) -> str:
    """Each paragraph of the text as a paragraph; `links` become links, and nothing else is markup.

    The text is escaped as a whole, after it is finished: no value and no template can put a tag in.
    """
    longest_first = sorted(links, key=len, reverse=True)
    known = re.compile("|".join(re.escape(html.escape(link)) for link in longest_first) or r"(?!)")
    paragraphs = []
    for paragraph in text.strip().split("\n\n"):
        escaped = html.escape(paragraph).replace("\n", "<br>\n")
        linked = known.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escaped)
        is_code = _CODE.fullmatch(paragraph.strip())
        paragraphs.append(f'<p style="{_CODE_STYLE}">{linked}</p>' if is_code else f"<p>{linked}</p>")
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'</head>\n<body style="margin:0;padding:24px;color:#1d2733;background:#fff;line-height:1.7;{_FONT}">\n'
        '<div style="max-width:36em">\n' + "\n".join(paragraphs) + "\n</div>\n</body></html>\n"
    )
