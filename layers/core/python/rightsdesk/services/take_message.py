"""A mail from the contact of an open request, in its thread: it can add information, and it can bring back the code.

It never changes an address, never downloads, never re-opens, and never withdraws: it can only propose to (mail.md).
"""

# serves: E-00, B-6

from collections.abc import Callable
from datetime import timedelta

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import InvalidInputError, MailRejectedError, NothingAskedError, ThreadFullError
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.incoming_mail import SENSITIVE, IncomingMail, MailFlag
from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.mail_item import MailItem
from rightsdesk.domain.mail_routing import CodeReply, code_in, proposes_withdrawal
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.messages import LONGEST_MESSAGE, staff_message, with_message, words_of_person
from rightsdesk.domain.request import SUBJECT, PrivacyRequest
from rightsdesk.domain.session import Session
from rightsdesk.domain.views import Verified
from rightsdesk.observability import logger, note_limit
from rightsdesk.ports.cases import CaseStore, save_anyway
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.mail import AnswerLimits
from rightsdesk.ports.messages import Messages, add_anyway
from rightsdesk.ports.time import Clock

MOST_MESSAGES = 100  # of one request: what comes after is for staff to look at
_A_MOMENT = timedelta(minutes=1)
_A_FEW_WORDS = 60  # letters beside a code that was taken: a greeting, a name. Who writes more is read by staff
_NEXT_TO_NOTHING = 20  # and beside one that was not
_NOT_TO_KEEP = SENSITIVE | {MailFlag.QUOTED_ONLY, MailFlag.ENCRYPTED}


