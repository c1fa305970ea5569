"""Who asks: the person themselves, as nearly always, or somebody for them. The start page leads here.

Whoever goes past it asks for themselves; the page that shows the answers says so, and leads here as well.
"""

from rightsdesk.domain.errors import FieldProblem
from rightsdesk.domain.request import AgentRole
from rightsdesk.web.answers import MYSELF
from rightsdesk.web.forms import Form
from rightsdesk.web.visit import Answer, Page, Visit

CHOICES = (MYSELF, *AgentRole)


class ForWhomForm(Form):
    asks_for: str = ""


def show(visit: Visit) -> Answer:
    return _page(visit, visit.session.answers.asks_for)


def receive(visit: Visit, form: ForWhomForm) -> Answer:
    if form.asks_for not in CHOICES:
        return _page(visit, form.asks_for, FieldProblem("asks_for", "missing"))
    answers = visit.session.answers
    session = visit.session.answered(asks_for=form.asks_for)
    if form.asks_for != MYSELF:
        return visit.move("who-you-are", session=session)
    again = answers.model_copy(update={"asks_for": MYSELF}).first_open_page(visit.marketing)
    return visit.move(again or "check-your-answers", session=session)


def _page(visit: Visit, chosen: str, *problems: FieldProblem) -> Answer:
    return visit.page("for_whom.html", problems=problems, choices=CHOICES, chosen=chosen)


PAGE = Page(show=show, form=ForWhomForm, receive=receive)
