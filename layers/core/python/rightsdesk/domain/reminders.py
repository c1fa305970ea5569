"""The agenda of a case: when staff are reminded of it, and when its person hears from us without having asked.

Staff hear 7, 3 and 1 days before the target; on the target, on the due date and on each day after it, approvers hear
as well. Of a case that nobody has confirmed they hear only if it fails to end by itself. The person hears once when
something is still to be entered or confirmed, once how things stand (law.md 2), and once, on the day after it was due,
that the answer is late and where to complain (GDPR 12(4); of a question or a complaint: after the day that was
promised). Not while they are waited for.

An agenda is computed from the case as it stands, so an extension or a suspension moves it with no further step. What
was said stands in `case.reminders` by name, and a reminder of staff is named after its date: a target that moves is
spoken of anew, and no date twice. A question of staff is recalled at the first look after a week without an answer.

Who was given the data is reminded 7, 14 and 30 days after they were to be told, and each 30 days from then on, for as
long as they have not done it; staff hear of it on the same days, and approvers from the thirtieth (GDPR 19).
"""

# serves: B-1, E-00, E-14, P-10, C-1

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from rightsdesk.domain.identity import REMINDED_AFTER, VERIFICATION_PERIOD, Assurance
from rightsdesk.domain.request import TOLD_TO_OTHERS, DueDates, PrivacyRequest, RequestType

_BEFORE_TARGET = (7, 3, 1)
_HOUR = time(9, 0)  # in the merchant's zone: when somebody is there to read it
_DAY = timedelta(days=1)
_ENDS_AFTER = VERIFICATION_PERIOD + _DAY  # the beginning: by then a case that nobody confirms has ended by itself


class Told(StrEnum):
    """What an appointment is, as the history of the case calls it once it was kept."""

    STAFF_REMINDED = "staff_reminded"
    ESCALATED = "escalated"  # approvers were told, too
    VERIFICATION_REMINDED = "verification_reminded"
    CONFIRMATION_REMINDED = "confirmation_reminded"
    PROGRESS_NOTICED = "progress_noticed"
    LATENESS_NOTICED = "lateness_noticed"
    RECIPIENTS_REMINDED = "recipients_reminded"  # and staff told of it
    RECIPIENTS_ESCALATED = "recipients_escalated"  # and approvers, too

    @property
    def is_for_staff(self) -> bool:
        return self in (Told.STAFF_REMINDED, Told.ESCALATED, Told.RECIPIENTS_REMINDED, Told.RECIPIENTS_ESCALATED)

    @property
    def is_for_approvers(self) -> bool:
        return self in (Told.ESCALATED, Told.RECIPIENTS_ESCALATED)

    @property
    def is_for_recipients(self) -> bool:
        return self in (Told.RECIPIENTS_REMINDED, Told.RECIPIENTS_ESCALATED)


CODE = "code"  # was not entered
EVIDENCE = "evidence"  # an order number and its postcode were not entered
CONFIRMATION = "confirmation"  # of an erasure was not given
PROGRESS = "progress"
LATE = "late"  # once for a case, whatever becomes of its dates
RECIPIENTS = "recipients"  # have not done yet what they were told
QUESTION = "question"  # of staff, that has no answer yet

_RECIPIENT_DAYS = (7, 14, 30)  # after they were to be told
_RECIPIENTS_AGAIN = timedelta(days=30)
_SILENCE = timedelta(days=7)  # after which a question is recalled: how things stand is that we wait (abuse case 76)


@dataclass(frozen=True)
class Appointment:
    """Something to say at nine in the morning of the merchant's day `on`. `about` is said, `name` is kept."""

    on: date
    told: Told
    about: str  # `target_in_7_days`, `overdue`, `code`...
    name: str


def is_over(case: PrivacyRequest) -> bool:
    """Whether nothing is left on the agenda, for good: the clock has stopped, though an answer may yet be fetched.

    Not while somebody who was given the data has still to do what was done here.
    """
    return not case.is_open or (case.answered_at is not None and case.all_are_told)


