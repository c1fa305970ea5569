"""The questions: what do you want, where do you live, who are you. What was typed is kept, fitting or not."""

from collections.abc import Callable
from typing import Any

from rightsdesk.domain.request import RequestType
from rightsdesk.law.countries import ELSEWHERE
from rightsdesk.web.answers import GROUNDS, OBJECTS_TO, UNKNOWN, Answers
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
    "say": (RequestType.QUESTION, RequestType.COMPLAINT),
}
STEPS = 4  # what a person counts: the region belongs to where they live, and the answers are checked at the end


class YourRequestForm(Form):
    """The right that was chosen, and `portability` once more from the check box below a copy of the data."""

    types: tuple[str, ...] = ()


class WhatExactlyForm(Form):
    """What exactly is to stop. A box that is not ticked is not sent: it is empty again."""

    objects_to: str = ""
    ground: str = ""
    purposes: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    decision: str = ""
    contests: str = ""
    meanwhile: str = ""
    send_to: str = ""


class WhoYouAreForm(Form):
    """Of whoever asks for somebody else."""

    agent_name: str = ""
    agent_email: str = ""
    mandate: str = ""


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
    back: Callable[[Answers], str],
    values: Callable[[Visit, Answers], dict[str, Any]] = lambda visit, answers: {},
    then: Callable[[Answers], str | None] = lambda answers: None,
) -> Page[AnyForm]:
    """A page `name` with its template; `values` are what the template needs beyond the answers.

    `then` names the page to go to next where it is not the first that is still open.
    """
    template = f"{name.replace('-', '_')}.html"

    def page(visit: Visit, answers: Answers, **more: Any) -> Answer:
        return visit.page(
            template, back=back(answers), step=step, steps=STEPS, answers=answers, **values(visit, answers), **more
        )

    def show(visit: Visit) -> Answer:
        return page(visit, visit.session.answers)

    def receive(visit: Visit, form: AnyForm) -> Answer:
        typed = visit.session.answers.model_copy(update=dict(form))
        session = visit.session.answered(**dict(form))
        problems = typed.problems(visit.marketing, name)
        if problems:
            return page(visit, typed, problems=problems, session=session)
        return visit.move(
            then(typed) or typed.first_open_page(visit.marketing) or "check-your-answers", session=session
        )

    return Page(show=show, form=form, receive=receive)


def _rights(_: Visit, answers: Answers) -> dict[str, Any]:
    """`chosen` is the radio button that is set; the check box goes with whatever else was chosen."""
    together = len(set(answers.types)) > 1 and RequestType.PORTABILITY in answers.types
    chosen = [kind for kind in answers.types if not (together and kind == RequestType.PORTABILITY)]
    return {"wishes": RIGHTS_BY_WISH, "chosen": chosen[:1], "also_portability": together}


def _countries(visit: Visit, _: Answers) -> dict[str, Any]:
    return {"countries": country_names(visit.language), "elsewhere": ELSEWHERE}


def _about(visit: Visit, answers: Answers) -> dict[str, Any]:
    return {"about": asked_about(answers), "details_needed": answers.details_needed(visit.marketing)}


# What has a last question of its own.
OWN_QUESTION = (
    RequestType.RECTIFICATION,
    RequestType.ERASURE,
    RequestType.OBJECTION,
    RequestType.RESTRICTION,
    RequestType.CONSENT_WITHDRAWAL,
    RequestType.STOP_PROVISION,
    RequestType.AUTOMATED_DECISION,
    RequestType.QUESTION,
    RequestType.COMPLAINT,
)


def asked_about(answers: Answers) -> str:
    """Below `details_for`: the question about what was chosen."""
    return next((kind.value for kind in OWN_QUESTION if kind in answers.types), "other")


_NAMED = frozenset({"purposes", "recipients", "decision"})  # chosen by what the data map calls it


def _what_is_offered(visit: Visit, answers: Answers) -> dict[str, Any]:
    """Names and labels of what can be ticked: consents or uses, and companies that get data."""
    asked = answers.asked_exactly
    offered = visit.desk.offered() if _NAMED.intersection(asked) else None
    of_objection = RequestType.OBJECTION in answers.types
    kind = RequestType.OBJECTION if of_objection else RequestType.CONSENT_WITHDRAWAL
    purposes = offered.purposes.get(kind, {}) if offered else {}
    recipients = offered.recipients if offered else {}
    return {
        "asked": asked,
        "objects_to": OBJECTS_TO,
        "grounds": GROUNDS,
        "purposes": {name: label.of(visit.language) for name, label in purposes.items()},
        "which": "uses" if of_objection else "purposes",
        "recipients": {name: label.of(visit.language) for name, label in recipients.items()},
        "decisions": {name: label.of(visit.language) for name, label in offered.decisions.items()} if offered else {},
        "unknown": UNKNOWN,
    }


def said_exactly(visit: Visit, answers: Answers) -> list[str]:
    """What was answered on that page, in words. Nothing: all that the right reaches."""
    texts, asked = visit.texts, answers.asked_exactly
    said = [
        str(texts(f"what_exactly.{name}.{given}"))
        for name, given in (("objects_to", answers.objects_to), ("ground", answers.ground))
        if name in asked
    ]
    if _NAMED.intersection(asked):
        named = _what_is_offered(visit, answers)
        ticked = answers.purposes if answers.names_purposes else ()
        said += [label for name, label in named["purposes"].items() if name in ticked]
        said += [label for name, label in named["recipients"].items() if name in answers.recipients]
        said += [label for name, label in named["decisions"].items() if name == answers.decision]
    if "decision" in asked and answers.decision == UNKNOWN:
        said.append(str(texts("what_exactly.decision.unknown")))
    if "contests" in asked and answers.contests == "yes":
        said.append(str(texts("what_exactly.contests.label")))
    if "send_to" in asked:
        address = answers.send_to.strip()
        key = "what_exactly.send_to.said" if address else "what_exactly.send_to.unsaid"
        said.append(str(texts(key, address=address)))
    if "meanwhile" in asked:
        wished = answers.meanwhile == "yes"
        said.append(str(texts("what_exactly.meanwhile.label" if wished else "what_exactly.meanwhile.unsaid")))
    return said


WHO_YOU_ARE = _question("who-you-are", WhoYouAreForm, step=1, back=lambda answers: "for-whom")
YOUR_REQUEST = _question(
    "your-request",
    YourRequestForm,
    step=1,
    back=lambda answers: "",
    values=_rights,
    then=lambda answers: "what-exactly" if answers.asked_exactly else None,
)
WHAT_EXACTLY = _question(
    "what-exactly", WhatExactlyForm, step=1, back=lambda answers: "your-request", values=_what_is_offered
)
WHERE_YOU_LIVE = _question(
    "where-you-live",
    WhereYouLiveForm,
    step=2,
    back=lambda answers: "what-exactly" if answers.asked_exactly else "your-request",
    values=_countries,
    then=lambda answers: "your-region" if answers.regions else None,
)
YOUR_REGION = _question("your-region", YourRegionForm, step=2, back=lambda answers: "where-you-live")
YOUR_DETAILS = _question("your-details", YourDetailsForm, step=3, back=lambda answers: "where-you-live", values=_about)
