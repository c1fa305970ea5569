"""Tell the person the answer: where to fetch the package, or what was done; and open the time to fetch it."""

# serves: B-6, E-01, E-02, E-03, E-04, E-05, E-06, E-07, E-08, E-11, E-12, E-13

from collections.abc import Callable, Collection
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.audit import Detail
from rightsdesk.domain.clock import breaches_of
from rightsdesk.domain.decision_review import DecisionReview
from rightsdesk.domain.erasure_state import ErasureCertificate, ErasureState
from rightsdesk.domain.errors import ConflictError, MailRejectedError
from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.messages import REOPENED_WITHIN
from rightsdesk.domain.request import SYSTEM, TOLD_TO_OTHERS, ExportState, PrivacyRequest, RequestType
from rightsdesk.domain.review import held_back_by_staff, require_carried_out, require_releasable
from rightsdesk.domain.safeguards import require_cleared
from rightsdesk.domain.transfer import Transfer, TransferStatus
from rightsdesk.domain.use_stop import lifting_moment
from rightsdesk.law.held_back import held_back
from rightsdesk.law.refusal import compile_partial_refusal
from rightsdesk.law.remedies import remedies_of
from rightsdesk.observability import logger
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.time import Clock

if TYPE_CHECKING:  # read for the answers alone that speak of fields
    from rightsdesk.domain.datamap import DataMap
    from rightsdesk.domain.decisions import FieldDecision
    from rightsdesk.domain.fields import Label

_LETTERS = {
    RequestType.RECTIFICATION: Letter.RECTIFICATION_ANSWER,
    RequestType.RESTRICTION: Letter.RESTRICTION_ANSWER,
    RequestType.OBJECTION: Letter.OBJECTION_ANSWER,
    RequestType.AUTOMATED_DECISION: Letter.REVIEW_ANSWER,
    RequestType.QUESTION: Letter.MESSAGE_ANSWER,
    RequestType.COMPLAINT: Letter.MESSAGE_ANSWER,
}


