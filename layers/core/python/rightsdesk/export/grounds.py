"""Why something may be kept back, with the articles that allow it. The words for each are in `texts/`."""

# serves: E-02, E-07

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
    UNDER_REVIEW: {Law.GDPR: ("GDPR 12(3)",), Law.APPI: ("APPI 33(2)",)},
}
GROUNDS = tuple(_ARTICLES)


def articles(ground: str, laws: tuple[Law, ...]) -> tuple[str, ...]:
    """The articles of the laws that apply; of all of them where only the merchant's promise does."""
    by_law = _ARTICLES[ground]
    chosen = [law for law in by_law if law in laws] or list(by_law)
    return tuple(article for law in chosen for article in by_law[law])
