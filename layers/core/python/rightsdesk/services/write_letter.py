"""Send a letter about a case or a mail: in the reader's language, once for each letter, recipient and version."""

# serves: B-4, B-6

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rightsdesk.domain.address import canonical_address, deliverable_address
from rightsdesk.domain.disowning import disown_token
from rightsdesk.domain.errors import MailRejectedError, ServiceUnavailableError
from rightsdesk.domain.identity import subject_key
from rightsdesk.domain.letters import (
    COPIED_LETTERS,
    AutoSubmitted,
    DeliveryState,
    Letter,
    letter_sha256,
    new_salt,
)
from rightsdesk.domain.request import Door, Language, PrivacyRequest
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.letters import LetterPress, LetterValues, LinkSource, Mailer
from rightsdesk.ports.time import Clock

_STAFF = "staff"
# They answer a mail of the person with nobody in between, where the case came in by mail.
_REPLIES = frozenset({Letter.VERIFICATION_CODE, Letter.CONFIRMED, Letter.CODE_REFUSED})


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who a letter goes to, and how an answer finds its way back."""

    to: str
    key: str  # stands for the address, and names nobody
    language: Language
    thread: str | None = None
    may_answer: bool = False
    auto: AutoSubmitted = "auto-generated"


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
        salt: Callable[[], str] = new_salt,
        links: LinkSource | None = None,
    ) -> None:
        self._cases = cases
        self._press = press
        self._mailer = mailer
        self._clock = clock
        self._staff_mailbox = staff_mailbox
        self._staff_language = staff_language
        self._salt = salt
        self._links = links

    def to_subject(self, case: PrivacyRequest, letter: Letter, values: LetterValues, *, version: int = 1) -> bool:
        reader = _Reader(
            to=deliverable_address(case.email_as_typed),
            key=case.subject_key,
            language=case.language,
            thread=case.reply_token,
            auto="auto-replied" if case.door is Door.EMAIL and letter in _REPLIES else "auto-generated",
        )
        token = disown_token(case)
        linked = values
        if self._links is not None and token is not None:
            linked = _with({"not_mine": self._links().not_mine(token, case.language)}, values)
        is_new = self._send(case.request_id, letter, linked, reader, version=version)
        if case.agent is not None and case.agent_gets_answers and letter in COPIED_LETTERS:
            self._copy(case, letter, _with({"copy_for": case.agent.name}, values), version=version)
        return is_new

    def to_former_address(self, case: PrivacyRequest, letter: Letter, values: LetterValues, *, to: str) -> bool:
        """An answer finds its way back only from the mailbox that the case has verified."""
        canonical = canonical_address(to) or to
        verified = canonical == case.email
        reader = _Reader(
            to=deliverable_address(to),
            key=case.subject_key if verified else subject_key(case.subject_key.encode(), canonical),
            language=case.language,
            thread=case.reply_token if verified else None,
        )
        return self._send(case.request_id, letter, values, reader, version=1)

    def to_agent(self, case: PrivacyRequest, letter: Letter, values: LetterValues, *, version: int = 1) -> bool:
        """No thread: what they answer is not the person's word."""
        if case.agent is None or case.agent_key is None:
            return False
        reader = _Reader(to=deliverable_address(case.agent.email), key=case.agent_key, language=case.language)
        return self._send(case.request_id, letter, values, reader, version=version)

    def _copy(self, case: PrivacyRequest, letter: Letter, values: LetterValues, *, version: int) -> None:
        """After the person has theirs. An agent's mailbox that takes no mail keeps no person from their answer."""
        try:
            self.to_agent(case, letter, values, version=version)
        except MailRejectedError:
            logger.warning("no copy sent: the address takes no mail", extra={"request_id": case.request_id})

    def to_recipient(
        self,
        case: PrivacyRequest,
        letter: Letter,
        values: LetterValues,
        *,
        to: str,
        recipient_key: str,
        language: Language,
        version: int = 1,
    ) -> bool:
        """No thread: what they answer is not the person's word. They answer on the page of the notice."""
        reader = _Reader(to=deliverable_address(to), key=recipient_key, language=language)
        return self._send(case.request_id, letter, values, reader, version=version)

    def to_sender(
        self,
        mail_id: str,
        letter: Letter,
        values: LetterValues,
        *,
        to: str,
        recipient_key: str,
        language: Language,
        version: int = 1,
    ) -> bool:
        reader = _Reader(to=deliverable_address(to), key=recipient_key, language=language, may_answer=True)
        return self._send(mail_id, letter, values, reader, version=version)

    def to_staff(
        self, case: PrivacyRequest, letter: Letter, values: LetterValues, *, version: int = 1, to: str | None = None
    ) -> bool:
        return self._send(case.request_id, letter, values, self._staff(to), version=version)

    def to_staff_about_mail(self, mail_id: str, letter: Letter, values: LetterValues, *, version: int = 1) -> bool:
        return self._send(mail_id, letter, values, self._staff(), version=version)

    def _staff(self, to: str | None = None) -> _Reader:
        """One member of staff, or the staff mailbox. No thread: what they answer is not for the case."""
        return _Reader(
            to=to or self._staff_mailbox,
            key=_STAFF if to is None else hashlib.sha256(to.encode()).hexdigest(),
            language=self._staff_language,
        )

    def _send(self, about: str, letter: Letter, values: LetterValues, reader: _Reader, *, version: int) -> bool:
        """Claim, write, send, mark as sent (abuse case 80). `about` is the id of a request or of a mail.

        A claim is given back when sending failed, so that a retry sends; the claim of a process that died ends by
        itself, so that the person is never left without an answer. A mail that the mail service refuses is kept as
        failed, for staff to see, and may be tried again. What was sent is kept as a digest, whose salt is in the mail
        alone: a copy can be shown to be it, and nobody without one finds out what it said.
        """
        if not self._cases.claim_letter(about, letter, recipient_key=reader.key, version=version, at=self._clock()):
            return False
        sha256 = None
        try:
            said = values() if callable(values) else values
            if said is not None:
                mail = self._press.print(letter, reader.language, said, to=reader.to)
                salt = self._salt()
                addressed = {
                    "tags": {"request": about, "letter": letter, "recipient": reader.key, "version": str(version)},
                    "thread": reader.thread,
                    "may_be_answered": reader.may_answer,
                    "auto": reader.auto,
                    "salt": salt,
                }
                sha256 = letter_sha256(salt, mail.subject, mail.text)
                self._mailer.send(mail.model_copy(update=addressed))
        except MailRejectedError:
            self._cases.letter_news(
                about,
                letter,
                recipient_key=reader.key,
                version=version,
                state=DeliveryState.FAILED,
                at=self._clock(),
            )
            raise
        except Exception:
            self._cases.release_letter(about, letter, recipient_key=reader.key, version=version)
            raise
        if sha256 is None:  # there was nothing to say
            self._cases.release_letter(about, letter, recipient_key=reader.key, version=version)
            return False
        try:
            self._cases.letter_sent(
                about, letter, recipient_key=reader.key, version=version, at=self._clock(), sha256=sha256
            )
        except ServiceUnavailableError:
            # It is out: failing here would send it twice.
            logger.warning("letter not marked as sent", extra={"request_id": about, "letter": letter})
        return True


def _with(more: Mapping[str, Any], values: LetterValues) -> LetterValues:
    """The same letter, with what the press puts above or below it."""

    def said() -> Mapping[str, Any] | None:
        of_letter = values() if callable(values) else values
        return of_letter if of_letter is None else {**of_letter, **more}

    return said
