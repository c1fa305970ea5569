"""What staff see of the retention ledger, and how they let go what they hold."""

# serves: B-2, E-15

from collections.abc import Callable

from rightsdesk.domain.errors import NotFoundError, ServiceUnavailableError
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.retention_ledger import is_entry_id
from rightsdesk.domain.retention_views import RetentionPage, RetentionView
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.observability import logger
from rightsdesk.ports.retention import RetentionLedger
from rightsdesk.ports.time import Clock


class StaffRetention:
    """`erase_now` has an entry ended at once, somewhere else: the doors have no rights in the merchant's sources."""

    def __init__(
        self,
        *,
        ledger: RetentionLedger,
        erase_now: Callable[[str], None],
        merchant: MerchantProfile,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._erase_now = erase_now
        self._merchant = merchant
        self._clock = clock

    def page(self, staff: StaffMember, limit: int, cursor: str | None) -> RetentionPage:
        staff.require(Action.READ)
        entries, following = self._ledger.page(limit=limit, cursor=cursor)
        return RetentionPage(items=tuple(map(RetentionView.of, entries)), next=following)

    def lift(self, staff: StaffMember, entry_id: str) -> RetentionView:
        """Let go what a person holds, or rows that had changed: erased at once, unless a law keeps them yet.

        Raises NotFoundError, and ConflictError for what a law alone keeps, or what is being erased. It is lifted first:
        should nobody be told, the next daily run erases it.
        """
        staff.require(Action.LIFT)
        if not is_entry_id(entry_id):
            raise NotFoundError("no such entry")
        entry = self._ledger.get(entry_id)
        now = self._clock()
        today = now.astimezone(self._merchant.timezone).date()
        after, event = entry.lifted(at=now, today=today, actor=staff.actor)
        self._ledger.save(entry, after, event)
        if after.is_due(today):
            try:
                self._erase_now(entry_id)
            except ServiceUnavailableError:
                logger.warning("what was lifted waits for the daily run", extra={"entry": entry_id})
        return RetentionView.of(after)
