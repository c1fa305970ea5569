"""Collect one source of a case, and keep on the case how it stands: a task of the workflow."""

# serves: E-02, E-07, E-08

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from rightsdesk.domain.collecting import CollectionResult, SourceResult, SourceState
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decision_review import decisions_meant, inputs_of
from rightsdesk.domain.errors import CaseClosedError, ConflictError
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.traversal import FoundValues
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.time import Clock

Collect = Callable[..., SourceResult]
"""`collect_data.collect_data` with the reader, the store and the map that belong to this function."""


def collect_source(
    request_id: str,
    source: str,
    *,
    cases: CaseStore,
    collect: Collect,
    data_map: DataMap,
    found: Callable[[], AbstractContextManager[FoundValues]],
    discard: Callable[[str], None],
    clock: Clock,
) -> None:
    """Search the source and note the result. What is done is not done again; a failure is noted by the workflow.

    Raises SourceUnavailableError, SourceBrokenError, and CaseClosedError where the case was withdrawn meanwhile: what
    was written for it is then discarded.
    """
    case = cases.get(request_id)
    case.require_open()
    state = cases.sources(request_id).get(source)
    if state and state.status == "done":
        return
    finished: dict[str, CollectionResult] = dict(state.collections) if state else {}

    def save(name: str, result: CollectionResult) -> None:
        finished[name] = result
        _put(case, SourceState(source=source, status="collecting", at=clock(), collections=finished), cases=cases)

    try:
        with found() as values:
            result = collect(
                request_id,
                source,
                data_map=data_map,
                verified=case.identifiers,
                found=values,
                done=dict(finished),
                save=save,
                clock=clock,
                **_wanted(case, data_map),
            )
        done = SourceState(source=source, status="done", at=clock(), collections=result.collections)
        _put(case, done, cases=cases)
    except CaseClosedError:
        discard(request_id)
        raise


def _wanted(case: PrivacyRequest, data_map: DataMap) -> dict[str, Any]:
    """For the review of a decision, what went into it, and no more (GDPR 5(1)(c))."""
    if RequestType.AUTOMATED_DECISION not in case.types:
        return {}
    meant = decisions_meant(case.aim.decision if case.aim else None, data_map)
    return {"wanted": inputs_of(meant.values())}


def _put(case: PrivacyRequest, state: SourceState, *, cases: CaseStore) -> None:
    try:
        cases.put_source(case.request_id, state)
    except ConflictError as error:
        raise CaseClosedError("the case was closed while it was collected") from error
