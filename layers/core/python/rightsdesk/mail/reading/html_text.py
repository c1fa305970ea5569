"""HTML as text: blocks as lines, lists with marks, quoted history marked as mail programs mark it in plain text.

nh3 (html5ever) reads whatever it is as a browser would, and gives back a small and well-formed part of it; the rest is
a walk over that. Text that a browser would not show does not become text. html5ever takes quadratic time for deep
nesting and for floods of `&`, so both are cut before it sees them (abuse case 41).
"""

import re
from html import unescape
from typing import TYPE_CHECKING

from rightsdesk.mail.reading.plain import words

if TYPE_CHECKING:  # imported where HTML is read
    from nh3 import Cleaner

HTML_CHARACTERS = 400_000
_DEEPEST = 120
_MOST_REFERENCES = 40_000
_QUOTED_LEVELS = 5
LINE_BEFORE_HISTORY = "_" * 32  # as Outlook writes it in plain text

_BLOCKS = words(
    "address,article,aside,blockquote,center,dd,details,dir,div,dl,dt,fieldset,figcaption,figure,footer,form,h1,h2,h3,"
    "h4,h5,h6,header,hr,li,main,nav,ol,p,pre,section,summary,table,tbody,tfoot,thead,tr,ul"
)
_INLINE = words("a,abbr,b,bdi,bdo,br,caption,code,em,font,i,q,s,small,span,strike,strong,sub,sup,td,th,u")
_WITHOUT_CONTENT = words("script,style,title,head,template,noscript,iframe,object,svg,math,textarea,select")
_ATTRIBUTES = {"*": {"class", "id", "style", "hidden", "type"}}
_VOID = frozenset({"br", "hr"})
_APART = words("p,ul,ol,blockquote,table,pre,h1,h2,h3,h4,h5,h6")

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})")
# Each of these ends the one before it: it does not nest by itself, however many there are.
_END_BY_THEMSELVES = words("p,li,td,th,tr,dd,dt,option,thead,tbody,tfoot,br,hr,img,meta,link,input,wbr,col")
_HIDDEN = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|mso-hide:all|opacity:0(?:\.0+)?(?:;|$|!)"
    r"|font-size:0(?:\.0+)?(?:px|pt|em|rem|%)?(?:;|$|!)|max-height:0(?:px)?[^;]{0,40};.{0,80}overflow:hidden"
)
_BEFORE_HISTORY = re.compile(r"border(?:-top)?:none;border-top:solid|^border-top:(?:1(?:\.0)?p[tx])?solid#?")
# Of what nh3 writes: each `<` of a text and each quotation mark of a value is a character reference there.
_TOKEN = re.compile(r"([^<]+)|<(/?)([a-z0-9]+)((?: [a-z]+=\"[^\"]*\")*)>")
_ATTRIBUTE = re.compile(r" ([a-z]+)=\"([^\"]*)\"")
_ANY_TAG = re.compile(r"<[^<>]*>")
_SPACES = re.compile(r"[ \t\n\r\f\u00a0]+")


def html_to_text(html: str) -> tuple[str, bool]:
    """(text, whether something was cut off)."""
    from nh3 import Cleaner

    kept, cut = _bounded(html)
    cleaner = Cleaner(
        tags=set(_BLOCKS | _INLINE),
        clean_content_tags=set(_WITHOUT_CONTENT),
        attributes=_ATTRIBUTES,
        generic_attribute_prefixes=set(),
        link_rel=None,
    )
    walk = _Walk()
    for text, end, name, attributes in _TOKEN.findall(_cleaned(cleaner, kept)):
        if text:
            walk.read_text(unescape(text))
        elif end:
            walk.close(name)
        else:
            walk.open(name, dict(_ATTRIBUTE.findall(attributes)))
    return walk.text(), cut


def _cleaned(cleaner: "Cleaner", html: str) -> str:
    try:
        return cleaner.clean(html)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # what a library in Rust raises where it gives up is no Exception
        raise ValueError("nh3 gives up") from error


def without_tags(html: str) -> str:
    """What can be had of HTML that nh3 gives up on."""
    return unescape(_ANY_TAG.sub(" ", html[:HTML_CHARACTERS]))


