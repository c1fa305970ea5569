"""Send a letter about a case: written in the reader's language, and once for each letter, recipient and version."""

import hashlib

from rightsdesk.domain.address import deliverable_address
from rightsdesk.domain.errors import MailRejectedError, ServiceUnavailableError
from rightsdesk.domain.letters import DeliveryState, Letter
from rightsdesk.domain.request import Language, PrivacyRequest
from rightsdesk.observability import logger
from rightsdesk.ports import CaseStore, Clock, LetterPress, LetterValues, Mailer

_STAFF = "staff"


class LetterDesk:
    """Keeps the port Correspondence."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        press: LetterPress,
        mailer: Mailer,
        clock: Clock,
        staff_mailbox: str = "",
        staff_language: Language = "en",
    ) -> None:
        self._cases = cases
        self._press = press
        self._mailer = mailer
        self._clock = clock
        self._staff_mailbox = staff_mailbox
        self._staff_language = staff_language

    def to_subject(self, case: PrivacyRequest, letter: Letter, values: LetterValues, *, version: int = 1) -> bool:
        return self._send(
            case,
            letter,
            values,
            case.language,
            to=deliverable_address(case.email_as_typed),
            recipient=case.subject_key,
            version=version,
        )

    def to_staff(
        self, case: PrivacyRequest, letter: Letter, values: LetterValues, *, version: int = 1, to: str | None = None
    ) -> bool:
        return self._send(
            case,
            letter,
            values,
            self._staff_language,
            to=to or self._staff_mailbox,
            recipient=_STAFF if to is None else hashlib.sha256(to.encode()).hexdigest(),
            version=version,
        )

    def _send(
        self,
        case: PrivacyRequest,
        letter: Letter,
        values: LetterValues,
        language: Language,
        *,
        to: str,
        recipient: str,
        version: int,
    ) -> bool:
        """Claim, write, send, mark as sent (abuse case 80).

        A claim is given back when sending failed, so that a retry sends; the claim of a process that died ends by
        itself, so that the person is never left without an answer. A mail that the mail service refuses is kept as
        failed, for staff to see, and may be tried again.
        """
        if not self._cases.claim_letter(
            case.request_id, letter, recipient_key=recipient, version=version, at=self._clock()
        ):
            return False
        try:
            said = values() if callable(values) else values
            if said is not None:
                mail = self._press.print(letter, language, said, to=to)
                tags = {"request": case.request_id, "letter": letter, "recipient": recipient, "version": str(version)}
                self._mailer.send(mail.model_copy(update={"tags": tags}))
        except MailRejectedError:
            self._cases.letter_news(
                case.request_id,
                letter,
                recipient_key=recipient,
                version=version,
                state=DeliveryState.FAILED,
                at=self._clock(),
            )
            raise
        except Exception:
            self._cases.release_letter(case.request_id, letter, recipient_key=recipient, version=version)
            raise
        if said is None:
            self._cases.release_letter(case.request_id, letter, recipient_key=recipient, version=version)
            return False
        try:
            self._cases.letter_sent(case.request_id, letter, recipient_key=recipient, version=version, at=self._clock())
        except ServiceUnavailableError:
            # It is out: failing here would send it twice.
            logger.warning("letter not marked as sent", extra={"request_id": case.request_id, "letter": letter})
        return True
