"""What staff decide about a built answer, and what has to be decided before it may leave."""

# serves: B-2, E-02

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from rightsdesk.domain.collecting import SourceState, held_rows
from rightsdesk.domain.errors import (
    ConflictError,
    CorrectionBegunError,
    ErasureBegunError,
    FieldProblem,
    GoneError,
    InvalidInputError,
    NoPackageError,
    NotAnsweredError,
    NotAwaitingReviewError,
    NothingFailedError,
    NothingProposedError,
    NothingToSendError,
    NotReviewedError,
    PackageOfAnotherError,
)
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import ExportState, PrivacyRequest, Refusal, RequestType, Treatment
from rightsdesk.domain.safeguards import require_cleared
from rightsdesk.domain.transfer import Transfer, TransferStatus
from rightsdesk.domain.words_of_staff import words_of_staff
from rightsdesk.law.refusal_grounds import UNFOUNDED_OR_EXCESSIVE, grounds_for

_MARGIN_SECONDS = 300  # longer than looking takes; a wait that ends is past the end of the time
_CORRECTING = {Status.AWAITING_VERIFICATION: "identify", Status.COLLECTING: "plan_correction"}
_LONGEST_DONE = 4000
_OUTWEIGHING = frozenset({"gdpr_21_1"})
_LONGEST_WORDS = 2000  # of a reason, and of the evidence


def require_reviewable(case: PrivacyRequest, version: int) -> None:
    """The case waits for a decision, and is as the member of staff saw it (abuse case 79).

    Raises NotAwaitingReviewError, VersionMovedOnError.
    """
    require_awaiting_review(case)
    case.require_seen(version)


def require_reviewed(case: PrivacyRequest) -> None:
    """Of an automated decision somebody has said what came of its review. Raises NotReviewedError."""
    if RequestType.AUTOMATED_DECISION in case.types and case.review is None:
        raise NotReviewedError("first say what came of the review")


def require_awaiting_review(case: PrivacyRequest) -> None:
    """Raises NotAwaitingReviewError where no decision of staff is waited for."""
    if case.status is not Status.AWAITING_REVIEW:
        raise NotAwaitingReviewError(f"the case is {case.status}")


def subject_binding(case: PrivacyRequest) -> str:
    """Ties a package to the verified person without naming anybody (abuse case 90)."""
    proven = "|".join(f"{kind}={value}" for kind, values in sorted(case.identifiers.items()) for value in values)
    return hmac.new(case.subject_key.encode(), proven.encode(), hashlib.sha256).hexdigest()


def require_bound(case: PrivacyRequest) -> ExportState:
    """The package, made for the person that this case has verified. Raises NoPackageError, PackageOfAnotherError."""
    if case.export is None:
        raise NoPackageError("there is no package")
    if not hmac.compare_digest(case.export.subject, subject_binding(case)):
        raise PackageOfAnotherError("the package is not this person's")
    return case.export


def require_releasable(case: PrivacyRequest) -> ExportState:
    """The package that staff released, as they decided. Raises ConflictError: nothing else may leave."""
    export = require_bound(case)
    if case.status is not Status.EXECUTING or case.refusal:
        raise ConflictError("the answer was not released")
    if outcome_of_review(case)["rebuild"] and not export.final:
        raise ConflictError("the package is not yet as staff decided")
    return export


def require_may_send_again(case: PrivacyRequest, now: datetime) -> Transfer:
    """The transfer that failed, where it may be tried again: the approval holds for as long as the package is there.

    Never before the answer, which waits for no receiver. Raises CaseClosedError, NothingFailedError, NotAnsweredError,
    NothingToSendError, what `require_cleared` raises, and GoneError where the person can't fetch it any more either.
    """
    case.require_open()
    transfer, export = case.transfer, case.export
    if transfer is None or transfer.status is not TransferStatus.FAILED:
        raise NothingFailedError("no transfer has failed")
    if export is None or export.transfer is None:
        raise NothingToSendError("nothing of it is portable")
    if export.expires_at is None:
        raise NotAnsweredError("the answer goes out first")
    if export.expires_at <= now:
        raise GoneError("download_window_ended")
    require_cleared(case)
    return transfer


