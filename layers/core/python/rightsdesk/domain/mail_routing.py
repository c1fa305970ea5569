"""What is done with a mail by itself: made a request, added to one, kept, or shown to staff. A table of reasons, pure.

One clear intent of a clean sender becomes a request, as by the form. Everything else is for staff, with the clock of
the law running: nothing is lost, and nothing that can't be undone is chosen from words that may mean something else.
"""

# serves: B-6, E-00

import re
import unicodedata
from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.incoming_mail import MailFlag
from rightsdesk.domain.intents import THRESHOLD, IntentReading, IntentType
from rightsdesk.domain.reference import parse_reference
from rightsdesk.domain.request import ANSWERED_BY_COPY, SAID_TO_US, Aim, RequestType

# A machine says that it is one: where nothing is asked for, nobody needs to look. What only looks like one (a subject,
# an address of ours) is not answered by itself, and is looked at all the same.
_A_MACHINE = frozenset(
    {"empty_envelope_sender", "mailer_daemon", "report", "own_marker", "auto_submitted", "x_autoreply"}
)
# Staff look before anything is made of it: it could not be read, or holds what should not have been sent.
_FOR_A_PERSON = {
    MailFlag.UNREADABLE: "unreadable",
    MailFlag.NO_TEXT: "no_text",
    MailFlag.IMAGES_ONLY: "no_text",
    MailFlag.ENCRYPTED: "encrypted",
    MailFlag.CARD_NUMBER: "sensitive",
    MailFlag.MY_NUMBER: "sensitive",
    MailFlag.ID_SCAN: "sensitive",
}
# With another intent as likely as this beside it, an erasure is not clear enough to start by itself; nor is a mail only
# a question or a complaint, for that would leave a right unheard.
_AMBIGUOUS_FROM = THRESHOLD / 2
_ALONE = SAID_TO_US | {RequestType.ERASURE}
_REFERENCE = re.compile(r"\bRD[-‐‑–ー ]?[0-9A-Z]{4}[-‐‑–ー ]?[0-9A-Z]{4}[-‐‑–ー ]?[0-9A-Z]\b", re.IGNORECASE)
_MENTIONS_READ = 5


class Way(StrEnum):
    REQUEST = "request"
    CASE = "case"  # it belongs to a request, and comes from its contact
    KEEP = "keep"
    TRIAGE = "triage"


class Thread(StrEnum):
    """What the thread of a mail says, once its token is checked."""

    NONE = "none"
    OWN = "own"  # of an open request, from the request's own contact
    OTHER_ADDRESS = "other_address"
    CLOSED = "closed"
    UNPROVEN = "unproven"  # looks like a token of ours, and does not hold


class Route(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    way: Way
    types: tuple[RequestType, ...] = ()
    why: tuple[str, ...] = ()  # codes: why staff look at it, or why it is kept


def aim_of(types: Collection[RequestType], about: frozenset[str], newsletter: str | None) -> Aim | None:
    """What exactly a mail wants stopped, where its words say so; else all that the right reaches.

    Whoever wants no newsletter takes back the consent to it and to nothing else. Whoever wants no advertising leaves
    nobody a choice (GDPR 21(3)): nothing else of theirs is weighed for it. `newsletter`: the purpose, if there is one.
    """
    if RequestType.CONSENT_WITHDRAWAL in types and "newsletter" in about and newsletter is not None:
        return Aim(purposes=(newsletter,))
    if RequestType.OBJECTION in types and about & {"marketing", "newsletter"} and "profiling" not in about:
        return Aim(objects_to="marketing")
    return None


def route(
    reading: IntentReading,
    *,
    doubts: tuple[str, ...],
    automatic: tuple[str, ...],
    flags: frozenset[MailFlag],
    thread: Thread,
    mentions: tuple[str, ...],
    is_repeated: bool,
    is_first_body: bool,
    was_asked: bool,
    withdraws: bool,
) -> Route:
    """Where a mail goes. `was_asked`: staff asked this sender what an earlier mail meant, and look at what comes.

    `mentions`: references of requests that it names. `is_repeated`: its Message-ID came before; `is_first_body` is
    False where the same text came under it. `withdraws`: it seems to want a request ended.
    """
    belongs = thread is Thread.OWN and not doubts and not automatic
    if is_repeated and not is_first_body and not belongs:
        return Route(way=Way.KEEP, why=("same_mail_again",))
    if _A_MACHINE.intersection(automatic) and not reading.clear and MailFlag.UNREADABLE not in flags:
        return Route(way=Way.KEEP, why=("automatic",))
    if belongs:
        return Route(way=Way.CASE, why=_worth_a_look(reading, flags, withdraws=withdraws))
    why = [*doubts]
    if automatic:
        why.append("automatic")
    if is_repeated:
        why.append("message_id_used_before")
    why += _for_a_person(flags)
    if thread is not Thread.NONE:
        why.append(f"thread_{thread}")
    if mentions:
        why.append("names_a_request")
    if was_asked:
        why.append("answers_our_question")
    if withdraws:
        why.append("proposes_withdrawal")
    types, unclear = _asked_for(reading)
    why += unclear
    return Route(way=Way.TRIAGE, why=tuple(why)) if why else Route(way=Way.REQUEST, types=types)


def _for_a_person(flags: frozenset[MailFlag]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_FOR_A_PERSON[flag] for flag in sorted(flags) if flag in _FOR_A_PERSON))


