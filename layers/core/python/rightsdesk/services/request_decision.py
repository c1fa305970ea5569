"""Decide what is done with a verified request: is the assurance enough, and which sources are searched.

What the law and the data map leave no choice about is decided here, field by field, and kept with the rules used; what
needs judgement is marked so, and waits for staff. Only an identity in reasonable doubt makes all of it wait (GDPR
12(6)).
"""

# serves: B-4, B-6, E-00, E-02, E-06, E-07, E-09

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rightsdesk.domain.clock import Question, QuestionKind, with_answer
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decision_review import decisions_meant, inputs_of, sources_needed
from rightsdesk.domain.decisions import FieldDecision, recorded
from rightsdesk.domain.erasure_state import ErasureState
from rightsdesk.domain.errors import AskedBeforeError, NotIdentifiedError
from rightsdesk.domain.identity import (
    EVIDENCE_TRIES_PER_DAY,
    VERIFICATION_PERIOD,
    Assurance,
    facts_match,
    folded_fact,
    required_assurance,
    spellings,
)
from rightsdesk.domain.letters import Letter, Phrase, version_of
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import STOPS_USE, SYSTEM, PrivacyRequest, RequestType
from rightsdesk.domain.same_person import KEY_PURPOSE as SAME_PERSON
from rightsdesk.domain.same_person import asked_before, person_keys
from rightsdesk.domain.traversal import SourceStep, waves
from rightsdesk.law.applicability import Law
from rightsdesk.law.case_dates import dates_with, stands_still
from rightsdesk.law.decisions import decide_fields, decided_again, identity_rule
from rightsdesk.law.on_record import facts_of, on_record
from rightsdesk.ports.cases import CaseStore, others_of
from rightsdesk.ports.codes import CodeStore, Keyring
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.people import Account, Directory, HeldOrder
from rightsdesk.ports.time import Clock
from rightsdesk.ports.workflow import TaskTokens, Workflow

_PERIOD_SECONDS = int(VERIFICATION_PERIOD.total_seconds())