def _bounded(html: str) -> tuple[str, bool]:
    """As much as takes linear time: of a bounded length, depth and number of character references."""
    kept = html[:HTML_CHARACTERS].replace("\u00a0", " ")
    if kept.count("&") > _MOST_REFERENCES:
        kept = "&".join(kept.split("&", _MOST_REFERENCES)[:_MOST_REFERENCES])
    return _flattened(kept), len(kept) < len(html)


def _flattened(html: str) -> str:
    """Without the tags that would open a level deeper than `_DEEPEST`; a space stands for each."""
    open_tags: dict[str, int] = {}
    depth = 0
    pieces: list[str] = []
    at = 0
    for found in _TAG.finditer(html):
        name = found[2].lower()
        if name in _END_BY_THEMSELVES:
            continue
        if not found[1]:
            if depth >= _DEEPEST:
                end = html.find(">", found.end(), found.end() + 2_000)
                pieces += (html[at : found.start()], " ")
                at = max(at, end + 1 if end >= 0 else found.end())
                continue
            open_tags[name] = open_tags.get(name, 0) + 1
            depth += 1
        elif open_tags.get(name, 0):
            open_tags[name] -= 1
            depth -= 1
    return "".join((*pieces, html[at:])) if pieces else html


class _Walk:
    """Over what nh3 gives back: well-formed, so that a stack of names is enough."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._open: list[tuple[str, bool]] = []  # (name, whether it hides what is inside)
        self._hiding = self._quoted = self._preformatted = 0
        self._lists: list[int] = []  # 0: with dots; else the number that the last item had
        self._apart = False
        self._level = 0  # of quotation, of the last line

    def text(self) -> str:
        self._break()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n")

    def open(self, tag: str, given: dict[str, str]) -> None:
        style = "".join(unescape(given["style"][:1_000]).lower().split()) if "style" in given else ""
        if tag == "br":
            self._break(even_if_empty=True)
        if tag in _BLOCKS:
            self._break(apart=tag in _APART)
        if tag == "hr" or given.get("id") == "divRplyFwdMsg" or (tag == "div" and _BEFORE_HISTORY.search(style)):
            self._separate()
        if tag in ("td", "th") and self._line:
            self._line.append(" ")
        if tag in _VOID:
            return
        hides = "hidden" in given or _HIDDEN.search(style) is not None
        self._open.append((tag, hides))
        self._hiding += hides
        self._quoted += tag == "blockquote"
        self._preformatted += tag == "pre"
        if tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else 0)
        elif tag == "li" and not self._hiding:
            self._line.append(self._mark())

    def close(self, tag: str) -> None:
        while self._open:
            name, hides = self._open.pop()
            if name in _BLOCKS:
                self._break(apart=name in _APART)
            self._hiding -= hides
            self._quoted -= name == "blockquote"
            self._preformatted -= name == "pre"
            if name in ("ul", "ol") and self._lists:
                self._lists.pop()
            if name == tag:
                return

    def read_text(self, data: str) -> None:
        if self._hiding:
            return
        if self._preformatted:
            first, *others = data.split("\n")
            self._line.append(first)
            for line in others:
                self._break(even_if_empty=True)
                self._line.append(line)
            return
        self._line.append(_SPACES.sub(" ", data))

    def _mark(self) -> str:
        if not self._lists or not self._lists[-1]:
            return "- "
        self._lists[-1] += 1
        return f"{self._lists[-1] - 1}. "

    def _separate(self) -> None:
        if not self._hiding:
            self._break()
            if LINE_BEFORE_HISTORY not in self._lines[-3:]:
                self._lines += ("", LINE_BEFORE_HISTORY)

    def _break(self, *, even_if_empty: bool = False, apart: bool = False) -> None:
        joined = "".join(self._line)
        line = joined.rstrip() if self._preformatted else _SPACES.sub(" ", joined).strip(" ")
        self._line.clear()
        level = min(self._quoted, _QUOTED_LEVELS)
        if line or even_if_empty:
            if self._apart and self._lines:
                self._lines.append(("> " * min(level, self._level)).rstrip())
            self._lines.append(f"{'> ' * level}{line}".rstrip())
            self._level = level
            self._apart = False
        self._apart = self._apart or (apart and bool(self._lines))
