"""Tell a person what an erasure would take, keep and cost them, and wait until they say once more that they want it."""

# serves: E-04, E-14, E-15

from typing import TYPE_CHECKING

from rightsdesk.domain.erasure_review import CONFIRMATION_PERIOD, current_plan
from rightsdesk.domain.erasure_state import ErasureState
from rightsdesk.domain.erasure_words import told_of_plan
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import SYSTEM, PrivacyRequest
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow

if TYPE_CHECKING:
    from collections.abc import Callable

    from rightsdesk.domain.datamap import DataMap


def request_confirmation(
    request_id: str,
    task_token: str,
    *,
    cases: CaseStore,
    tokens: TaskTokens,
    workflow: Workflow,
    letters: Correspondence,
    merchant: MerchantProfile,
    links: LinkSource,
    data_map: "Callable[[], DataMap]",
    clock: Clock,
) -> None:
    """Task of the workflow. Passes at once where the person has confirmed, and where nothing is held about them.

    Raises IncompleteCollectionError while a source is not planned: nobody confirms half a plan.
    """
    tokens.park(request_id, "confirmation", task_token)  # before the case is read: a door then finds the token
    case = cases.get(request_id)
    case.require_open()
    erasure = case.erasure or ErasureState()
    plan = current_plan(case, cases.erasures(request_id))
    if erasure.consequence:  # the person has said what they want, and loses nothing by it
        workflow.succeed(task_token, {"undo_until": clock()})
        return
    if erasure.confirmed_at is None and not plan.rows:
        if not erasure.nothing_to_erase:
            _nothing_held(case, erasure, cases=cases, clock=clock)
        workflow.succeed(task_token, {"undo_until": clock()})
        return
    if erasure.confirmed_at is not None and erasure.undo_until is not None:
        workflow.succeed(task_token, {"undo_until": erasure.undo_until})
        return
    if erasure.asked_at is None:
        erasure = erasure.model_copy(update={"asked_at": clock()})
        after, event = case.changed(
            "confirmation_asked",
            at=clock(),
            actor=SYSTEM,
            details={
                "plan_sha256": plan.sha256,
                "delete": plan.delete,
                "anonymise": plan.anonymise,
                "keep": plan.keep,
            },
            status=Status.AWAITING_CONFIRMATION,
            erasure=erasure,
        )
        cases.save(case, after, event)
        case = after
    asked_at = erasure.asked_at or clock()
    letters.to_subject(
        case,
        Letter.ERASURE_CONFIRMATION,
        {
            "reference": case.reference,
            "name": case.name,
            "received_on": case.received_on(merchant.timezone),
            "link": f"{links().request(case)}/erasure",
            "closes_on": (asked_at + CONFIRMATION_PERIOD).astimezone(merchant.timezone).date(),
            **told_of_plan(plan, cases.decisions(request_id), data_map(), case.kept, case.due.laws),
        },
    )


def _nothing_held(case: PrivacyRequest, erasure: ErasureState, *, cases: CaseStore, clock: Clock) -> None:
    """There is nothing to lose, so nothing to confirm, nor to think over."""
    after, event = case.changed(
        "nothing_to_erase",
        at=clock(),
        actor=SYSTEM,
        erasure=erasure.model_copy(update={"nothing_to_erase": True}),
    )
    cases.save(case, after, event)
