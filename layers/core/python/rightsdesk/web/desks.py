"""What the public doors may ask for: the use cases, already wired by a function's `app.py`. For staff: `staff_desk.py`.

A door knows these callables and nothing of what stands behind them; its tests pass fakes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rightsdesk.domain.consent_text import ConsentQuestion, ConsentText
from rightsdesk.domain.list_tokens import ListToken
from rightsdesk.domain.notice_views import NoticePage
from rightsdesk.domain.offered import Offered
from rightsdesk.domain.recipient_notice import NoticeState
from rightsdesk.domain.request import Door, Language, Submission
from rightsdesk.domain.session import Session, SessionToken
from rightsdesk.domain.views import DisownView, DownloadLink, MessageTaken, Receipt, RequestView, Verified


@dataclass(frozen=True, kw_only=True)
class ConsentDesk:
    """For whoever reads a mailbox: no log-in and no check of who it is, for each link can do one thing alone.

    newsletter      the words that are agreed to, on this day; None where there is no newsletter
    ask_for         (address, language) -> mails a link; InvalidInputError on `email`
    view            (token) -> what is asked; NotFoundError, GoneError
    agree, refuse   the same, and it is on record; WithdrawnSinceError where the person stopped it since
    view_list       (token) -> what would be stopped; NotFoundError
    unsubscribe     the same, and it is stopped
    """

    newsletter: Callable[[], ConsentText | None]
    ask_for: Callable[[str, Language], None]
    view: Callable[[str], ConsentQuestion]
    agree: Callable[[str], ConsentQuestion]
    refuse: Callable[[str], ConsentQuestion]
    view_list: Callable[[str], ListToken]
    unsubscribe: Callable[[str], ListToken]


@dataclass(frozen=True, kw_only=True)
class SubjectDesk:
    """For the person. References come in as typed; an unknown one is answered like a wrong code.

    offered           what can be named when something is to stop: purposes and recipients
    submit            (submission, idempotency key or None) -> receipt
    verify            (reference, code) -> verified; InvalidInputError on `code` for wrong, expired, used, locked
    send_code         mails a fresh code for a reference; silent for an unknown one
    open_session      (reference, code) -> token for 15 minutes; InvalidInputError on `code`
    authenticate      (token, reference) -> session; NotAuthenticatedError; NotFoundError for another's reference
    view              what the person may see
    submit_evidence   (session, order number, postcode): the answer never says whether it was right
    write_message     (session, text, door): into the thread, or to take up an answered question again; CaseClosedError,
                      ThreadFullError, InvalidInputError on `message`
    answer_question   (session, text): what staff asked; NothingAskedError where no question is open; CaseClosedError
    agree_agent       (session, yes or no): whether who asks for them gets a copy of the answer; ConflictError
    download          (session, part from 1) -> link for 60 seconds; GoneError; NotFoundError
    confirm_erasure   the person agrees that their data go, as the view says; ConflictError; CaseClosedError
    withdraw          ends the request at the person's wish; CaseClosedError
    disowning         (token) -> the request that a mailbox may not have made; NotFoundError
    disown            the same, and it is frozen: only staff thaw it
    notice            (token) -> what a recipient of data is told; NotFoundError
    answer_notice     (token, state, reason): what it has done; NotFoundError; InvalidInputError on `reason`
    """

    offered: Callable[[], Offered]
    submit: Callable[[Submission, str | None], Receipt]
    verify: Callable[[str, str], Verified]
    send_code: Callable[[str], None]
    open_session: Callable[[str, str], SessionToken]
    authenticate: Callable[[str, str], Session]
    view: Callable[[Session], RequestView]
    submit_evidence: Callable[[Session, str, str], None]
    write_message: Callable[[Session, str, Door], MessageTaken]
    answer_question: Callable[[Session, str], None]
    agree_agent: Callable[[Session, bool], RequestView]
    download: Callable[[Session, int], DownloadLink]
    confirm_erasure: Callable[[Session], RequestView]
    withdraw: Callable[[Session], RequestView]
    disowning: Callable[[str], DisownView]
    disown: Callable[[str], DisownView]
    notice: Callable[[str], NoticePage]
    answer_notice: Callable[[str, NoticeState, str | None], NoticePage]
