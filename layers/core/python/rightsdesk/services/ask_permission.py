"""Tell a mailer, an exporter or the shop whether data of a person may be used, and handed to somebody, for a purpose.

One reading of one item. A stranger gets the answer of somebody who never said anything: nobody learns who is known.
"""

# serves: B-3, E-05, E-06, E-09, E-10, P-02, P-03, P-04, P-05, P-06, P-12

from collections.abc import Callable, Collection

from rightsdesk.domain.identifier_digest import subject_digest
from rightsdesk.domain.permission import KEY_PURPOSE, Permission, Terms, permitted
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.permissions import Permissions
from rightsdesk.ports.time import Clock


def ask_permission(
    kind: str,
    value: str,
    purpose: str,
    recipient: str | None = None,
    *,
    permissions: Permissions,
    keys: Keyring,
    kinds: Collection[str],
    terms: Callable[[], Terms],
    clock: Clock,
) -> Permission:
    """`kind` and `value` are an identifier of the person; `recipient` None: used by the merchant alone.

    An unknown purpose or recipient is a no. Raises InvalidInputError for `subject`: a kind that the data map does not
    have (`unknown_kind`), or no e-mail address (`not_an_address`).
    """
    standing = permissions.find(subject_digest(keys.key(KEY_PURPOSE), kind, value, kinds=kinds))
    return permitted(standing, terms(), at=clock(), purpose=purpose, recipient=recipient)
