"""The rights a person has: where each stands in either law, and what it is called there (mission E-01 to E-12);
and what is only said to us (B-6).
"""

# serves: B-6, E-01, E-02, E-03, E-04, E-05, E-06, E-07, E-08, E-09, E-10, E-11, E-12

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rightsdesk.domain.request import RequestType
from rightsdesk.law.applicability import Law


@dataclass(frozen=True, slots=True)
class Name:
    """A right in one law: the article, and the name that the law gives it."""

    article: str  # `GDPR 15`, `APPI 33`
    en: str
    ja: str

    def of(self, language: str) -> str:
        return self.ja if language == "ja" else self.en


@dataclass(frozen=True, slots=True)
class Right:
    """One type of request. A law that does not know it has None; what is asked under it is then our own promise."""

    type: RequestType
    clause: str  # of mission.md
    gdpr: Name | None
    appi: Name | None

    def under(self, laws: Iterable[str]) -> tuple[Name, ...]:
        """Its names in these laws, in their order."""
        names = (self.gdpr if law == Law.GDPR else self.appi if law == Law.APPI else None for law in laws)
        return tuple(name for name in names if name)


_T = RequestType

RIGHTS: Mapping[RequestType, Right] = MappingProxyType(
    {
        right.type: right
        for right in (
            Right(
                _T.INFORMATION,
                "E-01",
                Name("GDPR 13-14", "Information about the processing", "取扱いに関する情報の提供"),
                Name("APPI 32(1)", "Matters on retained personal data", "保有個人データに関する事項の周知"),
            ),
            Right(
                _T.ACCESS,
                "E-02",
                Name("GDPR 15", "Access", "アクセス（開示）"),
                Name("APPI 33", "Disclosure of retained personal data", "保有個人データの開示"),
            ),
            Right(
                _T.RECTIFICATION,
                "E-03",
                Name("GDPR 16", "Rectification", "訂正"),
                Name("APPI 34", "Correction, addition or deletion", "訂正・追加・削除"),
            ),
            Right(
                _T.ERASURE,
                "E-04",
                Name("GDPR 17", "Erasure", "消去"),
                Name("APPI 35", "Erasure", "消去"),
            ),
            Right(
                _T.RESTRICTION,
                "E-05",
                Name("GDPR 18", "Restriction of processing", "処理の制限"),
                Name("APPI 35", "Suspension of use", "利用停止"),
            ),
            Right(_T.OBJECTION, "E-06", Name("GDPR 21", "Objection", "異議"), None),
            Right(_T.PORTABILITY, "E-07", Name("GDPR 20", "Data portability", "データポータビリティ"), None),
            Right(
                _T.AUTOMATED_DECISION,
                "E-08",
                Name("GDPR 22", "Review of an automated decision", "自動化された決定の再検討"),
                None,
            ),
            Right(_T.CONSENT_WITHDRAWAL, "E-09", Name("GDPR 7(3)", "Withdrawal of consent", "同意の撤回"), None),
            Right(
                _T.STOP_PROVISION,
                "E-10",
                None,
                Name("APPI 35(3)", "Stop of provision to third parties", "第三者提供の停止"),
            ),
            Right(
                _T.PURPOSE_NOTICE,
                "E-11",
                None,
                Name("APPI 32(2)", "Notice of the purpose of use", "利用目的の通知"),
            ),
            Right(
                _T.PROVISION_RECORDS,
                "E-12",
                None,
                Name("APPI 33(5)", "Disclosure of records of provision to third parties", "第三者提供記録の開示"),
            ),
            Right(_T.COMPLAINT, "B-6", None, Name("APPI 40", "Handling of complaints", "苦情の処理")),
            Right(_T.QUESTION, "B-6", None, None),
        )
    }
)
