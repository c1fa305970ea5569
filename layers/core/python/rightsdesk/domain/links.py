"""Addresses of our own pages, for letters. The origin is configuration or the API's own name, never a header."""

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.request import Language, PrivacyRequest


class Links(BaseModel):
    """`origin` is `https://host` with the stage, where there is one, and no slash at its end."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    origin: str

    def start(self, language: Language) -> str:
        return f"{self.origin}/{language}"

    def for_whom(self, language: Language) -> str:
        """The first page of the form for whoever asks for somebody else."""
        return f"{self.origin}/{language}/for-whom"

    def request(self, case: PrivacyRequest) -> str:
        return f"{self.origin}/{case.language}/requests/{case.reference}"

    def not_mine(self, token: str, language: Language) -> str:
        """The page on which a mailbox says that it did not make a request."""
        return f"{self.origin}/{language}/not-mine/{token}"

    def newsletter(self, language: Language) -> str:
        return f"{self.origin}/{language}/newsletter"

    def consent(self, token: str, language: Language) -> str:
        """The page that asks for a consent, or has it confirmed."""
        return f"{self.origin}/{language}/consent/{token}"

    def unsubscribe(self, token: str) -> str:
        """The same for people and for mail programs (RFC 8058)."""
        return f"{self.origin}/u/{token}"

    def notice(self, language: Language, token: str) -> str:
        """The page on which a recipient of data answers."""
        return f"{self.origin}/{language}/notices/{token}"

    @property
    def opendsr_callbacks(self) -> str:
        """Where recipients that are told by machine say how far they are."""
        return f"{self.origin}/opendsr/callbacks"
