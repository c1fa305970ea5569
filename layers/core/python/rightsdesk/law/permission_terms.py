"""What the register of permissions needs of the data map: purposes with their basis, and who gets what for which."""

# serves: P-10, P-12, T-1

from collections import defaultdict

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.offered import Offered
from rightsdesk.domain.permission import PurposeTerms, Terms
from rightsdesk.domain.request import RequestType
from rightsdesk.law.decisions import MARKETING_CLAUSES, THIRD_PARTIES

_OF_CASES = "P-01"  # the only purpose of handling requests themselves


def terms_of(data_map: DataMap) -> Terms:
    """Recipients of a purpose are those of the fields that serve it."""
    recipients: dict[str, set[str]] = defaultdict(set)
    for collection in data_map.collections:
        for field in collection.fields.values():
            for purpose in field.purposes:
                recipients[purpose].update(field.recipients)
    return Terms(
        purposes={
            name: PurposeTerms(
                basis=purpose.basis,
                marketing=purpose.clause in MARKETING_CLAUSES,
                recipients=frozenset(recipients[name]),
                notice_days=(
                    purpose.introduced.days if purpose.introduced and purpose.introduced.by == "notice" else None
                ),
            )
            for name, purpose in data_map.purposes.items()
        },
        third_parties=frozenset(name for name, each in data_map.recipients.items() if each.role in THIRD_PARTIES),
        recipients=frozenset(data_map.recipients),
        own_cases=frozenset(name for name, purpose in data_map.purposes.items() if purpose.clause == _OF_CASES),
    )


def offered(data_map: DataMap) -> Offered:
    """What can be named for each right: an objection reaches no use that a contract needs, a withdrawal consents."""
    terms = terms_of(data_map)
    reached = {
        RequestType.OBJECTION: {*terms.marketing, *terms.objectionable},
        RequestType.RESTRICTION: set(terms.purposes) - terms.own_cases,
        RequestType.CONSENT_WITHDRAWAL: set(terms.by_consent),
    }
    return Offered(
        purposes={
            kind: {name: purpose.label for name, purpose in data_map.purposes.items() if name in names}
            for kind, names in reached.items()
        },
        marketing=frozenset(terms.marketing),
        recipients={name: each.label for name, each in data_map.recipients.items() if name in terms.third_parties},
        decisions={name: each.label for name, each in data_map.automated_decisions.items()},
    )
