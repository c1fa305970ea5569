"""The shop's own word on who is who, found with the data map: accounts by mailbox, orders by number.

The map names where: the collection with `identity: true` holds accounts, a field with `role: mailbox_changed_at` says
since when a mailbox is an account's, and the collection with the roles `order_number` and `postcode` holds orders.
"""

# serves: E-00, P-01

from collections.abc import Callable
from datetime import UTC, datetime

from rightsdesk.domain.datamap import Collection, DataMap, FileCollection, TableCollection
from rightsdesk.domain.errors import SourceBrokenError
from rightsdesk.domain.records import Record, identifier_text
from rightsdesk.ports.people import Account, HeldOrder
from rightsdesk.ports.sources import SourceReader


class DataMapDirectory:
    """Keeps the port Directory. `reader_of` gives the reader of a source by its name."""

    def __init__(self, data_map: DataMap, reader_of: Callable[[str], SourceReader]) -> None:
        self._map = data_map
        self._reader_of = reader_of

    def account_of(self, address: str) -> Account | None:
        identity = next((c for c in self._map.collections if c.identity), None)
        if identity is None:
            return None
        records = list(self._reader_of(identity.source).read(identity, "email", iter([address])))
        if len(records) != 1:
            # Nobody, or an address that two accounts share: then the mailbox alone says nothing.
            return None
        changed = identity.field_with_role("mailbox_changed_at")
        return Account(
            identifiers=_identifiers(identity, records[0]),
            mailbox_changed_at=_moment(records[0].get(changed)) if changed else None,
        )

    def knows(self, address: str) -> bool:
        """Looks for one record wherever a key leads to it; files of many people's rows are not searched for this."""
        for collection in self._map.collections:
            if "email" not in collection.searched_by:
                continue
            if isinstance(collection, FileCollection) and collection.match:
                return True
            if next(self._reader_of(collection.source).read(collection, "email", iter([address])), None):
                return True
        return False

    def order(self, number: str) -> HeldOrder | None:
        found = next((c for c in self._map.collections if c.field_with_role("order_number")), None)
        if found is None:
            return None
        number_field = found.field_with_role("order_number")
        postcode_field = found.field_with_role("postcode")
        if number_field is None or postcode_field is None:
            return None
        kind = found.identifying.get(number_field)
        if kind is None or not isinstance(found, TableCollection):
            raise SourceBrokenError(f"{found.path}: orders can't be found by their number")
        for record in self._reader_of(found.source).read(found, kind, iter([number])):
            held_number = identifier_text(record.get(number_field))
            postcode = identifier_text(record.get(postcode_field))
            if held_number and postcode:
                return HeldOrder(order_number=held_number, postcode=postcode, owners=found.opened_by(record))
        return None


def _identifiers(collection: Collection, record: Record) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, kind in collection.identifying.items():
        value = identifier_text(record.get(name))
        if value is not None:
            found[kind] = (*found.get(kind, ()), value)
    return found


def _moment(value: object) -> datetime | None:
    """The time at which a mailbox became the account's; one that can't be read counts as later than now."""
    if value in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
