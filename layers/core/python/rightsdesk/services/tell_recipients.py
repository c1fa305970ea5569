"""Tell everybody who was given data what was done with them: once each, and again where nobody was reached (GDPR 19).

First all notices are written down with the case, then they go out one by one. What was sent is not sent again; who
can't be reached stays to be told, and is tried again each day (`check_deadline`).

They are told of what a request stops as soon as it is stopped, and of what was decided before the person is answered:
of the same thing once. What the decision ends of the first they hear with the person (`tell_of_lifting`).
"""

# serves: E-03, E-04, E-05, E-06, E-09, E-10, P-04, P-10, C-1

from collections.abc import Callable, Collection, Mapping
from uuid import uuid4

from rightsdesk.domain.audit import Detail
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.recipient_notice import MOST_IDENTIFIERS, RecipientNotice, decided
from rightsdesk.domain.request import SYSTEM, PrivacyRequest
from rightsdesk.domain.safeguards import open_safeguards
from rightsdesk.law.telling_recipients import Telling, stays_stopped, to_be_told, to_be_told_meanwhile
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.recipients import RecipientNotices, TellOne
from rightsdesk.ports.time import Clock

Identifiers = Callable[[PrivacyRequest, frozenset[str]], Mapping[str, tuple[str, ...]]]
"""(case, kinds) -> the identifiers of these kinds that are known of the person."""

# By these nothing was read: the map says who may have been given something. Whoever knows people by a number, and none
# of this person's, never was (an order that was never made).
_OF_NO_ROW = ("restrict", "stop_use")


class RecipientsTelling:
    """Both tasks of the workflow answer how many recipients know of the case, or have to. Run again, they go on with
    those who were not told. They raise SourceUnavailableError where it can't be found out by what a recipient knows
    the person.
    """

    def __init__(
        self,
        *,
        cases: CaseStore,
        notices: RecipientNotices,
        tell: TellOne,
        data_map: DataMap,
        identifiers: Identifiers,
        clock: Clock,
        new_id: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self._cases = cases
        self._notices = notices
        self._tell = tell
        self._data_map = data_map
        self._identifiers = identifiers
        self._clock = clock
        self._new_id = new_id

    def tell_meanwhile(self, request_id: str) -> int:
        """What is stopped since the code was entered. Of what may not be spoken of yet nobody hears before the end."""
        case = self._cases.get(request_id)
        case.require_open()
        if case.use is None or case.was_decided or case.answered_at is not None or open_safeguards(case):
            return len(case.notices)
        asked = self._notices.of(request_id) if case.notices else []
        telling = to_be_told_meanwhile(case, self._data_map)
        stays = stays_stopped(case, self._data_map)
        if telling is not None and stays is not None:
            case = self._written_down(
                case,
                telling.only(set(telling.fields) - {notice.recipient for notice in asked}),
                meanwhile=frozenset(name for name in telling.fields if telling.of(name) != stays.of(name)),
            )
        return self._all_told(case)

    def tell(self, request_id: str) -> int:
        """What was decided, and is carried out."""
        case = self._cases.get(request_id)
        case.require_open()
        telling = to_be_told(case, self._data_map, self._cases.decisions(request_id))
        if telling is not None:
            asked = {notice.recipient: notice for notice in self._notices.of(request_id)} if case.notices else {}
            told = {name for name, notice in asked.items() if not notice.meanwhile}
            case = self._written_down(case, telling.only(set(telling.fields) - told), instead_of=asked)
        return self._all_told(case)

    def _all_told(self, case: PrivacyRequest) -> int:
        for notice in self._notices.of(case.request_id) if case.notices else ():
            recipient = self._data_map.recipients.get(notice.recipient)
            if recipient is not None and not notice.sendings and not notice.is_settled:
                case = self._tell(case, notice, recipient)
        return len(case.notices)

    def _written_down(
        self,
        case: PrivacyRequest,
        telling: Telling,
        *,
        meanwhile: Collection[str] = (),
        instead_of: Mapping[str, RecipientNotice] | None = None,
    ) -> PrivacyRequest:
        """`meanwhile`: recipients for whom somebody has still to decide. `instead_of`: recipient -> what it was asked
        until then.
        """
        recipients = self._data_map.recipients
        kinds = frozenset(kind for name in telling.fields for kind in recipients[name].knows)
        known = self._identifiers(case, kinds) if kinds else {}
        if telling.action in _OF_NO_ROW:
            telling = telling.only(
                name
                for name in telling.fields
                if not (knows := recipients[name].knows) or any(known.get(kind) for kind in knows)
            )
        if not telling.fields:
            return case
        before = instead_of or {}
        written = tuple(
            decided(before.get(name), self._notice(case, telling, name, known, meanwhile=name in meanwhile))
            for name in telling.fields
        )
        details: dict[str, Detail] = {"action": telling.action, "recipients": list(telling.fields)}
        if waiting := [name for name in telling.fields if name in meanwhile]:
            details["meanwhile"] = waiting
        after, event = case.changed(
            "recipients_named",
            at=self._clock(),
            actor=SYSTEM,
            details=details,
            notices=case.notices | {notice.recipient: notice.line for notice in written},
        )
        self._notices.add(case, after, event, written, instead_of=before)
        return after

    def _notice(
        self,
        case: PrivacyRequest,
        telling: Telling,
        name: str,
        known: Mapping[str, tuple[str, ...]],
        *,
        meanwhile: bool,
    ) -> RecipientNotice:
        recipient = self._data_map.recipients[name]
        return RecipientNotice(
            recipient=name,
            notice_id=self._new_id(),
            channel=recipient.connector.kind,
            action=telling.action,
            law=case.due.laws[0],
            fields=telling.fields[name],
            purposes=telling.purposes.get(name, ()),
            meanwhile=meanwhile,
            identifiers={kind: tuple(known[kind][:MOST_IDENTIFIERS]) for kind in recipient.knows if known.get(kind)},
            more_identifiers=any(len(known.get(kind, ())) > MOST_IDENTIFIERS for kind in recipient.knows),
            asked_at=self._clock(),
        )
