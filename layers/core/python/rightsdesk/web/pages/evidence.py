"""The extra check: an order number and its postcode, why they are asked for, and what else helps (GDPR 12(6)).

What is answered is the same whether the two were right or not (abuse case 5).
"""

# serves: P-01, E-00

from rightsdesk.domain.errors import FieldProblem, InvalidInputError
from rightsdesk.domain.identity import EVIDENCE_TRIES_PER_DAY
from rightsdesk.web.forms import Form
from rightsdesk.web.visit import Answer, Page, Visit

_LONGEST = {"order_number": 64, "postcode": 16}


class EvidenceForm(Form):
    order_number: str = ""
    postcode: str = ""


def show(visit: Visit) -> Answer:
    if not visit.desk.view(visit.opened()).evidence_needed:
        return visit.move(visit.request_page())
    return _page(visit, EvidenceForm())


def receive(visit: Visit, form: EvidenceForm) -> Answer:
    session = visit.opened()
    problems = _problems(form)
    if problems:
        return _page(visit, form, *problems)
    try:
        visit.desk.submit_evidence(session, form.order_number, form.postcode)
    except InvalidInputError as error:
        return _page(visit, form, *error.problems)
    return visit.move(visit.request_page(), session=visit.noticed("evidence_received"))


def _problems(form: EvidenceForm) -> tuple[FieldProblem, ...]:
    found = []
    for name, value in form:
        if not value:
            found.append(FieldProblem(name, "missing"))
        elif len(value) > _LONGEST[name]:
            found.append(FieldProblem(name, "too_long"))
    return tuple(found)


def _page(visit: Visit, form: EvidenceForm, *problems: FieldProblem) -> Answer:
    return visit.page("evidence.html", problems=problems, form=form, tries=EVIDENCE_TRIES_PER_DAY)


PAGE = Page(show=show, form=EvidenceForm, receive=receive)
