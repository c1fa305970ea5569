"""When an answer is due: one function, `compute_deadlines`, from receipt and residence to every date of a case.

It is a pure function of what happened: an extension or the end of a suspension is new data and a new computation, never
a date that is moved by hand. No date runs backwards when the day of receipt moves forward; several days of receipt may
share one due date, at the end of a short month (28 to 31 January) or before a weekend or holiday.
"""

# serves: E-00, B-4, B-6

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rightsdesk.law.appi import appi_dates
from rightsdesk.law.applicability import Law, laws_for
from rightsdesk.law.countries import EEA, JAPAN, ZONES, state_of
from rightsdesk.law.dates import LegalDates
from rightsdesk.law.deadlines import Deadlines, end_of_day
from rightsdesk.law.explanation import Step, StepCode, step
from rightsdesk.law.gdpr import MONTH_OF_THE_GDPR, Period, gdpr_dates
from rightsdesk.law.promised_days import PromisedDays, promised_dates
from rightsdesk.law.suspension import Suspension

_WHY_IT_APPLIES = {Law.GDPR: "GDPR-3", Law.APPI: "APPI-16-2", Law.PROMISE: "POLICY-PROMISE"}


def compute_deadlines(
    received_at: datetime | date,
    country: str,
    *,
    controller_country: str = JAPAN,
    controller_zone: str = "Asia/Tokyo",
    extended: bool = False,
    suspensions: Sequence[Suspension] = (),
    as_of: date | None = None,
    laws: Iterable[Law] | None = None,
    promise_months: int = 1,
    promised: PromisedDays | None = None,
) -> Deadlines:
    """The deadlines of a request from a subject who lives in `country` (ISO 3166-1 alpha-2).

    `received_at` is an aware datetime, or a date where the local day of receipt is settled. `as_of` is today, for an
    open suspension (without it an open question does not move the due date). `laws` looks at some laws only; by
    default they follow from the two countries. `promise_months` is the merchant's promise where no law here applies;
    `promised` sets all dates of what is no right, whatever law applies.

    Raises ValueError for a naive datetime, a country that is no code, a year without a calendar of holidays, a question
    asked before receipt, the GDPR for a case outside the EEA, and an extension under the APPI alone, which knows none.
    """
    home, seat = state_of(country), state_of(controller_country)
    applying = tuple(law for law in Law if law in (laws or laws_for(country, controller_country=controller_country)))
    zones = tuple(dict.fromkeys((controller_zone, *ZONES.get(country, ()))))
    received_on, receipt = _day_of_receipt(received_at, zones)

    weeks = appi_dates(received_on) if Law.APPI in applying and not promised else None
    month = None
    if applying != (Law.APPI,) and not promised:
        by_law = Law.GDPR in applying
        month = gdpr_dates(
            received_on,
            state=_member_state(home, seat) if by_law else seat,
            controller_country=seat,
            extended=extended,
            suspensions=tuple(suspensions),
            as_of=as_of,
            period=MONTH_OF_THE_GDPR if by_law else Period(promise_months, "POLICY-PROMISE", "POLICY-PROMISE"),
        )
    if promised:
        dates = promised_dates(received_on, promised, country=country, seat=seat, laws=applying)
    else:
        dates = _stricter(month, weeks, extended=extended)

    countries = {"country": country, "controller_country": controller_country}
    laws_apply = (step(StepCode.LAWS_APPLY, _WHY_IT_APPLIES[law], laws=str(law), **countries) for law in applying)
    why = (*laws_apply, *receipt, *dates.steps)
    return Deadlines(
        laws=applying,
        received_on=received_on,
        nominal_on=dates.nominal_on,
        due_on=dates.due_on,
        due_at=end_of_day(dates.due_on, zones),
        conservative_due_on=dates.conservative_due_on,
        extended_due_on=dates.extended_due_on,
        extension_notice_due_on=dates.extension_notice_due_on,
        refusal_notice_due_on=dates.refusal_notice_due_on,
        progress_notice_due_on=dates.progress_notice_due_on,
        target_on=dates.target_on,
        extended=extended,
        suspended_days=dates.suspended_days,
        zones=zones,
        rules=tuple(dict.fromkeys(each.rule for each in why)),
        why=why,
    )


def _day_of_receipt(received_at: datetime | date, zones: tuple[str, ...]) -> tuple[date, tuple[Step, ...]]:
    """The earliest local date of receipt: no later day of receipt ever has an earlier due date."""
    if not isinstance(received_at, datetime):
        return received_at, ()
    if received_at.utcoffset() is None:
        raise ValueError("a moment of receipt needs an offset")
    local = {zone: received_at.astimezone(ZoneInfo(zone)).date() for zone in zones}
    earliest, latest = min(local, key=local.__getitem__), max(local, key=local.__getitem__)
    if local[earliest] == local[latest]:
        return local[earliest], ()
    difference = step(
        StepCode.EARLIER_ZONE,
        "POLICY-ZONE",
        received_on=local[earliest],
        zone=earliest,
        later_on=local[latest],
        later_zone=latest,
    )
    return local[earliest], (difference,)


def _member_state(home: str, seat: str) -> str:
    """The state whose holidays count: where the subject lives, else (GDPR 3(1)) where the controller is."""
    if home in EEA:
        return home
    if seat in EEA:
        return seat
    raise ValueError("the GDPR needs a subject or a controller in the EEA")


def _stricter(month: LegalDates | None, weeks: LegalDates | None, *, extended: bool) -> LegalDates:
    """The stricter in each step. Only the GDPR names a last day, so it sets the due dates; the earlier target holds.

    Once an extension was told, that letter is the progress notice that the APPI wants, and the longer target holds.
    """
    if weeks is None or month is None:
        alone = month or weeks
        if alone is None:
            raise ValueError("at least one law is needed")
        if extended and alone.extended_due_on is None:
            raise ValueError("the APPI knows no extension")
        return alone
    if extended:
        target_on, reason = month.target_on, step(StepCode.EXTENSION_IS_PROGRESS_NOTICE, "POLICY-STRICTER")
    else:
        target_on = min(month.target_on, weeks.target_on)
        law = Law.APPI if target_on == weeks.target_on else Law.GDPR
        reason = step(StepCode.STRICTER_TARGET, "POLICY-STRICTER", law=law.value, target_on=target_on)
    return replace(
        month,
        target_on=target_on,
        progress_notice_due_on=weeks.progress_notice_due_on,
        steps=(*month.steps, *weeks.steps, reason),
    )
