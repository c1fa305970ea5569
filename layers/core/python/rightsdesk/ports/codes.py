"""Codes, tries at them, and the keys behind them."""

from datetime import datetime, timedelta
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.identity import CodePurpose


class IssuedCode(BaseModel):
    """The one live code of a request."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    purpose: CodePurpose
    digest: str
    expires_at: datetime
    last_try: bool = False  # of the day: from here on the request is locked


class CodeStore(Protocol):
    """The live code of a request and its counters: one conditional write counts, so parallel guesses all count."""

    def issue(self, request_id: str, code: IssuedCode, *, at: datetime, min_gap: timedelta, per_day: int) -> bool:
        """Replace the live code. The day's count of tries is kept.

        False within `min_gap` of one that was not used, or past `per_day`.
        """

    def count_try(self, request_id: str, *, at: datetime, per_code: int, per_day: int) -> IssuedCode | None:
        """Count one try and give the live code; None where there is none or a limit is reached."""

    def consume(self, request_id: str, digest: str) -> bool:
        """True for exactly one caller; the code is then gone."""

    def leave_evidence(self, request_id: str, *, order_number: str, postcode: str, expires_at: datetime) -> None:
        """Keep what a person entered until it is compared, apart and for a short time (mission P-01)."""

    def left_evidence(self, request_id: str) -> tuple[str, str] | None:
        """(order number, postcode), if any is there."""

    def drop_evidence(self, request_id: str, evidence: tuple[str, str]) -> None:
        """It was compared. What was entered since then stays."""

    def count_evidence_try(self, key: str, *, at: datetime, per_day: int) -> bool:
        """Count a try at facts under a key (a request, an order); False where the limit of the day is reached."""


class MailBudget(Protocol):
    """How many unasked mails an address may get (abuse case 38)."""

    def spend(self, subject_key: str, *, what: str, at: datetime, min_gap: timedelta) -> bool:
        """True where one more may go out: not within `min_gap` of the last, and not past the day's number.

        Asked again for the same `what` within a day, it is the same mail: True, and nothing more is spent.
        """


class Keyring(Protocol):
    """Keys derived from the one secret, by what they are for."""

    def key(self, purpose: str) -> bytes: ...
