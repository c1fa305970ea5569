"""What the functions wire in the same way: letters, the clock, the merchant. Only `functions/*/app.py` import it."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.merchant_files import merchant_directory, read_merchant_file
from rightsdesk.adapters.ses_mail import SesMailer
from rightsdesk.domain.links import Links
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.ports import LinkSource
from rightsdesk.services.write_letter import LetterDesk


def utc_now() -> datetime:
    """The one clock of the product."""
    return datetime.now(UTC)


@cache
def merchant() -> MerchantProfile:
    """`merchant.yaml`, read once per process. Raises MerchantFileError."""
    return read_merchant_file(merchant_directory() / "merchant.yaml", MerchantProfile)


def letter_desk(
    cases: DynamoCaseStore, *, mail_from: str, configuration_set: str, staff_mailbox: str = ""
) -> LetterDesk:
    """Letters from the merchant's templates, sent by SES."""
    profile = merchant()
    return LetterDesk(
        cases=cases,
        press=MerchantLetters(Path(merchant_directory()), profile),
        mailer=SesMailer(sender=mail_from, name=profile.name.en, configuration_set=configuration_set),
        clock=utc_now,
        staff_mailbox=staff_mailbox,
        staff_language=profile.staff_language,
    )


def fixed_links(origin: str) -> LinkSource:
    """Links of a function that knows the address of the pages from its environment."""
    links = Links(origin=origin.rstrip("/"))
    return lambda: links
