"""What somebody wrote now, without the history that mail programs put under it (abuse case 67).

Line by line, by tables of what programs write in the languages of our customers; each line is looked at a bounded
number of times and to a bounded length, so that no text makes it slow (abuse case 41). Where nothing is left, as of a
mail that was only forwarded, all of it is the text.
"""

import re

from rightsdesk.mail.reading.plain import has_something_to_see, words

_LINE = 400  # characters of a line that are looked at
_ATTRIBUTION_LINES = 3
_BLOCK_LINES = 7  # in which the lines of a header block stand

_QUOTED = re.compile(r" {0,3}[>＞]")
_RULE = re.compile(r"\s*(?:[-_=*~]\s?){5,}\s*")
_MOBILE = re.compile(
    r"\s*(?:sent from my |sent from (?:outlook|yahoo|mail for)|get outlook for |von meinem .{1,40} gesendet"
    r"|gesendet mit |gesendet von |envoyé de(?:puis)? (?:mon|ma|l')|enviado desde mi |inviato da(?:l mio)? "
    r"|verzonden (?:vanaf|met) "
    r"|skickat från |sendt fra |wysłane z |.{0,20}iphoneから送信|.{0,20}androidから送信|.{0,40}スマートフォンから送信)",
    re.IGNORECASE,
)

# `-----Original Message-----`, between dashes or the like.
_BETWEEN_RULES = re.compile(r"\s*[-_=*]{2,40}\s*([^-_=*\s][^-_=*]{2,60}?)\s*[-_=*]{2,40}\s*:?\s*")
_SEPARATORS = words(
    "original message,original email,forwarded message,reply message,"
    "ursprüngliche nachricht,originalnachricht,original nachricht,weitergeleitete nachricht,"
    "message d'origine,message original,message d’origine,message transféré,"
    "courriel original,messaggio originale,messaggio inoltrato,mensaje original,mensaje reenviado,"
    "oorspronkelijk bericht,origineel bericht,doorgestuurd bericht,mensagem original,mensagem encaminhada,"
    "ursprungligt meddelande,originalmeddelande,vidarebefordrat meddelande,oprindelig meddelelse,"
    "videresendt meddelelse,original meddelelse,alkuperäinen viesti,välitetty viesti,původní zpráva,"
    "přeposlaná zpráva,αρχικό μήνυμα,προωθημένο μήνυμα,izvorna poruka,proslijeđena poruka,mesaj original,"
    "mesaj redirecționat,oryginalna wiadomość,wiadomość oryginalna,wiadomość przekazana,"
    "treść przekazanej wiadomości,eredeti üzenet,元のメッセージ,オリジナルメッセージ,元メッセージ,"
    "転送メッセージ,転送されたメッセージ,原始邮件,原始郵件,转发邮件,轉寄郵件,원본 메시지,전달된 메시지,original mail"
)
_FORWARDED = words(
    "begin forwarded message:,anfang der weitergeleiteten nachricht:,début du message transféré :,"
    "début du message réexpédié :,inizio messaggio inoltrato:,inicio del mensaje reenviado:,"
    "begin doorgestuurd bericht:,início da mensagem encaminhada:,vidarebefordrat brev:,転送されたメッセージ:,"
    "start på videresendt besked:,välitetty viesti alkaa:,以下は転送メッセージです:"
)

