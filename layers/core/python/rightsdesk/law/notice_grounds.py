"""By which articles a recipient of data is told what to do: what the mail to it says, and the page that it leads to.

The GDPR has the recipients told (19) of what a right of the person demands. The APPI has the shop supervise whom it
entrusts with data (25), so that these follow what it has to do itself (34, 35).
"""

# serves: E-03, E-04, E-05, P-04, P-10

from rightsdesk.domain.fields import Label
from rightsdesk.domain.recipient_notice import NoticeAction
from rightsdesk.law.applicability import Law

_GDPR = Label(en="General Data Protection Regulation (GDPR)", ja="EU一般データ保護規則（GDPR）")
_APPI = Label(en="Act on the Protection of Personal Information (Japan)", ja="個人情報保護法")
_PROMISE = Label(en="our promise to our customers", ja="当社のお客様へのお約束")

_ARTICLES: dict[tuple[Law, NoticeAction], tuple[str, str]] = {
    (Law.GDPR, "correct"): ("Articles 16 and 19", "第16条、第19条"),
    (Law.GDPR, "erase"): ("Articles 17 and 19", "第17条、第19条"),
    (Law.GDPR, "restrict"): ("Articles 18 and 19", "第18条、第19条"),
    (Law.GDPR, "stop_use"): ("Articles 7(3), 19 and 21", "第7条第3項、第19条、第21条"),
    (Law.APPI, "correct"): ("Articles 25 and 34", "第25条、第34条"),
    (Law.APPI, "erase"): ("Articles 25 and 35", "第25条、第35条"),
    (Law.APPI, "restrict"): ("Articles 25 and 35", "第25条、第35条"),
    (Law.APPI, "stop_use"): ("Articles 25 and 35", "第25条、第35条"),
}


def ground_of_notice(law: str, action: NoticeAction) -> Label:
    """The law and its articles, in both languages. `law`: of the case (`Law`); a promise has no articles."""
    if Law(law) is Law.PROMISE:
        return _PROMISE
    name = _GDPR if Law(law) is Law.GDPR else _APPI
    en, ja = _ARTICLES[Law(law), action]
    return Label(en=f"{name.en}, {en}", ja=f"{name.ja}{ja}")
