"""Start: what can be asked for, what it takes, how long, that it is free."""

from rightsdesk.web.forms import NoFields
from rightsdesk.web.pages.question import RIGHTS_BY_WISH
from rightsdesk.web.visit import Answer, Page, Visit


def show(visit: Visit) -> Answer:
    return visit.page("start.html", wishes=RIGHTS_BY_WISH)


PAGE: Page[NoFields] = Page(show=show)
