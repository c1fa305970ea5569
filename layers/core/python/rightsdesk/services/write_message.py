"""The person writes a message: into the thread of their request, or to take up again what an answer did not settle."""

# serves: B-6

from collections.abc import Callable

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import CaseClosedError, ConflictError, MailRejectedError, ServiceUnavailableError
from rightsdesk.domain.letters import Letter, version_of
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.messages import Message, may_be_reopened, staff_message, with_message, words_of_person
from rightsdesk.domain.request import SUBJECT, Door, PrivacyRequest, Submission
from rightsdesk.domain.session import Session
from rightsdesk.domain.views import MessageTaken, Receipt
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore, save_anyway
from rightsdesk.ports.letters import Correspondence
from rightsdesk.ports.messages import Messages, add_anyway, said_last
from rightsdesk.ports.time import Clock

_LONGEST_DETAILS = 600


class MessageWriter:
    """`submit` makes a request as every door does; `new_id` gives the same id for the same text, and nobody guesses it.

    Staff are called once, and not for each line until they have answered.
    """

    def __init__(
        self,
        *,
        cases: CaseStore,
        messages: Messages,
        letters: Correspondence,
        merchant: MerchantProfile,
        clock: Clock,
        submit: Callable[..., Receipt],
        new_id: Callable[[str], str],
    ) -> None:
        self._cases = cases
        self._messages = messages
        self._letters = letters
        self._merchant = merchant
        self._clock = clock
        self._submit = submit
        self._new_id = new_id

    def write(self, session: Session, text: str, door: Door) -> MessageTaken:
        """Raises InvalidInputError on `message`, CaseClosedError, ThreadFullError."""
        words = words_of_person(text)
        case = self._cases.get(session.request_id)
        if not case.is_open:
            case = self._taken_up_again(case, words, door)
        waited = case.reply_awaited

        def written(now: PrivacyRequest) -> tuple[PrivacyRequest, AuditEvent, Message] | Message:
            """A form that is sent twice says the same, and no more than that."""
            return said_last(self._messages, now, "person", words) or with_message(now, words, at=self._clock())

        case, message = add_anyway(self._messages, self._cases, case, written)
        if not waited:
            self._tell_staff(case, message)
        return MessageTaken(reference=case.reference, number=message.number)

    def _taken_up_again(self, answered: PrivacyRequest, words: str, door: Door) -> PrivacyRequest:
        """A request of its own, with its own dates: what is answered stays so. Once, however often this is asked."""
        if not may_be_reopened(answered, now=self._clock()):
            raise CaseClosedError("the time to take it up again is over")
        request_id = self._new_id(f"{answered.request_id} again")
        submission = Submission(
            types=answered.types,
            email=answered.email_as_typed,
            name=answered.name,
            country=answered.country,
            region=answered.region,
            language=answered.language,
            details=words[:_LONGEST_DETAILS].strip(),
            door=door,
        )
        try:
            self._submit(submission, new_id=lambda: request_id, mailbox_proven=True, follows=answered.reference)
        except ConflictError:  # it was made when this was asked before
            logger.info("taken up again before", extra={"request_id": request_id})
        again = self._cases.get(request_id)

        def linked(now: PrivacyRequest) -> tuple[PrivacyRequest, AuditEvent] | None:
            if now.followed_by is not None:
                return None
            details: dict[str, str | int | bool | list[str]] = {"reference": again.reference}
            return now.changed(
                "taken_up_again", at=self._clock(), actor=SUBJECT, details=details, followed_by=again.reference
            )

        save_anyway(self._cases, answered, linked)
        return again

    def _tell_staff(self, case: PrivacyRequest, message: Message) -> None:
        """It is kept, and stands on the work list: a mail that can't go now must not ask the person to write again."""
        values = staff_message(case, received_at=message.at, zone=self._merchant.timezone)
        once = version_of("thread", str(message.number))  # mails are numbered by themselves
        try:
            self._letters.to_staff(case, Letter.STAFF_MESSAGE, values, version=once)
        except (MailRejectedError, ServiceUnavailableError):
            logger.warning("staff not told of a message", extra={"request_id": case.request_id})
