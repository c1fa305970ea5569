"""Mail that came in."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from rightsdesk.domain.audit import AuditEvent

if TYPE_CHECKING:  # public functions import these modules, and have no data map and no mail
    from rightsdesk.domain.mail_item import MailContent, MailItem


class MailStore(Protocol):
    """Mails that came in, and their history. A change and its event are written together or not at all."""

    def create(self, item: "MailItem", event: AuditEvent) -> None:
        """ConflictError where it exists: the same delivery was taken before."""

    def get(self, mail_id: str) -> "MailItem":
        """NotFoundError where there is none."""

    def save(self, before: "MailItem", after: "MailItem", event: AuditEvent) -> None:
        """ConflictError where the mail is no longer as `before` (version). The event ends when `after` does."""

    def open_by_target(self, *, limit: int, cursor: str | None) -> "tuple[list[MailItem], str | None]":
        """Mails that wait for somebody, by target date, oldest first, a page at a time."""

    def received_in(self, month: str, *, after: tuple[str, str] | None = None) -> "Iterator[MailItem]":
        """Every mail received in a month (`2026-10`, UTC), oldest first, then by id; those behind `after`.

        `after` is when a mail was received (ISO, `Z`), and its id.
        """

    def of_sender(self, sender_key: str, *, limit: int) -> list[str]:
        """Ids of the last mails that really came from an address, newest first."""

    def retire(self, mail_id: str, *, expires_at: datetime) -> None:
        """For a settled mail: its history and the letters about it go with it."""

    def reopen(self, mail_id: str) -> None:
        """For a mail that waits again: nothing of its history ends before it does."""

    def timeline(self, mail_id: str) -> list[AuditEvent]: ...

    def first_under(self, message_key: str, *, mail_id: str, body: str, expires_at: datetime) -> tuple[str, str]:
        """(id, digest of the body) of the mail that came first under a Message-ID; this one where none did."""


class MailFiles(Protocol):
    """What mails say: raw as they came, read, and their attachments in quarantine."""

    def raw(self, key: str) -> bytes:
        """NotFoundError where it is gone (30 days)."""

    def put_content(self, mail_id: str, content: "MailContent") -> None: ...

    def content(self, mail_id: str) -> "MailContent":
        """NotFoundError where it was deleted, or never could be written."""

    def put_file(self, key: str, body: bytes, *, name: str) -> None:
        """Into quarantine: nothing of it is ever shown by a browser. The original name stands beside it."""

    def link(self, key: str, *, filename: str, lifetime: timedelta) -> str:
        """A presigned GET, as an attachment."""

    def delete(self, keys: Iterable[str]) -> None:
        """What is gone already is no error."""

    def content_key(self, mail_id: str) -> str: ...


class AnswerLimits(Protocol):
    """How many mails may be answered by themselves: two systems may answer each other with no header to go by."""

    def refuse(self, mail_id: str, *, address: str | None, thread: str | None, at: datetime) -> str | None:
        """None where this mail may be answered, and it is counted; else the limit that holds.

        `address_limit`: one in 24 hours and three in 30 days. `thread_limit`: three about one request. `breaker`: the
        hour had its number for all. Asked again for the same mail it is the same answer, and is not counted again.
        """

    def may_tell_staff(self, *, at: datetime) -> bool:
        """False once the hour had its number of notices: what waits stands in the list, and in the daily summary."""
