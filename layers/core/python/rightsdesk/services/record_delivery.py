"""Keep what became of a letter; one that the law wants the person to get, and that came back, is a task for staff."""

from rightsdesk.domain.errors import ConflictError, NotFoundError
from rightsdesk.domain.letters import (
    LEGAL_LETTERS,
    DeliveryNews,
    DeliveryState,
    Letter,
    LetterRecord,
    Phrase,
    version_of,
)
from rightsdesk.domain.request import KEPT_AFTER_CLOSING, SYSTEM, PrivacyRequest
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.letters import Correspondence
from rightsdesk.ports.time import Clock

_ATTEMPTS = 5


def record_delivery(news: DeliveryNews, *, cases: CaseStore, letters: Correspondence, clock: Clock) -> None:
    """News may come late, twice, in any order, and after the case was closed: the end is the same.

    News of a case or a letter that is not there is passed over. Raises ServiceUnavailableError, and ConflictError where
    the case keeps changing: the news then comes again.
    """
    try:
        case = cases.get(news.request_id)
    except NotFoundError:
        logger.info("news of no case", extra={"state": news.state})
        return
    known = _letter(news, cases.letters(case.request_id))
    if known is None or _is_automatic_answer(news, known):
        logger.info("nothing new about a letter", extra={"request_id": case.request_id, "state": news.state})
        return
    cases.letter_news(
        case.request_id,
        news.letter,
        recipient_key=news.recipient_key,
        version=news.version,
        state=news.state,
        at=news.at,
    )
    if news.letter not in LEGAL_LETTERS or news.recipient_key != case.subject_key:
        return
    if news.state.is_missing or news.letter in case.undelivered:
        _tell(_noted(news, case, cases=cases, clock=clock), news, cases=cases, letters=letters)


def _letter(news: DeliveryNews, records: list[LetterRecord]) -> LetterRecord | None:
    wanted = (news.letter, news.recipient_key, news.version)
    return next((r for r in records if (r.letter, r.recipient_key, r.version) == wanted), None)


def _is_automatic_answer(news: DeliveryNews, known: LetterRecord) -> bool:
    """SES calls "I am on holiday" a bounce that may pass. Of a letter that never arrived, such a bounce is the end."""
    return not news.permanent and known.state is DeliveryState.DELIVERED


def _noted(news: DeliveryNews, case: PrivacyRequest, *, cases: CaseStore, clock: Clock) -> PrivacyRequest:
    """The case, with `undelivered` as the newest letter of this name that there is news of says."""
    for _ in range(_ATTEMPTS):
        told = [
            record
            for record in cases.letters(case.request_id)
            if (record.letter, record.recipient_key) == (news.letter, case.subject_key)
            and (record.state.is_missing or record.state is DeliveryState.DELIVERED)
        ]
        if not told or told[-1].state.is_missing == (news.letter in case.undelivered):
            return case
        others = tuple(letter for letter in case.undelivered if letter != news.letter)
        missing = told[-1].state.is_missing
        after, event = case.changed(
            "letter_undelivered" if missing else "letter_delivered",
            at=clock(),
            actor=SYSTEM,
            details={"letter": str(news.letter), "state": str(told[-1].state)},
            undelivered=(*others, str(news.letter)) if missing else others,
        )
        try:
            cases.save(case, after, event)
        except ConflictError:
            case = cases.get(case.request_id)
        else:
            return after
    raise ConflictError("the case keeps changing")


def _tell(case: PrivacyRequest, news: DeliveryNews, *, cases: CaseStore, letters: Correspondence) -> None:
    if news.state.is_missing and news.letter in case.undelivered:
        letters.to_staff(
            case,
            Letter.STAFF_UNDELIVERED,
            {
                "reference": case.reference,
                "letter": Phrase(name=f"letter.{news.letter}"),
                "state": Phrase(name=f"delivery.{news.state}"),
            },
            version=version_of(news.letter, str(news.version)),
        )
    if case.closed_at:  # what is new about a closed case goes when the case goes
        cases.retire(case.request_id, expires_at=case.closed_at + KEPT_AFTER_CLOSING)
