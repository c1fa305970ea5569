"""Confirm an erasure: what goes, what stays until when, what is lost; and one button (E-14). Only a POST confirms.

Once confirmed, the same is shown for as long as it can be undone, with the button that undoes it.
"""

# serves: E-04, E-14

from rightsdesk.domain.errors import CaseClosedError
from rightsdesk.web.forms import NoFields
from rightsdesk.web.pages.withdraw import undoing_shown
from rightsdesk.web.visit import Answer, Page, Visit


def show(visit: Visit) -> Answer:
    erasure = visit.desk.view(visit.opened()).erasure
    if erasure is not None and erasure.state == "can_be_undone":
        return undoing_shown(visit, erasure)
    if erasure is None or erasure.state != "confirm":
        return visit.move(visit.request_page())  # not asked for, or too late: the request says where it stands
    return visit.page("erasure.html", erasure=erasure, plan=erasure.plan)


def receive(visit: Visit, _: NoFields) -> Answer:
    try:
        visit.desk.confirm_erasure(visit.opened())
    except CaseClosedError:
        return visit.move(visit.request_page())
    return visit.move(visit.request_page(), session=visit.noticed("erasure_confirmed"))


PAGE = Page(show=show, form=NoFields, receive=receive)
