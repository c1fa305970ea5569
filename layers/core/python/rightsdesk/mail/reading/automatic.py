"""Why a mail must not be answered by machine: it may itself come from one, and two machines would write for ever.

It is registered all the same (abuse cases 57, 58, 59). What SES says of authentication, spam and viruses is judged
elsewhere. Some machines say nothing of themselves: whoever answers counts as well.
"""

import re
from collections.abc import Collection, Iterator

from rightsdesk.domain.address import canonical_address
from rightsdesk.domain.incoming_mail import Envelope, IncomingMail

OWN_MARKER = "x-rightsdesk"

_DAEMONS = frozenset({"mailer-daemon", "mailerdaemon", "postmaster", "mail-daemon", "mdaemon", "majordomo", "listserv"})
_NO_REPLY = re.compile(
    r"(?:.{0,60}[._+-])?(?:no[._-]?reply|do[._-]?not[._-]?reply|no[._-]?responder|nicht[._-]?antworten|ne[._-]?pas[._-]?repondre"
    r"|noresponse|bounces?|autoreply|auto[._-]reply|autoresponder|notifications?)(?:[._+=-].{0,200})?"
)
_SUPPRESSED = frozenset({"all", "oof", "autoreply", "dr"})
_PRECEDENCE = frozenset({"bulk", "list", "junk", "auto_reply"})
_MARKS = frozenset({"x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-mail-autoreply"})
_LISTS = frozenset({"list-id", "list-unsubscribe", "list-post"})
# What programs write in the subject of an answer by themselves: one of these at the very beginning, and a colon behind
# it; or between brackets; or alone. In a sentence they are words of somebody who got such an answer.
_PHRASES = (
    r"auto(?:matic|mated)?[ -]?(?:reply|response|answer)|out of (?:the )?office(?: auto[ -]?reply)?|oo[of]"
    r"|automatische antwort|automatische abwesenheit(?:snotiz|smeldung)?|abwesenheit(?:snotiz|smeldung)?|abwesend"
    r"|r[eé]ponse automatique(?: d['’]absence)?|absence du bureau|message d['’]absence|absent du bureau"
    r"|respuesta autom[aá]tica|fuera de (?:la )?oficina|risposta automatica|fuori (?:ufficio|sede)"
    r"|automatisch(?:e)? antwoord|afwezig(?:heid(?:sbericht|smelding)?)?|niet aanwezig"
    r"|resposta autom[aá]tica|fora do escrit[oó]rio|aus[eê]ncia tempor[aá]ria"
    r"|automatiskt svar|autosvar|fr[aå]nvaro(?:meddelande)?|automatisk svar|frav[aæ]r"
    r"|automaattinen vastaus|poissa(?: toimistosta)?|automatick[aá] odpov[eě][dď]|mimo kancel[aá][rř]"
    r"|automatyczna odpowied[zź]|autoodpowied[zź]|poza biurem|automatikus v[aá]lasz"
    r"|r[aă]spuns automat|automatski odgovor|αυτόματη απάντηση|εκτός γραφείου"
    r"|自動(?:応答|返信|送信|配信)(?:メール)?|不在(?:通知|連絡|応答|のお知らせ|のご連絡)(?:メール)?"
    r"|自动(?:回复|答复)|自動(?:回覆|答覆|回信)|부재 ?중(?: 자동 ?(?:회신|응답))?|자동 ?(?:회신|응답)"
)
_ABSENT = re.compile(
    rf"(?:{_PHRASES}|auto)\s*[:：]|[\[(【［（〔＜<]\s*(?:{_PHRASES})\s*[\])】］）〕＞>]|(?:{_PHRASES})\s*[.!。！…]*\Z",
    re.IGNORECASE,
)


def automatic_reasons(
    mail: IncomingMail, envelope: Envelope | None, *, own_addresses: Collection[str]
) -> tuple[str, ...]:
    """Codes, each once; none of them: it may be answered. Without an envelope, by its headers alone (a file)."""
    return tuple(dict.fromkeys(_reasons(mail, envelope, own_addresses)))


def _reasons(mail: IncomingMail, envelope: Envelope | None, own_addresses: Collection[str]) -> Iterator[str]:
    sender = envelope.sender if envelope is not None else None
    returned_to_nobody = ("return-path", "<>") in mail.headers
    if (not sender.strip(" <>")) if sender is not None else returned_to_nobody:
        yield "empty_envelope_sender"
    senders = [one.address for one in mail.senders] + ([sender] if sender is not None else [])
    ours = {_unlabelled(address) for address in own_addresses}
    for address in senders:
        yield from _reasons_of_address(address, ours)
    for name, value in mail.headers:
        yield from _reasons_of_header(name, value.strip().lower(), ours)
    if mail.returned is not None:
        yield "report"
    if _ABSENT.match(mail.subject):
        yield "ooo_subject"


def _reasons_of_address(address: str, ours: Collection[str]) -> Iterator[str]:
    local = address.rpartition("@")[0].strip(' <"').lower()
    if local in _DAEMONS or address.strip(" <>").lower() in _DAEMONS:
        yield "mailer_daemon"
    if _NO_REPLY.fullmatch(local[:300]):
        yield "no_reply"
    if address and _unlabelled(address) in ours:
        yield "own_address"


def _reasons_of_header(name: str, value: str, ours: Collection[str]) -> Iterator[str]:
    match name:
        case "auto-submitted":
            if re.split(r"[;(\s]", value, maxsplit=1)[0] != "no":
                yield "auto_submitted"
        case "x-auto-response-suppress":
            if _SUPPRESSED.intersection(part.strip() for part in value.split(",")):
                yield "auto_response_suppress"
        case "precedence":
            if value in _PRECEDENCE:
                yield "precedence"
        case "feedback-id":
            yield "feedback_id"
        case "x-loop":
            if any(_unlabelled(word) in ours for word in re.findall(r"[^\s<>,]{1,320}", value)):
                yield "own_marker"
        case "content-type":
            if value == "multipart/report":
                yield "report"
        case _ if name in _MARKS:
            yield "x_autoreply"
        case _ if name in _LISTS:
            yield "mailing_list"
        case _ if name == OWN_MARKER:
            yield "own_marker"


def _unlabelled(address: str) -> str:
    """Without `+label`: every labelled address of ours is ours."""
    canonical = canonical_address(address) or address.strip(" <>").lower()
    local, at, domain = canonical.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"
