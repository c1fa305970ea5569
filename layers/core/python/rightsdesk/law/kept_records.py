"""Why each record stays that an erasure leaves, and until when: counted from the day that the record itself holds.

What staff keep on a ground (a claim, GDPR 17(3)(e)) has no day: it stays until they lift it. What a law keeps stays as
long as that law says (`retention.py`). A record that does not hold the day of the event is counted from the day of the
request: never shorter than the law wants, and the person had nothing to do with the merchant after it.
"""

# serves: E-15

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from rightsdesk.domain.decisions import BY_POLICY, FieldDecision
from rightsdesk.domain.erasing import Kept
from rightsdesk.domain.erasure_rule import Keeping, KeptWhy
from rightsdesk.domain.record_values import day_reading
from rightsdesk.domain.records import Record
from rightsdesk.law.retention import BusinessYear, kept_until

if TYPE_CHECKING:
    from rightsdesk.domain.datamap import Collection, DataMap
    from rightsdesk.domain.merchant import MerchantProfile


def keeping_of(
    data_map: "DataMap", merchant: "MerchantProfile", *, requested_on: date, grounds: Mapping[str, str]
) -> Keeping:
    """For `domain.erasure_rule`. `grounds` as on the case (`kept`): field -> ground on which staff leave it.

    `requested_on` is the day of the request in the merchant's zone: a time that had passed by then keeps nothing.
    """
    year = BusinessYear(merchant.business_year.ends_in_month, merchant.business_year.return_due_after_months)
    known: dict[tuple[str, str, bool, str | None], KeptWhy] = {}

    def keeping(collection: "Collection", decision: FieldDecision) -> KeptWhy:
        held = decision.by != BY_POLICY
        ground = grounds.get(decision.field) if held else None
        key = (collection.path, decision.retention, held, ground)
        if key not in known:
            known[key] = _held(decision.retention, ground) if held else by_law(collection, decision.retention)
        return known[key]

    def by_law(collection: "Collection", name: str) -> KeptWhy:
        retention = data_map.retention[name]
        if retention.months is None:
            return _held(name, None)
        months, from_the_return = retention.months, retention.counts_from == "tax_return"
        dated_by = collection.dated_by.get(retention.start)
        day_of = day_reading(collection, dated_by, merchant.timezone) if dated_by else None
        by_day: dict[date, Kept | None] = {}

        def why(record: Record) -> Kept | None:
            day = (day_of(record) if day_of else None) or requested_on
            if day not in by_day:
                until = kept_until(day, months=months, from_the_return=from_the_return, business_year=year)
                by_day[day] = Kept(retention=name, until=until) if until >= requested_on else None
            return by_day[day]

        return why

    return keeping


def staying(_: "Collection", decision: FieldDecision) -> KeptWhy:
    """For `domain.erasure_rule`, by any right but erasure: what it does not reach stays, whatever its time."""
    return _staying(decision.retention)


@cache
def _staying(retention: str) -> KeptWhy:
    return _held(retention, None)


def _held(retention: str, ground: str | None) -> KeptWhy:
    kept = Kept(retention=retention, until=None, ground=ground)
    return lambda _: kept