def agenda(case: PrivacyRequest, *, zone: ZoneInfo, until: date) -> list[Appointment]:
    """All of a case as it stands, after receipt and up to `until`, in order; of one day, the gravest last.

    Among them those that depend on what the person may yet do: `due_now` knows whether they have a point.
    """
    if is_over(case):
        return []
    everything = list(_for_recipients(case, zone, until))
    if case.answered_at is None:
        everything += [*_for_person(case, zone), *_for_staff(case.due, until)]
    return sorted(
        (each for each in everything if case.due.received_on < each.on <= until), key=lambda appointment: appointment.on
    )


def due_now(case: PrivacyRequest, *, now: datetime, zone: ZoneInfo) -> list[Appointment]:
    """Those whose hour has come, which were not kept, and which still have a point."""
    today = _reached(now, zone)
    return [
        appointment
        for appointment in agenda(case, zone=zone, until=today)
        if appointment.name not in case.reminders and _has_point(appointment, case, today, zone)
    ]


def next_look_at(case: PrivacyRequest, *, now: datetime, zone: ZoneInfo) -> datetime:
    """The next moment after `now` at which there may be something to say about a case that is not over."""
    reached = _reached(now, zone)
    last = max(reached + _RECIPIENTS_AGAIN if case.notices else reached, case.due.due_on) + _DAY
    days = [appointment.on for appointment in agenda(case, zone=zone, until=last) if appointment.on > reached]
    if case.assurance is Assurance.NONE and _ended_by(case, zone) > reached:
        days.append(_ended_by(case, zone))
    if _may_be_asked(case):
        # Nobody wakes the watch when something is asked: its reminder would come on this day at the earliest.
        days.append(now.astimezone(zone).date() + REMINDED_AFTER)
    if any(line.untold and line.unreached for line in case.notices.values()):
        days.append(reached + _DAY)  # they are tried again
    if TOLD_TO_OTHERS.intersection(case.types) and _may_be_told(case):
        days.append(reached + _RECIPIENT_DAYS[0] * _DAY)  # nobody wakes the watch when they are told
    return datetime.combine(min(days, default=last), _HOUR, zone)


def _for_recipients(case: PrivacyRequest, zone: ZoneInfo, until: date) -> Iterator[Appointment]:
    """Counted from the first of those who have not done it."""
    waited_for = [line.asked_at for line in case.notices.values() if not line.settled]
    if not waited_for:
        return
    asked_on = min(waited_for).astimezone(zone).date()
    days = [n * _DAY for n in _RECIPIENT_DAYS]
    while asked_on + days[-1] <= until:
        days.append(days[-1] + _RECIPIENTS_AGAIN)
    for each in days:
        told = Told.RECIPIENTS_REMINDED if each < _RECIPIENTS_AGAIN else Told.RECIPIENTS_ESCALATED
        yield Appointment(on=asked_on + each, told=told, about=RECIPIENTS, name=f"{RECIPIENTS}_{each.days}_days")


def _for_staff(due: DueDates, until: date) -> Iterator[Appointment]:
    for n in _BEFORE_TARGET:
        about = f"target_in_{n}_day{'s' if n > 1 else ''}"
        yield _of_staff(due.target_on - n * _DAY, Told.STAFF_REMINDED, about, due.target_on)
    yield _of_staff(due.target_on, Told.ESCALATED, "target", due.target_on)
    yield _of_staff(due.due_on, Told.ESCALATED, "due", due.due_on)
    overdue = due.due_on + _DAY
    while overdue <= until:
        yield _of_staff(overdue, Told.ESCALATED, "overdue", overdue)
        overdue += _DAY


def _of_staff(on: date, told: Told, about: str, day: date) -> Appointment:
    return Appointment(on=on, told=told, about=about, name=f"{about}_{day.isoformat()}")


