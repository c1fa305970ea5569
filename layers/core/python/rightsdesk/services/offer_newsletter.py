"""The first half of a double opt-in: mail a link to an address that somebody gave. Nothing is kept of it.

The answer is the same for every address, and no more is sent than its budget allows: whoever types the address of
somebody else can't fill their mailbox (abuse cases 17, 38).
"""

# serves: B-3, P-03

from datetime import timedelta

from rightsdesk.domain.address import canonical_address, deliverable_address
from rightsdesk.domain.consent_ledger import ConsentChannel
from rightsdesk.domain.consent_text import ConsentTexts
from rightsdesk.domain.errors import InvalidInputError, MailRejectedError
from rightsdesk.domain.identifier_digest import EMAIL, identifier_digest
from rightsdesk.domain.identity import subject_key
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.list_tokens import QUESTION_KEY, question_token
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.permission import KEY_PURPOSE
from rightsdesk.domain.request import Language
from rightsdesk.law.consent_questions import answered_until
from rightsdesk.observability import logger
from rightsdesk.ports.codes import Keyring, MailBudget
from rightsdesk.ports.letters import LetterPress, LinkSource, Mailer
from rightsdesk.ports.time import Clock

_BUDGET_KEY = "newsletter-budget"  # of its own: a stranger's sign-ups use up none of the codes of a person's requests
_BETWEEN_MAILS = timedelta(minutes=10)


def offer_newsletter(
    typed: str,
    language: Language,
    *,
    purpose: str,
    texts: ConsentTexts,
    budget: MailBudget,
    keys: Keyring,
    press: LetterPress,
    mailer: Mailer,
    links: LinkSource,
    merchant: MerchantProfile,
    clock: Clock,
) -> None:
    """Raises InvalidInputError for `email`, and nothing else that tells one address from another.

    ServiceUnavailableError where no mail can be sent now.
    """
    address = canonical_address(typed)
    if address is None:
        raise InvalidInputError.of("email", "missing" if not typed.strip() else "invalid")
    now = clock()
    text = texts.current(purpose, now.astimezone(merchant.timezone).date())
    key = subject_key(keys.key(_BUDGET_KEY), address)
    if not budget.spend(key, what=f"{purpose} {now.isoformat()}", at=now, min_gap=_BETWEEN_MAILS):
        logger.info("no mail about a newsletter: the address has had its share")
        return
    digest = identifier_digest(keys.key(KEY_PURPOSE), EMAIL, address)
    token = question_token(
        keys.key(QUESTION_KEY),
        digest=digest,
        asked_at=now,
        channel=ConsentChannel.NEWSLETTER_PAGE,
        text_sha256=text.sha256(language),
    )
    mail = press.print(
        Letter.NEWSLETTER_CONFIRMATION,
        language,
        {
            "wording": text.text,
            "link": links().consent(token, language),
            "open_until": answered_until(ConsentChannel.NEWSLETTER_PAGE, now).astimezone(merchant.timezone).date(),
        },
        to=deliverable_address(typed),
    )
    # The mail service says these again where somebody calls the mail spam (`record_list_delivery`).
    tags = {"request": purpose, "letter": Letter.NEWSLETTER_CONFIRMATION, "recipient": digest, "version": "1"}
    try:
        mailer.send(mail.model_copy(update={"tags": tags}))
    except MailRejectedError:
        logger.warning("no mail about a newsletter: the address takes none")
