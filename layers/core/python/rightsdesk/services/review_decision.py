"""A person reviews an automated decision (GDPR 22(3)): reads what went into it, and says what came of it.

Nothing changes by that: what is to be done is done in the merchant's own systems, and said when the request is
completed. Where four eyes are wanted, who reviewed it is not who lets the answer go.
"""

# serves: B-2, E-08, P-09

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from rightsdesk.domain.case_views import DecisionInReview, ReviewFacts, ReviewView
from rightsdesk.domain.decision_review import ReviewResult, checked_review, decisions_meant, inputs_of
from rightsdesk.domain.errors import NotAReviewError, NotFoundError
from rightsdesk.domain.records import Record
from rightsdesk.domain.request import PrivacyRequest, RequestType
from rightsdesk.domain.review import require_awaiting_review, require_reviewable
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.law.on_record import on_record
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.sources import RecordStore
from rightsdesk.ports.time import Clock

if TYPE_CHECKING:  # the door for staff reads the map when it is asked for
    from rightsdesk.domain.datamap import DataMap

SHOWN = 100  # rows of a collection
LARGEST = 2_000_000  # characters of all rows, as JSON in ASCII: a Lambda function answers with 6 MB at most
RULE = "GDPR-22-3"


def view_review(
    staff: StaffMember,
    case: PrivacyRequest,
    *,
    cases: CaseStore,
    records: RecordStore,
    data_map: Callable[[], "DataMap"],
    clock: Clock,
) -> ReviewView:
    """The decisions that the person may mean, and of each source the facts that went into them.

    It is noted before anything is read, which moves the version on: the answer tells the new one. Raises
    NotAllowedError, NotAReviewError, NotAwaitingReviewError.
    """
    staff.require(Action.INSPECT)
    _require_review(case)
    require_awaiting_review(case)
    named = case.aim.decision if case.aim else None
    the_map = data_map()
    meant = decisions_meant(named, the_map)
    inputs = inputs_of(meant.values())
    after, event = case.changed(
        "review_facts_read", at=clock(), actor=staff.actor, details={"collections": list(inputs)}
    )
    cases.save(case, after, event)
    states = cases.sources(case.request_id)
    room = LARGEST
    facts = []
    for path, fields in inputs.items():
        collection = the_map.collection(path)
        state = states.get(collection.source)
        rows: list[Record] = []
        more = False
        try:
            for row in records.read(case.request_id, path):
                room -= len(json.dumps(row))
                if room < 0 or len(rows) == SHOWN:
                    more = True
                    break
                rows.append(row)
        except NotFoundError:  # its source broke, or is not described any more: `status` says so
            rows = []
        facts.append(
            ReviewFacts(
                collection=path,
                label=collection.label,
                fields={name: collection.fields[name].label for name in fields},
                status=state.status if state else "pending",
                rows=tuple(rows),
                more=more,
            )
        )
    return ReviewView(
        version=after.version,
        named=named,
        contests=case.aim.contests if case.aim else False,
        view=case.details,
        decisions=tuple(
            DecisionInReview(
                name=name,
                label=each.label,
                decides=each.decides,
                logic=each.logic,
                consequences=each.consequences,
                safeguards=each.safeguards,
                reviewer=each.reviewer,
                basis=each.basis,
                recipient=each.recipient,
                inputs=each.inputs,
            )
            for name, each in meant.items()
        ),
        facts=tuple(facts),
        review=case.review,
    )


def record_review(
    staff: StaffMember,
    case: PrivacyRequest,
    version: int,
    decision: str | None,
    result: ReviewResult,
    reasons: str,
    *,
    cases: CaseStore,
    data_map: Callable[[], "DataMap"],
    clock: Clock,
) -> PrivacyRequest:
    """Keep what was found; recorded again, it replaces what was before, until the request is completed.

    Raises NotAllowedError, NotAReviewError, NotAwaitingReviewError, VersionMovedOnError, InvalidInputError.
    """
    staff.require(Action.DECIDE)
    require_reviewable(case, version)
    _require_review(case)
    now = clock()
    review = checked_review(decision, result, reasons, data_map=data_map(), by=staff.user_id, at=now)
    after, event = case.changed(
        "decision_reviewed",
        at=now,
        actor=staff.actor,
        details={"result": result, **({"decision": decision} if decision else {}), **on_record(case, [RULE])},
        review=review,
        handled_by=case.handled_by_also(staff.user_id),
    )
    cases.save(case, after, event)
    return after


def _require_review(case: PrivacyRequest) -> None:
    if RequestType.AUTOMATED_DECISION not in case.types:
        raise NotAReviewError("no decision was asked to be reviewed")