class MessageDesk:
    """`verify` takes the code as the page does, under the same counters; `answer` keeps an answer to staff's question.

    `due_rule` says in a phrase why the due date is what it is.
    """

    def __init__(
        self,
        *,
        cases: CaseStore,
        messages: Messages,
        limits: AnswerLimits,
        letters: Correspondence,
        links: LinkSource,
        merchant: MerchantProfile,
        clock: Clock,
        verify: Callable[[str, str], Verified],
        answer: Callable[[Session, str], None],
        due_rule: Callable[[PrivacyRequest], Phrase],
    ) -> None:
        self._cases = cases
        self._messages = messages
        self._limits = limits
        self._letters = letters
        self._links = links
        self._merchant = merchant
        self._clock = clock
        self._verify = verify
        self._answer = answer
        self._due_rule = due_rule

    def take(self, case: PrivacyRequest, item: MailItem, mail: IncomingMail) -> bool:
        """Note the message in the history of the request, and do what it brings; whether its purpose is served by that.

        It is where a code was taken or refused, or a question answered. May be run again. Raises ThreadFullError, and
        ConflictError where the request was closed meanwhile.
        """
        if item.mail_id not in case.messages and len(case.messages) >= MOST_MESSAGES:
            raise ThreadFullError("the request has had its number of messages")
        withdraws = proposes_withdrawal(mail.subject, mail.new_text)

        def noted(now: PrivacyRequest) -> tuple[PrivacyRequest, AuditEvent] | None:
            if item.mail_id in now.messages:
                return None
            now.require_open()
            return now.changed(
                "message_received",
                at=self._clock(),
                actor=SUBJECT,
                details={"mail": item.mail_id, "proposes_withdrawal": withdraws, "files": item.files},
                messages=(*now.messages, item.mail_id),
            )

        case = save_anyway(self._cases, case, noted)
        number = case.messages.index(item.mail_id) + 1
        reply = self._code(case, mail)
        if case.assurance is Assurance.NONE:
            return reply is not None and self._enter_code(case, item, reply, number=number)
        if self._answers(case, mail):
            return True
        if reply is not None and reply.other_letters <= _NEXT_TO_NOTHING:  # it was taken when this was run before
            self._confirm(case)
            return True
        self._put_into_thread(case, item, mail)
        self._tell_staff(case, item, number=number, withdraws=withdraws)
        return False

    def _tell_staff(self, case: PrivacyRequest, item: MailItem, *, number: int, withdraws: bool) -> None:
        zone = self._merchant.timezone
        values = staff_message(case, received_at=item.received_at, zone=zone, proposes_withdrawal=withdraws)
        try:
            self._letters.to_staff(case, Letter.STAFF_MESSAGE, values, version=number)
        except MailRejectedError:  # a staff mailbox that takes no mail stops nothing: it stands on the work list
            logger.warning("staff not told of a message", extra={"request_id": case.request_id})

    def _put_into_thread(self, case: PrivacyRequest, item: MailItem, mail: IncomingMail) -> None:
        """The beginning of its words, where they may be kept: staff look at the mail all the same."""
        words = mail.new_text.strip()
        if not words or _NOT_TO_KEEP & mail.flags:
            return
        if any(each.mail == item.mail_id for each in self._messages.of(case.request_id)):
            return  # this is run again
        try:
            text = words_of_person(words[:LONGEST_MESSAGE])
            add_anyway(
                self._messages,
                self._cases,
                case,
                lambda now: with_message(now, text, at=self._clock(), mail=item.mail_id),
            )
        except (InvalidInputError, ThreadFullError):
            logger.info("a mail does not fit the thread", extra={"mail_id": item.mail_id})

    def _code(self, case: PrivacyRequest, mail: IncomingMail) -> CodeReply | None:
        """The code that the person wrote. One that stands in our own letter, sent back with it, is nobody's word."""
        quoted = MailFlag.QUOTED_ONLY in mail.flags or f"/requests/{case.reference}" in mail.new_text
        return None if quoted else code_in(mail.subject, mail.new_text)

    def _enter_code(self, case: PrivacyRequest, item: MailItem, reply: CodeReply, *, number: int) -> bool:
        """Whether nothing is left to read: of a bare code staff hear nothing, as of one that is entered on the page."""
        try:
            self._verify(case.reference, reply.code)
        except InvalidInputError:
            self._refuse_code(case, item, number=number)
            return reply.other_letters <= _NEXT_TO_NOTHING
        self._confirm(self._cases.get(case.request_id))
        return reply.other_letters <= _A_FEW_WORDS

    def _confirm(self, case: PrivacyRequest) -> None:
        """Once for each request, so outside the number of answers."""
        values = {
            "reference": case.reference,
            "due_on": case.due.due_on,
            "due_rule": self._due_rule(case),
            "link": self._links().request(case),
        }
        try:
            self._letters.to_subject(case, Letter.CONFIRMED, values)
        except MailRejectedError:
            logger.warning("no answer: the address takes none", extra={"request_id": case.request_id})

    def _refuse_code(self, case: PrivacyRequest, item: MailItem, *, number: int) -> None:
        """Within the number of answers that a thread may have: whoever writes may be a machine."""
        limit = self._limits.refuse(item.mail_id, address=None, thread=case.request_id, at=self._clock())
        if limit is not None:
            note_limit(limit)
            return
        values = {"reference": case.reference, "link": self._links().request(case)}
        try:
            self._letters.to_subject(case, Letter.CODE_REFUSED, values, version=number)
        except MailRejectedError:
            logger.warning("no answer: the address takes none", extra={"request_id": case.request_id})

    def _answers(self, case: PrivacyRequest, mail: IncomingMail) -> bool:
        """Whether it was taken as the answer to staff's question; the clock then goes on by itself."""
        question, text = case.open_question, mail.new_text
        if question is None or question.text is None or not text.strip() or _NOT_TO_KEEP & mail.flags:
            return False
        if _bare(question.text) in _bare(text):  # our own letter came back, as ticket systems send it
            return False
        session = Session(request_id=case.request_id, expires_at=self._clock() + _A_MOMENT)
        try:
            self._answer(session, text)
        except (InvalidInputError, NothingAskedError):  # too long, or answered at this moment: staff read the mail
            return False
        return True


def _bare(text: str) -> str:
    """Its letters and digits: however a copy was wrapped or marked."""
    return "".join(character for character in text.casefold() if character.isalnum())
