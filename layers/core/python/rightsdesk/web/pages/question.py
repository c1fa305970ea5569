"""The questions: what do you want, where do you live, who are you. What was typed is kept, fitting or not."""

from collections.abc import Callable
from typing import Any

from rightsdesk.domain.request import RequestType
from rightsdesk.law.countries import ELSEWHERE
from rightsdesk.web.answers import Answers
from rightsdesk.web.countries import country_names
from rightsdesk.web.forms import AnyForm, Form
from rightsdesk.web.visit import Answer, Page, Visit

# The rights by what a person wants, in the order of the page.
RIGHTS_BY_WISH: dict[str, tuple[RequestType, ...]] = {
    "see": (
        RequestType.ACCESS,
        RequestType.PORTABILITY,
        RequestType.INFORMATION,
        RequestType.PURPOSE_NOTICE,
        RequestType.PROVISION_RECORDS,
    ),
    "correct": (RequestType.RECTIFICATION, RequestType.ERASURE),
    "stop": (
        RequestType.OBJECTION,
        RequestType.RESTRICTION,
        RequestType.CONSENT_WITHDRAWAL,
        RequestType.STOP_PROVISION,
        RequestType.AUTOMATED_DECISION,
    ),
}
STEPS = 4  # what a person counts: the region belongs to where they live, and the answers are checked at the end


class YourRequestForm(Form):
    """The right that was chosen, and `portability` once more from the check box below a copy of the data."""

    types: tuple[str, ...] = ()


class WhereYouLiveForm(Form):
    country: str = ""


class YourRegionForm(Form):
    region: str = ""


class YourDetailsForm(Form):
    name: str = ""
    email: str = ""
    order_number: str = ""
    details: str = ""


def _question(
    name: str,
    form: type[AnyForm],
    *,
    step: int,
    back: str,
    values: Callable[[Visit, Answers], dict[str, Any]] = lambda visit, answers: {},
    then: Callable[[Answers], str | None] = lambda answers: None,
) -> Page[AnyForm]:
    """A page `name` with its template; `values` are what the template needs beyond the answers.

    `then` names the page to go to next where it is not the first that is still open.
    """
    template = f"{name.replace('-', '_')}.html"

    def page(visit: Visit, answers: Answers, **more: Any) -> Answer:
        return visit.page(
            template, back=back, step=step, steps=STEPS, answers=answers, **values(visit, answers), **more
        )

    def show(visit: Visit) -> Answer:
        return page(visit, visit.session.answers)

    def receive(visit: Visit, form: AnyForm) -> Answer:
        typed = visit.session.answers.model_copy(update=dict(form))
        session = visit.session.answered(**dict(form))
        problems = typed.problems(name)
        if problems:
            return page(visit, typed, problems=problems, session=session)
        return visit.move(then(typed) or typed.first_open_page() or "check-your-answers", session=session)

    return Page(show=show, form=form, receive=receive)


def _rights(_: Visit, answers: Answers) -> dict[str, Any]:
    """`chosen` is the radio button that is set; the check box goes with whatever else was chosen."""
    together = len(set(answers.types)) > 1 and RequestType.PORTABILITY in answers.types
    chosen = [kind for kind in answers.types if not (together and kind == RequestType.PORTABILITY)]
    return {"wishes": RIGHTS_BY_WISH, "chosen": chosen[:1], "also_portability": together}


def _countries(visit: Visit, _: Answers) -> dict[str, Any]:
    return {"countries": country_names(visit.language), "elsewhere": ELSEWHERE}


def _about(_: Visit, answers: Answers) -> dict[str, Any]:
    return {"about": asked_about(answers)}


# Rights for which the last question is one of their own.
OWN_QUESTION = (
    RequestType.RECTIFICATION,
    RequestType.ERASURE,
    RequestType.OBJECTION,
    RequestType.RESTRICTION,
    RequestType.CONSENT_WITHDRAWAL,
    RequestType.STOP_PROVISION,
    RequestType.AUTOMATED_DECISION,
)


def asked_about(answers: Answers) -> str:
    """Below `details_for`: the question about what was chosen."""
    return next((kind.value for kind in OWN_QUESTION if kind in answers.types), "other")


YOUR_REQUEST = _question("your-request", YourRequestForm, step=1, back="", values=_rights)
WHERE_YOU_LIVE = _question(
    "where-you-live",
    WhereYouLiveForm,
    step=2,
    back="your-request",
    values=_countries,
    then=lambda answers: "your-region" if answers.regions else None,
)
YOUR_REGION = _question("your-region", YourRegionForm, step=2, back="where-you-live")
YOUR_DETAILS = _question("your-details", YourDetailsForm, step=3, back="where-you-live", values=_about)
