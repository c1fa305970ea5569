"""The corpus of mails in tests/data/mail/corpus: made into RFC 5322 mails, read by the whole chain, and counted."""

from collections import Counter
from email.message import EmailMessage
from html import escape
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.intents import IntentReading, IntentType
from rightsdesk.mail.intents import read_intents
from rightsdesk.mail.reading.automatic import automatic_reasons
from rightsdesk.mail.reading.read import read_mail

FOLDER = Path(__file__).parents[3] / "data" / "mail" / "corpus"
NONE = "none"


class Message(BaseModel):
    """One mail and what it asks for. `hard` says why it is not easy; `history` is what it answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    subject: str
    intents: tuple[IntentType, ...]
    text: str = ""
    html: str = ""
    history: str = ""
    reminder: bool = False
    automated: bool = False
    hard: str = ""
    headers: dict[str, str] = {}
    language: str = ""

    @property
    def raw(self) -> bytes:
        """The mail as it would arrive."""
        mail = EmailMessage()
        mail["From"] = "Somebody <somebody@example.org>"
        mail["To"] = "privacy@shop.example"
        mail["Subject"] = self.subject
        mail["Message-ID"] = f"<{self.id}@example.org>"
        for name, value in self.headers.items():
            mail[name] = value
        quoted = "".join(f"> {line}\n" for line in self.history.splitlines())
        below = f"\n\nOn Mon, 4 May 2026 at 10:00, Shop <privacy@shop.example> wrote:\n{quoted}" if quoted else ""
        if self.html:
            mail.set_content(self.html + below, subtype="html")
        else:
            mail.set_content(self.text + below)
        return mail.as_bytes()


def disguises(message: Message) -> dict[str, Message]:
    """The same request in clothes that change nothing: what stands around it is not the sender's wish."""
    markup = "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in message.text.split("\n\n"))
    disclaimer = (
        "This e-mail is confidential. If you are not the intended recipient, please delete it and all data in it."
    )
    signature = "-- \n山田太郎\n個人情報保護部 削除担当\n"
    return {
        "html": message.model_copy(update={"text": "", "html": f"<html><body>{markup}</body></html>"}),
        "history": message.model_copy(
            update={"history": "Please delete all my personal data.\nSend me a copy of my data."}
        ),
        "disclaimer": message.model_copy(update={"text": f"{message.text}\n\n{disclaimer}"}),
        "signature": message.model_copy(update={"text": f"{message.text}\n\n{signature}"}),
    }


class Outcome(BaseModel):
    """A message and how it was read."""

    model_config = ConfigDict(frozen=True)

    file: str
    message: Message
    reading: IntentReading
    automated: bool

    @property
    def language(self) -> str:
        return self.message.language or self.file.removeprefix("held-out-")[:2]

    @property
    def got(self) -> frozenset[IntentType]:
        return frozenset(intent.type for intent in self.reading.clear)

    @property
    def right(self) -> bool:
        return (
            self.got == set(self.message.intents)
            and self.reading.reminder == self.message.reminder
            and self.automated == self.message.automated
        )

    def __str__(self) -> str:
        scores = ", ".join(f"{each.type} {each.score:.2f} [{'; '.join(each.why[:3])}]" for each in self.reading.intents)
        return f"{self.file}/{self.message.id}: wanted {sorted(self.message.intents) or NONE}, got {scores or NONE}"


def read_corpus(pattern: str = "*.yaml") -> list[Outcome]:
    """Every message of the files, read."""
    return [
        read_message(path.stem, Message.model_validate(document))
        for path in sorted(FOLDER.glob(pattern))
        for document in yaml.safe_load(path.read_text("utf-8"))
    ]


def read_message(file: str, message: Message) -> Outcome:
    """One message through the whole chain."""
    mail = read_mail(message.raw)
    reading = read_intents(mail.subject, mail.new_text)
    automated = bool(automatic_reasons(mail, None, own_addresses=frozenset()))
    return Outcome(file=file, message=message, reading=reading, automated=automated)


def confusion_table(outcomes: list[Outcome]) -> str:
    """For each intent how often it was wanted and found, wanted and missed, and found though not wanted."""
    wanted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    extra: Counter[str] = Counter()
    for each in outcomes:
        expected = {str(intent) for intent in each.message.intents} or {NONE}
        got = {str(intent) for intent in each.got} or {NONE}
        wanted.update(expected)
        found.update(expected & got)
        extra.update(got - expected)
    lines = [f"{'intent':<20}{'wanted':>8}{'found':>8}{'missed':>8}{'false':>8}"]
    lines += [
        f"{name:<20}{wanted[name]:>8}{found[name]:>8}{wanted[name] - found[name]:>8}{extra[name]:>8}"
        for name in [*map(str, IntentType), NONE]
    ]
    lines.append("")
    for language in sorted({each.language for each in outcomes}):
        of_it = [each for each in outcomes if each.language == language]
        lines.append(f"{language:<20}{sum(each.right for each in of_it):>4} of {len(of_it)} exactly right")
    right = sum(each.right for each in outcomes)
    lines.append(f"{'all':<20}{right:>4} of {len(outcomes)} exactly right ({100 * right / len(outcomes):.1f} %)")
    return "\n".join(lines)
