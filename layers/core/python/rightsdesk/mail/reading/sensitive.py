"""What should not have been sent: card numbers, individual numbers, copies of identity papers (abuse cases 8, 73).

A net for whoever works on the mail, not a judgement: it flags, and nothing is deleted by it. Linear in the text.
"""

import re
import unicodedata
from collections.abc import Iterable

from rightsdesk.domain.incoming_mail import Attachment, MailFlag
from rightsdesk.domain.sensitive_numbers import numbers_not_to_send

_PAPERS = re.compile(
    r"pass?ports?\b|passeport|pasaporte|passaporto|reisepass|paspoort|passaporte|pasfoto"
    r"|personalausweis|\bausweis|f[uü]hrerschein|identit[aä]tskarte|aufenthaltstitel"
    r"|\bid[-_ ]?(?:card|scan|copy|document|proof|front|back)|identity[-_ ](?:card|document)|proof of identity"
    r"|driv(?:er'?s?|ing)[-_ ]licen[cs]e|residence (?:card|permit)|social security card"
    r"|carte d['’_ ]?identit[eé]|\bcni\b|permis de conduire|titre de s[eé]jour"
    r"|\bdni\b|\bnie\b|documento (?:nacional )?de identidad|carn[eé]t? de conducir"
    r"|carta d['’_ ]?identit[aà]|patente di guida|identiteits(?:kaart|bewijs)|rijbewijs"
    r"|パスポート|旅券|免許証|保険証|身分証|本人確認書類|在留カード|マイナンバーカード|個人番号カード|住民票|住基カード",
    re.IGNORECASE,
)
_SCANS = ("image/", "application/pdf")
_SCAN_NAMES = (".jpg", ".jpeg", ".png", ".heic", ".heif", ".tif", ".tiff", ".webp", ".bmp", ".gif", ".pdf")


def sensitive_flags(text: str, attachments: Iterable[Attachment]) -> frozenset[MailFlag]:
    flags: set[MailFlag] = set(numbers_not_to_send(text))
    folded = unicodedata.normalize("NFKC", text)
    scans = [one for one in attachments if _is_scan(one)]
    if any(_PAPERS.search(_spelt(one.name)) for one in scans) or (scans and _PAPERS.search(folded)):
        flags.add(MailFlag.ID_SCAN)
    return frozenset(flags)


def _is_scan(attachment: Attachment) -> bool:
    return attachment.media_type.startswith(_SCANS) or attachment.name.lower().endswith(_SCAN_NAMES)


def _spelt(name: str) -> str:
    return unicodedata.normalize("NFKC", name).replace("_", " ").replace(".", " ")
