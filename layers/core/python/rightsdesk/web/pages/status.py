"""One request: how far it is, by when it is answered, what there is to do. A code opens it."""

from datetime import datetime
from typing import Literal, NamedTuple

from rightsdesk.domain.errors import FieldProblem, NotAuthenticatedError
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.request import ANSWERED_BY_PACKAGE, SAID_TO_US
from rightsdesk.domain.views import RequestView
from rightsdesk.web.forms import NoFields
from rightsdesk.web.pages.open_request import ask_for_code, send_code
from rightsdesk.web.visit import Answer, Page, Visit


class Station(NamedTuple):
    name: str
    state: Literal["done", "now", "later"]
    at: datetime | None  # when it was done


def show(visit: Visit) -> Answer:
    try:
        view = visit.desk.view(visit.opened())
    except NotAuthenticatedError:
        return ask_for_code(visit)
    return request_shown(visit, view)


def request_shown(
    visit: Visit, view: RequestView, *problems: FieldProblem, typed_answer: str = "", typed_message: str = ""
) -> Answer:
    """The page; with problems, where the answer to a question or a message does not fit."""
    return visit.page(
        "status.html",
        problems=problems,
        view=view,
        standing=standing(view),
        timeline=timeline(view),
        typed_answer=typed_answer,
        typed_message=typed_message,
        notice=visit.session.notice_for(visit.reference),
    )


def standing(view: RequestView) -> str:
    """The one thing to say first: a key below `status.standing`."""
    passed = {step.name for step in view.steps if step.at is not None}
    by_hand = ANSWERED_BY_PACKAGE.isdisjoint(view.types)  # what was done is in our letter, and nothing to download
    if view.package is not None:
        return "ready"
    if view.outcome is Outcome.FULFILLED or (view.outcome is None and "answered" in passed):
        if SAID_TO_US.issuperset(view.types):
            return "message_answered"
        return "done_by_hand" if by_hand else "fulfilled"
    if view.outcome is Outcome.UNCONFIRMED:
        return "never_confirmed"
    if view.outcome is not None:
        return view.outcome.value
    if view.evidence_needed:
        return "evidence_needed"
    if view.question is not None:
        return "question"
    if "identity_confirmed" not in passed:
        return "unconfirmed"
    if view.erasure is not None:
        return "erasure_of_nothing" if view.erasure.nothing_to_erase else f"erasure_{view.erasure.state}"
    return "by_hand" if by_hand else "in_progress"


def timeline(view: RequestView) -> tuple[Station, ...]:
    """The stations. "Being prepared" is passed when it begins, and done only with the answer. What never came of a
    request that is over is left out."""
    answered = next((step.at for step in view.steps if step.name == "answered"), None)
    stations: list[Station] = []
    for step in view.steps:
        at = answered if step.name == "being_prepared" else step.at
        if at is not None:
            stations.append(Station(step.name, "done", at))
        elif view.outcome is None:
            waiting = any(station.state == "now" for station in stations)
            stations.append(Station(step.name, "later" if waiting else "now", None))
    return tuple(stations)


PAGE = Page(show=show, form=NoFields, receive=send_code)
