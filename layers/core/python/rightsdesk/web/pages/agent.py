"""The person says on their page whether whoever asks for them gets a copy of the answer."""

from rightsdesk.domain.errors import CaseClosedError, ConflictError
from rightsdesk.web.forms import Form, PageRefusedError
from rightsdesk.web.visit import Answer, Page, Visit


class AgentForm(Form):
    gets_answers: str = ""


def receive(visit: Visit, form: AgentForm) -> Answer:
    if form.gets_answers not in ("yes", "no"):
        raise PageRefusedError(400, "malformed")  # the buttons of our page say one or the other
    try:
        visit.desk.agree_agent(visit.opened(), form.gets_answers == "yes")
    except (CaseClosedError, ConflictError):
        return visit.move(visit.request_page())  # it is answered, or over: the page says how it stands
    return visit.move(visit.request_page(), session=visit.noticed("agent_said"))


PAGE = Page(form=AgentForm, receive=receive)
