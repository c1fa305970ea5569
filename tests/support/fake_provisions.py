"""The ledger of provision in memory."""

from collections.abc import Iterable, Mapping, Sequence

from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.permission import Standing
from rightsdesk.domain.provision import Provision, in_order
from tests.support.fakes import Faults


class FakeProvisionLedger:
    """Keeps the port ProvisionLedger. `statistics` are those without a person; `standings` are the register's."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.entries: dict[str, dict[str, Provision]] = {}
        self.statistics: list[Provision] = []
        self.standings: Mapping[str, Standing] = {}

    def record(self, digests: Sequence[str], entry: Provision, *, as_read: Mapping[str, int] | None = None) -> None:
        with self._faults.call("provisions.record"):
            for digest, version in (as_read or {}).items():
                standing = self.standings.get(digest)
                if (standing.version if standing else 0) != version:
                    raise ConflictError("the register has moved on")
            for digest in digests:
                self.entries.setdefault(digest, {})[entry.record_id] = entry
            if not digests:
                self.statistics.append(entry)

    def of_person(self, digests: Iterable[str]) -> tuple[Provision, ...]:
        with self._faults.call("provisions.of_person"):
            return in_order(entry for digest in digests for entry in self.entries.get(digest, {}).values())
