"""The accessibility statement."""

from rightsdesk.web.forms import NoFields
from rightsdesk.web.visit import Answer, Page, Visit


def show(visit: Visit) -> Answer:
    return visit.page("accessibility.html")


PAGE: Page[NoFields] = Page(show=show)
