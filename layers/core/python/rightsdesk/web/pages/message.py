"""Write a message about a request. The form stands on the page of the request, and leads back to it."""

# serves: B-6

from rightsdesk.domain.errors import CaseClosedError, FieldProblem, InvalidInputError, ThreadFullError
from rightsdesk.domain.request import Door
from rightsdesk.web.forms import Form
from rightsdesk.web.pages.status import request_shown
from rightsdesk.web.visit import Answer, Page, Visit


class MessageForm(Form):
    message: str = ""


def receive(visit: Visit, form: MessageForm) -> Answer:
    session = visit.opened()
    try:
        taken = visit.desk.write_message(session, form.message, Door.WEB)
    except InvalidInputError as error:
        problem = FieldProblem("message", error.problems[0].reason)
        return request_shown(visit, visit.desk.view(session), problem, typed_message=form.message)
    except ThreadFullError:
        return request_shown(visit, visit.desk.view(session), FieldProblem("message", "full"))
    except CaseClosedError:
        return visit.move(visit.request_page())  # the page says how it ended
    again = taken.reference != visit.reference
    return visit.move(visit.request_page(), session=visit.noticed("taken_up_again" if again else "message_sent"))


PAGE = Page(form=MessageForm, receive=receive)