class RequestDecision:
    """Task of the workflow; answers through its token, at once or when the person has given what is needed."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        codes: CodeStore,
        tokens: TaskTokens,
        workflow: Workflow,
        directory: Directory,
        letters: Correspondence,
        keys: Keyring,
        data_map: DataMap,
        links: LinkSource,
        merchant: MerchantProfile,
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._codes = codes
        self._tokens = tokens
        self._workflow = workflow
        self._directory = directory
        self._letters = letters
        self._keys = keys
        self._data_map = data_map
        self._links = links
        self._merchant = merchant
        self._clock = clock

    def decide(self, request_id: str, task_token: str) -> None:
        """Go on with a plan, or wait for an order number and its postcode.

        Raises NotIdentifiedError where the time for these has passed, and AskedBeforeError where the same person
        asked for the same, and that request is open: it is answered, and this one is closed.
        """
        # Parked before anything is read: what the person enters from now on finds the token, and comes back here.
        self._tokens.park(request_id, "decision", task_token)
        case = self._cases.get(request_id)
        case.require_open()
        self._require_first(case)
        if case.status in (Status.VERIFIED, Status.AWAITING_VERIFICATION):
            if case.is_said_to_us:
                case = self._planned(case, None)
            else:
                account = self._directory.account_of(case.email)
                case = self._with_evidence(case, account)
                if not self._is_enough(case, account):
                    self._ask(case, account)
                    return
                case = self._planned(case, account)
        elif _may_be_planned_anew(case) and case.datamap_version != self._data_map.version:
            case = self._planned(case, None)  # the map has changed since: what it names now is searched as well
        self._workflow.succeed(
            task_token,
            {
                "decided": True,
                "by_hand": not case.answered_by_package,
                "erases": case.erasure is not None,
                "corrects": case.corrects,
                "reviews": RequestType.AUTOMATED_DECISION in case.types and bool(case.waves),
                "stops": case.stops_use,
                "sends": case.send_to is not None,
                "waves": _as_json(case),
                "sources": list(case.sources),
                "wait_seconds": _PERIOD_SECONDS,
            },
        )

    def _require_first(self, case: PrivacyRequest) -> None:
        """Its mailbox is proven by now: who only typed an address merges nothing, and nothing is merged into it."""
        if case.merged_into is None and case.status is Status.VERIFIED:
            first = asked_before(case, others_of(self._cases, case))
            if first is None:
                return
            after, event = case.changed(
                "merged", at=self._clock(), actor=SYSTEM, details={"into": first.reference}, merged_into=first.reference
            )
            self._cases.save(case, after, event)
            case = after
        if case.merged_into is not None:
            raise AskedBeforeError("an open request asks for the same")

    def _is_enough(self, case: PrivacyRequest, account: Account | None) -> bool:
        """How a person is reached is never changed on the word of a mailbox alone (abuse case 13)."""
        return not _lacks_facts(case) and self._is_enough_to_answer(case, account)

    def _is_enough_to_answer(self, case: PrivacyRequest, account: Account | None) -> bool:
        return case.assurance >= required_assurance(
            is_account_mailbox=account is not None,
            mailbox_changed_at=account.mailbox_changed_at if account else None,
            anything_else=account is None and (case.order_number is not None or self._directory.knows(case.email)),
            now=self._clock(),
            stops=bool(STOPS_USE.intersection(case.types)),
        )

    def _with_evidence(self, case: PrivacyRequest, account: Account | None) -> PrivacyRequest:
        """The case after what the person entered was compared; it is gone then, right or wrong (mission P-01)."""
        evidence = self._codes.left_evidence(case.request_id)
        if evidence is None:
            return case
        if case.assurance < Assurance.FACTS:
            case = self._compared(case, account, *evidence)
        self._codes.drop_evidence(case.request_id, evidence)
        return case

    def _compared(self, case: PrivacyRequest, account: Account | None, typed: str, postcode: str) -> PrivacyRequest:
        number = unicodedata.normalize("NFKC", typed).strip()  # full-width digits are the same number
        order = next(filter(None, map(self._directory.order, spellings(number))), None)
        right = (
            self._may_try(number)
            and order is not None
            and facts_match(
                given_order=number, given_postcode=postcode, held_order=order.order_number, held_postcode=order.postcode
            )
            and _belongs_to(order, case, account)
        )
        after, event = case.changed(
            "facts_confirmed" if right else "facts_not_confirmed",
            at=self._clock(),
            actor=SYSTEM,
            details={"assurance": int(Assurance.FACTS)} if right else {},
            **({"assurance": Assurance.FACTS} if right else {}),
        )
        self._cases.save(case, after, event)
        return after

    def _may_try(self, number: str) -> bool:
        """Tries count against the order as well, so that nobody's order can be guessed at from many requests (5)."""
        key = hmac.new(self._keys.key("order"), folded_fact(number).encode(), hashlib.sha256).hexdigest()
        return self._codes.count_evidence_try(f"ORDER#{key}", at=self._clock(), per_day=EVIDENCE_TRIES_PER_DAY)

    def _planned(self, case: PrivacyRequest, account: Account | None) -> PrivacyRequest:
        identifiers = case.identifiers | (account.identifiers if account else {})
        planned = self._waves(case, identifiers)
        if case.status is Status.AWAITING_VERIFICATION:
            case = self._confirmed(case)
        decisions = decided_again(
            decide_fields(case.types, self._data_map, case.due.laws, case.aim), self._cases.decisions(case.request_id)
        )
        # Before the plan says that there are decisions; made again after a crash, they are the same.
        self._cases.put_decisions(case.request_id, decisions)
        after, event = case.changed(
            "plan_decided",
            at=self._clock(),
            actor=SYSTEM,
            details={
                **recorded(decisions),
                **facts_of(case),
                "assurance": int(case.assurance),
                "datamap_version": self._data_map.version,
                "sources": [step.name for wave in planned for step in wave],
            },
            status=Status.COLLECTING if case.status is Status.VERIFIED else case.status,
            identifiers=identifiers,
            person_keys=person_keys(self._keys.key(SAME_PERSON), identifiers),
            waves=planned,
            datamap_version=self._data_map.version,
            erasure=case.erasure or _what_goes(case, decisions),
        )
        self._cases.save(case, after, event)
        return after

    def _waves(
        self, case: PrivacyRequest, identifiers: dict[str, tuple[str, ...]]
    ) -> tuple[tuple[SourceStep, ...], ...]:
        """Nobody is looked up to answer a question; to review a decision, only where what went into it is kept."""
        if case.is_said_to_us:
            return ()
        planned = waves(self._data_map, identifiers)
        if RequestType.AUTOMATED_DECISION not in case.types:
            return planned
        meant = decisions_meant(case.aim.decision if case.aim else None, self._data_map)
        needed = sources_needed(inputs_of(meant.values()), self._data_map)
        kept = (tuple(step for step in wave if step.name in needed) for wave in planned)
        return tuple(wave for wave in kept if wave)

    def _confirmed(self, case: PrivacyRequest) -> PrivacyRequest:
        now = self._clock()
        asked = case.open_question
        # Nothing is in doubt any more, also where the door died before it could say that facts came in.
        ended = with_answer(case.questions, at=now) if asked and asked.text is None else case.questions
        after, event = case.changed(
            "identity_confirmed",
            at=now,
            actor=SYSTEM,
            status=Status.VERIFIED,
            evidence_needed=False,
            questions=ended,
            due=dates_with(case, merchant=self._merchant, questions=ended),
        )
        self._cases.save(case, after, event)
        return after

    def _ask(self, case: PrivacyRequest, account: Account | None) -> None:
        """Ask, and once for each time that facts are needed: what staff state may need them again, later on."""
        now = self._clock()
        doubt = "mailbox_changed" if account else "not_the_account"
        if self._is_enough_to_answer(case, account):
            doubt = "contact_change"
        if not case.evidence_needed:
            asked = case.questions if case.open_question else (*case.questions, _facts_asked(now))
            after, event = case.changed(
                "evidence_asked",
                at=now,
                actor=SYSTEM,
                details={"doubt": doubt, **on_record(case, [identity_rule(case.due.laws)])},
                status=Status.AWAITING_VERIFICATION,
                evidence_needed=True,
                evidence_asked_at=now,
                questions=asked,
                due=dates_with(case, merchant=self._merchant, questions=asked),
            )
            self._cases.save(case, after, event)
            case = after
        suspends, conservative = stands_still(case, merchant=self._merchant), case.due.conservative_due_on
        asked_at = case.evidence_asked_at or now
        if now >= asked_at + VERIFICATION_PERIOD:
            raise NotIdentifiedError("nothing that agrees was entered in time")
        self._letters.to_subject(
            case,
            Letter.EVIDENCE_NEEDED,
            {
                "reference": case.reference,
                "name": case.name,
                "doubt": Phrase(name=f"doubt.{doubt}"),
                "link": self._links().request(case),
                "tries": EVIDENCE_TRIES_PER_DAY,
                "asked_on": asked_at.astimezone(self._merchant.timezone).date(),
                "closes_on": (asked_at + VERIFICATION_PERIOD).astimezone(self._merchant.timezone).date(),
                "due_on": case.due.due_on,
                # The answer moves the date, not the question: only after an earlier one are there two to tell.
                "conservative_due_on": conservative if suspends and conservative != case.due.due_on else None,
                "suspends": suspends,
                "promised": Law.PROMISE in case.due.laws,
            },
            version=version_of(asked_at.isoformat()),
        )


