"""Withdraw a request: a page that asks once more, and a button."""

from rightsdesk.domain.errors import CaseClosedError
from rightsdesk.web.forms import NoFields
from rightsdesk.web.visit import Answer, Page, Visit


def show(visit: Visit) -> Answer:
    view = visit.desk.view(visit.opened())
    if not view.can_withdraw:
        return visit.move(visit.request_page())
    undoes = view.erasure is not None and view.erasure.confirmed_at is not None
    return visit.page("withdraw.html", words="withdraw.erasure" if undoes else "withdraw")


def receive(visit: Visit, _: NoFields) -> Answer:
    try:
        visit.desk.withdraw(visit.opened())
    except CaseClosedError:
        return visit.move(visit.request_page())  # over already: the request says how
    return visit.move(visit.request_page(), session=visit.noticed("withdrawn"))


PAGE = Page(show=show, form=NoFields, receive=receive)