def _for_person(case: PrivacyRequest, zone: ZoneInfo) -> Iterator[Appointment]:
    if case.assurance is Assurance.NONE:
        yield _reminder(case.began_at, zone, CODE)
    if case.evidence_needed and case.evidence_asked_at:
        yield _reminder(case.evidence_asked_at, zone, EVIDENCE)
    if case.erasure and case.erasure.asked_at and case.erasure.confirmed_at is None:
        yield _reminder(case.erasure.asked_at, zone, CONFIRMATION, Told.CONFIRMATION_REMINDED)
    if case.due.progress_notice_due_on and case.extension is None:  # the letter of an extension is a progress notice
        on = case.due.progress_notice_due_on - _DAY
        yield Appointment(on=on, told=Told.PROGRESS_NOTICED, about=PROGRESS, name=PROGRESS)
    yield Appointment(on=case.due.due_on + _DAY, told=Told.LATENESS_NOTICED, about=LATE, name=LATE)
    question = case.open_question
    if question is not None and question.text is not None:
        asked_on = question.asked_at.astimezone(zone).date()
        name = f"{QUESTION}_{asked_on.isoformat()}"
        yield Appointment(on=asked_on + _SILENCE, told=Told.PROGRESS_NOTICED, about=QUESTION, name=name)


def _reminder(asked_at: datetime, zone: ZoneInfo, about: str, told: Told = Told.VERIFICATION_REMINDED) -> Appointment:
    on = asked_at.astimezone(zone).date() + REMINDED_AFTER
    return Appointment(on=on, told=told, about=about, name=about)


def _has_point(appointment: Appointment, case: PrivacyRequest, today: date, zone: ZoneInfo) -> bool:
    if case.is_frozen and appointment.about in (CODE, EVIDENCE, CONFIRMATION, LATE):
        return False  # the mailbox said that it did not ask: it is asked for nothing, and promised nothing
    if appointment.about == CODE:
        return case.code_mailed  # else the mailbox was never told of this request (abuse case 38)
    if appointment.about == PROGRESS:
        return case.assurance > Assurance.NONE  # nothing is told to somebody who may be a stranger
    if appointment.about == LATE:
        return case.assurance > Assurance.NONE and not _waits_for_person(case)
    if appointment.about in (EVIDENCE, CONFIRMATION, RECIPIENTS):
        return True
    # A flood of requests that nobody confirms must not become a flood of mails to staff (abuse case 38).
    ends_by_itself = case.assurance is Assurance.NONE and case.failure is None
    return not ends_by_itself or today >= _ended_by(case, zone)


def _ended_by(case: PrivacyRequest, zone: ZoneInfo) -> date:
    return case.began_at.astimezone(zone).date() + _ENDS_AFTER


def _waits_for_person(case: PrivacyRequest) -> bool:
    """Whether it is not ours to go on: a question, an order number or the word for an erasure is waited for."""
    erasure = case.erasure
    unconfirmed = erasure is not None and erasure.asked_at is not None and erasure.confirmed_at is None
    return case.evidence_needed or case.open_question is not None or unconfirmed


def _may_be_asked(case: PrivacyRequest) -> bool:
    """Whether it may yet turn out that the mailbox is not enough; an erasure has to be confirmed, too."""
    if RequestType.ERASURE in case.types and (case.erasure is None or case.erasure.asked_at is None):
        return True
    return case.datamap_version is None and case.evidence_asked_at is None


def _may_be_told(case: PrivacyRequest) -> bool:
    """Whether recipients have still to hear what was decided."""
    return not case.notices or any(line.meanwhile for line in case.notices.values())


def _reached(now: datetime, zone: ZoneInfo) -> date:
    """The last day whose hour has come."""
    local = now.astimezone(zone)
    return local.date() if local.time() >= _HOUR else local.date() - _DAY
