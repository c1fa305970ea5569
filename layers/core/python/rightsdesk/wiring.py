"""What the functions wire in the same way: letters, the clock, the merchant. Only `functions/*/app.py` import it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.merchant_files import merchant_directory, read_merchant_file
from rightsdesk.adapters.ses_mail import SesMailer
from rightsdesk.domain.links import Links
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.ports.letters import LinkSource
from rightsdesk.services.write_letter import LetterDesk

_LOOPBACK = frozenset({"localhost", "127.0.0.1"})


def utc_now() -> datetime:
    """The one clock of the product."""
    return datetime.now(UTC)


@cache
def merchant() -> MerchantProfile:
    """`merchant.yaml`, read once per process. Raises MerchantFileError."""
    return read_merchant_file(merchant_directory() / "merchant.yaml", MerchantProfile)


def letter_press() -> MerchantLetters:
    """The merchant's templates."""
    return MerchantLetters(Path(merchant_directory()), merchant())


def mailer(mail_from: str, configuration_set: str, *, reply_to: str = "") -> SesMailer:
    """Mail out of the merchant's own name. `reply_to` is where a person may answer."""
    return SesMailer(sender=mail_from, name=merchant().name.en, configuration_set=configuration_set, reply_to=reply_to)


def letter_desk(
    cases: DynamoCaseStore,
    *,
    mail_from: str,
    configuration_set: str,
    staff_mailbox: str = "",
    inbound_address: str = "",
    links: LinkSource | None = None,
) -> LetterDesk:
    """Letters from the merchant's templates, sent by SES. `inbound_address` is where a person may answer them.

    `links`: for whoever writes to persons, who can then say that a request is not theirs.
    """
    profile = merchant()
    return LetterDesk(
        cases=cases,
        press=letter_press(),
        mailer=mailer(mail_from, configuration_set, reply_to=inbound_address),
        clock=utc_now,
        staff_mailbox=staff_mailbox,
        staff_language=profile.staff_language,
        links=links,
    )


class CallerLinks:
    """Links of a door: its own address, as API Gateway says it for the call that is being answered.

    A door can't have the API's address in its environment: the API is made from the doors.
    """

    def __init__(self, configured: str) -> None:
        self._configured = configured.rstrip("/")
        self._current = self._configured

    def base_url_of(self, event: Mapping[str, Any]) -> str:
        """`https://host`, with the stage where the address has it. From the gateway's context, never from a header."""
        if self._configured:
            return self._configured
        context = event.get("requestContext") or {}
        host = str(context.get("domainName", ""))
        stage = f"/{context.get('stage', '')}"
        # The path as it was called. Only its first step is looked at: the rest is the caller's to write.
        has_stage = f"{context.get('path', '')}/".startswith(f"{stage}/")
        scheme = "http" if host.split(":")[0] in _LOOPBACK else "https"
        return f"{scheme}://{host}{stage if has_stage and len(stage) > 1 else ''}"

    def answer(self, event: Mapping[str, Any]) -> None:
        """Call before each event is handled."""
        self._current = self.base_url_of(event)

    def __call__(self) -> Links:
        return Links(origin=self._current)


def fixed_links(origin: str) -> LinkSource:
    """Links of a function that knows the address of the pages from its environment."""
    links = Links(origin=origin.rstrip("/"))
    return lambda: links
