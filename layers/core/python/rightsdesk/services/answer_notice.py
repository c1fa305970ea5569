"""A recipient says what it has done: on the page that its mail leads to, or by machine (GDPR 19).

Who holds the link may answer, and there is nothing else to be learned by it. To look changes nothing; the same answer
twice, or one that comes late, changes nothing either.
"""

# serves: E-03, E-04, E-05, P-10

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.notice_views import FieldChange, KnownBy, NoticePage
from rightsdesk.domain.recipient_notice import (
    TOKEN_PURPOSE,
    NoticeState,
    RecipientNotice,
    is_on_record,
    moved,
    read_notice_token,
)
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.law.notice_grounds import ground_of_notice
from rightsdesk.observability import left_to_the_sweep
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.recipients import RecipientNotices, record_notice
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow, resume

if TYPE_CHECKING:
    from rightsdesk.domain.datamap import DataMap


class NoticeAnswers:
    """What a recipient says, however it says it."""

    def __init__(
        self, *, cases: CaseStore, notices: RecipientNotices, tokens: TaskTokens, workflow: Workflow, clock: Clock
    ) -> None:
        self._cases = cases
        self._notices = notices
        self._tokens = tokens
        self._workflow = workflow
        self._clock = clock

    def find(self, notice_id: str) -> RecipientNotice:
        """Raises NotFoundError."""
        return self._notices.find(notice_id)[1]

    def case_of(self, notice_id: str) -> PrivacyRequest:
        """Raises NotFoundError."""
        return self._cases.get(self._notices.find(notice_id)[0])

    def take(self, notice_id: str, state: NoticeState, reason: str | None = None) -> RecipientNotice:
        """The notice as it is then. News that is none is passed over.

        Raises NotFoundError, GoneError where another notice has its place, InvalidInputError on `state` or `reason`,
        and ServiceUnavailableError.
        """
        request_id, notice = self._notices.find(notice_id)
        now = self._clock()
        case = record_notice(
            request_id,
            notice.recipient,
            lambda each: moved(each, state, at=now, reason=reason),
            "recipient_answered",
            actor=f"recipient:{notice.recipient}",
            at=now,
            cases=self._cases,
            notices=self._notices,
        )
        if case.is_open and case.all_are_told:
            with left_to_the_sweep(request_id):
                resume(request_id, "recipients", {}, tokens=self._tokens, workflow=self._workflow)
        return self._notices.get(request_id, notice.recipient)


class NoticePages:
    """The page of a notice. The data map says what things are called."""

    def __init__(
        self,
        *,
        answers: NoticeAnswers,
        keys: Keyring,
        merchant: MerchantProfile,
        data_map: "Callable[[], DataMap]",
    ) -> None:
        self._answers = answers
        self._keys = keys
        self._merchant = merchant
        self._data_map = data_map

    def view(self, token: str) -> NoticePage:
        """Raises NotFoundError for a link that is none of ours, and GoneError (`notice_replaced`) for an old one."""
        return self._page(self._answers.find(self._opened(token)))

    def answer(self, token: str, state: NoticeState, reason: str | None) -> NoticePage:
        """`stands` of the page says where it was not taken. Raises NotFoundError, InvalidInputError on `state` or
        `reason`.
        """
        notice = self._answers.take(self._opened(token), state, reason)
        return self._page(notice).model_copy(update={"stands": not is_on_record(notice, state, reason)})

    def _opened(self, token: str) -> str:
        notice_id = read_notice_token(self._keys.key(TOKEN_PURPOSE), token)
        if notice_id is None:
            raise NotFoundError("no such notice")
        return notice_id

    def _page(self, notice: RecipientNotice) -> NoticePage:
        data_map = self._data_map()
        kinds, known = data_map.identifiers, data_map.purposes
        return NoticePage(
            reference=notice.reference,
            asks=notice.asks,
            action=notice.action,
            purposes=tuple(known[name].label for name in notice.purposes if name in known),
            basis=ground_of_notice(notice.law, notice.action),
            fields=()
            if notice.is_settled
            else tuple(_fields(self._answers.case_of(notice.notice_id), notice, data_map)),
            known_by=tuple(
                KnownBy(kind=kinds[kind].label, values=values)
                for kind, values in notice.identifiers.items()
                if kind in kinds
            ),
            more=notice.more_identifiers,
            asked_on=notice.asked_at.astimezone(self._merchant.timezone).date(),
            respond_by=notice.respond_by.astimezone(self._merchant.timezone).date(),
            state=notice.state,
            open=not notice.is_settled,
            ends_on=notice.ends_at.astimezone(self._merchant.timezone).date() if notice.ends_at else None,
        )


def _fields(case: PrivacyRequest, notice: RecipientNotice, data_map: "DataMap") -> Iterator[FieldChange]:
    """What of theirs is concerned. What is right is told to who was given what was wrong, and to nobody else (19)."""
    from rightsdesk.domain.rectification import place_of  # brings the data map, which the door of machines does without

    stated = case.rectification
    told = () if stated is None else stated.told[0] if case.corrects else stated.corrections
    right = {each.field: each.new for each in told}
    for path in notice.fields:
        place = place_of(data_map, path)
        if place is not None:
            found = right.get(path, right.get(place.field.same_as or ""))  # the same, held in another place
            value = found if notice.action == "correct" and case.is_open else None
            yield FieldChange(what=place.field.label, value=None if value is None else str(value))
