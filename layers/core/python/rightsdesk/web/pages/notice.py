"""What a recipient of data is told, and its answer: done, in part, or impossible because of something (GDPR 19).

Who has the link may answer; there is no log-in, and nothing of the person is to be seen. To look changes nothing.
"""

# serves: E-03, E-04, E-05, P-10

from rightsdesk.domain.errors import FieldProblem, InvalidInputError
from rightsdesk.domain.notice_views import NoticePage
from rightsdesk.domain.recipient_notice import NEEDS_REASON, NoticeState
from rightsdesk.web.forms import Form
from rightsdesk.web.visit import Answer, Page, Visit

CHOICES = (NoticeState.ACKNOWLEDGED, NoticeState.DONE, NoticeState.DONE_IN_PART, NoticeState.IMPOSSIBLE)

SAID = (*CHOICES, NoticeState.DISPROPORTIONATE)  # of what was said, the page says that it is on record


class NoticeForm(Form):
    state: str = ""
    reason: str = ""


def show(visit: Visit) -> Answer:
    return _page(visit, visit.desk.notice(visit.token), NoticeForm())


def receive(visit: Visit, form: NoticeForm) -> Answer:
    if form.state not in CHOICES:
        return _page(visit, visit.desk.notice(visit.token), form, (FieldProblem("state", "missing"),))
    state = NoticeState(form.state)
    try:
        notice = visit.desk.answer_notice(visit.token, state, form.reason if state in NEEDS_REASON else None)
    except InvalidInputError as error:
        return _page(visit, visit.desk.notice(visit.token), form, tuple(error.problems))
    if notice.stands and notice.state in SAID:  # said here and now: the page that is looked at later can't know
        return _page(visit, notice, form, status=409)
    return visit.move(visit.here)


def _page(
    visit: Visit,
    notice: NoticePage,
    form: NoticeForm,
    problems: tuple[FieldProblem, ...] = (),
    *,
    status: int | None = None,
) -> Answer:
    return visit.page(
        "notice.html", notice=notice, form=form, choices=CHOICES, said=SAID, problems=problems, status=status
    )


PAGE = Page(show=show, form=NoticeForm, receive=receive)