def held_back_by_staff(case: PrivacyRequest) -> bool:
    """Whether the answer is refused in part: staff chose not to give, or not to do, all of it."""
    return bool(case.withheld or case.kept) or any(
        treatment is not Treatment.GIVE for treatment in case.treatments.values()
    )


def done_text(done: str) -> str:
    """What staff did, tidied: 10 to 4,000 characters of the letter. Raises InvalidInputError."""
    return words_of_staff("done", done, longest=_LONGEST_DONE)


def require_carried_out(case: PrivacyRequest) -> None:
    """Staff said what they did, or the desk certified, corrected or stopped it; nobody refused it. ConflictError."""
    erased = case.erasure is not None and case.erasure.certificate is not None
    corrected = case.rectification is not None and case.rectification.corrected_at is not None
    stopped = case.use is not None and case.carried_out_at is not None
    if not case.was_decided or case.refusal or not (case.done is not None or erased or corrected or stopped):
        raise ConflictError("it was not carried out")


def rows_to_decide(case: PrivacyRequest, states: Iterable[SourceState]) -> dict[str, int]:
    """Collection path -> rows about other people too, on which staff must decide (GDPR 15(4)): where they are given."""
    return held_rows(states) if case.gives_copy else {}


def require_decided(held: Mapping[str, int], treatments: Mapping[str, Treatment]) -> None:
    """Each collection with rows about others has a decision, and no other has. Raises InvalidInputError."""
    problems = [FieldProblem(f"held.{path}", "missing") for path in held if path not in treatments]
    problems += [FieldProblem(f"held.{path}", "not_held") for path in treatments if path not in held]
    if problems:
        raise InvalidInputError(problems)


def require_nothing_gone(case: PrivacyRequest) -> None:
    """What has begun to be written can't be refused any more. Raises ErasureBegunError and CorrectionBegunError."""
    if case.erasure_began:
        raise ErasureBegunError("it has begun to be erased")
    if case.rectification is not None and (case.rectification.began_at or case.rectification.done):
        raise CorrectionBegunError("it has begun to be corrected")


def allowed_grounds(case: PrivacyRequest) -> tuple[str, ...]:
    """The grounds of refusal that the laws of this case know for what was asked. None outweighs an objection to
    direct marketing (GDPR 21(3)).
    """
    absolute = case.use is not None and not case.use.restricts
    return tuple(sorted(grounds_for(case.due.laws, case.types) - (_OUTWEIGHING if absolute else frozenset())))


def require_grounded(case: PrivacyRequest, refusal: Refusal) -> None:
    """The refusal has a ground that a law of this case knows, reasons, and evidence where the burden of proof wants it.

    Raises InvalidInputError, for the first of `ground`, `reason` and `evidence` that does not fit (abuse case 82).
    """
    if refusal.ground not in allowed_grounds(case):
        raise InvalidInputError.of("ground", "unknown_for_this_law")
    words_of_staff("reason", refusal.reason, longest=_LONGEST_WORDS)
    if refusal.evidence or refusal.ground == UNFOUNDED_OR_EXCESSIVE:
        words_of_staff("evidence", refusal.evidence or "", longest=_LONGEST_WORDS)


def require_proposed(case: PrivacyRequest) -> Refusal:
    """The refusal that waits for a second person. Raises NothingProposedError."""
    if case.refusal is None or case.refusal.is_decided:
        raise NothingProposedError("no refusal is proposed")
    return case.refusal


def outcome_of_review(case: PrivacyRequest) -> dict[str, Any]:
    """What the waiting workflow is told."""
    if case.is_refused:
        return {"decision": "refuse", "rebuild": False}
    if case.erasure is not None and case.carried_out_at is None:
        return {"decision": "erase" if case.was_decided else "plan_again", "rebuild": False}
    if case.corrects:
        return {"decision": _CORRECTING.get(case.status, "correct"), "rebuild": False}
    changed = bool(case.withheld) or any(treatment is not Treatment.WITHHOLD for treatment in case.treatments.values())
    return {"decision": "release", "rebuild": changed}


def undecided(left: timedelta) -> dict[str, Any]:
    """What ends the wait for facts: all is looked at once more, and if it is not enough, `left` is waited."""
    wait_seconds = int(left.total_seconds()) + _MARGIN_SECONDS
    return {"decided": False, "by_hand": False, "waves": [], "wait_seconds": wait_seconds}
