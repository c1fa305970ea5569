"""What staff may ask the person: who they are, by the least that is enough, or what they mean (GDPR 5(1)(c), 12(6))."""

# serves: E-00, P-01

import re
import unicodedata

from rightsdesk.domain.clock import QuestionKind
from rightsdesk.domain.errors import InvalidInputError

LONGEST_QUESTION = 2000
LONGEST_ANSWER = 2000

# A copy of an identity card is never asked for by default: it says far more than is needed (EDPB 01/2022, section 3.3).
_IDENTITY_DOCUMENTS = re.compile(
    r"\b(?:passports?|(?:photo|national|official|government)[ -]?(?:issued )?ids?|photo[ -]?identification"
    r"|(?:id|ids|identity|identification|residence|insurance|my ?number)[ -]?(?:cards?|documents?|papers?)"
    r"|(?:copy|copies|scans?|photos?|pictures?) of (?:your |an? |the )?(?:id|ids|identification)"
    r"|driv(?:er|ing)(?:'?s)?[ -]?licen[cs]es?|my ?number|birth certificates?)\b"
    r"|身分証|身元証明書|免許証|運転免許|パスポート|旅券|マイナンバー|個人番号|在留カード|保険証|住民票|戸籍",
    re.ASCII,  # a Latin word may stand right beside a Japanese one
)


def question_text(kind: QuestionKind, text: str) -> str:
    """What is asked, tidied. Raises InvalidInputError: `missing`, `too_long`, `identity_document`."""
    asked = _within("text", text, LONGEST_QUESTION)
    if kind is QuestionKind.IDENTITY and _IDENTITY_DOCUMENTS.search(_folded(asked)):
        raise InvalidInputError.of("text", "identity_document")
    return asked


def answer_text(text: str) -> str:
    """What the person answers, tidied. Raises InvalidInputError: `missing`, `too_long`."""
    return _within("answer", text, LONGEST_ANSWER)


def _within(field: str, text: str, longest: int) -> str:
    tidied = text.strip()
    if not tidied:
        raise InvalidInputError.of(field, "missing")
    if len(tidied) > longest:
        raise InvalidInputError.of(field, "too_long")
    return tidied


def _folded(text: str) -> str:
    """Full width, capitals, curly apostrophes and line breaks are no way round."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())