def _worth_a_look(reading: IntentReading, flags: frozenset[MailFlag], *, withdraws: bool) -> tuple[str, ...]:
    """Why staff look at a message of a request whatever else it brings: it asks for more, or could not be read."""
    asks = ("asks_for_more",) if any(intent.type is not IntentType.QUESTION for intent in reading.clear) else ()
    return (*_for_a_person(flags), *asks, *(("proposes_withdrawal",) if withdraws else ()))


def _asked_for(reading: IntentReading) -> tuple[tuple[RequestType, ...], tuple[str, ...]]:
    """The rights that one request can hold, or why there is none."""
    clear = reading.clear
    if reading.reminder or any(intent.type is IntentType.REMINDER for intent in clear):
        return (), ("reminder",)
    if not clear:
        return (), ("for_somebody_else" if reading.for_another else "no_clear_intent",)
    rights = tuple(right for intent in clear if (right := intent.type.request_type) is not None)
    if len(rights) > 1 and not ANSWERED_BY_COPY.issuperset(rights):
        return (), ("several_intents",)
    others = [intent for intent in reading.intents if intent.type is not clear[0].type]
    if _ALONE.intersection(rights) and any(intent.score >= _AMBIGUOUS_FROM for intent in others):
        return (), ("several_intents",)
    return tuple(sorted(rights)), ()


def mentioned_references(subject: str, text: str) -> tuple[str, ...]:
    """References that a mail names, in the order in which they stand: a suggestion to staff and no more."""
    found = (parse_reference(match[0]) for match in _REFERENCE.finditer(f"{subject}\n{text}"))
    return tuple(dict.fromkeys(reference for reference in found if reference))[:_MENTIONS_READ]


_BETWEEN = r"[-‐‑‒–—―−ー・.\s]{0,3}"
_DIGITS = re.compile(rf"[0-9](?:{_BETWEEN}[0-9])*")
_AS_WE_WRITE_IT = re.compile(rf"[0-9]{{4}}{_BETWEEN}[0-9]{{4}}|[0-9](?:\s[0-9]){{7}}")
_CODE_WORD = re.compile(
    r"code|コード|確認番号|認証番号|cod\b|codul|codice|c[óo]digo|kod|k[óo]d|κωδικ|kood", re.IGNORECASE
)
_NO_CODE = re.compile(
    r"\+|\bt(?:el|lf|él|ph)?\b\s*[.:]|tel|phone|mob|fax|\bm:|call|order|invoice|bestell|commande|pedido|ordine|customer"
    r"|ticket|postal|post.?code|zip|電話|携帯|注文|会員|顧客|郵便|〒",
    re.IGNORECASE,
)
# Somebody who sends a code only to say that it is not theirs.
_DENIES = re.compile(
    r"\bnot\b|n['’]t\b|\bnever\b|\bstop\b|\bwho\b|\bnicht\b|\bkein|\bpas\b|\bjamais\b|\bnunca\b|\bniet\b|\binte\b"
    r"|ません|ない|なん|何|迷惑|[?？]",
    re.IGNORECASE,
)
_ASKED_NOTHING = re.compile(
    r"did(?: not|n['’]t) (?:ask|request|send|make|write|order)|\bnot me\b|never (?:asked|requested|sent|made)"
    r"|nicht (?:von mir|angefordert|gestellt|beantragt)|pas (?:demandé|fait|envoyé)"
    r"|(?:依頼|請求|申請|送信|お願い)(?:は|を)?し(?:て(?:い)?(?:ません|ない)|た(?:覚え|おぼえ))|(?:覚え|心当たり)(?:が|は|も)?(?:ない|ありません)",
    re.IGNORECASE,
)
_LONGEST_LINE = 500
_LINES_READ = 200
_FEW_LETTERS = 12
_A_SENTENCE = 40
_A_GREETING = 60  # what may stand before the code: more is our own letter, copied


