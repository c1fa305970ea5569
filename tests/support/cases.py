"""Cases made by hand, for stores."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from rightsdesk.domain.audit import GENESIS, AuditEvent, chained_event
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.reference import new_reference
from rightsdesk.domain.request import Door, DueDates, PrivacyRequest, RequestType

RECEIVED = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def new_case(**changes: Any) -> tuple[PrivacyRequest, AuditEvent]:
    """A received case and its first event. `target_on` moves its target; all else are fields of the case."""
    request_id = changes.pop("request_id", uuid4().hex)
    target_on = changes.pop("target_on", date(2026, 12, 9))
    event = chained_event(
        request_id=request_id,
        sequence=1,
        previous_hash=GENESIS,
        type="received",
        at=RECEIVED,
        actor="subject",
        details={"door": "api", "types": ["access"]},
    )
    case = PrivacyRequest(
        request_id=request_id,
        reference=new_reference(),
        types=(RequestType.ACCESS,),
        status=Status.RECEIVED,
        received_at=RECEIVED,
        door=Door.API,
        language="ja",
        country="JP",
        name="佐藤 花子",
        email_as_typed="Hanako@example.jp",
        email="hanako@example.jp",
        subject_key="0" * 64,
        due=DueDates(
            laws=("appi",),
            received_on=date(2026, 11, 23),
            nominal_on=target_on,
            due_on=target_on,
            conservative_due_on=target_on,
            refusal_notice_due_on=target_on,
            target_on=target_on,
            due_at=datetime(2026, 12, 9, 14, 59, 59, tzinfo=UTC),
            rules=("APPI-33-2",),
        ),
        event_hash=event.hash,
    )
    return case.model_copy(update=changes), event
