"""Look at a case when one of its dates has come: tell who has to know, and say when to look again."""

# serves: B-1, E-00

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.audit import Detail
from rightsdesk.domain.erasure_review import CONFIRMATION_PERIOD
from rightsdesk.domain.errors import MailRejectedError, ServiceUnavailableError
from rightsdesk.domain.identity import VERIFICATION_PERIOD
from rightsdesk.domain.letters import Letter, Phrase, version_of
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.reminders import (
    CODE,
    CONFIRMATION,
    EVIDENCE,
    QUESTION,
    RECIPIENTS,
    Appointment,
    Told,
    due_now,
    is_over,
    next_look_at,
)
from rightsdesk.domain.request import SYSTEM, PrivacyRequest
from rightsdesk.domain.staff import Role
from rightsdesk.law.remedies import remedies_of
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.people import StaffDirectory
from rightsdesk.ports.time import Clock

_REMINDERS = (CODE, EVIDENCE, CONFIRMATION)  # of what the person has still to do; each is a version of one letter


Remind = Callable[[PrivacyRequest, bool], PrivacyRequest]
"""Tells those recipients again who were not reached; and, if so told, those who have not done it; the case then."""


class Watch(BaseModel):
    """What deadline_watch needs to know: whether it may end, and when to wake."""

    model_config = ConfigDict(frozen=True)

    closed: bool
    wake_at: datetime


def check_deadline(
    request_id: str,
    *,
    cases: CaseStore,
    letters: Correspondence,
    staff: StaffDirectory,
    merchant: MerchantProfile,
    links: LinkSource,
    remind: Remind,
    clock: Clock,
) -> Watch:
    """Task of the workflow. Reads the dates from the table, so that an extension is only data.

    A case that is answered is watched no more: its clock has stopped, although the answer can still be fetched; but for
    recipients of the data who have not done the same yet. Raises
    ServiceUnavailableError where somebody could not be told: nobody who was is told again when this is repeated.
    """
    case = cases.get(request_id)
    now = clock()
    if is_over(case):
        return Watch(closed=True, wake_at=now)
    due = due_now(case, now=now, zone=merchant.timezone)
    if case.recipients_left and not case.is_frozen:  # nobody is told once more of what nobody may have asked for
        case = remind(case, any(appointment.told.is_for_recipients for appointment in due))
        due = due_now(case, now=now, zone=merchant.timezone)
    watchman = _Watchman(cases=cases, letters=letters, staff=staff, merchant=merchant, links=links, now=now)
    for appointment in due:
        if not appointment.told.is_for_staff:
            case = watchman.tell_person(case, appointment)
    for_staff = [appointment for appointment in due if appointment.told.is_for_staff]
    if for_staff:
        case = watchman.tell_staff(case, for_staff)
    # Not before a minute from now, whatever the clocks of two machines think of each other.
    ahead = next_look_at(case, now=now, zone=merchant.timezone)
    return Watch(closed=False, wake_at=max(ahead, now + timedelta(minutes=1)))


