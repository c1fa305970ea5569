"""Close a case: temporaries are purged, the last letter goes out, the clock stops."""

# serves: E-02, E-13, B-5

from collections.abc import Callable, Iterable
from typing import Any

from rightsdesk.domain.audit import Detail
from rightsdesk.domain.clock import Breach, breaches_of
from rightsdesk.domain.errors import MailRejectedError, MovedOnError
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import KEPT_AFTER_CLOSING, SYSTEM, PrivacyRequest, RequestType
from rightsdesk.domain.review import held_back_by_staff
from rightsdesk.domain.transfer import WITHDRAWN, Transfer, TransferStatus
from rightsdesk.domain.use_stop import stopped_for_good
from rightsdesk.law.refusal import compile_refusal
from rightsdesk.law.refusal_grounds import UNIDENTIFIED
from rightsdesk.law.remedies import remedies_of
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.exports import ExportStore
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.time import Clock

_LETTERS = {
    Outcome.FULFILLED: Letter.CLOSED,
    Outcome.PARTIALLY_FULFILLED: Letter.CLOSED,
    Outcome.REFUSED: Letter.REFUSED,
    Outcome.UNVERIFIED: Letter.UNVERIFIED,
    Outcome.NOT_IDENTIFIED: Letter.NOT_IDENTIFIED,
    Outcome.WITHDRAWN: Letter.WITHDRAWN,
    Outcome.UNCONFIRMED: Letter.UNCONFIRMED,
    Outcome.MERGED: Letter.MERGED,
}
# These are the answer, and not only news of it: where one can't be sent, the case must not look answered.
_ANSWERS = frozenset({Outcome.REFUSED, Outcome.NOT_IDENTIFIED})


def close_request(
    request_id: str,
    outcome: Outcome,
    *,
    cases: CaseStore,
    exports: ExportStore,
    letters: Correspondence,
    merchant: MerchantProfile,
    links: LinkSource,
    prefixes_of: Callable[[str], Iterable[str]],
    clock: Clock,
) -> None:
    """Task of the workflow. Purges first and closes last, so that what could not be purged stays visible as open.

    A case that is closed already (withdrawn at a door) keeps its outcome, and is finished. Raises MovedOnError where
    the case is past the end that was to be recorded: the code was entered in the last moment, or a door died between
    saving that and telling the workflow.
    """
    case = cases.get(request_id)
    final = case.outcome or _final(outcome, case)
    if case.is_open and not _holds(final, case):
        raise MovedOnError(f"{case.status} is not {final}")
    purged = exports.purge(prefixes_of(request_id))
    if not case.purged:
        _say(case, final, cases=cases, letters=letters, merchant=merchant, links=links)
        case = _closed(case, final, purged, cases=cases, merchant=merchant, clock=clock)
    if case.closed_at:
        cases.retire(request_id, expires_at=case.closed_at + KEPT_AFTER_CLOSING)


def _holds(outcome: Outcome, case: PrivacyRequest) -> bool:
    """Whether an open case may end like this."""
    match outcome:
        case Outcome.UNVERIFIED:
            return case.assurance is Assurance.NONE
        case Outcome.UNCONFIRMED:
            erasure = case.erasure
            return erasure is not None and erasure.confirmed_at is None and not erasure.nothing_to_erase
        case Outcome.NOT_IDENTIFIED:
            return case.evidence_needed or _is_unidentified(case)
        case Outcome.REFUSED:
            return case.is_refused
        case Outcome.MERGED:
            return case.merged_into is not None
        case Outcome.FULFILLED | Outcome.PARTIALLY_FULFILLED:
            return case.answered_at is not None and case.all_are_told
    return False  # a person withdraws at a door, never here


def _say(
    case: PrivacyRequest,
    outcome: Outcome,
    *,
    cases: CaseStore,
    letters: Correspondence,
    merchant: MerchantProfile,
    links: LinkSource,
) -> None:
    if outcome is Outcome.UNVERIFIED and not case.code_mailed:
        return  # the mailbox was never told of this request: a flood of requests would become a flood of letters (38)
    if not case.answered_by_package and outcome in (Outcome.FULFILLED, Outcome.PARTIALLY_FULFILLED):
        return  # the letter that said what was done was the last word: nothing had to be fetched
    try:
        values = _values(case, merchant, links)
        if case.merged_into is not None:
            values |= _goes_on_as(cases.find(case.merged_into), merchant, links)
        letters.to_subject(case, _LETTERS[outcome], values)
    except MailRejectedError:
        if outcome in _ANSWERS:
            raise
        logger.warning("closed without a letter: the address takes none", extra={"request_id": case.request_id})


