"""The messages of a request, which stand beside the case."""

from collections.abc import Callable
from typing import Protocol

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.messages import Message
from rightsdesk.domain.request import PrivacyRequest, Writer
from rightsdesk.ports.cases import CaseStore

_SAVES = 3


class Messages(Protocol):
    """A message, the case and the event are written together or not at all."""

    def add(self, before: PrivacyRequest, after: PrivacyRequest, event: AuditEvent, message: Message) -> None:
        """ConflictError where the case is no longer as `before`."""

    def of(self, request_id: str) -> list[Message]:
        """In order; of this request and no other."""


Writing = Callable[[PrivacyRequest], tuple[PrivacyRequest, AuditEvent, Message] | Message]
"""Makes a message of a case as it stands; or finds it there, written when this was asked before."""


def said_last(messages: Messages, case: PrivacyRequest, by: Writer, text: str) -> Message | None:
    """The last message of the thread, where it is just this one, with nothing in between."""
    if case.thread[-1:] != (by,):
        return None
    last = messages.of(case.request_id)[-1]
    return last if last.text == text else None


def add_anyway(
    messages: Messages, cases: CaseStore, case: PrivacyRequest, write: Writing
) -> tuple[PrivacyRequest, Message]:
    """Add a message whatever step the workflow takes meanwhile. ConflictError at the third time."""
    for attempt in range(1, _SAVES + 1):
        made = write(case)
        if isinstance(made, Message):
            return case, made
        after, event, message = made
        try:
            messages.add(case, after, event, message)
        except ConflictError:
            if attempt == _SAVES:
                raise
            case = cases.get(case.request_id)
        else:
            return after, message
    raise AssertionError("the last attempt returns or raises")