def _may_be_planned_anew(case: PrivacyRequest) -> bool:
    """Not once it is answered or carried out, nor while it is being erased: then it goes on as it was approved."""
    return case.answered_at is None and case.done is None and not case.erasure_began


def _what_goes(case: PrivacyRequest, decisions: Iterable[FieldDecision]) -> ErasureState | None:
    """By an erasure; and by a right that leaves fields without a basis (GDPR 17(1)(b), (c))."""
    if RequestType.ERASURE in case.types:
        return ErasureState()
    goes = case.stops_use and any(decision.action.goes for decision in decisions)
    return ErasureState(consequence=True) if goes else None


def _facts_asked(now: datetime) -> Question:
    """Our own question: who is asked for facts is asked for identity, and the clock stands still (EDPB-159)."""
    return Question(kind=QuestionKind.IDENTITY, asked_at=now)


def _lacks_facts(case: PrivacyRequest) -> bool:
    contact = case.rectification is not None and case.rectification.touches_contact
    return contact and case.assurance < Assurance.FACTS


def _belongs_to(order: HeldOrder, case: PrivacyRequest, account: Account | None) -> bool:
    """Facts are for a mailbox in doubt, and don't replace it: the order is this account's, or this guest's (5, 6)."""
    proven = case.identifiers | (account.identifiers if account else {})
    return any(set(values) & set(proven.get(kind, ())) for kind, values in order.owners.items())


def _as_json(case: PrivacyRequest) -> list[list[dict[str, Any]]]:
    return [[step.model_dump() for step in wave] for wave in case.waves]
