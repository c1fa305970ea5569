"""Show staff a letter exactly as it would go out: its own use case is played up to the letter, and no further.

So a preview can't differ from what is sent, and is refused where the letter would be. What would be done after the
letter never happens: the stage on which a use case plays can read, and nothing else.
"""

# serves: B-2

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn, cast

from rightsdesk.domain.address import deliverable_address
from rightsdesk.domain.case_views import Draft, LetterPreview
from rightsdesk.domain.clock import ExtensionReason, QuestionKind
from rightsdesk.domain.collecting import SourceState
from rightsdesk.domain.decisions import FieldDecision
from rightsdesk.domain.errors import ErasedByPlanError, FieldProblem, InvalidInputError, NoLetterError
from rightsdesk.domain.letters import Letter, LetterRecord
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import PrivacyRequest, Refusal, Treatment
from rightsdesk.domain.review import done_text, require_awaiting_review, require_reviewed, rows_to_decide
from rightsdesk.domain.staff import Action, StaffMember
from rightsdesk.domain.transfer import Transfer, TransferStatus, decided_transfer
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.exports import ExportStore
from rightsdesk.ports.letters import Correspondence, LetterPress, LetterValues

if TYPE_CHECKING:  # read for the answers alone that speak of fields
    from rightsdesk.domain.datamap import DataMap

_TAKES: dict[Draft, frozenset[str]] = {
    "extended": frozenset({"reason", "explanation"}),
    "identity_question": frozenset({"text"}),
    "clarification_question": frozenset({"text"}),
    "refused": frozenset({"ground", "reason"}),
    "answer": frozenset({"done"}),
}
_MAY_TAKE: dict[Draft, frozenset[str]] = {
    "refused": frozenset({"evidence"}),
    "answer": frozenset({"held", "kept", "reasons", "send", "send_refused"}),
}


class LetterPreviews:
    """The use cases that send what staff write; each is called with `cases` and `letters`, all else is bound.

    extend (staff, case, version, reason, explanation), ask (staff, case, version, kind, text),
    refuse (request id, outcome, exports=...), answer (request id). `lifted_at`: from when on what is stopped may go on
    of which somebody is told now.
    """

    def __init__(
        self,
        *,
        find: Callable[[str], PrivacyRequest],
        cases: CaseStore,
        press: LetterPress,
        extend: Callable[..., object],
        ask: Callable[..., object],
        refuse: Callable[..., object],
        answer: Callable[..., object],
        data_map: "Callable[[], DataMap]",
        lifted_at: Callable[[], datetime],
    ) -> None:
        self._find = find
        self._cases = cases
        self._press = press
        self._extend = extend
        self._ask = ask
        self._refuse = refuse
        self._answer = answer
        self._data_map = data_map
        self._lifted_at = lifted_at

    def preview(
        self, staff: StaffMember, typed_reference: str, draft: Draft, typed: Mapping[str, Any]
    ) -> LetterPreview:
        """Raises what sending it would raise, and InvalidInputError for what this letter lacks or does not take."""
        staff.require(Action.INSPECT)
        case = self._find(typed_reference)
        try:
            self._play(staff, case, draft, typed)
        except _WrittenError as written:
            return written.preview
        raise NoLetterError("no letter would go out")

    def _play(self, staff: StaffMember, case: PrivacyRequest, draft: Draft, typed: Mapping[str, Any]) -> None:
        match draft:
            case "extended":
                staff.require(Action.EXTEND)
                _require_taken(draft, typed)
                reason = _extension_reason(typed["reason"])
                stage = _Stage(case, self._cases, self._press)
                self._extend(staff, case, case.version, reason, typed["explanation"], **stage.props)
            case "identity_question" | "clarification_question":
                staff.require(Action.ASK)
                _require_taken(draft, typed)
                kind = QuestionKind(draft.removesuffix("_question"))
                stage = _Stage(case, self._cases, self._press)
                self._ask(staff, case, case.version, kind, typed["text"], **stage.props)
            case "refused":
                staff.require(Action.PROPOSE)
                _require_taken(draft, typed)
                require_awaiting_review(case)
                stage = _Stage(self._lifted(_refused(case, staff, typed)), self._cases, self._press)
                self._refuse(case.request_id, Outcome.REFUSED, exports=cast("ExportStore", stage), **stage.props)
            case "answer":
                staff.require(Action.DECIDE)
                _require_taken(draft, typed, but=frozenset({"done"}) if case.answered_by_package else frozenset())
                require_awaiting_review(case)
                stage = _Stage(self._decided(case, staff, typed), self._cases, self._press)
                self._answer(case.request_id, **stage.props)

    def _lifted(self, case: PrivacyRequest) -> PrivacyRequest:
        """What was stopped for the time being ends by a refusal, which says so; a letter has told of it before."""
        if case.use is None or not case.use.provisional:
            return case
        return case.model_copy(update={"use": case.use.model_copy(update={"lifted_at": self._lifted_at()})})

    def _decided(self, case: PrivacyRequest, staff: StaffMember, typed: Mapping[str, Any]) -> PrivacyRequest:
        """The case as if it were carried out; or released now, with rows about other people left out unless decided."""
        decided: Mapping[str, Treatment] = typed.get("held", {})
        if not case.answered_by_package:
            _require_held({}, decided)
            _require_not_of_this_letter(typed, "send", "send_refused")
            return self._carried_out(case, staff, typed)
        _require_not_of_this_letter(typed, "kept", "reasons")
        held = rows_to_decide(case, self._cases.sources(case.request_id).values())
        _require_held(held, decided)
        transfer = decided_transfer(
            case.send_to,
            can_be_sent=case.export is not None and case.export.transfer is not None,
            send=typed.get("send"),
            refused=typed.get("send_refused"),
            by=staff.user_id,
        )
        return case.model_copy(
            update={
                "status": Status.EXECUTING,
                "refusal": None,
                "treatments": {**dict.fromkeys(held, Treatment.WITHHOLD), **decided},
                "export": case.export and case.export.model_copy(update={"final": True}),
                "transfer": _as_sent(case, transfer),
            }
        )

    def _carried_out(self, case: PrivacyRequest, staff: StaffMember, typed: Mapping[str, Any]) -> PrivacyRequest:
        from rightsdesk.law.keeping import require_weighed

        if case.erasure is not None:
            raise ErasedByPlanError("what the answer says is known once it is erased")
        require_reviewed(case)
        done = done_text(typed["done"])
        weighed = require_weighed(
            case,
            self._cases.decisions(case.request_id),
            typed.get("kept"),
            typed.get("reasons"),
            data_map=self._data_map,
        )
        return case.model_copy(
            update={
                "status": Status.EXECUTING,
                "refusal": None,
                "done": done,
                "kept": weighed.kept,
                "reasons": weighed.reasons,
                "decided_by": (staff.user_id,),
            }
        )


