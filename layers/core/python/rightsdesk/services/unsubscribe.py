"""Stop a list at once by the link of a mail: no log-in, no check of who it is, and the same again changes nothing."""

# serves: E-06, E-09, P-03

from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.list_tokens import LIST_KEY, ListToken, read_list_token
from rightsdesk.domain.unsubscribing import unsubscribed
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.permissions import Permissions, change_standings
from rightsdesk.ports.time import Clock


def view_list(typed: str, *, keys: Keyring) -> ListToken:
    """What a link would stop; nothing is looked up and nothing changes. Raises NotFoundError: not a link of ours."""
    token = read_list_token(keys.key(LIST_KEY), typed)
    if token is None:
        raise NotFoundError
    return token


def unsubscribe(typed: str, *, permissions: Permissions, keys: Keyring, clock: Clock) -> ListToken:
    """One reading, and at most one write in a minute, whoever it is: of a stranger or of somebody erased too.

    Raises NotFoundError: not a link of ours.
    """
    token = view_list(typed, keys=keys)
    stop = unsubscribed(token.purpose, at=clock())
    change_standings(permissions, [token.digest], lambda standing: standing.with_word(stop))
    return token
