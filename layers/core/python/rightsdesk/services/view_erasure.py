"""Read the plan of an erasure before approving it, what bars it, and how far it was carried out."""

# serves: B-2, E-04, E-15

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rightsdesk.domain.erasure_plan import CollectionDone, CollectionPlan, SourceErasure
from rightsdesk.domain.erasure_review import current_plan, goes_first, phase_of, require_asked_for
from rightsdesk.domain.erasure_state import ErasureState
from rightsdesk.domain.erasure_views import CollectionErasure, ErasurePlanView, SourceErasing
from rightsdesk.domain.erasure_words import kept_shown, loss_shown, spans
from rightsdesk.domain.errors import IncompleteCollectionError
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.ports.cases import CaseStore, Holds, others_of
from rightsdesk.ports.time import Clock

if TYPE_CHECKING:
    from rightsdesk.domain.datamap import DataMap


def view_erasure(
    staff: StaffMember, case: PrivacyRequest, *, cases: CaseStore, holds: Holds, data_map: "DataMap", clock: Clock
) -> ErasurePlanView:
    """For every role. Raises NotAllowedError, and ConflictError where the case is no erasure."""
    staff.require(Action.READ)
    require_asked_for(case)
    erasure = case.erasure or ErasureState()
    states = cases.erasures(case.request_id)
    first = goes_first(others_of(cases, case))
    try:
        plan = current_plan(case, states)
    except IncompleteCollectionError:
        plan = None
    return ErasurePlanView(
        reference=case.reference,
        version=case.version,
        state=phase_of(erasure, now=clock()),
        round=erasure.round,
        plan_sha256=plan and plan.sha256,
        delete=plan.delete if plan else 0,
        anonymise=plan.anonymise if plan else 0,
        keep=plan.keep if plan else 0,
        collections=tuple(_collections(case, plan.collections, states, data_map)) if plan else (),
        sources=tuple(_source(name, states.get(name), erasure.round) for name in case.sources),
        asked_at=erasure.asked_at,
        confirmed_at=erasure.confirmed_at,
        undo_until=erasure.undo_until,
        nothing_to_erase=erasure.nothing_to_erase,
        weighed=erasure.weighed,
        approval=erasure.approval,
        holds=tuple(holds.of(case.subject_key)),
        goes_first=first and first.reference,
        began_at=erasure.began_at,
        certificate=erasure.certificate,
        certificate_sha256=erasure.certificate and erasure.certificate.sha256,
    )


def _collections(
    case: PrivacyRequest,
    plans: tuple[CollectionPlan, ...],
    states: dict[str, SourceErasure],
    data_map: "DataMap",
) -> Iterator[CollectionErasure]:
    whole = case.erasure is None or not case.erasure.consequence  # else fields go, and nothing is lost with them
    for part in plans:
        path = part.collection
        done = states[path.partition("/")[0]].done.get(path, CollectionDone())
        yield CollectionErasure(
            collection=path,
            label=data_map.collection(path).label,
            delete=part.delete,
            anonymise=part.anonymise,
            keep=part.keep,
            kept=tuple(kept_shown(path, kept, data_map, case.kept, case.due.laws) for kept in spans(part.kept)),
            losses=tuple(loss_shown(loss, data_map) for loss in part.losses if whole),
            **done.model_dump(exclude={"unlinked"}),
        )


def _source(name: str, state: SourceErasure | None, round_: int) -> SourceErasing:
    if state is None or state.round != round_:
        return SourceErasing(source=name, stage="pending", at=None, searched_at=None, error=state and state.error)
    return SourceErasing(source=name, stage=state.stage, at=state.at, searched_at=state.searched_at, error=state.error)
