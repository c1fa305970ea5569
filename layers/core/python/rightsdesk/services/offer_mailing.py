"""Tell a mailer of each address whether a mail may go there now, and what it has to carry so that it can be stopped.

One answer for both: whoever sends by this asks each time, and no mail leaves without its way out.
"""

# serves: E-06, E-09, P-03, P-05, P-06

from collections.abc import Callable, Sequence

from rightsdesk.domain.address import canonical_address
from rightsdesk.domain.errors import FieldProblem, InvalidInputError
from rightsdesk.domain.identifier_digest import EMAIL, identifier_digest
from rightsdesk.domain.list_headers import unsubscribe_headers
from rightsdesk.domain.list_tokens import LIST_KEY, ListToken, list_token
from rightsdesk.domain.permission import KEY_PURPOSE, Terms, permitted
from rightsdesk.domain.unsubscribing import Mailing
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.letters import LinkSource
from rightsdesk.ports.permissions import Permissions
from rightsdesk.ports.time import Clock


def offer_mailing(
    purpose: str,
    addresses: Sequence[str],
    *,
    permissions: Permissions,
    keys: Keyring,
    terms: Callable[[], Terms],
    links: LinkSource,
    clock: Clock,
) -> tuple[Mailing, ...]:
    """In the order of the addresses. Raises InvalidInputError for what is no address, by its number."""
    problems = [
        FieldProblem(f"emails.{number}", "invalid")
        for number, address in enumerate(addresses)
        if canonical_address(address) is None
    ]
    known, now = terms(), clock()
    if purpose in known.purposes and purpose not in {*known.marketing, *known.by_consent}:
        problems.append(FieldProblem("purpose", "not_for_mailings"))  # one click must not stop what a contract needs
    if problems:
        raise InvalidInputError(problems)

    def mailing(address: str) -> Mailing:
        digest = identifier_digest(keys.key(KEY_PURPOSE), EMAIL, address)
        answer = permitted(permissions.find(digest), known, purpose=purpose, at=now)
        if not answer.allowed:
            return Mailing(allowed=False, reason=answer.reason)
        link = links().unsubscribe(list_token(keys.key(LIST_KEY), ListToken(digest=digest, purpose=purpose)))
        return Mailing(allowed=True, reason=answer.reason, link=link, headers=unsubscribe_headers(link))

    return tuple(map(mailing, addresses))
