"""Release or refuse an answer: the decision of a member of staff, under the rule of two people."""

# serves: B-2, E-02, E-07, E-13

from collections.abc import Mapping, Sequence

from rightsdesk.domain.audit import Detail
from rightsdesk.domain.decisions import FieldDecision, recorded
from rightsdesk.domain.errors import MailRejectedError, ServiceUnavailableError
from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import PrivacyRequest, Refusal, Treatment
from rightsdesk.domain.review import (
    outcome_of_review,
    require_bound,
    require_decided,
    require_grounded,
    require_nothing_gone,
    require_proposed,
    require_reviewable,
    rows_to_decide,
)
from rightsdesk.domain.safeguards import require_cleared
from rightsdesk.domain.staff import Action, StaffMember, require_second_person
from rightsdesk.domain.transfer import decided_transfer
from rightsdesk.law.decisions import weighed
from rightsdesk.law.on_record import facts_of, on_record
from rightsdesk.law.refusal import compile_refusal
from rightsdesk.law.refusal_grounds import UNFOUNDED_OR_EXCESSIVE, rules_of_ground
from rightsdesk.observability import left_to_the_sweep, logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.letters import Correspondence
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow, resume


class Reviewer:
    """What every decision needs: the case, its waiting workflow, and who decides."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        tokens: TaskTokens,
        workflow: Workflow,
        letters: Correspondence,
        merchant: MerchantProfile,
        clock: Clock,
        four_eyes: bool,
    ) -> None:
        self._cases = cases
        self._tokens = tokens
        self._workflow = workflow
        self._letters = letters
        self._merchant = merchant
        self._clock = clock
        self._four_eyes = four_eyes

    def release(
        self,
        staff: StaffMember,
        case: PrivacyRequest,
        version: int,
        treatments: Mapping[str, Treatment],
        send: bool | None = None,
        send_refused: str | None = None,
    ) -> None:
        """The answer may leave, with rows about other people as decided (GDPR 15(4)). A proposal to refuse is over.

        `send`: whether its portable part goes to another controller, where the person named one (GDPR 20(2)), and
        `send_refused` why not.
        """
        staff.require(Action.RELEASE)
        require_reviewable(case, version)
        require_second_person(staff, case.worked_on_by, four_eyes=self._four_eyes)
        require_cleared(case)
        export = require_bound(case)
        can_be_sent = export.transfer is not None
        transfer = decided_transfer(
            case.send_to, can_be_sent=can_be_sent, send=send, refused=send_refused, by=staff.user_id
        )
        held = rows_to_decide(case, self._cases.sources(case.request_id).values())
        require_decided(held, treatments)
        details: dict[str, Detail] = {f"held_{path}": str(treatments[path]) for path in held}
        decisions = weighed(self._cases.decisions(case.request_id), treatments, case.due.laws, actor=staff.actor)
        details |= {**recorded(decisions), **facts_of(case)}
        if transfer:
            details["transfer"] = str(transfer.status)
        self._decide(staff, case, "released", details, treatments=dict(treatments), refusal=None, transfer=transfer)
        if treatments:
            self._keep(case, decisions)

    def refuse(
        self,
        staff: StaffMember,
        case: PrivacyRequest,
        version: int,
        ground: str,
        reason: str,
        evidence: str | None = None,
    ) -> None:
        """The answer is refused, on a ground and with reasons of this case (GDPR 12(4), APPI 36).

        Only proposed, where the request is to be called unfounded or excessive, whatever the merchant thinks of four
        eyes (GDPR 12(5)), and where who refuses may not decide: then somebody else confirms it. `evidence` is for
        the file, and in no letter.
        """
        staff.require(Action.PROPOSE)
        require_reviewable(case, version)
        require_nothing_gone(case)
        proposes = ground == UNFOUNDED_OR_EXCESSIVE or not staff.may(Action.REFUSE)
        if not proposes:
            require_second_person(staff, case.worked_on_by, four_eyes=self._four_eyes)
        refusal = Refusal(
            ground=ground,
            reason=reason.strip(),
            evidence=(evidence or "").strip() or None,
            by=staff.user_id,
            needs_second=proposes,
        )
        require_grounded(case, refusal)
        compile_refusal(case, refusal, self._merchant)  # nothing is decided that could not be sent
        if proposes:
            self._propose(staff, case, refusal)
        else:
            self._decide(staff, case, "refused", _on_record(case, refusal), refusal=refusal)

    def confirm_refusal(self, staff: StaffMember, case: PrivacyRequest, version: int) -> None:
        """A second person agrees with the refusal that another proposed. Raises NothingProposedError."""
        staff.require(Action.REFUSE)
        require_reviewable(case, version)
        require_nothing_gone(case)
        refusal = require_proposed(case)
        require_second_person(staff, (refusal.by,), four_eyes=True)
        require_second_person(staff, case.worked_on_by, four_eyes=self._four_eyes)
        self._decide(
            staff,
            case,
            "refused",
            _on_record(case, refusal) | {"proposed_by": refusal.by},
            refusal=refusal.model_copy(update={"second_by": staff.user_id}),
            decided_by=(refusal.by, staff.user_id),
        )

    def _keep(self, case: PrivacyRequest, decisions: Sequence[FieldDecision]) -> None:
        """In the decisions per field as well: the history has it already, so a failure here undoes nothing."""
        try:
            self._cases.put_decisions(case.request_id, decisions)
        except ServiceUnavailableError:
            logger.warning("decisions not brought up to date", extra={"request_id": case.request_id})

    def _propose(self, staff: StaffMember, case: PrivacyRequest, refusal: Refusal) -> None:
        after, event = case.changed(
            "refusal_proposed",
            at=self._clock(),
            actor=staff.actor,
            details=_on_record(case, refusal),
            refusal=refusal,
        )
        self._cases.save(case, after, event)
        try:
            self._letters.to_staff(
                after,
                Letter.STAFF_SECOND_PERSON,
                {
                    "reference": after.reference,
                    "ground": Phrase(name=f"ground.{refusal.ground}"),
                    "proposed_by": refusal.by,
                    "target_on": after.due.target_on,
                },
                version=after.version,
            )
        except (ServiceUnavailableError, MailRejectedError):  # it is proposed all the same; the work list has it
            logger.warning("staff not told of a proposal", extra={"request_id": case.request_id})

    def _decide(
        self, staff: StaffMember, case: PrivacyRequest, event_type: str, details: dict[str, Detail], **changes: object
    ) -> None:
        after, event = case.changed(
            event_type,
            at=self._clock(),
            actor=staff.actor,
            details=details,
            status=Status.EXECUTING,
            **({"decided_by": (staff.user_id,)} | changes),
        )
        self._cases.save(case, after, event)
        with left_to_the_sweep(case.request_id):
            resume(case.request_id, "release", outcome_of_review(after), tokens=self._tokens, workflow=self._workflow)


def _on_record(case: PrivacyRequest, refusal: Refusal) -> dict[str, Detail]:
    """The ground and its rule under these laws; the words of the refusal stay with the case."""
    return {"ground": refusal.ground, **on_record(case, rules_of_ground(refusal.ground, case.due.laws))}
