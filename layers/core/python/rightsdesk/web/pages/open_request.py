"""Enter the code that opens a request for 15 minutes; and leave it again, on a shared computer."""

from rightsdesk.domain.errors import FieldProblem, InvalidInputError
from rightsdesk.web.form_session import Access, FormSession
from rightsdesk.web.forms import NoFields
from rightsdesk.web.pages.confirm import CodeForm, code_problem
from rightsdesk.web.visit import Answer, Page, Visit


def show(visit: Visit) -> Answer:
    return _page(visit)


def receive(visit: Visit, form: CodeForm) -> Answer:
    problem = code_problem(form.code)
    if problem:
        return _page(visit, problem, typed=form.code)
    try:
        opened = visit.desk.open_session(visit.reference, form.code)
    except InvalidInputError:
        return _page(visit, FieldProblem("code", "wrong"))
    session = FormSession.new(visit.now).with_(
        answers=visit.session.answers,
        submission_key=visit.session.submission_key,
        access=Access(reference=visit.reference, token=opened.token),
    )
    return visit.move(visit.request_page(), session=session)


def leave(visit: Visit, _: NoFields) -> Answer:
    return visit.move("", session=FormSession.new(visit.now))


def _page(visit: Visit, *problems: FieldProblem, typed: str = "") -> Answer:
    return visit.page(
        "code.html", problems=problems, typed_code=typed, notice=visit.session.notice_for(visit.reference)
    )


PAGE = Page(show=show, form=CodeForm, receive=receive)
LEAVE = Page(form=NoFields, receive=leave)
