"""Stop in the register what a verified request stops, settle it when it is decided, and lift what is gone on with.

Stopping comes before any decision: nobody waits for staff to be left alone. Lifting comes after the person was told,
and takes effect on the day that the letter named (GDPR 18(3)).
"""

# serves: E-03, E-05, E-06, E-09, E-10, P-03, P-04, P-05, P-06

from collections.abc import Iterable
from datetime import datetime

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decisions import FieldDecision
from rightsdesk.domain.erasure_review import Hold, HoldReason
from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.identifier_digest import identifier_digests
from rightsdesk.domain.letters import Letter, Phrase
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.permission import KEY_PURPOSE, Standing
from rightsdesk.domain.request import SYSTEM, PrivacyRequest, RequestType
from rightsdesk.domain.safeguards import open_safeguards
from rightsdesk.domain.use_stop import UseStop, lifting_moment, with_stops, with_stops_lifted, with_stops_settled
from rightsdesk.law.lifting import ends_hold, lifting_letter
from rightsdesk.law.on_record import carried_out_by_law, on_record
from rightsdesk.law.permission_terms import terms_of
from rightsdesk.law.stopping import going_on_with, stops_of
from rightsdesk.ports.cases import CaseStore, Holds
from rightsdesk.ports.codes import Keyring
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.ports.permissions import Permissions, change_standings
from rightsdesk.ports.recipients import TellOfLifting
from rightsdesk.ports.time import Clock

_WHY_LIFTED = {
    None: "lifting.refused",
    Outcome.WITHDRAWN: "lifting.withdrawn",
    Outcome.NOT_IDENTIFIED: "lifting.not_identified",
}


class UseStopper:
    """The three tasks of the workflow. Each may be run again: what is done is recognised and passed."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        permissions: Permissions,
        holds: Holds,
        keys: Keyring,
        letters: Correspondence,
        links: LinkSource,
        tell_recipients: TellOfLifting,
        data_map: DataMap,
        merchant: MerchantProfile,
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._permissions = permissions
        self._holds = holds
        self._keys = keys
        self._letters = letters
        self._links = links
        self._tell_recipients = tell_recipients
        self._data_map = data_map
        self._merchant = merchant
        self._clock = clock

    def stop(self, request_id: str) -> bool:
        """Put the stops of the case on record, for each identifier that is known of the person.

        True where that is all there is to do, and the person can be told: nothing is left to decide, and no data have
        to go. Staff see the case otherwise.
        """
        case = self._cases.get(request_id)
        case.require_open()
        if case.use is None:
            case = self._stopped(case)
        if open_safeguards(case):
            return False  # what is stopped is stopped; what is said of it waits
        if case.use is None or case.use.provisional or _is_left_to_do(self._cases.decisions(request_id)):
            return False
        if case.status is Status.COLLECTING:
            self._carried_out(case)
        return True

    def settle(self, request_id: str) -> None:
        """After the answer: what was decided to stop holds for good; what is gone on with ends on the day told.

        Raises ConflictError where the person was not told yet.
        """
        case = self._cases.get(request_id)
        if case.use is None or not case.use.provisional:
            return
        if case.answered_at is None:
            raise ConflictError("the person was not told yet")
        self._decided(case, case.use, going_on_with(case, case.use), told_at=case.answered_at)

    def lift(self, request_id: str) -> None:
        """Before a refusal goes out, and after a case ended undecided: tell the person when that is lifted which was
        stopped for the time being.

        What holds for good (marketing, a consent) is not touched: it needed no decision.
        """
        case = self._cases.get(request_id)
        if case.use is None or not case.use.provisional:
            return
        told_at = self._clock()
        self._letters.to_subject(
            case,
            Letter.RESTRICTION_LIFTING,
            lifting_letter(
                case,
                Phrase(name=_WHY_LIFTED[case.outcome]),
                lifted_at=lifting_moment(told_at, self._merchant.timezone),
                link=self._links().request(case),
                merchant=self._merchant,
            ),
        )
        self._decided(case, case.use, None, told_at=told_at)

    def _stopped(self, case: PrivacyRequest) -> PrivacyRequest:
        stops = stops_of(case, terms_of(self._data_map), at=self._clock())
        if not stops:
            return case
        change_standings(self._permissions, self._digests(case), lambda standing: with_stops(standing, stops))
        if RequestType.RESTRICTION in case.types:  # stored, and nothing else: it doesn't go when its time has come
            hold = Hold(reason=HoldReason.RESTRICTION, placed_by=SYSTEM, placed_at=stops[0].since)
            self._holds.place(case.subject_key, hold)
        after, event = case.changed(
            "use_stopped",
            at=self._clock(),
            actor=SYSTEM,
            details={
                "stops": [stop.kind for stop in stops],
                "purposes": sorted({purpose for stop in stops for purpose in stop.purposes}),
                "recipients": sorted({recipient for stop in stops for recipient in stop.recipients}),
                "provisional": any(stop.provisional for stop in stops),
                **on_record(case, [stop.rule for stop in stops]),
            },
            use=UseStop(stops=stops, stopped_at=stops[0].since),
        )
        self._cases.save(case, after, event)
        return after

    def _carried_out(self, case: PrivacyRequest) -> None:
        after, event = carried_out_by_law(case, at=self._clock())
        self._cases.save(case, after, event)

    def _decided(
        self, case: PrivacyRequest, use: UseStop, going_on: tuple[str, ...] | None, *, told_at: datetime
    ) -> None:
        """`going_on` None: with everything that was stopped for the time being."""
        lifted_at = lifting_moment(told_at, self._merchant.timezone)

        def settled(standing: Standing) -> Standing:
            if going_on is None:
                return with_stops_lifted(standing, use, told_at=told_at, lifted_at=lifted_at)
            return with_stops_settled(standing, use, going_on=going_on, told_at=told_at, lifted_at=lifted_at)

        standings = change_standings(self._permissions, self._digests(case), settled)
        lifted = going_on is None or bool(going_on)
        if lifted and ends_hold(case, standings, lifted_at=lifted_at):
            self._holds.end(case.subject_key, HoldReason.RESTRICTION, at=lifted_at)
        if lifted:
            case = self._tell_recipients(case, lifted_at=lifted_at, actor=SYSTEM, decided=False)
        after, event = case.changed(
            "use_settled",
            at=self._clock(),
            actor=SYSTEM,
            details={
                "going_on": list(going_on or ()),
                **({"told_at": told_at.isoformat(), "lifted_at": lifted_at.isoformat()} if lifted else {}),
            },
            use=use.model_copy(
                update={
                    "settled_at": self._clock(),
                    "going_on": going_on or (),
                    "lifted_at": lifted_at if lifted else None,
                }
            ),
        )
        self._cases.save(case, after, event)

    def _digests(self, case: PrivacyRequest) -> tuple[str, ...]:
        return identifier_digests(self._keys.key(KEY_PURPOSE), case.known_by)


def _is_left_to_do(decisions: Iterable[FieldDecision]) -> bool:
    """Whether data have to go, or somebody has to weigh."""
    return any(each.action.goes or each.judgement is not None for each in decisions)
