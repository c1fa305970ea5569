"""The questions: what do you want, where do you live, who are you. What was typed is kept, fitting or not."""

from collections.abc import Callable
from typing import Any

from rightsdesk.domain.request import RequestType
from rightsdesk.web.answers import QUESTIONS
from rightsdesk.web.countries import ELSEWHERE, country_names
from rightsdesk.web.forms import AnyForm, Form
from rightsdesk.web.visit import Answer, Page, Visit


class YourRequestForm(Form):
    types: tuple[str, ...] = ()


class WhereYouLiveForm(Form):
    country: str = ""


class YourDetailsForm(Form):
    name: str = ""
    email: str = ""
    order_number: str = ""
    details: str = ""


def _question(
    name: str, form: type[AnyForm], values: Callable[[Visit], dict[str, Any]] = lambda visit: {}
) -> Page[AnyForm]:
    """A page `name` with its template; `values` are what the template needs beyond the answers."""
    pages = list(QUESTIONS)
    place = pages.index(name)
    template = f"{name.replace('-', '_')}.html"
    back = pages[place - 1] if place else ""

    def show(visit: Visit) -> Answer:
        return visit.page(template, back=back, step=place + 1, answers=visit.session.answers, **values(visit))

    def receive(visit: Visit, form: AnyForm) -> Answer:
        typed = visit.session.answers.model_copy(update=dict(form))
        session = visit.session.answered(**dict(form))
        problems = typed.problems(name)
        if problems:
            return visit.page(
                template, back=back, step=place + 1, answers=typed, problems=problems, session=session, **values(visit)
            )
        return visit.move(typed.first_open_page() or "check-your-answers", session=session)

    return Page(show=show, form=form, receive=receive)


def _countries(visit: Visit) -> dict[str, Any]:
    return {"countries": country_names(visit.language), "elsewhere": ELSEWHERE}


YOUR_REQUEST = _question("your-request", YourRequestForm, lambda visit: {"types": tuple(RequestType)})
WHERE_YOU_LIVE = _question("where-you-live", WhereYouLiveForm, _countries)
YOUR_DETAILS = _question("your-details", YourDetailsForm)
