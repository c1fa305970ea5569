"""Keep which version of the policy a member accepted, and tell the shop; it opens and closes nothing (B-7, N-1)."""

# serves: B-7, N-1

from collections.abc import Callable, Collection
from datetime import datetime

from rightsdesk.domain.acceptance import Acceptance, AcceptedPolicy, PolicyHistory, accepted_policy
from rightsdesk.domain.errors import InvalidInputError, NotFoundError
from rightsdesk.domain.identifier_digest import subject_digest
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.permission import KEY_PURPOSE
from rightsdesk.ports.acceptances import Acceptances
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.time import Clock


class PolicyDesk:
    """`kind` and `value` are an identifier of the member, as in `ask_permission`."""

    def __init__(
        self,
        *,
        acceptances: Acceptances,
        keys: Keyring,
        kinds: Collection[str],
        history: Callable[[], PolicyHistory],
        merchant: MerchantProfile,
        clock: Clock,
    ) -> None:
        self._acceptances = acceptances
        self._keys = keys
        self._kinds = kinds
        self._history = history
        self._merchant = merchant
        self._clock = clock

    def accept(self, kind: str, value: str, acceptance: Acceptance) -> AcceptedPolicy:
        """Told again, the first one stays.

        Raises InvalidInputError: `subject`, `version` (`unknown`), `accepted_at` (`in_future`, or `too_early` where the
        version was not in force yet).
        """
        digest = self._digest(kind, value)
        try:
            version = self._history().version(acceptance.version)
        except NotFoundError:
            raise InvalidInputError.of("version", "unknown") from None
        if acceptance.accepted_at > self._clock():
            raise InvalidInputError.of("accepted_at", "in_future")
        if acceptance.accepted_at.astimezone(self._merchant.timezone).date() < version.valid_from:
            raise InvalidInputError.of("accepted_at", "too_early")
        self._acceptances.enter(digest, acceptance)
        return self._view(digest)

    def view(self, kind: str, value: str) -> AcceptedPolicy:
        """Of a stranger: none. Raises InvalidInputError for `subject`."""
        return self._view(self._digest(kind, value))

    def _view(self, digest: str) -> AcceptedPolicy:
        today: datetime = self._clock().astimezone(self._merchant.timezone)
        return accepted_policy(self._acceptances.all(digest), self._history(), on=today.date())

    def _digest(self, kind: str, value: str) -> str:
        return subject_digest(self._keys.key(KEY_PURPOSE), kind, value, kinds=self._kinds)
