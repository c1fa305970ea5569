"""Look at a case when one of its dates has come: remind, and say when to look again."""

# serves: B-1, E-00

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.reminders import next_reminder_at, reminders_now, warning_of
from rightsdesk.domain.request import SYSTEM
from rightsdesk.ports import CaseStore, Clock, Correspondence


class Watch(BaseModel):
    """What deadline_watch needs to know: whether it may end, and when to wake."""

    model_config = ConfigDict(frozen=True)

    closed: bool
    wake_at: datetime


def check_deadline(
    request_id: str, *, cases: CaseStore, letters: Correspondence, merchant: MerchantProfile, clock: Clock
) -> Watch:
    """Task of the workflow. Reads the dates from the table, so that an extension is only data.

    A case that is answered is watched no more: its clock has stopped, although the answer can still be fetched.
    """
    case = cases.get(request_id)
    now = clock()
    if not case.is_open or case.answered_at:
        return Watch(closed=True, wake_at=now)
    due = reminders_now(case.due, now=now, zone=merchant.timezone, sent=case.reminders)
    if due:
        letters.to_staff(
            case,
            Letter.STAFF_DEADLINE,
            {
                "reference": case.reference,
                "types": [Phrase(name=f"type.{kind}") for kind in case.types],
                "warning": Phrase(name=f"warning.{warning_of(due[-1])}"),
                "status": Phrase(name=f"status.{case.status}"),
                "assignee": case.assignee or Phrase(name="nobody"),
                "target_on": case.due.target_on,
                "due_on": case.due.due_on,
                "failure": f"{case.failure.state}: {case.failure.error}" if case.failure else "",
            },
            version=len(case.reminders) + len(due),
        )
        after, event = case.changed(
            "staff_reminded", at=now, actor=SYSTEM, details={"reminders": due}, reminders=(*case.reminders, *due)
        )
        cases.save(case, after, event)
    # Not before a minute from now, whatever the clocks of two machines think of each other.
    ahead = next_reminder_at(case.due, now=now, zone=merchant.timezone)
    return Watch(closed=False, wake_at=max(ahead, now + timedelta(minutes=1)))