class _WrittenError(Exception):
    """The letter is written: the play ends here."""

    def __init__(self, preview: LetterPreview) -> None:
        super().__init__("written")
        self.preview = preview


class _Stage:
    """Stands for the stores while a use case is played on one case. What is not here can't be done in a play."""

    def __init__(self, case: PrivacyRequest, cases: CaseStore, press: LetterPress) -> None:
        self._case = case
        self._cases = cases
        self._press = press

    @property
    def props(self) -> dict[str, Any]:
        return {"cases": cast("CaseStore", self), "letters": cast("Correspondence", self)}

    # Of CaseStore

    def get(self, request_id: str) -> PrivacyRequest:
        return self._case if request_id == self._case.request_id else self._cases.get(request_id)

    def of_subject(self, subject_key: str) -> list[str]:
        return self._cases.of_subject(subject_key)

    def letters(self, request_id: str) -> list[LetterRecord]:
        return []  # so that what was sent before is written again

    def decisions(self, request_id: str) -> Sequence[FieldDecision]:
        return self._cases.decisions(request_id)

    def put_decisions(self, request_id: str, decisions: Sequence[FieldDecision]) -> None:
        """Nothing is kept of a play."""

    def sources(self, request_id: str) -> dict[str, SourceState]:
        return self._cases.sources(request_id)

    # Of ExportStore

    def purge(self, prefixes: object) -> int:
        return 0

    # Of Correspondence

    def to_subject(self, case: PrivacyRequest, letter: Letter, values: LetterValues, *, version: int = 1) -> NoReturn:
        said = values() if callable(values) else values
        if said is None:
            raise NoLetterError("no letter would go out")
        mail = self._press.print(letter, case.language, said, to=deliverable_address(case.email_as_typed))
        raise _WrittenError(
            LetterPreview(letter=letter, subject=mail.subject, text=mail.text, html=mail.html, language=case.language)
        )


def _refused(case: PrivacyRequest, staff: StaffMember, typed: Mapping[str, Any]) -> PrivacyRequest:
    """The case as if all who have to agree had agreed."""
    refusal = Refusal(
        ground=typed["ground"],
        reason=typed["reason"],
        evidence=typed.get("evidence"),
        by=staff.user_id,
        second_by=staff.user_id,
    )
    return case.model_copy(update={"status": Status.EXECUTING, "refusal": refusal})


def _require_taken(draft: Draft, typed: Mapping[str, Any], *, but: frozenset[str] = frozenset()) -> None:
    takes = _TAKES[draft] - but
    problems = [FieldProblem(name, "missing") for name in sorted(takes - typed.keys())]
    problems += [
        FieldProblem(name, "not_of_this_letter")
        for name in sorted(typed.keys() - takes - _MAY_TAKE.get(draft, frozenset()))
    ]
    if problems:
        raise InvalidInputError(problems)


def _require_held(held: Mapping[str, int], decided: Mapping[str, Treatment]) -> None:
    problems = [FieldProblem(f"held.{path}", "not_held") for path in decided if path not in held]
    if problems:
        raise InvalidInputError(problems)


def _require_not_of_this_letter(typed: Mapping[str, Any], *names: str) -> None:
    problems = [FieldProblem(name, "not_of_this_letter") for name in names if name in typed]
    if problems:
        raise InvalidInputError(problems)


def _as_sent(case: PrivacyRequest, transfer: Transfer | None) -> Transfer | None:
    """Of what is approved the letter is shown that tells of a receiver who took it; the day is that of the letter."""
    if transfer is None or transfer.is_over or case.export is None or case.export.transfer is None:
        return transfer
    return transfer.model_copy(update={"status": TransferStatus.SENT, "sha256": case.export.transfer.sha256})


def _extension_reason(typed: str) -> ExtensionReason:
    try:
        return ExtensionReason(typed)
    except ValueError:
        raise InvalidInputError.of("reason", "not_a_choice") from None
