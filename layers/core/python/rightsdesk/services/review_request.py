"""Release or refuse an answer: the decision of a member of staff, under the rule of two people."""

# serves: B-2, E-02, E-07, E-13

from collections.abc import Mapping

from rightsdesk.domain.audit import Detail
from rightsdesk.domain.collecting import held_rows
from rightsdesk.domain.errors import InvalidInputError, ServiceUnavailableError
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import PrivacyRequest, Refusal, Treatment
from rightsdesk.domain.review import (
    outcome_of_review,
    require_bound,
    require_decided,
    require_ground,
    require_reviewable,
)
from rightsdesk.domain.staff import Action, StaffMember, require_second_person
from rightsdesk.observability import logger
from rightsdesk.ports import CaseStore, Clock, TaskTokens, Workflow

_LONGEST_REASON = 2000


class Reviewer:
    """What both decisions need: the case, its waiting workflow, and who decides."""

    def __init__(
        self, *, cases: CaseStore, tokens: TaskTokens, workflow: Workflow, clock: Clock, four_eyes: bool
    ) -> None:
        self._cases = cases
        self._tokens = tokens
        self._workflow = workflow
        self._clock = clock
        self._four_eyes = four_eyes

    def release(
        self, staff: StaffMember, case: PrivacyRequest, version: int, treatments: Mapping[str, Treatment]
    ) -> None:
        """The answer may leave, with rows about other people as decided (GDPR 15(4))."""
        staff.require(Action.RELEASE)
        require_reviewable(case, version)
        require_second_person(staff, case.worked_on_by, four_eyes=self._four_eyes)
        require_bound(case)
        held = held_rows(self._cases.sources(case.request_id).values())
        require_decided(held, treatments)
        details: dict[str, Detail] = {f"held_{path}": str(treatments[path]) for path in held}
        self._decide(staff, case, "released", details, treatments=dict(treatments))

    def refuse(self, staff: StaffMember, case: PrivacyRequest, version: int, ground: str, reason: str) -> None:
        """The answer is refused, on a ground and with reasons of this case (GDPR 12(4), APPI 36)."""
        staff.require(Action.REFUSE)
        require_reviewable(case, version)
        require_second_person(staff, case.worked_on_by, four_eyes=self._four_eyes)
        require_ground(case, ground)
        if not reason.strip():
            raise InvalidInputError.of("reason", "missing")
        if len(reason) > _LONGEST_REASON:
            raise InvalidInputError.of("reason", "too_long")
        refusal = Refusal(ground=ground, reason=reason.strip(), by=staff.user_id)
        self._decide(staff, case, "refused", {"ground": ground}, refusal=refusal)

    def _decide(
        self, staff: StaffMember, case: PrivacyRequest, event_type: str, details: dict[str, Detail], **changes: object
    ) -> None:
        after, event = case.changed(
            event_type, at=self._clock(), actor=staff.actor, details=details, status=Status.EXECUTING, **changes
        )
        self._cases.save(case, after, event)
        try:
            token = self._tokens.parked(case.request_id, "release")
            if token is not None:
                self._workflow.succeed(token, outcome_of_review(after))
        except ServiceUnavailableError:  # it is decided, and not to be decided again
            logger.warning("workflow not told; the sweep will", extra={"request_id": case.request_id})
