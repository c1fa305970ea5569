"""Check your answers, and send the request. What was answered leaves the cookie with it."""

from rightsdesk.domain.offered import require_offered
from rightsdesk.domain.request import SAID_TO_US, RequestType
from rightsdesk.law.applicability import laws_for
from rightsdesk.law.rights import RIGHTS
from rightsdesk.web.answers import Answers
from rightsdesk.web.countries import country_names
from rightsdesk.web.form_session import Sent
from rightsdesk.web.forms import NoFields
from rightsdesk.web.pages.question import STEPS, asked_about, said_exactly
from rightsdesk.web.visit import Answer, Page, Visit


def show(visit: Visit) -> Answer:
    answers = visit.session.answers
    if _sent_already(visit):
        return visit.move("sent")
    unanswered = answers.first_open_page(visit.marketing)
    if unanswered:
        return visit.move(unanswered)
    names = country_names(visit.language)
    country = dict((names.japan, *names.eea)).get(answers.country)  # None: elsewhere
    return visit.page(
        "check_your_answers.html",
        answers=answers,
        country=country,
        law_names=_law_names(visit, answers),
        about=asked_about(answers),
        exactly=said_exactly(visit, answers),
        steps=STEPS,
    )


def _law_names(visit: Visit, answers: Answers) -> str:
    """`Erasure (GDPR 17)`: what was chosen, as the law calls it that holds where the person lives."""
    laws = laws_for(answers.country, controller_country=visit.merchant.country)
    names = (name for kind in dict.fromkeys(answers.types) for name in RIGHTS[RequestType(kind)].under(laws))
    marks, comma = ("（{}）", "、") if visit.language == "ja" else (" ({})", ", ")
    return comma.join(name.of(visit.language) + marks.format(name.article) for name in names)


def receive(visit: Visit, _: NoFields) -> Answer:
    session = visit.session
    if _sent_already(visit):
        return visit.move("sent")
    unanswered = session.answers.first_open_page(visit.marketing)
    if unanswered:
        return visit.move(unanswered)
    submission = session.answers.submission(visit.language)
    if submission.aim is not None:
        require_offered(submission.aim, submission.types, visit.desk.offered())
    receipt = visit.desk.submit(submission, session.submission_key)
    sent = Sent(
        reference=receipt.reference,
        email=session.answers.email,
        received_at=receipt.received_at,
        for_another=session.answers.for_another,
        said_to_us=SAID_TO_US.issuperset(submission.types),
    )
    return visit.move("sent", session=session.with_(answers=Answers(), submission_key="", sent=sent, notice=None))


def _sent_already(visit: Visit) -> bool:
    """A second click, or the way back: there is nothing to send, and there was."""
    return visit.session.sent is not None and visit.session.answers == Answers()


PAGE = Page(show=show, form=NoFields, receive=receive)
