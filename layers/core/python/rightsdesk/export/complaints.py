"""Where a person can turn who does not agree with the answer (GDPR 77, 79; APPI 36, 39), as sentences."""

# serves: E-13

from rightsdesk.domain.request import Language
from rightsdesk.export.package import PackageContext
from rightsdesk.export.wording import text
from rightsdesk.law.applicability import Law
from rightsdesk.law.authorities import authority_for
from rightsdesk.law.countries import JAPAN
from rightsdesk.law.remedies import may_sue_in_japan


def complaints(context: PackageContext, language: Language) -> list[str]:
    """One sentence for each law that applies. Addresses of web sites stand without `https://`: pages link nowhere."""
    sentences = []
    if Law.GDPR in context.laws:
        authority = authority_for(context.country, context.region) if context.country not in (None, JAPAN) else None
        if authority:
            web = authority.web.partition("://")[2].strip("/") or authority.web
            sentences.append(text(language, "complaint.gdpr", authority=authority.name, web=web))
        else:
            sentences.append(text(language, "complaint.gdpr_elsewhere"))
    if Law.APPI in context.laws and (commission := authority_for("JP")):
        key = "complaint.appi" if may_sue_in_japan(context.types) else "complaint.appi_no_claim"
        sentences.append(text(language, key, phone=commission.phone))
    return sentences or [text(language, "complaint.promise")]
