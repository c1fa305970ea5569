"""Enter the code that proves the mailbox of a new request; then: confirmed, with the due date.

The code has shown who they are, so the request is open as well: no second mail to look at it.
"""

from rightsdesk.domain.errors import FieldProblem, InvalidInputError
from rightsdesk.domain.identity import read_code
from rightsdesk.web.form_session import Access, FormSession
from rightsdesk.web.forms import Form, NoFields
from rightsdesk.web.visit import Answer, Page, Visit


class CodeForm(Form):
    code: str = ""


def code_problem(typed: str) -> FieldProblem | None:
    """What can be said of a code without asking: nothing is tried and no try is used up."""
    if not typed:
        return FieldProblem("code", "missing")
    return None if read_code(typed) else FieldProblem("code", "invalid")


def show(visit: Visit) -> Answer:
    return _page(visit)


def receive(visit: Visit, form: CodeForm) -> Answer:
    problem = code_problem(form.code)
    if problem:
        return _page(visit, problem, typed=form.code)
    try:
        opened = visit.desk.open_session(visit.reference, form.code)  # the first code of a request verifies it as well
    except InvalidInputError:
        return _page(visit, FieldProblem("code", "wrong"))  # one answer for wrong, expired, used and locked (a20)
    session = FormSession.new(visit.now).with_(  # a new secret: who they are has changed (a32)
        access=Access(reference=visit.reference, token=opened.token)
    )
    return visit.move(visit.request_page("confirmed"), session=session)


def show_confirmed(visit: Visit) -> Answer:
    return visit.page("confirmed.html", due_on=visit.desk.view(visit.opened()).due_on)


def resend(visit: Visit, _: NoFields) -> Answer:
    visit.desk.send_code(visit.reference)
    return visit.move(visit.request_page("confirm"), session=visit.noticed("code_sent"))


def _page(visit: Visit, *problems: FieldProblem, typed: str = "") -> Answer:
    sent = visit.session.sent
    return visit.page(
        "confirm.html",
        problems=problems,
        typed_code=typed,
        email=sent.email if sent and sent.reference == visit.reference else None,
        notice=visit.session.notice_for(visit.reference),
    )


PAGE = Page(show=show, form=CodeForm, receive=receive)
CONFIRMED: Page[NoFields] = Page(show=show_confirmed)
RESEND = Page(form=NoFields, receive=resend)