def _goes_on_as(first: PrivacyRequest, merchant: MerchantProfile, links: LinkSource) -> dict[str, Any]:
    """Of the request that answers this one, too: its dates hold."""
    return {
        "first_reference": first.reference,
        "first_received_on": first.received_on(merchant.timezone),
        "due_on": first.due.due_on,
        "link": links().request(first),
    }


def _closed(
    case: PrivacyRequest,
    outcome: Outcome,
    purged: int,
    *,
    cases: CaseStore,
    merchant: MerchantProfile,
    clock: Clock,
) -> PrivacyRequest:
    now = clock()
    details: dict[str, Detail] = {"purged": purged}
    masked = case.rectification.masked() if case.rectification else None  # the values have done their work
    if case.is_open:
        breaches: tuple[Breach, ...] = ()
        if outcome in _ANSWERS:
            breaches = breaches_of(case.due, at=now, refused=outcome is Outcome.REFUSED, zone=merchant.timezone)
        if breaches:
            details["breaches"] = [str(breach) for breach in breaches]
        after, event = case.changed(
            "closed",
            at=now,
            actor=SYSTEM,
            details={"outcome": outcome} | details,
            status=Status.CLOSED,
            outcome=outcome,
            closed_at=now,
            answered_at=case.answered_at or (now if outcome in _ANSWERS else None),
            breaches=tuple(dict.fromkeys((*case.breaches, *breaches))),
            evidence_needed=False,
            purged=True,
            rectification=masked,
            aim=case.aim_on_record,
        )
    else:
        left: dict[str, Any] = {"purged": True, "rectification": masked, "aim": case.aim_on_record}
        if case.transfer and (ended := case.transfer.left_by_withdrawal()) != case.transfer:
            left["transfer"] = ended
            details["transfer_failed"] = WITHDRAWN
        after, event = case.changed("purged", at=now, actor=SYSTEM, details=details, **left)
    cases.save(case, after, event)
    return after


def _final(outcome: Outcome, case: PrivacyRequest) -> Outcome:
    if outcome is Outcome.REFUSED and _is_unidentified(case):
        return Outcome.NOT_IDENTIFIED
    if outcome is not Outcome.FULFILLED:
        return outcome
    if RequestType.ERASURE in case.types and case.erasure is not None and case.erasure.certificate is not None:
        return Outcome.PARTIALLY_FULFILLED if case.erasure.certificate.keeps else outcome
    return Outcome.PARTIALLY_FULFILLED if held_back_by_staff(case) else outcome


def _is_unidentified(case: PrivacyRequest) -> bool:
    """Staff could tell nobody apart in the data: the person is told what would help (GDPR 11(2), 12(2))."""
    return case.refusal is not None and case.is_refused and case.refusal.ground == UNIDENTIFIED


def _gone_out(transfer: Transfer | None) -> Phrase | None:
    """What had gone to another controller before the request was withdrawn: nothing brings that back."""
    if transfer is None or not transfer.went_out:
        return None
    if transfer.status is not TransferStatus.SENT:
        return Phrase(name="transfer.unconfirmed", values={"host": transfer.host})
    return Phrase(name="transfer.gone_out", values={"host": transfer.host, "sent_on": transfer.sent_at})


def _values(case: PrivacyRequest, merchant: MerchantProfile, links: LinkSource) -> dict[str, Any]:
    """Raises RefusalIncompleteError: a refusal that lacks anything stays open, and staff see that it failed."""
    values = {
        "reference": case.reference,
        "name": case.name,
        "received_on": case.received_on(merchant.timezone),
        "link": links().start(case.language),
        "erasure": RequestType.ERASURE in case.types,  # withdrawn before its first row, or it could not be
        "remedies": remedies_of(case, merchant),
        "still_stopped": stopped_for_good(case.use) if case.use else None,
        "transfer": _gone_out(case.transfer),
    }
    if case.refusal is None or not case.is_refused:
        return values
    refused = compile_refusal(case, case.refusal, merchant)
    # What was compared is not told to who was not identified: the letter says what would help.
    return values if _is_unidentified(case) else values | refused
