"""Letters: who sends them, who prints them, and the links in them."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol

from rightsdesk.domain.letters import Letter, OutgoingMail
from rightsdesk.domain.links import Links
from rightsdesk.domain.request import Language, PrivacyRequest

CLAIM_LASTS = timedelta(minutes=5)  # as long as the longest function that sends mail may run


LinkSource = Callable[[], Links]  # of the stack, or of the call that is being answered


class Mailer(Protocol):
    def send(self, mail: OutgoingMail) -> str:
        """Hand over to the mail service; its message id. ServiceUnavailableError where it is down."""


LetterValues = Mapping[str, Any] | Callable[[], Mapping[str, Any] | None]
"""What a letter says; or what makes it, called by the one who sends it alone (None: nothing is sent)."""


class Correspondence(Protocol):
    """Letters about a case or a mail: in the reader's language, once for each letter, recipient and version."""

    def to_subject(self, case: PrivacyRequest, letter: Letter, values: LetterValues, *, version: int = 1) -> bool:
        """False where this version was sent before. ServiceUnavailableError where it could not be sent now.

        Of an answer, whoever asks for them gets a copy, where the person agreed to it (`COPIED_LETTERS`).
        """

    def to_former_address(self, case: PrivacyRequest, letter: Letter, values: LetterValues, *, to: str) -> bool:
        """To an address that was the person's until now; who reads it there has proven nothing. Once for each."""

    def to_agent(self, case: PrivacyRequest, letter: Letter, values: LetterValues, *, version: int = 1) -> bool:
        """To whoever asks for the person: what is for them. False where nobody does."""

    def to_staff(
        self, case: PrivacyRequest, letter: Letter, values: LetterValues, *, version: int = 1, to: str | None = None
    ) -> bool:
        """To the staff mailbox, or to one member of staff by address."""

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
        """To somebody who was given data. `recipient_key` stands for them, and says nothing."""

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
        """To the sender of a mail that is no request yet, or to the person of a case that may be gone, by its id.

        `recipient_key` stands for the address, and names nobody.
        """

    def to_staff_about_mail(self, mail_id: str, letter: Letter, values: LetterValues, *, version: int = 1) -> bool:
        """To the staff mailbox, about a mail that is no request yet, or a case that may be gone."""


class LetterPress(Protocol):
    """Makes a mail of a letter: dates, phrases and names as the language writes them."""

    def print(self, letter: Letter, language: Language, values: Mapping[str, Any], *, to: str) -> OutgoingMail: ...
