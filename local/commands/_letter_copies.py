"""Reads mails that are said to be letters: raw, as mail programs export them, or as `rightsdesk outbox --json` does."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from rightsdesk.domain.letters import SALT_HEADER, LetterCopy
from rightsdesk.mail.reading.letter_copy import read_letter_copy

_MAIL_BYTES = 40 * 1024**2  # the most that Amazon SES takes; what is longer is no letter, and its rest is not read


def read_copies(path: Path) -> Iterator[tuple[str, LetterCopy]]:
    """(name to show, copy) of each mail in the file. Raises OSError where there is none."""
    with path.open("rb") as stream:
        content = stream.read(_MAIL_BYTES)
    if not content.lstrip().startswith(b"["):  # no header begins like this
        yield str(path), read_letter_copy(content)
        return
    from local.outbox import Mail  # loads the imitation of AWS: seconds, which a raw mail does not need

    try:
        mails = TypeAdapter(list[Mail]).validate_json(content)
    except ValidationError:
        yield str(path), read_letter_copy(content)
        return
    for number, mail in enumerate(mails, start=1):
        salt = mail.headers.get(SALT_HEADER, "")
        yield f"{path} ({number})", LetterCopy(salt=salt, subject=mail.subject, text=mail.text)
