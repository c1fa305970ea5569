"""Lift a restriction that was granted: the person is told first, and it ends on the day that the letter names."""

# serves: B-2, E-05, E-10

from datetime import datetime

from rightsdesk.domain.erasure_review import HoldReason
from rightsdesk.domain.errors import NothingRestrictedError
from rightsdesk.domain.identifier_digest import identifier_digests
from rightsdesk.domain.letters import Letter, version_of
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.permission import KEY_PURPOSE
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.domain.use_stop import UseStop, lifting_moment, with_stops_lifted
from rightsdesk.domain.words_of_staff import words_of_staff
from rightsdesk.law.lifting import ends_hold, lifting_letter
from rightsdesk.observability import left_to_the_sweep
from rightsdesk.ports.cases import CaseStore, Holds
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.permissions import Permissions, change_standings
from rightsdesk.ports.recipients import TellOfLifting
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow, resume

_LONGEST_REASON = 1000


class RestrictionLifter:
    def __init__(
        self,
        *,
        cases: CaseStore,
        permissions: Permissions,
        holds: Holds,
        tell_recipients: TellOfLifting,
        keys: Keyring,
        letters: Correspondence,
        links: LinkSource,
        tokens: TaskTokens,
        workflow: Workflow,
        merchant: MerchantProfile,
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._permissions = permissions
        self._holds = holds
        self._tell_recipients = tell_recipients
        self._keys = keys
        self._letters = letters
        self._links = links
        self._tokens = tokens
        self._workflow = workflow
        self._merchant = merchant
        self._clock = clock

    def lift(self, staff: StaffMember, case: PrivacyRequest, version: int, reason: str) -> None:
        """`reason` becomes part of the letter: 10 to 1,000 characters, in the person's language.

        Of a case that is open or closed, once it was decided; while it is weighed, the decision lifts it. What the
        person stopped without anybody's decision, as advertising or a consent, is theirs alone to allow again. Where a
        process died after the letters, the same words again send none twice.

        Raises ApproverNeededError, VersionMovedOnError, NothingRestrictedError, InvalidInputError on `reason`, and
        ServiceUnavailableError where mail is down.
        """
        staff.require(Action.LIFT)
        case.require_seen(version)
        use = case.use
        if use is None or not use.can_be_lifted:
            raise NothingRestrictedError("nothing is restricted that could be lifted")
        words = words_of_staff("reason", reason, longest=_LONGEST_REASON)
        told_at = self._clock()
        lifted_at = lifting_moment(told_at, self._merchant.timezone)
        self._letters.to_subject(
            case,
            Letter.RESTRICTION_LIFTING,
            lifting_letter(case, words, lifted_at=lifted_at, link=self._links().request(case), merchant=self._merchant),
            version=version_of(words),
        )
        self._lift_in_register(case, use, told_at=told_at, lifted_at=lifted_at)
        case = self._tell_recipients(case, lifted_at=lifted_at, actor=staff.actor, decided=True)
        after, event = case.changed(
            "restriction_lifted",
            at=self._clock(),
            actor=staff.actor,
            details={"told_at": told_at.isoformat(), "lifted_at": lifted_at.isoformat()},
            use=use.model_copy(update={"lifted_at": lifted_at}),
        )
        self._cases.save(case, after, event)
        self._go_on(after)

    def _lift_in_register(self, case: PrivacyRequest, use: UseStop, *, told_at: datetime, lifted_at: datetime) -> None:
        standings = change_standings(
            self._permissions,
            identifier_digests(self._keys.key(KEY_PURPOSE), case.known_by),
            lambda standing: with_stops_lifted(standing, use, told_at=told_at, lifted_at=lifted_at),
        )
        if ends_hold(case, standings, lifted_at=lifted_at):
            self._holds.end(case.subject_key, HoldReason.RESTRICTION, at=lifted_at)

    def _go_on(self, case: PrivacyRequest) -> None:
        """A case that waited for recipients waits for nobody now."""
        if not case.notices or not case.is_open or not case.all_are_told:
            return
        with left_to_the_sweep(case.request_id):
            resume(case.request_id, "recipients", {}, tokens=self._tokens, workflow=self._workflow)
