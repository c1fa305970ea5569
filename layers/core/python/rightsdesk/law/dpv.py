"""Codes of the W3C Data Privacy Vocabulary (DPV 2) for a decision, so that other systems can read the record.

Prefixes: `dpv` is https://w3id.org/dpv#, `eu-gdpr` https://w3id.org/dpv/legal/eu/gdpr#, and `justifications`
https://w3id.org/dpv/justifications#. A decision has the code of the right, of the legal basis, of what is done, and of
why it is not; where the vocabulary has no term, none is made up. `eu-gdpr` is for decisions under the GDPR alone.
"""

# serves: B-4

from collections.abc import Mapping
from types import MappingProxyType

from rightsdesk.domain.decisions import FieldAction
from rightsdesk.domain.fields import Basis
from rightsdesk.domain.request import RequestType
from rightsdesk.law.applicability import Law

RIGHT_CODES: Mapping[RequestType, tuple[str, ...]] = MappingProxyType(
    {
        RequestType.INFORMATION: ("eu-gdpr:A13", "eu-gdpr:A14"),
        RequestType.ACCESS: ("eu-gdpr:A15",),
        RequestType.RECTIFICATION: ("eu-gdpr:A16",),
        RequestType.ERASURE: ("eu-gdpr:A17",),
        RequestType.RESTRICTION: ("eu-gdpr:A18",),
        RequestType.PORTABILITY: ("eu-gdpr:A20",),
        RequestType.OBJECTION: ("eu-gdpr:A21",),
        RequestType.AUTOMATED_DECISION: ("eu-gdpr:A22",),
        RequestType.CONSENT_WITHDRAWAL: ("eu-gdpr:A7-3",),
    }
)
# Basis -> the code under the GDPR, and the one that knows no law.
BASIS_CODES: Mapping[Basis, tuple[str, str]] = MappingProxyType(
    {
        Basis.CONSENT: ("eu-gdpr:A6-1-a", "dpv:Consent"),
        Basis.CONTRACT: ("eu-gdpr:A6-1-b", "dpv:Contract"),
        Basis.LEGAL_OBLIGATION: ("eu-gdpr:A6-1-c", "dpv:LegalObligation"),
        Basis.VITAL_INTERESTS: ("eu-gdpr:A6-1-d", "dpv:VitalInterest"),
        Basis.PUBLIC_TASK: ("eu-gdpr:A6-1-e", "dpv:PublicInterest"),
        Basis.LEGITIMATE_INTERESTS: ("eu-gdpr:A6-1-f", "dpv:LegitimateInterest"),
    }
)
# `dpv:Delete` leaves a way to get data back; what is deleted here is gone: `dpv:Erase`.
ACTION_CODES: Mapping[FieldAction, str] = MappingProxyType(
    {
        FieldAction.GIVE: "dpv:Disclose",
        FieldAction.DELETE: "dpv:Erase",
        FieldAction.ANONYMISE: "dpv:Anonymise",
        FieldAction.KEEP: "dpv:Store",
        FieldAction.CORRECT: "dpv:Alter",
    }
)
RULE_CODES: Mapping[str, str] = MappingProxyType(
    {
        "GDPR-15-4": "justifications:ThirdPartyRightsImpaired",
        "GDPR-20-4": "justifications:ThirdPartyRightsImpaired",
        "GDPR-17-3-a": "justifications:FreedomOfExpressionImpaired",
        "GDPR-17-3-b": "justifications:LegallyExempted",
        "GDPR-17-3-c": "justifications:PublicHealthCompromised",
        "GDPR-17-3-e": "justifications:LegalClaimImpaired",
        "APPI-33-2-i": "justifications:ThirdPartyRightsImpaired",
    }
)


def dpv_codes(kind: RequestType, basis: Basis, action: FieldAction, rule: str, *, law: Law) -> tuple[str, ...]:
    """Right, basis, what is done, and why not more is; each where there is a term."""
    codes: list[str] = []
    if law is Law.GDPR:
        codes += [code for code in RIGHT_CODES.get(kind, ()) if _is_meant(code, rule)]
    codes.append(BASIS_CODES[basis][0 if law is Law.GDPR else 1])
    if kind is RequestType.PORTABILITY and action is FieldAction.GIVE:
        codes.append("dpv:Export")
    elif kind is RequestType.RESTRICTION:
        codes.append("dpv:Restrict")
    elif action in ACTION_CODES:
        codes.append(ACTION_CODES[action])
    if rule in RULE_CODES:
        codes.append(RULE_CODES[rule])
    return tuple(codes)


def _is_meant(code: str, rule: str) -> bool:
    """Of the two codes for information, the one of the rule: from the person (13), or from elsewhere (14)."""
    return code not in RIGHT_CODES[RequestType.INFORMATION] or code == f"eu-gdpr:A{rule.removeprefix('GDPR-')}"
