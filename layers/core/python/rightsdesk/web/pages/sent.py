"""Sent: the reference, where the code went, what happens next. The same for a known and an unknown person (a17)."""

from rightsdesk.domain.identity import VERIFICATION_PERIOD
from rightsdesk.web.forms import NoFields
from rightsdesk.web.visit import Answer, Page, Visit


def show(visit: Visit) -> Answer:
    sent = visit.session.sent
    if sent is None:
        return visit.move("my-request")  # a bookmark: the reference opens the request
    return visit.page("sent.html", sent=sent, confirm_by=sent.received_at + VERIFICATION_PERIOD)


PAGE: Page[NoFields] = Page(show=show)
