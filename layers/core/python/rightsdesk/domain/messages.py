"""The thread of a request: what the person and the staff write to one another, in order, and what it is bounded by.

Their words stand beside the case and nowhere else: its history has numbers and digests. A mail that arrives in the
thread is one of these, too.
"""

# serves: B-6

import hashlib
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.domain.request import PlainText

LONGEST_MESSAGE = 2000
MOST_OF_PERSON = 50  # of one request: whoever writes more is a machine, or wants to talk to somebody
MOST_OF_STAFF = 50
REOPENED_WITHIN = timedelta(days=14)  # of an answer to a question or complaint that does not settle it

Writer = Literal["person", "staff"]


class Message(BaseModel):
    """One message. `number` counts from 1 in its request; `salt` keeps a digest of a few words from being guessed."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    number: int
    by: Writer
    at: datetime
    text: str
    salt: str
    mail: str | None = None  # id of the mail that brought it
    staff: str | None = None  # user id; never shown to the person

    @property
    def sha256(self) -> str:
        """What the history says of it: over the UTF-8 of `salt LF text`."""
        return hashlib.sha256(f"{self.salt}\n{self.text}".encode()).hexdigest()


class Written(BaseModel):
    """Checks what is typed like every other text of a person."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    text: PlainText


def message_text(typed: str) -> str:
    """What is kept of it. Raises InvalidInputError on `message`: `missing`, `too_long`, `invalid`."""
    if len(typed) > LONGEST_MESSAGE:
        raise InvalidInputError.of("message", "too_long")
    try:
        text = Written(text=typed).text
    except ValueError as error:
        raise InvalidInputError.of("message", "invalid") from error
    if not text:
        raise InvalidInputError.of("message", "missing")
    return text
