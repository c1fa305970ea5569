"""Tell the shop whether what it is about to store stands for somebody who was erased.

It asks at a sign-up, at a social log-in, and before it takes in old data (docs/suppression.md says what follows). The
answer names a day and nothing else: no case, no person. Nothing of the question is kept.
"""

# serves: E-04, T-3

from collections.abc import Collection, Sequence

from rightsdesk.domain.address import canonical_address
from rightsdesk.domain.errors import FieldProblem, InvalidInputError
from rightsdesk.domain.identifier_digest import EMAIL, identifier_digest
from rightsdesk.domain.suppression import KEY_PURPOSE, CheckedIdentifier, SuppressionAnswer, SuppressionPurpose
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.retention import Suppressions


def check_suppression(
    identifiers: Sequence[tuple[str, str]], *, suppressions: Suppressions, keys: Keyring, kinds: Collection[str]
) -> SuppressionAnswer:
    """One reading for each (kind, value). `kinds`: those of which the data map has digests kept.

    Raises InvalidInputError, by position: a kind that is not among them, or an e-mail address that is none.
    """
    problems = [
        FieldProblem(f"identifiers.{position}.{field}", reason)
        for position, (kind, value) in enumerate(identifiers)
        for field, reason, wrong in (
            ("kind", "not_a_choice", kind not in kinds),
            ("value", "wrong_format", kind == EMAIL and canonical_address(value) is None),
        )
        if wrong
    ]
    if problems:
        raise InvalidInputError(problems)
    key = keys.key(KEY_PURPOSE)
    checked = []
    for kind, value in identifiers:
        entry = suppressions.find(identifier_digest(key, kind, value))
        is_kept = entry is not None and SuppressionPurpose.STAY_ERASED in entry.purposes
        since = entry.erased_at.date() if entry and is_kept else None
        checked.append(CheckedIdentifier(kind=kind, suppressed=is_kept, since=since))
    days = [one.since for one in checked if one.since is not None]
    return SuppressionAnswer(suppressed=bool(days), since=max(days, default=None), identifiers=tuple(checked))
