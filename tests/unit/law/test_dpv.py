"""Only terms that the vocabulary has. Looked up in DPV 2.0: `dpv`, `legal/eu/gdpr` and `justifications`."""

from rightsdesk.domain.decisions import FieldAction
from rightsdesk.domain.fields import Basis
from rightsdesk.domain.request import RequestType
from rightsdesk.law.applicability import Law
from rightsdesk.law.dpv import ACTION_CODES, BASIS_CODES, RIGHT_CODES, RULE_CODES, dpv_codes
from rightsdesk.law.rules import RULES

# https://w3id.org/dpv/legal/eu/gdpr: modules `rights` and `legal_basis`
EU_GDPR = {"A13", "A14", "A15", "A16", "A17", "A18", "A20", "A21", "A22", "A7-3"} | {
    *("A6-1-a", "A6-1-b", "A6-1-c", "A6-1-d", "A6-1-e", "A6-1-f")
}
# https://w3id.org/dpv: modules `legal_basis` and `processing`
DPV = {"Consent", "Contract", "LegalObligation", "VitalInterest", "PublicInterest", "LegitimateInterest"} | {
    *("Disclose", "Export", "Erase", "Alter", "Anonymise", "Store", "Restrict")
}
# https://w3id.org/dpv/justifications: module `justifications_nonfulfilment`
JUSTIFICATIONS = {
    "ThirdPartyRightsImpaired",
    "FreedomOfExpressionImpaired",
    "LegallyExempted",
    "PublicHealthCompromised",
    "LegalClaimImpaired",
}
TERMS = (
    {f"eu-gdpr:{term}" for term in EU_GDPR}
    | {f"dpv:{term}" for term in DPV}
    | {f"justifications:{term}" for term in JUSTIFICATIONS}
)


def test_every_code_is_a_term_of_the_vocabulary() -> None:
    used = {code for codes in RIGHT_CODES.values() for code in codes}
    used |= {code for codes in BASIS_CODES.values() for code in codes}
    used |= {*ACTION_CODES.values(), *RULE_CODES.values(), "dpv:Export", "dpv:Restrict"}
    assert used == TERMS


def test_every_decision_has_codes_and_no_others() -> None:
    for kind in RequestType:
        for basis in Basis:
            for action in FieldAction:
                for rule in RULES:
                    for law in Law:
                        codes = dpv_codes(kind, basis, action, rule, law=law)
                        assert set(codes) <= TERMS
                        assert law is Law.GDPR or not any(code.startswith("eu-gdpr") for code in codes)


def test_an_erasure_under_the_gdpr_reads_as_one() -> None:
    codes = dpv_codes(RequestType.ERASURE, Basis.CONSENT, FieldAction.DELETE, "GDPR-17-1-b", law=Law.GDPR)
    assert codes == ("eu-gdpr:A17", "eu-gdpr:A6-1-a", "dpv:Erase")


def test_information_has_the_code_of_where_the_data_came_from() -> None:
    codes = dpv_codes(RequestType.INFORMATION, Basis.CONTRACT, FieldAction.GIVE, "GDPR-14", law=Law.GDPR)
    assert codes == ("eu-gdpr:A14", "eu-gdpr:A6-1-b", "dpv:Disclose")