class CodeReply(NamedTuple):
    """The digits of a code that came back, and how much else was written: letters, each of ja as three."""

    code: str
    other_letters: int


def code_in(subject: str, new_text: str) -> CodeReply | None:
    """The one code that a reply gives; None where there is none, or it is not clear which, or that it is meant.

    It is written as our letter writes it, almost alone in its line or in a short sentence about a code, and hardly
    anything stands before it; else it stands in the subject. What is written beside telephone numbers, orders and dates
    is none. Nobody guesses by mail, and no copy of our letter gives a code.
    """
    lines = [_folded(line) for line in new_text.splitlines()[:_LINES_READ] if line.strip()]
    if any(_ASKED_NOTHING.search(line) for line in lines):
        return None
    written = sum(_letters_beside(line) for line in lines)
    before = 0
    for line in lines:
        if before > _A_GREETING:
            break
        found = _codes_of(line)
        if found and _gives_code(line):
            others = {
                code for each in lines for code in _codes_of(each) if _gives_code(each) and _CODE_WORD.search(each)
            }
            code = found.pop()
            return None if found or others - {code} else CodeReply(code, written - _letters_of_code(line))
        before += _letters_beside(line)
    found = _codes_of(_folded(subject))
    return CodeReply(found.pop(), written) if len(found) == 1 and not _NO_CODE.search(subject) else None


def _gives_code(line: str) -> bool:
    letters = _letters_beside(line)
    if _NO_CODE.search(line) or _DENIES.search(line):
        return False
    return letters <= _FEW_LETTERS or (letters <= _A_SENTENCE and bool(_CODE_WORD.search(line)))


def _letters_of_code(line: str) -> int:
    return _letters_beside(line) if _CODE_WORD.search(line) else 0


def _folded(line: str) -> str:
    """Full-width digits as digits, and no references: they hold digits, too."""
    return _REFERENCE.sub(" ", unicodedata.normalize("NFKC", line[:_LONGEST_LINE]))


def _codes_of(line: str) -> set[str]:
    runs = (match[0] for match in _DIGITS.finditer(line) if _AS_WE_WRITE_IT.fullmatch(match[0]))
    return {re.sub(r"[^0-9]", "", run) for run in runs}


def _letters_beside(line: str) -> int:
    """Each of Japanese as three: it says as much."""
    return sum(3 if character >= "\u3040" else 1 for character in line if character.isalpha())


# Somebody who wants their request to end, in the languages that we answer in and their neighbours: staff are told, and
# the page is where it is done. Never an erasure: that speaks of data, this of the request.
_WITHDRAWS = re.compile(
    r"\b(?:withdraw|cancel|retract|drop|close) (?:my|the|this) (?:(?!and\b|consent\b)\w+ ){0,3}"
    r"(?:request|application|enquiry|inquiry)\b"
    r"|\bno longer (?:need|want|wish)\b[^.!?]{0,40}\b(?:request|reply|answer)\b"
    r"|(?:請求|依頼|申請|申し込み)[^。\n]{0,10}(?:取り?下げ|取り?消|撤回|キャンセル)"
    r"|\b(?:anfrage|antrag|ersuchen) [^.!?]{0,40}\b(?:zur[üu]ck(?:ziehe|nehme|ziehen|nehmen)?)\b"
    r"|\bziehe? [^.!?]{0,40}\b(?:anfrage|antrag|ersuchen)\b[^.!?]{0,20}\bzur[üu]ck\b"
    r"|\b(?:retire|annule|retirer|annuler) ma demande\b"
    r"|\b(?:retiro|cancelo|anulo|ritiro|annullo|anulez|retrag|wycofuj[ęe]) (?:(?:mi|la mia|la|o meu|meu|m[óo]j) )?"
    r"(?:solicitud|richiesta|pedido(?! de)|cererea|wniosek)\b",
    re.IGNORECASE,
)
_WITHDRAWAL_READ = 4_000


def proposes_withdrawal(subject: str, new_text: str) -> bool:
    """Whether a message in the thread of a request seems to want it ended. A hint to staff, and no more."""
    return _WITHDRAWS.search(f"{subject}\n{new_text}"[:_WITHDRAWAL_READ]) is not None
