"""Tell everybody who was given data what was done with them: once each, and again where nobody was reached (GDPR 19).

First all notices are written down with the case, then they go out one by one. What was sent is not sent again; who
can't be reached stays to be told, and is tried again each day (`check_deadline`).
"""

# serves: E-03, E-04, E-05, E-06, E-09, E-10, P-04, P-10, C-1

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import uuid4

from rightsdesk.domain.audit import Detail
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.recipient_notice import MOST_IDENTIFIERS, RecipientNotice
from rightsdesk.domain.request import SYSTEM, PrivacyRequest
from rightsdesk.law.telling_recipients import to_be_told
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.recipients import RecipientNotices, TellOne
from rightsdesk.ports.time import Clock

Identifiers = Callable[[PrivacyRequest, frozenset[str]], Mapping[str, tuple[str, ...]]]
"""(case, kinds) -> the identifiers of these kinds that are known of the person."""

# By these nothing was read: the map says who may have been given something. Whoever knows people by a number, and none
# of this person's, never was (an order that was never made).
_OF_NO_ROW = ("restrict", "stop_use")


def tell_recipients(
    request_id: str,
    *,
    cases: CaseStore,
    notices: RecipientNotices,
    tell: TellOne,
    data_map: DataMap,
    identifiers: Identifiers,
    clock: Clock,
    new_id: Callable[[], str] = lambda: str(uuid4()),
) -> int:
    """Task of the workflow; how many recipients are waited for. Run again, it goes on with those who were not told.

    Raises SourceUnavailableError where it can't be found out by what a recipient knows the person.
    """
    case = cases.get(request_id)
    case.require_open()
    if not case.notices:
        case = _written_down(case, cases, notices, data_map, identifiers, clock(), new_id)
    if not case.notices:
        return 0
    for notice in notices.of(request_id):
        recipient = data_map.recipients.get(notice.recipient)
        if recipient is not None and not notice.sendings and not notice.is_settled:
            case = tell(case, notice, recipient)
    return len(case.notices)


def _written_down(
    case: PrivacyRequest,
    cases: CaseStore,
    notices: RecipientNotices,
    data_map: DataMap,
    identifiers: Identifiers,
    now: datetime,
    new_id: Callable[[], str],
) -> PrivacyRequest:
    telling = to_be_told(case, data_map, cases.decisions(case.request_id))
    if telling is None or not telling.fields:
        return case
    kinds = frozenset(kind for name in telling.fields for kind in data_map.recipients[name].knows)
    known = identifiers(case, kinds) if kinds else {}
    if telling.action in _OF_NO_ROW:
        had = {
            name: fields
            for name, fields in telling.fields.items()
            if not (knows := data_map.recipients[name].knows) or any(known.get(kind) for kind in knows)
        }
        telling = telling.model_copy(update={"fields": had})
        if not had:
            return case
    written = tuple(
        RecipientNotice(
            recipient=name,
            notice_id=new_id(),
            channel=data_map.recipients[name].connector.kind,
            action=telling.action,
            law=case.due.laws[0],
            fields=fields,
            purposes=telling.purposes.get(name, ()),
            identifiers={
                kind: tuple(known[kind][:MOST_IDENTIFIERS])
                for kind in data_map.recipients[name].knows
                if known.get(kind)
            },
            more_identifiers=any(
                len(known.get(kind, ())) > MOST_IDENTIFIERS for kind in data_map.recipients[name].knows
            ),
            asked_at=now,
        )
        for name, fields in telling.fields.items()
    )
    details: dict[str, Detail] = {"action": telling.action, "recipients": list(telling.fields)}
    after, event = case.changed(
        "recipients_named",
        at=now,
        actor=SYSTEM,
        details=details,
        notices={notice.recipient: notice.line for notice in written},
    )
    notices.add(case, after, event, written)
    return after
