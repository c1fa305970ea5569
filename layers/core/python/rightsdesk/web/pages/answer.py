"""Answer what staff asked. The form stands on the page of the request, and leads back to it.

The person says who they are or what they mean, and the clock goes on (GDPR 12(6), recital 63).
"""

# serves: E-00

from rightsdesk.domain.errors import CaseClosedError, FieldProblem, InvalidInputError, NothingAskedError
from rightsdesk.web.api_models import AnswerBody
from rightsdesk.web.forms import Form
from rightsdesk.web.pages.status import request_shown
from rightsdesk.web.validation import validated
from rightsdesk.web.visit import Answer, Page, Visit


class AnswerForm(Form):
    answer: str = ""


def receive(visit: Visit, form: AnswerForm) -> Answer:
    session = visit.opened()
    view = visit.desk.view(session)
    if view.question is None:
        return visit.move(visit.request_page())  # answered from another window, or over
    try:
        said = validated(AnswerBody, {"text": form.answer})
    except InvalidInputError as error:
        reason = error.problems[0].reason
        problem = FieldProblem("answer", "missing" if reason == "too_short" else reason)
        return request_shown(visit, view, problem, typed_answer=form.answer)
    try:
        visit.desk.answer_question(session, said.text)
    except InvalidInputError as error:
        problem = FieldProblem("answer", error.problems[0].reason)
        return request_shown(visit, view, problem, typed_answer=form.answer)
    except (NothingAskedError, CaseClosedError):
        return visit.move(visit.request_page())
    return visit.move(visit.request_page(), session=visit.noticed("answered"))


PAGE = Page(form=AnswerForm, receive=receive)
