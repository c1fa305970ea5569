"""The one error tree. Names end in `Error` and are the names that Retry and Catch of the workflows use.

RightsdeskError
├── InvalidInputError            what came in does not fit; names the fields, never a value     400
│   └── RefusalIncompleteError   a refusal that lacks what the law wants in it; names what
├── NotAuthenticatedError        no valid session or token                                      401
├── NotAllowedError              known, but the role says no                                    403
│   ├── ApproverNeededError      only an approver decides
│   └── SecondPersonNeededError  who worked on a case does not decide it (four eyes)
├── NotFoundError                unknown, or not yours: one answer for both                     404
├── ConflictError                it is being changed by somebody else in this moment            409
│   ├── CaseClosedError          the case is closed: nothing more may be done to it
│   ├── CaseOpenError            the case is open: there is evidence of closed ones only
│   ├── VersionMovedOnError      the case has changed since it was looked at
│   ├── NotAwaitingReviewError   no decision of staff is waited for
│   ├── LiftedUntoldError        a restriction is lifted only once the person was told (GDPR 18(3))
│   ├── WithdrawnSinceError      a consent that the person has taken back since then
│   ├── NothingRestrictedError   nothing is restricted that could be lifted, or it is lifted already
│   ├── NothingProposedError     there is no refusal that waits for a second person
│   ├── NothingFailedError       there is nothing to start again
│   ├── NotAnsweredError         the answer goes out first, and waits for nobody outside
│   ├── NothingToSendError       there is no portable part that could go to another controller
│   ├── NotConfirmedError        the person has not confirmed the erasure, or may still undo it
│   ├── PlanChangedError         the plan is not the one that was looked at
│   ├── OnHoldError              a legal hold or an open dispute: nothing of this person may be erased
│   ├── NothingHeldError         there is no such hold to lift
│   ├── AccessGoesFirstError     the same person asked for their data, and has not got them yet
│   ├── ErasureBegunError        rows are gone already: it can't be undone, withdrawn or refused any more
│   ├── ErasedByPlanError        the desk erases this itself, by a plan that two people approve
│   ├── NotARectificationError   nothing was asked to be corrected
│   ├── NotPlannedError          no correction is planned that could be approved
│   ├── CorrectionBarredError    the plan of a correction has obstacles: it is stated otherwise, or done by hand
│   ├── CorrectionBegunError     values are written already: it can't be withdrawn any more
│   ├── AnsweredByPackageError   access and portability are released, and nothing else can answer them
│   ├── NoExtensionInThisLawError  "without delay" can't be made longer (APPI)
│   ├── AlreadyExtendedError     an extension is granted once
│   ├── ExtensionTooLateError    it had to be told within the first month
│   ├── QuestionOpenError        the person was asked something and has not answered yet
│   ├── NothingAskedError        there is no question to answer (any more)
│   ├── MailSettledError         a request was made of this mail, or it was attached or dismissed
│   ├── MailNotSettledError      what a mail says stays until somebody has said what becomes of it
│   ├── UnsafeFileError          an attachment that was not found clean is not handed out
│   ├── UnsafeSenderError        nothing shows that a mail is from whom it names: who writes there may write to a victim
│   ├── NotAReviewError          no automated decision was asked to be reviewed
│   ├── NotReviewedError         nobody has said yet what came of the review
│   ├── ThreadFullError          a request has had its number of messages
│   ├── FrozenError              whoever reads the mailbox says that they did not ask: only staff thaw it
│   ├── SpecialCaseOpenError     a shared mailbox, a minor, somebody who died: an approver decides first
│   ├── MandateOpenError         nobody has accepted yet that somebody asks for another
│   ├── AlreadyAnsweredError     it is answered, refused or carried out: nothing of that can be changed any more
│   ├── NobodyVerifiedError      the mailbox is not proven: nobody is written to
│   ├── NoPackageError           no package is made (yet)
│   ├── PackageOfAnotherError    the package was made for whom this case had verified before
│   ├── NoLetterError            no letter would go out, so there is none to look at
│   ├── DecidedUnderAnotherLawError fields are decided under laws that would no longer hold
│   ├── NoSpecialCaseError       no special case waits for a decision
│   ├── NotFrozenError           the mailbox has not said that it did not ask, or it is thawed
│   ├── NoAgentError             nobody asks for this person but they themselves
│   ├── NotAnErasureError        another right was asked for, and nothing is erased by it
│   ├── NotTheirWordError        what no recipient says: it is not noted as theirs
│   ├── NoNewsError              the recipient is that far already, or further
│   ├── NoticeSettledError       nothing more is waited for of this recipient
│   ├── KeptByLawError           a law says until when it stays: nobody lets it go before
│   ├── MailBeingDecidedError    another decision about this mail is being carried out
│   └── MovedOnError             the end that was to be recorded does not hold (any more): the workflow goes on
├── GoneError                    was there, is over: window ended or limit reached; says why     410
├── TooManyAttemptsError         a limit by count; says when to try again                       429
├── MerchantFileError            a file of the merchant is wrong; names file, line and field
├── MailRejectedError            the mail service will never take this mail                      409
├── OutboundRefusedError         a host that is not called, or an answer that is not taken; says why, never which
├── NotIdentifiedError           the time to show who one is has passed
├── AskedBeforeError             an open request of the same person asks for the same
├── IncompleteCollectionError    a source is missing: no answer can be built
├── ResidueError                 something that had to go was found again; names where
├── SourceBrokenError            a source can't be read and trying again will not help
│   └── UnwritableError          a new value can't be written where the old one stands: names the field and why
└── RetryableError               try again with patience
    ├── SourceUnavailableError   a source is down or throttled
    ├── PeerUnavailableError     a host of somebody else gave no answer, or not in time
    └── ServiceUnavailableError  a service of ours is down or throttled                         503
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


class RightsdeskError(Exception):
    """Root of all errors that we raise on purpose. `code` is stable and safe to show."""

    code = "error"


@dataclass(frozen=True)
class FieldProblem:
    """One field that does not fit: where (`email`, `identities.0.type`) and a stable reason code (`missing`)."""

    field: str
    reason: str


class InvalidInputError(RightsdeskError):
    code = "invalid_input"

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__(", ".join(f"{p.field}: {p.reason}" for p in problems))
        self.problems = tuple(problems)

    @classmethod
    def of(cls, field: str, reason: str) -> "InvalidInputError":
        return cls([FieldProblem(field, reason)])


class RefusalIncompleteError(InvalidInputError):
    """Names the elements that are missing (`authority`): a refusal without them never leaves (abuse case 82)."""

    code = "refusal_incomplete"

    def __init__(self, elements: Sequence[str]) -> None:
        super().__init__([FieldProblem(element, "missing") for element in elements])
        self.elements = tuple(elements)


class NotAuthenticatedError(RightsdeskError):
    code = "not_authenticated"


class NotAllowedError(RightsdeskError):
    code = "not_allowed"


class ApproverNeededError(NotAllowedError):
    code = "approver_needed"


class SecondPersonNeededError(NotAllowedError):
    code = "second_person_needed"


class NotFoundError(RightsdeskError):
    code = "not_found"


class ConflictError(RightsdeskError):
    code = "conflict"


class CaseClosedError(ConflictError):
    code = "case_closed"


class CaseOpenError(ConflictError):
    code = "case_open"


class VersionMovedOnError(ConflictError):
    code = "version_moved_on"


class NotAwaitingReviewError(ConflictError):
    code = "not_awaiting_review"


class NotConfirmedError(ConflictError):
    code = "not_confirmed"


class PlanChangedError(ConflictError):
    code = "plan_changed"


class OnHoldError(ConflictError):
    code = "on_hold"


class NothingHeldError(ConflictError):
    code = "nothing_held"


class AccessGoesFirstError(ConflictError):
    code = "access_goes_first"


class FrozenError(ConflictError):
    code = "frozen"


class SpecialCaseOpenError(ConflictError):
    code = "special_case_open"


class MandateOpenError(ConflictError):
    code = "mandate_open"


class ErasureBegunError(ConflictError):
    code = "erasure_begun"


class ErasedByPlanError(ConflictError):
    code = "erased_by_plan"


class NotARectificationError(ConflictError):
    code = "not_a_rectification"


class NotPlannedError(ConflictError):
    code = "not_planned"


class CorrectionBarredError(ConflictError):
    code = "correction_barred"


class CorrectionBegunError(ConflictError):
    code = "correction_begun"


class AnsweredByPackageError(ConflictError):
    code = "answered_by_package"


class LiftedUntoldError(ConflictError):
    code = "lifted_untold"


class WithdrawnSinceError(ConflictError):
    code = "withdrawn_since"


class NothingRestrictedError(ConflictError):
    code = "nothing_restricted"


class NothingProposedError(ConflictError):
    code = "nothing_proposed"


class NothingFailedError(ConflictError):
    code = "nothing_failed"


class NotAnsweredError(ConflictError):
    code = "not_answered"


class NothingToSendError(ConflictError):
    code = "nothing_to_send"


class NoExtensionInThisLawError(ConflictError):
    code = "no_extension_in_this_law"


class AlreadyExtendedError(ConflictError):
    code = "already_extended"


class ExtensionTooLateError(ConflictError):
    code = "notice_too_late"


class QuestionOpenError(ConflictError):
    code = "question_open"


class NothingAskedError(ConflictError):
    code = "nothing_asked"


class MailSettledError(ConflictError):
    code = "mail_settled"


class MailNotSettledError(ConflictError):
    code = "mail_not_settled"


class UnsafeFileError(ConflictError):
    code = "unsafe_file"


class UnsafeSenderError(ConflictError):
    code = "unsafe_sender"


class NotAReviewError(ConflictError):
    code = "not_a_review"


class NotReviewedError(ConflictError):
    code = "not_reviewed"


class ThreadFullError(ConflictError):
    code = "thread_full"


class AlreadyAnsweredError(ConflictError):
    code = "already_answered"


class NobodyVerifiedError(ConflictError):
    code = "nobody_verified"


class NoPackageError(ConflictError):
    code = "no_package"


class PackageOfAnotherError(ConflictError):
    code = "package_of_another"


class NoLetterError(ConflictError):
    code = "no_letter"


class DecidedUnderAnotherLawError(ConflictError):
    code = "decided_under_another_law"


class NoSpecialCaseError(ConflictError):
    code = "no_special_case"


class NotFrozenError(ConflictError):
    code = "not_frozen"


class NoAgentError(ConflictError):
    code = "no_agent"


class NotAnErasureError(ConflictError):
    code = "not_an_erasure"


class NotTheirWordError(ConflictError):
    code = "not_their_word"


class NoNewsError(ConflictError):
    code = "no_news"


class NoticeSettledError(ConflictError):
    code = "notice_settled"


class KeptByLawError(ConflictError):
    code = "kept_by_law"


class MailBeingDecidedError(ConflictError):
    code = "mail_being_decided"


class MovedOnError(ConflictError):
    code = "moved_on"


class GoneError(RightsdeskError):
    """Over: `code` says why (`download_window_ended`, `download_limit_reached`)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TooManyAttemptsError(RightsdeskError):
    code = "too_many_attempts"

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(self.code)
        self.retry_at = retry_at


