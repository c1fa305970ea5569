"""Whether an explanation of an extension speaks of the case, or only of how busy the office is.

An extension is an exception for a request that is complex, or one of many by the same person; the general load of the
controller is no reason (GDPR 12(3); EDPB 01/2022, 162-164). A person judges the reasons. This finds the texts in which
nothing is left to judge once the words for load and the words of courtesy are taken out.
"""

# serves: E-00

import re
import unicodedata

from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.domain.words_of_staff import words_of_staff

LONGEST_EXPLANATION = 2000
_ENOUGH = 4  # words of substance beside talk of load: `orders`, `spread`, `tape`, `archives`

_LOAD = re.compile(
    r"\b(?:high|higher|large|larger|heavy|huge|great|unusual|increased|increasing|exceptional|unexpected|sheer)"
    r"(?:ly high)? (?:volumes?|numbers?|amounts?|loads?|influx|demand|quantit(?:y|ies))\b"
    r"|\b(?:work ?-?loads?|back ?-?logs?|overload\w*|overwhelm\w*|overstretched|busy|busiest|hectic|swamped|peak)\b"
    r"|\b(?:short|under)[ -]?staff\w*|\bshort ?-?handed\b|\bstaffing\b"
    r"|\b(?:lack|shortages?|absences?|illness) of (?:\w+ ){0,2}(?:staff|personnel|people|resources|capacity|time)\b"
    r"|\b(?:staff|personnel|resource|capacity) (?:shortages?|constraints?|absences?|illness|problems?|issues?)\b"
    r"|\b(?:limited|insufficient|few|fewer|not enough|too few) (?:\w+ )?(?:resources|capacity|staff|people|personnel)\b"
    r"|\b(?:many|numerous|countless|lots of) (?:\w+ )?"
    r"(?:requests|enquiries|inquiries|questions|cases|messages|e-?mails)\b"
    r"|\b(?:holidays?|vacations?|annual leave|on leave|sick|sickness|sick leave|summer break|closed for)\b"
    r"|\b(?:christmas|easter|new year'?s?|golden week|obon|black friday)\b"
    r"|多忙|繁忙|忙し|混雑|混み合|混んで|立て込|手が回ら|滞って|業務量|負荷|殺到|集中し|休暇|休業|連休|祝日|休日|病欠|不在"
    r"|(?:人手|人員|要員|スタッフ|リソース|人材)(?:が|の)?(?:不足|足り)|ゴールデンウィーク|お盆|年末年始|正月|クリスマス"
    r"|(?:大量|多数|多く)の(?:お|ご)?(?:問い?合わ?せ|依頼|請求|注文|申請|リクエスト)"
    r"|(?:問い?合わ?せ|依頼|請求|注文|申請|リクエスト)(?:件数)?が?(?:大変|非常に|とても)?(?:多|集中|増)",
    re.ASCII,  # a Latin word may stand right beside a Japanese one
)

# What any letter of this kind says, whatever the case.
_COMMON_ENGLISH = frozenset(
    """
    a about after all also am an and any are as at be because been before being both but by can could did do does done
    due during each ever every for from get got had has have here how i if in into is it its just lot lots many may
    might more most much must need needed needs no not now of off on only or other others our out over owing please
    several shall should since so some soon still such than that the their them then there these they this those to too
    under until up us very was we were what when where which while who why will with within without would yet you your
    able additional allow amount answer answering apologies apologise apologize around ask case cases caused causes
    change colleague colleagues companies company complete complex complexity complicated controller currently customer
    customers data day days deadline deal dealing delay delayed delays department desk difficult employees everyone
    expect experiencing extend extended extending extension extra feel finish general generally handle handled handling
    high inconvenience information kind kindly large last late later length letter long longer moment month months new
    next number numbers office one order ourselves people period person personnel possible present presently privacy
    process processing promised question questions quickly reason reasons received receiving recent recently regret
    reply replying request requests require required requires respond responding response right season service shop
    short situation sorry staff support take taken takes taking team teams thank thanks time times today two unable
    understand understanding unfortunately usual volume wait waiting week weeks work working year years
    """.split()  # noqa: SIM905 - a paragraph is easier to read and to add to
)
_COMMON_JAPANESE = re.compile(
    "[ぁ-ゖー]+|弊社|当社|当店|当方|現在|只今|目下|回答|返答|返信|連絡|対応|作業|時間|日数|期間|期限|延長|請求|依頼|問合|注文|必要|申訳|申|誠"
    "|恐縮|理解|了承|容赦|都合|事情|理由|原因|影響|処理|手続|遅延|遅|通常|以上|全体|部署|部門|担当者|担当|業務|社内|社員|多数|大量|件数"
    "|大変|非常|今月|先月|今週|本件|御|客様|皆様|方々|個人情報|個人|情報|開示|複雑|案件|頂|致|願|為|要|多|数|件|上|下|中|間|今|日|月|週|年"
)
_WORD = re.compile(r"[a-z0-9][a-z0-9'-]*")
_JAPANESE = re.compile(r"[一-鿿々ァ-ヺ]")


def explanation_text(explanation: str) -> str:
    """The reasons, tidied. Raises InvalidInputError: `missing`, `too_short`, `too_long`, `general_load`."""
    text = words_of_staff("explanation", explanation, longest=LONGEST_EXPLANATION)
    if is_general_load(text):
        raise InvalidInputError.of("explanation", "general_load")
    return text


def is_general_load(explanation: str) -> bool:
    """True where the text speaks of load and, beside it, of next to nothing."""
    rest, load = _LOAD.subn(" ", _folded(explanation))
    return load > 0 and _substance(rest) < _ENOUGH


def words_of_load(text: str) -> list[str]:
    """What a text says of load, in its words: a letter that goes to everybody knows no case, and says nothing of it."""
    return _LOAD.findall(_folded(text))


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())


def _substance(text: str) -> int:
    """Words that not every such letter holds; in Japanese two characters count as one."""
    english = [word for word in _WORD.findall(text) if word not in _COMMON_ENGLISH]
    japanese = _JAPANESE.findall(_COMMON_JAPANESE.sub("", text))
    return len(english) + len(japanese) // 2
