"""Why data are held or kept back, with the articles that allow it. The words for each are in `texts/`."""

# serves: E-02, E-07

import re

from rightsdesk.domain.fields import Basis
from rightsdesk.domain.request import Language
from rightsdesk.export.wording import bracketed, text
from rightsdesk.law.applicability import Law

RIGHTS_OF_OTHERS = "rights_of_others"
UNDER_REVIEW = "under_review"

# ground -> law -> articles. Recital 63 names trade secrets and the safety of software as rights that access must not
# adversely affect; 33(2) of the APPI: (i) harm to the rights of a person, (ii) serious hindrance to the business.
_ARTICLES: dict[str, dict[Law, tuple[str, ...]]] = {
    "security": {Law.GDPR: ("GDPR 15(4)", "GDPR 32(1)"), Law.APPI: ("APPI 33(2)(ii)",)},
    RIGHTS_OF_OTHERS: {Law.GDPR: ("GDPR 15(4)", "GDPR 20(4)"), Law.APPI: ("APPI 33(2)(i)",)},
    "trade_secret": {Law.GDPR: ("GDPR 15(4)", "GDPR recital 63"), Law.APPI: ("APPI 33(2)(ii)",)},
    "crime_prevention": {Law.GDPR: ("GDPR 15(4)", "GDPR 23(1)(d)"), Law.APPI: ("APPI 33(2)(ii)",)},
    # What staff hold back names an article of its own: `law/withholding.py`.
    "gdpr_15_4": {Law.GDPR: ("GDPR 15(4)",)},
    "gdpr_20_4": {Law.GDPR: ("GDPR 20(4)",)},
    "appi_33_2_i": {Law.APPI: ("APPI 33(2)(i)",)},
    "appi_33_2_ii": {Law.APPI: ("APPI 33(2)(ii)",)},
    "appi_33_2_iii": {Law.APPI: ("APPI 33(2)(iii)",)},
    UNDER_REVIEW: {Law.GDPR: ("GDPR 12(3)",), Law.APPI: ("APPI 33(2)",)},
}
GROUNDS = tuple(_ARTICLES)
_BASES = {
    Basis.CONSENT: "GDPR 6(1)(a)",
    Basis.CONTRACT: "GDPR 6(1)(b)",
    Basis.LEGAL_OBLIGATION: "GDPR 6(1)(c)",
    Basis.VITAL_INTERESTS: "GDPR 6(1)(d)",
    Basis.PUBLIC_TASK: "GDPR 6(1)(e)",
    Basis.LEGITIMATE_INTERESTS: "GDPR 6(1)(f)",
}
_CODE = re.compile(
    r"(?P<law>GDPR|APPI) (?:recital (?P<recital>\d+)|(?P<article>\d+)\((?P<paragraph>\d+)\)(?:\((?P<point>[a-z]+)\))?)"
)
_ROMAN = ("i", "ii", "iii")  # how the APPI's items are numbered in English


def articles(ground: str, laws: tuple[Law, ...]) -> tuple[str, ...]:
    """The articles of the laws that apply; none where only the merchant's promise does."""
    return tuple(article for law, named in _ARTICLES[ground].items() if law in laws for article in named)


def cited(language: Language, article: str) -> str:
    """An article as a lawyer of the language cites it: `APPI 33(2)(ii)` -> 個人情報保護法第33条第2項第2号."""
    found = _CODE.fullmatch(article)
    if language != "ja" or not found:
        return article
    if found["recital"]:
        return f"GDPR前文第{found['recital']}項"
    law = "個人情報保護法" if found["law"] == "APPI" else "GDPR"
    point = found["point"] or ""
    point = f"第{_ROMAN.index(point) + 1}号" if point in _ROMAN else point and f"{point}号"
    return f"{law}第{found['article']}条第{found['paragraph']}項{point}"


def basis_words(language: Language, basis: Basis, laws: tuple[Law, ...]) -> str:
    """A legal basis; with its article where the GDPR, which asks for one, applies."""
    said = text(language, f"basis.{basis.value}")
    return said + bracketed(language, cited(language, _BASES[basis])) if Law.GDPR in laws else said
