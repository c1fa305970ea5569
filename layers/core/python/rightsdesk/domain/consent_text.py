"""The words that a person reads before agreeing, by purpose and version: what is on record is their digest."""

# serves: B-3, P-03, P-11

import hashlib
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, RootModel, StringConstraints, model_validator

from rightsdesk.domain.consent_ledger import ConsentChannel
from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.fields import Entry, Label, Name
from rightsdesk.domain.request import Language

Version = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,39}$")]
LANGUAGES: tuple[Language, ...] = ("en", "ja")


class ConsentText(Entry):
    """One version. A text that people were shown is never changed: a new version stands above it."""

    version: Version
    valid_from: date
    text: Label
    recipients: tuple[Name, ...] = ()  # third parties that the text names: whom data may then go to (APPI 27(1))

    def sha256(self, language: Language) -> str:
        """Of the UTF-8 of the words in this language, as they stand in the file."""
        return hashlib.sha256(self.text.of(language).encode()).hexdigest()


class ConsentQuestion(Entry):
    """What the link of a mail asks, in the words and the language that the mail had."""

    purpose: Name
    text: ConsentText
    language: Language
    channel: ConsentChannel
    open_until: datetime


class ConsentTexts(RootModel[dict[Name, Annotated[tuple[ConsentText, ...], Field(min_length=1)]]]):
    """`consents.yaml`: purpose -> versions, the newest first."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for purpose, versions in self.root.items():
            if len({each.version for each in versions}) != len(versions):
                raise ValueError(f"{purpose}: a version stands twice")
            days = [each.valid_from for each in versions]
            if days != sorted(days, reverse=True):
                raise ValueError(f"{purpose}: the newest version must stand first")
        return self

    def current(self, purpose: str, on: date) -> ConsentText:
        """The newest that holds on this day. Raises NotFoundError: nothing may be asked for without words."""
        text = self.find(purpose, on)
        if text is None:
            raise NotFoundError("there is no text for this purpose")
        return text

    def find(self, purpose: str, on: date) -> ConsentText | None:
        """The same; None where there is none yet."""
        return next((text for text in self.root.get(purpose, ()) if text.valid_from <= on), None)

    def version(self, purpose: str, version: str) -> ConsentText:
        """Raises NotFoundError."""
        for text in self.root.get(purpose, ()):
            if text.version == version:
                return text
        raise NotFoundError("there is no such version of a text")

    def with_digest(self, start: bytes) -> "tuple[str, ConsentText, Language] | None":
        """Purpose, text and language of the words whose SHA-256 begins like this."""
        for purpose, versions in self.root.items():
            for text in versions:
                for language in LANGUAGES:
                    if bytes.fromhex(text.sha256(language)).startswith(start):
                        return purpose, text, language
        return None

    def problems(self, purposes: Mapping[str, bool], recipients: Collection[str]) -> tuple[str, ...]:
        """What does not fit the data map: `purposes` says of each whether it needs a consent."""
        unknown = [f"{purpose}: is no purpose of the data map" for purpose in self.root if purpose not in purposes]
        missing = [
            f"{purpose}: needs a consent, and has no text"
            for purpose, by_consent in purposes.items()
            if by_consent and purpose not in self.root
        ]
        strangers = [
            f"{purpose} {text.version}: {name} is no recipient"
            for purpose, versions in self.root.items()
            for text in versions
            for name in text.recipients
            if name not in recipients
        ]
        return (*unknown, *missing, *strangers)
