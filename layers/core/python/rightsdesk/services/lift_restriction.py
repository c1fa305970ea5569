"""Lift a restriction that was granted: the person is told first, and it ends on the day that the letter names."""

# serves: B-2, E-05, E-10

from rightsdesk.domain.erasure_review import HoldReason
from rightsdesk.domain.errors import NothingRestrictedError
from rightsdesk.domain.identifier_digest import identifier_digests
from rightsdesk.domain.letters import Letter, version_of
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.permission import KEY_PURPOSE
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.domain.use_stop import lifting_moment, with_stops_lifted
from rightsdesk.domain.words_of_staff import words_of_staff
from rightsdesk.law.lifting import ends_hold, lifting_letter
from rightsdesk.ports.cases import CaseStore, Holds
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.permissions import Permissions, change_standings
from rightsdesk.ports.time import Clock

_LONGEST_REASON = 1000


def lift_restriction(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    reason: str,
    *,
    cases: CaseStore,
    permissions: Permissions,
    holds: Holds,
    keys: Keyring,
    letters: Correspondence,
    links: LinkSource,
    merchant: MerchantProfile,
    clock: Clock,
) -> None:
    """`reason` becomes part of the letter: 10 to 1,000 characters, in the person's language.

    Of a case that is open or closed, once it was decided; while it is weighed, the decision lifts it. What the person
    stopped without anybody's decision, as advertising or a consent, is theirs alone to allow again. Where a process
    died after the letter, the same words again send no second one.

    Raises ApproverNeededError, VersionMovedOnError, NothingRestrictedError, and InvalidInputError on `reason`.
    """
    staff.require(Action.LIFT)
    case.require_seen(version)
    use = case.use
    if use is None or not use.can_be_lifted:
        raise NothingRestrictedError("nothing is restricted that could be lifted")
    words = words_of_staff("reason", reason, longest=_LONGEST_REASON)
    told_at = clock()
    lifted_at = lifting_moment(told_at, merchant.timezone)
    letters.to_subject(
        case,
        Letter.RESTRICTION_LIFTING,
        lifting_letter(case, words, lifted_at=lifted_at, link=links().request(case), merchant=merchant),
        version=version_of(words),
    )
    standings = change_standings(
        permissions,
        identifier_digests(keys.key(KEY_PURPOSE), case.known_by),
        lambda standing: with_stops_lifted(standing, use, told_at=told_at, lifted_at=lifted_at),
    )
    if ends_hold(case, standings, lifted_at=lifted_at):
        holds.end(case.subject_key, HoldReason.RESTRICTION, at=lifted_at)
    after, event = case.changed(
        "restriction_lifted",
        at=clock(),
        actor=staff.actor,
        details={"told_at": told_at.isoformat(), "lifted_at": lifted_at.isoformat()},
        use=use.model_copy(update={"lifted_at": lifted_at}),
    )
    cases.save(case, after, event)