class MerchantFileError(RightsdeskError):
    code = "merchant_file"


class IncompleteCollectionError(RightsdeskError):
    """Names the sources that are missing: an answer without them is never complete (GDPR 15, abuse case 81)."""

    code = "incomplete_collection"

    def __init__(self, sources: Sequence[str]) -> None:
        super().__init__("missing sources: " + ", ".join(sources))
        self.sources = tuple(sources)


class ResidueError(RightsdeskError):
    """Names the collections (`shop/orders`) in which something is left: such an erasure is never called complete."""

    code = "residue"

    def __init__(self, collections: Sequence[str]) -> None:
        super().__init__("something is left in: " + ", ".join(collections))
        self.collections = tuple(collections)


class MailRejectedError(RightsdeskError):
    code = "mail_rejected"


class OutboundRefusedError(RightsdeskError):
    """`reason`: `url`, `port`, `host`, `address`; of an answer `certificate`, `redirect`, `too_large`, `not_http`.

    Of OpenDSR: `signature`, `wrong_answer`, `refused`, and `not_offered` for what a processor does not do.
    """

    code = "outbound_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotIdentifiedError(RightsdeskError):
    code = "not_identified"


class AskedBeforeError(RightsdeskError):
    code = "asked_before"


class SourceBrokenError(RightsdeskError):
    code = "source_broken"


class UnwritableError(SourceBrokenError):
    """A correction that a source can't take. `place`: the object. `at`: the field (`shop/members.name`) or, where it is
    the whole file, the collection.

    `reason`: `does_not_fit`, where another value might; else why it is done by hand, `encrypted`, `nested_column`.
    """

    def __init__(self, place: str, at: str, reason: str) -> None:
        super().__init__(f"{place}: {at}: {reason}")
        self.at, self.reason = at, reason


class RetryableError(RightsdeskError):
    code = "try_again"


class SourceUnavailableError(RetryableError):
    code = "source_unavailable"


class PeerUnavailableError(RetryableError):
    code = "peer_unavailable"


class ServiceUnavailableError(RetryableError):
    code = "service_unavailable"
