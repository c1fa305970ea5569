"""Open a request with the code from our mail, for 15 minutes; and leave it again, on a shared computer.

For an unknown reference everything looks the same, and no code ever comes (abuse case 18).
"""

from rightsdesk.domain.errors import FieldProblem, InvalidInputError
from rightsdesk.web.form_session import Access, FormSession
from rightsdesk.web.forms import NoFields
from rightsdesk.web.pages.confirm import CodeForm, code_problem
from rightsdesk.web.visit import Answer, Page, Visit


def ask_for_code(visit: Visit, *problems: FieldProblem, typed: str = "") -> Answer:
    """The page in front of a request that is not open, or no more."""
    return visit.page(
        "open_request.html",
        problems=problems,
        typed_code=typed,
        ended=visit.session.token_for(visit.reference) is not None,
        notice=visit.session.notice_for(visit.reference),
    )


def send_code(visit: Visit, _: NoFields) -> Answer:
    visit.desk.send_code(visit.reference)
    return visit.move(visit.request_page(), session=visit.noticed("code_sent").with_(access=None))


def receive(visit: Visit, form: CodeForm) -> Answer:
    problem = code_problem(form.code)
    if problem:
        return ask_for_code(visit, problem, typed=form.code)
    try:
        opened = visit.desk.open_session(visit.reference, form.code)
    except InvalidInputError:
        return ask_for_code(visit, FieldProblem("code", "wrong"))  # one answer for all that can be wrong (a20)
    session = FormSession.new(visit.now).with_(  # a new secret: who they are has changed (a32)
        answers=visit.session.answers,
        submission_key=visit.session.submission_key,
        access=Access(reference=visit.reference, token=opened.token),
    )
    return visit.move(visit.request_page(), session=session)


def leave(visit: Visit, _: NoFields) -> Answer:
    return visit.move("", session=FormSession.new(visit.now))


CODE = Page(show=ask_for_code, form=CodeForm, receive=receive)
LEAVE = Page(form=NoFields, receive=leave)
