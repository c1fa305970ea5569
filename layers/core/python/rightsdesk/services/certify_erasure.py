"""After the search: certify that nothing is left of what had to go, or say where something is (abuse case 83)."""

# serves: E-04, E-15, T-3

from collections.abc import Callable, Mapping
from datetime import datetime

from rightsdesk.domain.erasure_plan import CollectionDone, CollectionPlan, ErasurePlan, ErasureStage, SourceErasure
from rightsdesk.domain.erasure_review import Proceed, current_plan, planned_again
from rightsdesk.domain.erasure_state import ErasedCollection, ErasureCertificate, ErasureState
from rightsdesk.domain.errors import IncompleteCollectionError, ResidueError
from rightsdesk.domain.request import SYSTEM, PrivacyRequest, RequestType
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.time import Clock

Remember = Callable[[PrivacyRequest, datetime], tuple[str, ...]]
"""Keeps what outlives the case: that this person was erased, and what stays of them until when. May be repeated.

Answers the kinds of identifiers by which the person stays erased.
"""


def certify_erasure(request_id: str, *, cases: CaseStore, remember: Remember, clock: Clock) -> Proceed:
    """Task of the workflow. Where rows had changed before their turn, the plan is made again, for what is left.

    By another right than erasure only fields went: nobody is remembered as erased. Nor is anybody of whom nothing was
    found: who never was a customer is not to be recognised without end (GDPR 5(1)(c), (e)).

    Raises IncompleteCollectionError, naming sources that were not erased or not searched; and ResidueError, naming the
    collections, where anything else was found again: it stays visible to staff, and when they start the case again, the
    rest is planned and approved as it then is.
    """
    case = cases.get(request_id)
    case.require_open()
    erasure = case.erasure or ErasureState()
    if erasure.certificate is not None:
        _remembered(case, erasure.certificate, remember)
        return "answer"
    if erasure.begun_round != erasure.round:
        return "plan_again"  # said before, by a run that died after it
    states = cases.erasures(request_id)
    plan = current_plan(case, states)
    if missing := [name for name in case.sources if states[name].stage is not ErasureStage.SEARCHED]:
        raise IncompleteCollectionError(missing)
    left = {path: rows for name in case.sources for path, rows in states[name].residue.items()}
    if left:
        moved = [path for path in left if _done(states, path).changed]
        _plan_again(case, left, moved, cases=cases, clock=clock)
        if len(moved) < len(left):
            raise ResidueError([path for path in left if path not in moved])
        return "plan_again"
    now = clock()
    certificate = _certificate(case, erasure, plan, states, now)
    suppressed = _remembered(case, certificate, remember)
    after, event = case.changed(
        "erased",
        at=now,
        actor=SYSTEM,
        details={
            "certificate_sha256": certificate.sha256,
            "plan_sha256": plan.sha256,
            "deleted": sum(part.deleted for part in certificate.collections),
            "anonymised": sum(part.anonymised for part in certificate.collections),
            "kept": sum(part.kept for part in certificate.collections),
            "residue": 0,
            "suppressed": list(suppressed),
        },
        erasure=erasure.model_copy(update={"certificate": certificate, "suppressed": suppressed}),
        carried_out_at=now,
    )
    cases.save(case, after, event)
    return "answer"


def _remembered(case: PrivacyRequest, certificate: ErasureCertificate, remember: Remember) -> tuple[str, ...]:
    erases = RequestType.ERASURE in case.types
    return remember(case, certificate.certified_at) if erases and certificate.found else ()


def _plan_again(
    case: PrivacyRequest, left: Mapping[str, int], moved: list[str], *, cases: CaseStore, clock: Clock
) -> None:
    after, event = case.changed(
        "residue_found",
        at=clock(),
        actor=SYSTEM,
        details={"residue": [f"{path}: {left[path]}" for path in sorted(left)], "changed": sorted(moved)},
        **planned_again(case),
    )
    cases.save(case, after, event)


def _certificate(
    case: PrivacyRequest, erasure: ErasureState, plan: ErasurePlan, states: Mapping[str, SourceErasure], now: datetime
) -> ErasureCertificate:
    searched = {part.collection: state.searched_at or now for state in states.values() for part in state.plans}
    return ErasureCertificate(
        plan_sha256=plan.sha256,
        rounds=erasure.round,
        datamap_version=plan.datamap_version,
        began_at=erasure.began_at or now,
        certified_at=now,
        collections=tuple(
            _erased(part, _done(states, part.collection), searched[part.collection]) for part in plan.collections
        ),
    )


def _erased(part: CollectionPlan, done: CollectionDone, searched_at: datetime) -> ErasedCollection:
    """Each row once. What a round before this one reduced is in the plan as a row that stays as it is."""
    stay = part.keep + part.anonymise
    reduced = min(done.anonymised, stay)
    return ErasedCollection(
        collection=part.collection,
        deleted=done.deleted,
        anonymised=reduced,
        kept=stay - reduced,
        searched_at=searched_at,
    )


def _done(states: Mapping[str, SourceErasure], path: str) -> CollectionDone:
    return states[path.partition("/")[0]].done.get(path, CollectionDone())
