"""The staff of a desk over fakes, as their pool would know them."""

from collections.abc import Iterator
from contextlib import contextmanager

from rightsdesk.domain.errors import ServiceUnavailableError
from rightsdesk.domain.staff import Role
from tests.support.fakes import Faults


class FakeStaffDirectory:
    """Keeps the port StaffDirectory. Whoever is in `addresses` may log in."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.addresses: dict[str, str] = {}  # user id -> address
        self.members: dict[Role, set[str]] = {}  # user ids
        self.is_down = False

    def add(self, user_id: str, role: Role) -> str:
        self.addresses[user_id] = f"{user_id}@shop.example"
        self.members.setdefault(role, set()).add(user_id)
        return self.addresses[user_id]

    def address_of(self, user_id: str) -> str | None:
        with self._call("staff.address_of"):
            return self.addresses.get(user_id)

    def addresses_in(self, role: Role) -> tuple[str, ...]:
        with self._call("staff.addresses_in"):
            known = (self.addresses.get(user_id) for user_id in self.members.get(role, ()))
            return tuple(sorted(filter(None, known)))

    @contextmanager
    def _call(self, name: str) -> Iterator[None]:
        with self._faults.call(name):
            if self.is_down:
                raise ServiceUnavailableError(name)
            yield
