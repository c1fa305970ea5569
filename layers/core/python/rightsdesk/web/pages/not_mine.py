"""I did not make this request: a page for whoever reads the mailbox, and a button. No log-in, and nothing of anybody.

To look changes nothing, for mail scanners follow links.
"""

# serves: E-00

from rightsdesk.web.forms import NoFields
from rightsdesk.web.visit import Answer, Page, Visit


def show(visit: Visit) -> Answer:
    return visit.page("not_mine.html", request=visit.desk.disowning(visit.token))


def receive(visit: Visit, _: NoFields) -> Answer:
    visit.desk.disown(visit.token)
    return visit.move(visit.here)


PAGE = Page(show=show, form=NoFields, receive=receive)
