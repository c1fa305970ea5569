"""One request: how far it is, by when it is answered, what there is to do.

It is opened by a fresh code: who has none yet is asked, and a POST to this address mails one. For an unknown
reference everything looks the same, and no code ever comes (abuse case 18).
"""

from rightsdesk.domain.errors import NotAuthenticatedError
from rightsdesk.domain.views import RequestView
from rightsdesk.web.forms import NoFields
from rightsdesk.web.visit import Answer, Page, Visit


def show(visit: Visit) -> Answer:
    try:
        view = visit.desk.view(visit.opened())
    except NotAuthenticatedError:
        ended = visit.session.token_for(visit.reference) is not None
        return visit.page("open_request.html", ended=ended)
    return visit.page(
        "status.html",
        view=view,
        standing=standing(view),
        current=next((step.name for step in view.steps if step.at is None), None),
        notice=visit.session.notice_for(visit.reference),
    )


def send_code(visit: Visit, _: NoFields) -> Answer:
    visit.desk.send_code(visit.reference)
    return visit.move(visit.request_page("code"), session=visit.noticed("code_sent"))


def standing(view: RequestView) -> str:
    """The one thing to say first: a key below `status.standing`."""
    if view.package is not None:
        return "ready"
    if view.outcome is not None:
        return view.outcome.value
    if view.evidence_needed:
        return "evidence_needed"
    confirmed = any(step.name == "identity_confirmed" and step.at is not None for step in view.steps)
    return "in_progress" if confirmed else "unconfirmed"


PAGE = Page(show=show, form=NoFields, receive=send_code)
