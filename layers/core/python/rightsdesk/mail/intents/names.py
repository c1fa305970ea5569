"""Somebody's name where the data of a mail are about somebody: "everything you hold about John Smith".

Two words with capital letters behind such a preposition, that no list knows, are a name; so is one behind a title. A
name that stands in a line of its own is the sender's signature.
"""

import re
from functools import cache

from rightsdesk.mail.intents.folding import folded
from rightsdesk.mail.intents.words import languages, word_table

MARK = "\ue000"  # set before a name: it is no part of a word, and folding leaves it
_TITLE = (
    r"(?:mr|mrs|ms|miss|dr|herrn?|frau|m|mme|mlle|monsieur|madame|sr|sra|señora?|sig|dhr|mevr|pan[ia]?|gospo\w+"
    r"|domnul|doamna)"
)
_ABOUT = (
    r"about|concerning|regarding|on|über|zu|betreffend|sur|concernant|sobre|su|riguardo a|over|betreffende|om|o|για"
    r"|despre"
)
_CLIENT = (
    r"(?:(?:our|my|the|your|meinen?|unseren?|den|die|mon|ma|notre|le|la)\s+)?"
    r"(?:customer|client|kund(?:e|in|en)|cliente?)\s+"
)
_NAME = re.compile(
    rf"(?<!\w)(?i:{_ABOUT})\s+(?i:{_CLIENT})?(?:(?P<title>(?i:{_TITLE})\.?\s+)?)"
    r"(?P<name>[^\W\d_a-zα-ω][^\W\d_]*(?:[ ][^\W\d_a-zα-ω][^\W\d_]*){0,2})(?!\w)"
)
_JAPANESE = re.compile(
    r"[\u4e00-\u9fff\u30a0-\u30ff]{0,7}[^\W皆客業店屋者社\u3040-\u309f](?:さん|様|氏|くん|君)(?=の個人|のデータ|の情報|に関|につい)"
)
_LONGEST_LINE = 60


def marked(text: str, whole: str) -> str:
    """The text with a mark before each name of somebody who did not sign the whole."""
    plain = text.replace(MARK, "")
    lines = {folded(line).strip(" ,.-–") for line in whole.splitlines() if len(line) <= _LONGEST_LINE}

    def mark(match: re.Match[str]) -> str:
        name = match["name"]
        words = folded(name).split()
        alone = len(words) < 2 and not match["title"]
        if alone or not name[0].isupper() or any(_is_known(word) for word in words) or " ".join(words) in lines:
            return match[0]
        return match[0][: match.start("name") - match.start()] + MARK + match[0][match.start("name") - match.start() :]

    return _JAPANESE.sub(lambda match: MARK + match[0], _NAME.sub(mark, plain))


def _is_known(word: str) -> bool:
    return word in _known_words()


@cache
def _known_words() -> frozenset[str]:
    tables = [word_table(language) for language in languages()]
    return frozenset().union(*(table.function for table in tables), *(table.exact for table in tables))
