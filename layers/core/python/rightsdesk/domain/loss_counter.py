"""Counts what a person would lose, record by record in constant memory, for the warning before an erasure (E-14)."""

# serves: E-14

from collections.abc import Callable
from datetime import date, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING

from rightsdesk.domain.erasure_plan import Loss
from rightsdesk.domain.losses import LossCondition
from rightsdesk.domain.record_values import day_reading, number_of
from rightsdesk.domain.records import Record

if TYPE_CHECKING:
    from rightsdesk.domain.datamap import Collection


class LossCounter:
    """`see` every record of the person in a collection once; also those that a law keeps, for the service ends."""

    def __init__(self, collection: "Collection", today: date, zone: tzinfo) -> None:
        self._collection = collection
        self._tests = [_test(collection, loss.when, today, zone) for loss in collection.losses]
        self._counts = [0] * len(self._tests)
        self._sums = [Decimal(0)] * len(self._tests)

    def see(self, record: Record) -> None:
        for index, (loss, holds) in enumerate(zip(self._collection.losses, self._tests, strict=True)):
            if holds(record):
                self._counts[index] += 1
                if loss.total is not None:
                    self._sums[index] += number_of(record.get(loss.total)) or 0

    def losses(self) -> tuple[Loss, ...]:
        """In the order of the map; what nobody would lose is left out."""
        return tuple(
            Loss(
                collection=self._collection.path,
                index=index,
                count=self._counts[index],
                amount=int(self._sums[index]) if loss.total is not None else None,
            )
            for index, loss in enumerate(self._collection.losses)
            if self._counts[index]
        )


def _test(collection: "Collection", when: LossCondition | None, today: date, zone: tzinfo) -> Callable[[Record], bool]:
    if when is None:
        return lambda _: True
    name = when.field
    if when.not_past:
        day_of = day_reading(collection, name, zone)
        return lambda record: (day := day_of(record)) is not None and day >= today
    if when.above is not None:
        least = when.above
        return lambda record: (number := number_of(record.get(name))) is not None and number > least
    texts = frozenset(when.one_of)
    return lambda record: record.get(name) in texts if isinstance(record.get(name), str) else False
