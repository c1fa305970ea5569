"""Requests of one person: how they find each other, and when a second one is the first one over again (mission E-00).

Only what somebody has verified counts. Anybody may type anybody's address: what nobody confirmed joins no request,
and neither holds up nor changes one.
"""

# serves: E-00

from collections.abc import Iterable, Mapping

from rightsdesk.domain.identifier_digest import EMAIL, identifier_digest
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import Aim, PrivacyRequest

KEY_PURPOSE = "same-person"  # of the key behind the digests
_MOST_KEYS = 20  # a person has a mailbox and a few numbers; each is a write with the case
# The first is past every question of who asks, and not answered: there is something that a second one could join.
_UNDER_WAY = frozenset(
    {
        *(Status.VERIFIED, Status.COLLECTING, Status.AWAITING_CONFIRMATION),
        *(Status.AWAITING_REVIEW, Status.EXECUTING),
    }
)


def person_keys(key: bytes, identifiers: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """A keyed digest for each verified identifier: what requests of one person have in common. The mailbox first."""
    kinds = sorted(identifiers, key=lambda kind: (kind != EMAIL, kind))
    digests = (identifier_digest(key, kind, value) for kind in kinds for value in identifiers[kind])
    return tuple(dict.fromkeys(digests))[:_MOST_KEYS]


def asked_before(case: PrivacyRequest, others: Iterable[PrivacyRequest]) -> PrivacyRequest | None:
    """The open request that this verified one asks over again: the oldest, if there is any.

    Made earlier, from the same mailbox: its answer goes where this one's would. What came by another mailbox of the
    same person goes on, for who reads that one may never see the answer to the first.
    """
    if case.assurance < Assurance.MAILBOX:
        return None
    earlier = [other for other in others if _goes_on(other) and _is_earlier(other, case) and is_same(other, case)]
    return min(earlier, key=_place, default=None)


def told_with(case: PrivacyRequest, others: Iterable[PrivacyRequest]) -> list[PrivacyRequest]:
    """The requests of which the answer to `case` tells the person (GDPR 15(1)): that one first, and their others.

    Only what a mailbox of theirs has proven. Where several people read it, or somebody else speaks for them, nobody
    knows whose the others are; and what the mailbox says it never asked for is not theirs.
    """
    if case.special is not None:
        return [case]
    return [case, *(other for other in others if _is_theirs(other))]


def _is_theirs(other: PrivacyRequest) -> bool:
    return other.assurance >= Assurance.MAILBOX and other.special is None and not other.is_frozen


def is_same(one: PrivacyRequest, other: PrivacyRequest) -> bool:
    """The same person asks for the same right with the same aim, in the same words, through nobody or the same one.

    Under the same laws, and to be answered in the same language: nobody loses a remedy or a letter that they can read.
    """
    return (
        one.subject_key == other.subject_key
        and (one.country, one.region, one.language) == (other.country, other.region, other.language)
        and set(one.types) == set(other.types)
        and (one.aim or Aim()) == (other.aim or Aim())
        and _words(one.details) == _words(other.details)
        and other.order_number in (None, one.order_number)
        and one.agent == other.agent
        and one.instruction is None
        and other.instruction is None  # a controller waits for word of its own
    )


def _goes_on(case: PrivacyRequest) -> bool:
    return (
        case.status in _UNDER_WAY
        and case.answered_at is None
        and case.assurance >= Assurance.MAILBOX
        and not case.is_refused
        and case.merged_into is None
        and not case.is_frozen
    )


def _is_earlier(one: PrivacyRequest, other: PrivacyRequest) -> bool:
    """By receipt; of two of the same moment, by id. So no two are ever merged into each other."""
    return _place(one) < _place(other)


def _place(case: PrivacyRequest) -> tuple[float, str]:
    return case.received_at.timestamp(), case.request_id


def _words(text: str | None) -> str:
    return " ".join((text or "").casefold().split())
