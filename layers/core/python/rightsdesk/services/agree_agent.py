"""The person says whether the answer goes to whoever asks for them, too. Until they say yes, it does not."""

# serves: E-00

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import AlreadyAnsweredError
from rightsdesk.domain.request import SUBJECT, PrivacyRequest
from rightsdesk.domain.safeguards import require_represented
from rightsdesk.domain.session import Session
from rightsdesk.ports.cases import CaseStore, save_anyway
from rightsdesk.ports.time import Clock


def agree_agent(session: Session, agrees: bool, *, cases: CaseStore, clock: Clock) -> None:
    """Said again, the last word counts, until it is answered. The download stays behind a code to the own mailbox.

    Raises CaseClosedError, NoAgentError, and AlreadyAnsweredError.
    """

    def said(case: PrivacyRequest) -> tuple[PrivacyRequest, AuditEvent] | None:
        case.require_open()
        require_represented(case)
        if case.answered_at is not None:
            raise AlreadyAnsweredError("it is answered")
        if case.agent_gets_answers is agrees:
            return None
        return case.changed(
            "agent_gets_answers" if agrees else "agent_gets_nothing",
            at=clock(),
            actor=SUBJECT,
            agent_gets_answers=agrees,
        )

    save_anyway(cases, cases.get(session.request_id), said)
