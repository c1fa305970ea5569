"""Send a letter about a case: written in the reader's language, and once for each letter, recipient and version."""

from collections.abc import Mapping
from typing import Any

from rightsdesk.domain.errors import RightsdeskError
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.request import Language, PrivacyRequest
from rightsdesk.ports import CaseStore, Clock, LetterPress, Mailer

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

    def to_subject(
        self, case: PrivacyRequest, letter: Letter, values: Mapping[str, Any] | None = None, *, version: int = 1
    ) -> bool:
        return self._send(
            case,
            letter,
            values or {},
            case.language,
            to=case.email_as_typed,
            recipient=case.subject_key,
            version=version,
        )

    def to_staff(
        self, case: PrivacyRequest, letter: Letter, values: Mapping[str, Any] | None = None, *, version: int = 1
    ) -> bool:
        return self._send(
            case,
            letter,
            values or {},
            self._staff_language,
            to=self._staff_mailbox,
            recipient=_STAFF,
            version=version,
        )

    def _send(
        self,
        case: PrivacyRequest,
        letter: Letter,
        values: Mapping[str, Any],
        language: Language,
        *,
        to: str,
        recipient: str,
        version: int,
    ) -> bool:
        """Claim, write, send. A claim is given back when sending failed, so that a retry sends (abuse case 80)."""
        mail = self._press.print(letter, language, values, to=to)
        if not self._cases.claim_letter(
            case.request_id, letter, recipient_key=recipient, version=version, at=self._clock()
        ):
            return False
        try:
            self._mailer.send(mail)
        except RightsdeskError:
            self._cases.release_letter(case.request_id, letter, recipient_key=recipient, version=version)
            raise
        return True