class Answered(BaseModel):
    """What the workflow goes on by. Where `transfer_failed`, staff may have it tried again for `seconds_left`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window_ends_at: datetime  # now, where there is nothing to download
    transfer_failed: bool
    seconds_left: int


def send_answer(
    request_id: str,
    *,
    cases: CaseStore,
    letters: Correspondence,
    merchant: MerchantProfile,
    links: LinkSource,
    data_map: "Callable[[], DataMap]",
    clock: Clock,
    recipients_are_told: bool = True,
) -> Answered:
    """Task of the workflow. The case counts as answered once the letter is out, not before.

    `recipients_are_told`: not yet in a preview, which names who will be. Run again, it says what has become of a
    transfer since then, where the answer could only say that it failed. Raises ConflictError for anything but what
    staff released, bound to the person verified, or carried out.
    """
    case, now = cases.get(request_id), clock()
    case.require_open()
    if case.answered_at is None:
        require_cleared(case)  # the mailbox may have said in the last moment that it did not ask
    desk = _AnswerDesk(cases, letters, merchant, links, data_map, recipients_are_told=recipients_are_told)
    if case.answered_by_package:
        ends_at = desk.package(case, require_releasable(case), now=now)
    else:
        require_carried_out(case)
        ends_at = desk.what_was_done(case, now=now)
    left = ceil((ends_at - now).total_seconds())
    failed = case.transfer is not None and case.transfer.status is TransferStatus.FAILED
    return Answered(window_ends_at=ends_at, transfer_failed=failed and left > 0, seconds_left=max(left, 0))


def _said(case: PrivacyRequest, export: ExportState) -> Phrase:
    """What an answer without a copy says, in a sentence; that there is nothing to say is one, too."""
    (kind,) = case.types
    told = export.provisions > 0 if kind is RequestType.PROVISION_RECORDS else not export.nothing_found
    return Phrase(name=f"says.{kind}" if told else f"says.{kind}_none", values={"records": export.provisions})


def _transferred(transfer: Transfer | None, now: datetime) -> Phrase | None:
    """What became of the transfer to another controller, where one was asked for (GDPR 20(2))."""
    if transfer is None:
        return None
    match transfer.status:
        case TransferStatus.SENT:
            values = {"host": transfer.host, "sent_on": transfer.sent_at or now, "sha256": transfer.sha256}
            return Phrase(name="transfer.sent", values=values)
        case TransferStatus.REFUSED:
            return Phrase(name="transfer.refused", values={"host": transfer.host, "why": transfer.refused_reason})
        case TransferStatus.FAILED:
            return Phrase(name="transfer.failed", values={"host": transfer.host})
    raise ConflictError("it is not known yet what becomes of the transfer")


class _AnswerDesk:
    def __init__(
        self,
        cases: CaseStore,
        letters: Correspondence,
        merchant: MerchantProfile,
        links: LinkSource,
        data_map: "Callable[[], DataMap]",
        *,
        recipients_are_told: bool,
    ) -> None:
        self._cases = cases
        self._letters = letters
        self._merchant = merchant
        self._links = links
        self._data_map = data_map
        self._recipients_are_told = recipients_are_told

    def package(self, case: PrivacyRequest, export: ExportState, *, now: datetime) -> datetime:
        if case.answered_at and export.expires_at:
            self._tell_of_transfer(case, case.answered_at)
            return export.expires_at
        window_ends_at = now + self._merchant.download_window
        values = self._common(case) | {
            "downloads": self._merchant.downloads,
            "window_ends_on": window_ends_at,
            "files": "\n".join(f"{part.name}\n{part.sha256}" for part in export.parts),
        }
        if case.gives_copy:
            letter = Letter.PARTLY_REFUSED if held_back_by_staff(case) else Letter.ANSWER_READY
            values |= {"portable": RequestType.PORTABILITY in case.types, "found": not export.nothing_found}
            values |= self._left_out(case, export)
            values["transfer"] = _transferred(case.transfer, now)
        else:
            letter = Letter.INFORMATION_READY
            values |= {"types": [Phrase(name=f"type.{kind}") for kind in case.types], "says": _said(case, export)}
        self._letters.to_subject(case, letter, values)
        details: dict[str, Detail] = {
            "files": [part.sha256 for part in export.parts],
            "window_ends_at": window_ends_at.isoformat(),
        }
        opened = export.model_copy(update={"expires_at": window_ends_at})
        self._answered(case, details, now=now, refused=held_back_by_staff(case), export=opened)
        return window_ends_at

    def _tell_of_transfer(self, case: PrivacyRequest, answered_at: datetime) -> None:
        """It has arrived after all: the answer said that it had not."""
        transfer = case.transfer
        if transfer is None or transfer.sent_at is None or transfer.sent_at <= answered_at:
            return
        said = {"host": transfer.host, "sent_on": transfer.sent_at, "sha256": transfer.sha256}
        values = {
            "reference": case.reference,
            "name": case.name,
            "link": self._links().request(case),
            "transfer": Phrase(name="transfer.sent_since", values=said),
        }
        try:
            self._letters.to_subject(case, Letter.TRANSFERRED, values)
        except MailRejectedError:
            logger.warning("not told by mail: the address takes none", extra={"request_id": case.request_id})

    def _left_out(self, case: PrivacyRequest, export: ExportState) -> dict[str, Any]:
        """What the letter says of it: nothing where nothing was left out."""
        if not export.left_out and not held_back_by_staff(case):
            return {"withheld": ()}  # the data map is not read for nothing
        parts = held_back(case, self._data_map(), self._cases.sources(case.request_id).values())
        if not parts and not held_back_by_staff(case):
            return {"withheld": (Phrase(name="withheld.undescribed"),)}
        return compile_partial_refusal(case, parts, self._merchant)

    def what_was_done(self, case: PrivacyRequest, *, now: datetime) -> datetime:
        if case.answered_at:
            return case.answered_at
        if RequestType.ERASURE in case.types and case.erasure is not None and case.erasure.certificate is not None:
            return self._erased(case, case.erasure, now=now)
        decisions = self._as_carried_out(case)
        letter = _LETTERS.get(case.types[0], Letter.GENERAL_ANSWER)
        values = self._common(case) | {
            "types": [Phrase(name=f"type.{kind}") for kind in case.types],
            "done": case.done or "",
            "carried_out_on": case.carried_out_at or now,
            "recipients": self._told(case, decisions),
        }
        if case.review is None and letter is Letter.REVIEW_ANSWER:
            letter = Letter.GENERAL_ANSWER  # completed before reviews were recorded
        if case.review is not None:
            values |= self._reviewed(case.review)
        if case.is_said_to_us:
            values["open_until"] = (now + REOPENED_WITHIN).astimezone(self._merchant.timezone).date()
        if case.use is not None:
            if letter is Letter.RESTRICTION_ANSWER:  # since when they are only stored, not since when it was decided
                values["carried_out_on"] = case.use.stopped_at
            from rightsdesk.domain.use_words import taken_out, told_of_use
            from rightsdesk.law.stopping import going_on_with

            data_map = self._data_map()
            lifted_on = lifting_moment(now, self._merchant.timezone)
            going_on = going_on_with(case, case.use)
            values |= told_of_use(
                case.use, data_map, going_on=going_on, lifted_on=lifted_on, said=case.done is not None
            )
            if case.erasure is not None and case.erasure.certificate is not None:
                values["deleted"] = taken_out(case.erasure.certificate, decisions, data_map, case.kept)
        if case.corrects and case.rectification is not None:
            from rightsdesk.domain.correction_words import told_of_correction

            values |= told_of_correction(case.rectification, self._data_map())
        if case.kept:
            values |= self._refused_in_part(case, decisions)
        self._letters.to_subject(case, letter, values)
        self._answered(case, {}, now=now, refused=held_back_by_staff(case))
        return now

    def _reviewed(self, review: DecisionReview) -> dict[str, Any]:
        """Result, reasons, and how such a decision is made (GDPR 15(1)(h), 22(3))."""
        decision = self._data_map().automated_decisions.get(review.decision or "")
        return {
            "result": Phrase(name=f"review.{review.result}"),
            "reason": review.reasons,
            "decision": decision.label if decision else None,
            "logic": decision.logic if decision else None,
            "consequences": decision.consequences if decision else None,
        }

    def _erased(self, case: PrivacyRequest, erasure: ErasureState, *, now: datetime) -> datetime:
        """What the certificate says; of whom nothing was found, that alone."""
        certificate = erasure.certificate
        if certificate is None:
            raise ConflictError("it was not certified")
        values = self._common(case) | {
            "types": [Phrase(name=f"type.{kind}") for kind in case.types],
            "carried_out_on": certificate.certified_at,
        }
        if certificate.found:
            values |= self._what_went(case, certificate, erasure.suppressed)
        self._letters.to_subject(case, Letter.ERASURE_ANSWER if certificate.found else Letter.NOTHING_TO_ERASE, values)
        refused = certificate.keeps or (certificate.found and bool(case.kept))
        self._answered(case, {"certificate_sha256": certificate.sha256}, now=now, refused=refused)
        return now

    def _what_went(
        self, case: PrivacyRequest, certificate: ErasureCertificate, suppressed: tuple[str, ...]
    ) -> dict[str, Any]:
        """As the certificate says; what stays, as the plan says; and what the person is known by to stay erased."""
        from rightsdesk.domain.erasure_review import current_plan
        from rightsdesk.domain.erasure_words import told_of_erasure

        decisions = tuple(self._cases.decisions(case.request_id))
        states = self._cases.erasures(case.request_id)
        plan = current_plan(case, states)
        data_map = self._data_map()
        told = told_of_erasure(certificate, plan, states.values(), decisions, data_map, case.kept, case.due.laws)
        if case.kept:
            refused = self._refused_in_part(case, decisions)
            told |= refused | {"kept": [*told["kept"], *refused["kept"]]}
        known_by = [data_map.identifiers[kind].label for kind in suppressed if kind in data_map.identifiers]
        told_to = self._told(case, decisions)
        return told | {"recipients": told_to, "backups": Phrase(name="backups"), "suppressed": known_by}

    def _told(self, case: PrivacyRequest, decisions: "tuple[FieldDecision, ...]") -> "list[Label]":
        """Who had the data, and hears of it; in a preview, who would (GDPR 19)."""
        if case.types[0] not in TOLD_TO_OTHERS:
            return []
        from rightsdesk.law.telling_recipients import to_be_told

        data_map = self._data_map()
        names: Collection[str] = [name for name, line in case.notices.items() if not line.meanwhile]
        if not self._recipients_are_told and (telling := to_be_told(case, data_map, decisions)):
            names = telling.fields
        return [recipient.label for name, recipient in data_map.recipients.items() if name in names]

    def _common(self, case: PrivacyRequest) -> dict[str, Any]:
        return {
            "reference": case.reference,
            "name": case.name,
            "received_on": case.received_on(self._merchant.timezone),
            "link": self._links().request(case),
            "remedies": remedies_of(case, self._merchant),
        }

    def _as_carried_out(self, case: PrivacyRequest) -> "tuple[FieldDecision, ...]":
        """The decisions that staff took with the case; stored here where the completion died before it came to that."""
        from rightsdesk.law.keeping import carried_out

        stored = tuple(self._cases.decisions(case.request_id))
        actor = f"staff:{case.decided_by[0]}" if case.decided_by else SYSTEM
        decisions = carried_out(stored, case.kept, case.due.laws, actor=actor)
        if decisions != stored:
            self._cases.put_decisions(case.request_id, decisions)
        return decisions

    def _refused_in_part(self, case: PrivacyRequest, decisions: "tuple[FieldDecision, ...]") -> dict[str, Any]:
        """What staff left is a refusal in part, and the letter has all that a refusal needs."""
        from rightsdesk.law.held_back import left_by_staff

        left = left_by_staff(case, decisions, self._data_map())
        refused = compile_partial_refusal(case, left, self._merchant)
        return {"kept": list(refused["withheld"]), "remedies": refused["remedies"]}

    def _answered(
        self, case: PrivacyRequest, details: dict[str, Detail], *, now: datetime, refused: bool, **changes: Any
    ) -> None:
        breaches = breaches_of(case.due, at=now, refused=refused, zone=self._merchant.timezone)
        if breaches:
            details = details | {"breaches": [str(breach) for breach in breaches]}
        after, event = case.changed(
            "answered",
            at=now,
            actor=SYSTEM,
            details=details,
            answered_at=now,
            breaches=(*case.breaches, *breaches),
            **changes,
        )
        self._cases.save(case, after, event)
