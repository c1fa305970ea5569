"""Sentences that say that everything is erased: not to be said where a part is kept (GDPR 12(1), 17(3)).

Templates and phrases are held against `ALL_IS_GONE` by the linter of letters. "Not everything was deleted", and all but
what is named, may be said.
"""

# serves: E-04, B-4

import re

_GONE = r"\b(?:deleted?|deleting|erased?|erasing|removed?|removing|wiped?|destroy(?:ed)?|purged?|gone|cleared)\b"
_DATA = r"(?:data|information|records?|details)\b"
_ALL = (
    r"\b(?:everything\b"
    r"|(?:all|every(?: (?:bit|piece|trace))?)"
    r"(?: (?:of|the|your|our|these|those|personal|private|customer|stored|remaining))*"
    rf" {_DATA}(?! (?:in|from|on|of) the\b)"
    rf"|(?:your|the|personal)(?: personal)? {_DATA}[^.!?;\n]{{0,30}}\b(?:completely|entirely|fully|wholly|totally)\b)"
)
_WHOLLY = r"\b(?:completely|entirely|fully|wholly|totally|in full|altogether)\b"
_ENGLISH = (
    # a clause that excepts nothing
    r"(?<![^.!?;\n])"
    r"(?![^.!?;\n]*(?:\b(?:not|except\w*|but|apart from|aside from|other than|unless|no law|cannot|could)\b|n['’]t\b))"
    rf"[^.!?;\n]*?(?:{_ALL}[^.!?;\n]{{0,60}}?{_GONE}|{_GONE}[^.!?;\n]{{0,25}}?{_ALL}"
    rf"|{_GONE} (?:your|the)(?: personal)? {_DATA} {_WHOLLY}"
    rf"|(?:your|the)(?: personal)? {_DATA}[^.!?;\n]{{0,20}}{_GONE} {_WHOLLY})"
)
_JAPANESE = (
    r"(?<![^。\n])(?![^。\n]*(?:わけでは|ものでは|以外|除[きくい]|ておりません|ていません|できません|しません))"
    r"[^。\n]*?(?:(?:すべて|全て|全部|一切|全データ|全情報|全個人|全件|完全に|残らず|あらゆる)"
    r"[^。\n]{0,24}?(?:消去|削除|抹消|破棄|廃棄)"
    r"|(?:消去|削除|抹消|破棄|廃棄)[^。\n]{0,8}(?:すべて|全て|全部)[^。\n]{0,6}(?:完了|終わ|済))"
)
ALL_IS_GONE = re.compile(rf"{_ENGLISH}|{_JAPANESE}", re.IGNORECASE)
