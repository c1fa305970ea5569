"""What the gate for provision needs of the data map: who is in the register, and what each is given for what."""

# serves: P-10, T-1, T-2

from collections import defaultdict

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.provision_gate import Party, ProvisionTerms
from rightsdesk.law.permission_terms import terms_of


def provision_terms_of(data_map: DataMap) -> ProvisionTerms:
    """A category is given to a recipient where one of its fields is."""
    described: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    items: set[str] = set()
    for collection in data_map.collections:
        for name, field in collection.fields.items():
            these = {f"{collection.path}.{name}", field.category.value}
            items |= these
            for recipient in field.recipients:
                for purpose in field.purposes:
                    described[recipient][purpose] |= these
    return ProvisionTerms(
        permissions=terms_of(data_map),
        parties={
            name: Party(name=each.label, role=each.role, country=each.country, has_safeguard=each.safeguard is not None)
            for name, each in data_map.recipients.items()
        },
        items=frozenset(items),
        described={
            recipient: {purpose: frozenset(given) for purpose, given in by_purpose.items()}
            for recipient, by_purpose in described.items()
        },
        datamap_version=data_map.version,
    )
