"""Withdraw a request: a page that asks once more, and a button. Of an erasure it says again what would go with it."""

from rightsdesk.domain.errors import CaseClosedError
from rightsdesk.domain.views import ErasureView
from rightsdesk.web.forms import NoFields
from rightsdesk.web.visit import Answer, Page, Visit


def show(visit: Visit) -> Answer:
    view = visit.desk.view(visit.opened())
    if not view.can_withdraw:
        return visit.move(visit.request_page())
    if view.erasure is not None and view.erasure.confirmed_at is not None:
        return undoing_shown(visit, view.erasure)
    return visit.page("withdraw.html", words="withdraw", plan=None)


def undoing_shown(visit: Visit, erasure: ErasureView) -> Answer:
    """What was confirmed, as long as it can be undone by the person alone; and the button that undoes it."""
    plan = erasure.plan if erasure.state == "can_be_undone" else None
    return visit.page("withdraw.html", words="withdraw.erasure", plan=plan, until=erasure.undo_until)


def receive(visit: Visit, _: NoFields) -> Answer:
    try:
        visit.desk.withdraw(visit.opened())
    except CaseClosedError:
        return visit.move(visit.request_page())  # over already: the request says how
    return visit.move(visit.request_page(), session=visit.noticed("withdrawn"))


PAGE = Page(show=show, form=NoFields, receive=receive)