# Headers that a program writes over the mail that it quotes; the first names who wrote it.
_FROM = words(
    "from,von,de,da,van,från,fra,lähettäjä,od,από,šalje,de la,feladó,差出人,送信者,送信元,发件人,寄件者,"
    "보낸 사람,expéditeur,mittente,remitente,absender"
)
_OTHERS = words(
    "sent,date,to,subject,cc,reply-to,organization,bcc,gesendet,datum,an,betreff,kopie,antwort an,envoyé,à,"
    "objet,répondre à,date d'envoi,inviato,data,a,oggetto,per conto di,enviado,enviado el,para,asunto,fecha,"
    "assunto,enviada,enviada em,data de envio,verzonden,aan,onderwerp,skickat,till,ämne,sendt,til,emne,dato,"
    "kopia,lähetetty,vastaanottaja,aihe,päivämäärä,päiväys,kopio,odesláno,komu,předmět,στάλθηκε,προς,θέμα,"
    "ημερομηνία,κοιν.,poslano,prima,za,predmet,trimis,către,catre,subiect,wysłano,wysłane,do,temat,dw,elküldve,"
    "címzett,tárgy,送信日時,宛先,件名,日時,日付,送信日,受信者,"
    "发送时间,收件人,主题,抄送,보낸 날짜,받는 사람,제목,ｃｃ"
)
_LABEL = re.compile(r"[\s>＞*]{0,20}([^\W\d_][^:：*\n]{0,24}?)[\s*]{0,4}[:：]")

# The line over a quotation: who wrote it and when. By the verb, which hardly another line has that ends in a colon.
_VERBS = words(
    "wrote,writes,schrieb,geschrieben,a écrit,escribió,ha scritto,scrive,schreef,escreveu,skrev,kirjoitti,napsal,"
    "έγραψε,napisao,napisala,a scris,napisał,írta,書きました,のメール,写道,寫道,작성,님이"
)
_JAPANESE = re.compile(
    r"\s{0,3}[0-9０-９]{4}年[0-9０-９]{1,2}月[0-9０-９]{1,2}日[^<＜]{1,150}[<＜][^<>＜＞]{3,260}[>＞]\s?[:：]"
)
_DATE = re.compile(r"[0-9]{1,4}(?:[-/., ]|$)|[0-9]年")
_WORDS_BEFORE = r"(?:on|am|le|el|il|op|em|den|dne|dana|pe|în|w dniu|dnia|στις)\b"
_NUMERIC = r"(?:19|20)[0-9]{2}(?:年[0-9]{1,2}月|/[0-9]{1,2}/[0-9]|-[0-9]{1,2}-[0-9])"  # and no code: 2026-1031
_OPENING = re.compile(rf"{_WORDS_BEFORE}|{_NUMERIC}", re.IGNORECASE)
# A date at its beginning: nothing that stands above such a line belongs to it. `AM` is the end of a time.
_DATED = re.compile(
    rf"(?!AM\b)(?i:{_WORDS_BEFORE}[^@<0-9]{{1,20}}[0-9]{{1,4}}\b|{_NUMERIC}"
    r"|[^@<0-9]{0,12}[0-9]{1,2}[^@<]{1,15}\b20[0-9]{2}\b[^@<]{1,15}[0-9]{1,2}[:.h時][0-9]{2})"
)
_TIME = re.compile(r"[0-9]{1,2}[:.h時][0-9]{2}")
_TIME_OR_ADDRESS = re.compile(r"[0-9]{1,2}[:.h時][0-9]{2}|@")

_DISCLAIMER = re.compile(
    r"\s*(?:this (?:e-?mail|message|communication)\b.{0,120}(?:confidential|privileged|intended)"
    r"|confidentiality (?:notice|note)|disclaimer\s*:|caution\s*:\s*this e-?mail"
    r"|the information contained in this e-?mail"
    r"|diese (?:e-?mail|nachricht)\b.{0,120}vertraulich|ce (?:message|courriel|courrier)\b.{0,120}confidentiel"
    r"|(?:questa|la presente) e-?mail\b.{0,120}riservat|este (?:mensaje|correo)\b.{0,120}confidencial"
    r"|dit (?:e-?mail)?bericht\b.{0,120}vertrouwelijk"
    r"|(?:この|本)(?:電子)?(?:メール|メッセージ).{0,60}(?:機密|秘密|受信者|宛先))",
    re.IGNORECASE,
)


def new_text(text: str) -> tuple[str, bool]:
    """(the text without quotations, history, signature and legal notes, whether nothing but history was written).

    All of it where nothing else is left.
    """
    lines, has_history = _without_history(text.split("\n"))
    joined = re.sub(r"\n{3,}", "\n\n", "\n".join(_without_notes(lines))).strip()
    return (joined, False) if has_something_to_see(joined) else (text.strip(), has_history)


