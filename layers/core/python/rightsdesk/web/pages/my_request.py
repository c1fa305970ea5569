"""Find a request again by its reference. Whether it exists is not said: the next page is the same (a18)."""

from rightsdesk.domain.errors import FieldProblem
from rightsdesk.domain.reference import parse_reference
from rightsdesk.web.forms import Form
from rightsdesk.web.visit import Answer, Page, Visit


class ReferenceForm(Form):
    reference: str = ""


def show(visit: Visit) -> Answer:
    return visit.page("my_request.html", typed_reference="")


def receive(visit: Visit, form: ReferenceForm) -> Answer:
    reference = parse_reference(form.reference)
    if reference is None:  # the check character says so, for every text alike
        problem = FieldProblem("reference", "invalid" if form.reference else "missing")
        return visit.page("my_request.html", problems=(problem,), typed_reference=form.reference)
    return visit.move(f"requests/{reference}")


PAGE = Page(show=show, form=ReferenceForm, receive=receive)