class _Watchman:
    """Sends first and records then. What was sent before a crash is not sent again: each letter has its version."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        letters: Correspondence,
        staff: StaffDirectory,
        merchant: MerchantProfile,
        links: LinkSource,
        now: datetime,
    ) -> None:
        self._cases = cases
        self._letters = letters
        self._staff = staff
        self._merchant = merchant
        self._links = links
        self._now = now

    def tell_person(self, case: PrivacyRequest, appointment: Appointment) -> PrivacyRequest:
        """A mailbox that can't take mail keeps nobody from the rest; the record says that nothing went out."""
        mailed = True
        try:
            if appointment.about == CODE and self._cases.of_subject(case.subject_key)[:1] != [case.request_id]:
                mailed = False  # only the newest request is spoken of: many may be a flood that somebody sends (38)
            elif appointment.told is Told.PROGRESS_NOTICED:
                version = version_of(appointment.name) if appointment.about == QUESTION else 1
                self._letters.to_subject(case, Letter.PROGRESS, self._progress(case), version=version)
            elif appointment.told is Told.LATENESS_NOTICED:
                self._letters.to_subject(case, Letter.LATE, self._late(case))
            else:
                version = _REMINDERS.index(appointment.about) + 1
                self._letters.to_subject(
                    case, Letter.VERIFICATION_REMINDER, self._still_to_do(case, appointment.about), version=version
                )
        except MailRejectedError:
            logger.warning("person not told: the address takes no mail", extra={"request_id": case.request_id})
            mailed = False
        return self._kept(case, [appointment], appointment.told, {"mailed": mailed})

    def tell_staff(self, case: PrivacyRequest, due: Sequence[Appointment]) -> PrivacyRequest:
        """One letter says the gravest of what is due; all is on record.

        It goes to whoever has the case, and to every approver where it is escalated. What would reach nobody goes to
        the mailbox of the desk.
        """
        gravest = due[-1]
        version = len(case.reminders) + len(due)
        said = self._warning(case, gravest.about)
        escalated = gravest.told.is_for_approvers
        try:
            assignee = self._staff.address_of(case.assignee) if case.assignee else None
            approvers = self._staff.addresses_in(Role.APPROVER) if escalated else ()
        except ServiceUnavailableError:
            # However long nobody knows who has the case: the desk hears of it today, and once.
            self._tell_desk(case, said, version)
            raise
        if assignee is None or not self._tell_member(case, said, version, to=assignee, role="assignee"):
            self._tell_desk(case, said, version)
        told = [
            self._tell_member(case, said, version, to=address, role="approver")
            for address in approvers
            if address != assignee
        ]
        if escalated and not any(told):
            self._tell_desk(case, said, version)
        return self._kept(case, due, gravest.told, {"approvers": sum(told)} if escalated else {})

    def _tell_desk(self, case: PrivacyRequest, said: Mapping[str, Any], version: int) -> None:
        self._letters.to_staff(case, Letter.STAFF_DEADLINE, {**said, "role": ""}, version=version)

    def _tell_member(self, case: PrivacyRequest, said: Mapping[str, Any], version: int, *, to: str, role: str) -> bool:
        """False where their address takes no mail."""
        values = {**said, "role": Phrase(name=f"role.{role}")}
        try:
            self._letters.to_staff(case, Letter.STAFF_DEADLINE, values, version=version, to=to)
        except MailRejectedError:
            logger.warning("staff not told: an address takes no mail", extra={"request_id": case.request_id})
            return False
        return True

    def _kept(
        self, case: PrivacyRequest, due: Sequence[Appointment], told: Told, details: Mapping[str, Detail]
    ) -> PrivacyRequest:
        names = [appointment.name for appointment in due]
        after, event = case.changed(
            told,
            at=self._now,
            actor=SYSTEM,
            details={"reminders": names, **details},
            reminders=(*case.reminders, *names),
        )
        self._cases.save(case, after, event)
        return after

    def _warning(self, case: PrivacyRequest, about: str) -> dict[str, Any]:
        return {
            "reference": case.reference,
            "types": [Phrase(name=f"type.{kind}") for kind in case.types],
            "warning": Phrase(name=f"warning.{about}"),
            "status": Phrase(name=f"status.{_standing(case)}"),
            "assignee": case.assignee or Phrase(name="nobody"),
            "target_on": case.due.target_on,
            "due_on": case.due.due_on,
            "failure": f"{case.failure.state}: {case.failure.error}" if case.failure else "",
            "waited_for": list(case.recipients_left) if about == RECIPIENTS else [],
        }

    def _progress(self, case: PrivacyRequest) -> dict[str, Any]:
        standing, link = _standing(case), self._links().request(case)
        return {
            "reference": case.reference,
            "name": case.name,
            "received_on": case.received_on(self._merchant.timezone),
            "target_on": case.due.target_on,
            # The APPI alone names no last day, and the target is ours: one date is said, and not the same one twice.
            "due_on": case.due.due_on if case.due.due_on != case.due.target_on else None,
            "status": Phrase(name=f"progress.{standing}"),
            "link": f"{link}/erasure" if standing == Status.AWAITING_CONFIRMATION else link,
            "remedies": remedies_of(case, self._merchant),
        }

    def _late(self, case: PrivacyRequest) -> dict[str, Any]:
        """No reason but how far it is: what is said here lengthens nothing (GDPR 12(3), (4))."""
        return {
            "reference": case.reference,
            "name": case.name,
            "types": [Phrase(name=f"type.{kind}") for kind in case.types],
            "received_on": case.received_on(self._merchant.timezone),
            "due_on": case.due.due_on,
            # Of what is only answered there is nothing to tell but that it is not answered.
            "status": None if case.is_said_to_us else Phrase(name=f"progress.{_standing(case)}"),
            "link": self._links().request(case),
            "remedies": remedies_of(case, self._merchant),
        }

    def _still_to_do(self, case: PrivacyRequest, about: str) -> dict[str, Any]:
        """Nothing that was typed: nobody may have shown that the mailbox is theirs."""
        link, ends_at = self._links().request(case), case.began_at + VERIFICATION_PERIOD
        if about == EVIDENCE and case.evidence_asked_at:
            ends_at = case.evidence_asked_at + VERIFICATION_PERIOD
        if about == CONFIRMATION and case.erasure and case.erasure.asked_at:
            link, ends_at = f"{link}/erasure", case.erasure.asked_at + CONFIRMATION_PERIOD
        return {
            "reference": case.reference,
            "link": link,
            "closes_on": ends_at.astimezone(self._merchant.timezone).date(),
        }


def _standing(case: PrivacyRequest) -> str:
    """What is waited for, as the phrases `progress.` and `status.` name it: of a status that is two things, which."""
    if case.open_question:
        return "awaiting_answer"
    if case.status is Status.AWAITING_CONFIRMATION and case.erasure is not None and case.erasure.confirmed_at:
        return "awaiting_undo_time"
    return case.status