def _without_history(lines: list[str]) -> tuple[list[str], bool]:
    """(the other lines, whether there is any)."""
    kept: list[str] = []
    found = False
    at = 0
    while at < len(lines):
        line = lines[at][:_LINE]
        if _QUOTED.match(line):
            found = True
            at += 1
            continue
        length = _begins_history(lines, at)
        if length:
            found = True
            after = next((other for other in lines[at + length : at + length + 4] if other.strip()), "")
            if not _QUOTED.match(after):
                break  # all below is history, and nothing tells what may be new in it
            at += length
            continue
        kept.append(lines[at])
        at += 1
    while kept and (not kept[-1].strip() or _RULE.fullmatch(kept[-1][:_LINE])):
        kept.pop()
    return kept, found


def _begins_history(lines: list[str], at: int) -> int:
    """How many lines from here say that a quotation follows; 0 where none does."""
    line = lines[at][:_LINE]
    stripped = line.strip().casefold()
    if not stripped:
        return 0
    between = _BETWEEN_RULES.fullmatch(line)
    if between and " ".join(between[1].casefold().split()) in _SEPARATORS:
        return 1
    if stripped in _FORWARDED or _is_header_block(lines, at):
        return 1
    return _attribution(lines, at)


def _is_header_block(lines: list[str], at: int) -> bool:
    if _label(lines[at]) not in _FROM:
        return False
    labels = {_label(line) for line in lines[at + 1 : at + 1 + _BLOCK_LINES]}
    return len(labels & _OTHERS) >= 2


def _label(line: str) -> str:
    found = _LABEL.match(line[:_LINE])
    return " ".join(found[1].casefold().split()) if found else ""


def _attribution(lines: list[str], at: int) -> int:
    """`On Sat, 3 Oct 2026 at 10:00, Hanako <h@shop.example> wrote:`, which programs break over some lines."""
    before = lines[at - 1] if at else ""
    most = 1 if before.strip() and not _QUOTED.match(before) else _ATTRIBUTION_LINES  # 1: amid a paragraph
    taken: list[str] = []
    for line in lines[at : at + most]:
        if not line.strip() or len(line) > _LINE or _QUOTED.match(line):
            return 0
        taken.append(line.strip())
        if taken[-1].endswith((":", "：")):
            return (
                len(taken)
                if _begins_attribution(taken) and _names_who_and_when(" ".join(taken), lines, at + len(taken))
                else 0
            )
    return 0


def _begins_attribution(lines: list[str]) -> bool:
    """Whether the first is one of it, for it has the date, and not the end of what somebody wrote now."""
    first, *others = lines
    if not others:
        return True
    if not _DATE.search(first) or any(map(_DATED.match, others)):
        return False
    return bool(_OPENING.match(first) or (_TIME.search(first) and not any(map(_TIME.search, others))))


def _names_who_and_when(line: str, lines: list[str], after: int) -> bool:
    if _JAPANESE.fullmatch(line):
        return True
    folded = " ".join(line.casefold().split())
    if not any(verb in folded for verb in _VERBS):
        return False
    quoted_below = any(_QUOTED.match(other) for other in lines[after : after + 2])
    return quoted_below or bool(_DATE.search(line) and _TIME_OR_ADDRESS.search(line))


def _without_notes(lines: list[str]) -> list[str]:
    """Without signature, what a telephone adds, and legal notes, each to the end of its paragraph."""
    kept: list[str] = []
    in_note = False
    for line in lines:
        if line.rstrip() in ("--", "—") or line == "-- ":
            break
        if not line.strip():
            in_note = False
        elif not in_note and (_DISCLAIMER.match(line[:_LINE]) or _MOBILE.match(line[:_LINE])):
            in_note = True
        if not in_note:
            kept.append(line)
    return kept
