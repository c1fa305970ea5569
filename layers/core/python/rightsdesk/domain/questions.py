"""What staff may ask the person: who they are, by the least that is enough, or what they mean (GDPR 5(1)(c), 12(6))."""

# serves: E-00, P-01

import re
import unicodedata

from rightsdesk.domain.clock import QuestionKind
from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.domain.sensitive_numbers import require_no_sensitive_number
from rightsdesk.domain.words_of_staff import words_of_staff

LONGEST_QUESTION = 2000
LONGEST_ANSWER = 2000

# A copy of an identity card is never asked for by default: it says far more than is needed (EDPB 01/2022, section 3.3).
_IDENTITY_DOCUMENTS = re.compile(
    r"\b(?:passports?|(?:photo|national|official|government)[ -]?(?:issued )?ids?|photo[ -]?identification"
    r"|(?:id|ids|identity|identification|residence|insurance|my ?number)[ -]?(?:cards?|documents?|papers?)"
    r"|(?:copy|copies|scans?|photos?|pictures?) of (?:your |an? |the )?(?:id|ids|identification)"
    r"|driv(?:er|ing)(?:'?s)?[ -]?licen[cs]es?|my ?number|birth certificates?)\b"
    r"|身分証|身元証明書|本人確認書類|免許証|運転免許|パスポート|旅券|マイナンバー|個人番号|在留カード|保険証|住民票|戸籍",
    re.ASCII,  # a Latin word may stand right beside a Japanese one
)
# To say that none is needed is right, and ends with its clause: what is asked for after a `but` is asked for.
_NOT_ASKED_FOR = re.compile(
    r"\b(?:need not|needn't|(?:do|must|should) not|don't|never|no need to|not (?:required|asked|necessary) to)"
    r" (?:have to |need to |ever )?"
    r"(?:send|upload|give|show|provide|attach|submit|include|e-?mail|ask(?: you)? for|need)\b"
    r"(?:(?!\b(?:but|only|just|instead|unless|until|and|then)\b)[^.,;:!?。])*"
    r"|\bno (?:(?!\b(?:but|only|unless|until|and)\b)[^.,;:!?。])*\b(?:needed|required|necessary|asked for)\b"
    r"|(?:^|(?<=[。.!?、 ]))(?:(?!ください|下さい|願い|が、|けれど)[^。.!?])*"
    r"(?:必要は(?:あり|ござい)ません|不要です|なくても?(?:かまいません|結構です)|求めません|お送りにならないで)"
)


def question_text(kind: QuestionKind, text: str) -> str:
    """What is asked, tidied. Raises InvalidInputError: `missing`, `too_short`, `too_long`, `identity_document`."""
    asked = words_of_staff("text", text, longest=LONGEST_QUESTION)
    if kind is QuestionKind.IDENTITY and identity_documents(asked):
        raise InvalidInputError.of("text", "identity_document")
    return asked


def identity_documents(text: str) -> list[str]:
    """The identity documents that a text asks for, in its words; not those that it says are not needed."""
    return _IDENTITY_DOCUMENTS.findall(_NOT_ASKED_FOR.sub(" ", _folded(text)))


def answer_text(text: str) -> str:
    """What the person answers, tidied. Raises InvalidInputError: `missing`, `too_long`, `sensitive_number`."""
    tidied = text.strip()
    if not tidied:
        raise InvalidInputError.of("answer", "missing")
    if len(tidied) > LONGEST_ANSWER:
        raise InvalidInputError.of("answer", "too_long")
    require_no_sensitive_number("answer", tidied)
    return tidied


def _folded(text: str) -> str:
    """Full width, capitals, curly apostrophes and line breaks are no way round."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())
