"""What may be done with whom: one entry for each identifier of a person, and one question to it (GDPR 7(3), 18, 21).

An entry (`Standing`) holds what the person stopped and what the person agreed to, as codes, moments and names of the
data map; a keyed digest stands for the identifier. It outlives the case that made it, and an erasure: who objected is
not written to again because nobody remembers (mission P-03).

The answer is no for whatever the map does not know, for whatever is stopped, and for whatever needs a consent that is
not on record. All else goes by the legal basis of the purpose.
"""

# serves: E-05, E-06, E-09, E-10, P-02, P-03, P-04, P-05, P-06, P-08

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from rightsdesk.domain.consent_ledger import LedgerHead
from rightsdesk.domain.errors import LiftedUntoldError, NotFoundError
from rightsdesk.domain.fields import BASIS_RULES, Basis

KEY_PURPOSE = "permission"  # of the key in the keyring: one that serves nothing else


class StopKind(StrEnum):
    """Why something is stopped. In the order in which it is told: of several the first that bars is the answer."""

    ERASED = "erased"  # GDPR 17: nobody is written to who asked to be forgotten (P-08)
    RESTRICTED = "restricted"  # GDPR 18, APPI 35: storage, and nothing else
    OBJECTED = "objected"  # GDPR 21
    WITHDRAWN = "withdrawn"  # GDPR 7(3)
    UNSUBSCRIBED = "unsubscribed"  # RFC 8058: by the link in a mail, by whoever reads that mailbox
    PROVISION_STOPPED = "provision_stopped"  # APPI 35(3)


# What a consent that is given later takes back: who stopped a newsletter may ask for it again. A restriction is lifted
# only once the person was told (GDPR 18(3)).
_OVERTAKEN_BY_CONSENT = frozenset(StopKind) - {StopKind.RESTRICTED}

_ONE_ACT = timedelta(minutes=1)  # a click that is sent twice, or by a scanner of mails as well: nothing to write down


class Stop(BaseModel):
    """One thing that must not be done any more. `()` of purposes or recipients: all of them.

    `recipients` narrows it to handing data to these; what the merchant does alone then goes on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    id: str  # the case that made it, with the kind: `3f0c...:restricted`; or the way in: `link:newsletter`
    kind: StopKind
    purposes: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    except_purposes: tuple[str, ...] = ()  # of all purposes: what goes on (a restriction does not end this very case)
    rule: str  # in `law.rules.RULES`
    since: datetime  # aware, UTC
    said_again_at: datetime | None = None  # the last time, by a way that may be gone again: a link, the shop
    provisional: bool = False  # until a decision: an objection is weighed, accuracy is looked into (GDPR 18(1)(a), (d))
    told_at: datetime | None = None  # when the person was told that it will be lifted
    lifted_at: datetime | None = None  # without effect from then on; it may lie ahead, and nothing has to run

    @property
    def said_at(self) -> datetime:
        """The person's last word of it: what was agreed to before that is taken back."""
        return self.said_again_at or self.since

    def holds(self, at: datetime) -> bool:
        return self.lifted_at is None or at < self.lifted_at

    def is_about(self, purpose: str, recipient: str | None) -> bool:
        """Whether it speaks of this use, by the merchant alone (None) or by handing data to this recipient."""
        about_purpose = purpose in self.purposes if self.purposes else purpose not in self.except_purposes
        return about_purpose and (not self.recipients or recipient in self.recipients)


class Consent(BaseModel):
    """That a consent is given, and where it is on record. The ledger has the whole of it (GDPR 7(1))."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    record_id: str
    given_at: datetime  # aware, UTC; with double opt-in, when it was confirmed
    recipients: tuple[str, ...] = ()  # whom data may be given to by it, beyond the processors; () = nobody


class Standing(BaseModel):
    """All that is known of one identifier."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    digest: str  # `identifier_digest` under the key of KEY_PURPOSE
    stops: tuple[Stop, ...] = ()
    consents: dict[str, Consent] = {}  # purpose -> the one that holds
    refusals: dict[str, datetime] = {}  # purpose -> when a consent was refused, for as long as none was given since
    notices: dict[str, datetime] = {}  # purpose -> when they were told of it, for one that came with a notice (P-12)
    ledger: LedgerHead = Field(default_factory=LedgerHead)  # the end of the chain of `domain/consent_ledger.py`
    version: int = 0  # 0: not stored yet

    def with_stop(self, stop: Stop) -> "Standing":
        """With this stop; one of the same id stays as it was. A consent to what is stopped ends with it."""
        if any(each.id == stop.id for each in self.stops):
            return self
        ended = {p for p in self.consents if stop.kind is not StopKind.RESTRICTED and stop.is_about(p, None)}
        kept = {purpose: consent for purpose, consent in self.consents.items() if purpose not in ended}
        return self.model_copy(update={"stops": (*self.stops, stop), "consents": kept})

    def with_word(self, stop: Stop) -> "Standing":
        """With this stop; said again later it holds since the first time, and overtakes what was agreed in between."""
        for each in self.stops:
            if each.id == stop.id and stop.since > each.said_at + _ONE_ACT:
                return self._with_changed(stop.id, said_again_at=stop.since)
        return self.with_stop(stop)

    def with_consent(self, purpose: str, consent: Consent) -> "Standing":
        """With a consent, which takes back what stopped this purpose before. A restriction stays."""
        stops = tuple(filter(None, (_without(stop, purpose, consent) for stop in self.stops)))
        return self.model_copy(update={"stops": stops, "consents": self.consents | {purpose: consent}})

    def lifted(self, stop_id: str, *, told_at: datetime | None, at: datetime) -> "Standing":
        """Without effect from `at` on. Raises NotFoundError, and LiftedUntoldError where nobody was told (18(3))."""
        if told_at is None or told_at >= at:
            raise LiftedUntoldError("the person has to be told before it is lifted")
        if self.stop(stop_id).lifted_at is not None:
            return self
        return self._with_changed(stop_id, told_at=told_at, lifted_at=at)

    def narrowed(
        self, stop_id: str, *, told_at: datetime | None, at: datetime, going_on: Collection[str]
    ) -> "Standing":
        """Of one stop these purposes are lifted, the rest holds for good. Raises as `lifted`."""
        stop = self.stop(stop_id)
        ending = tuple(purpose for purpose in stop.purposes if purpose in going_on)
        staying = tuple(purpose for purpose in stop.purposes if purpose not in going_on)
        if not ending:
            return self.settled(stop_id)
        if not staying:
            return self.lifted(stop_id, told_at=told_at, at=at)
        left = self._with_changed(stop_id, purposes=staying, provisional=False)
        lifted = stop.model_copy(update={"id": f"{stop_id}:lifted", "purposes": ending})
        return left.with_stop(lifted).lifted(lifted.id, told_at=told_at, at=at)

    def settled(self, stop_id: str) -> "Standing":
        """What was provisional holds for good. Raises NotFoundError."""
        return self._with_changed(stop_id, provisional=False)

    def under(self, stop_id: str, rule: str) -> "Standing":
        """The stop cites this rule from now on. Raises NotFoundError."""
        return self._with_changed(stop_id, rule=rule)

    def stop(self, stop_id: str) -> Stop:
        """Raises NotFoundError."""
        for stop in self.stops:
            if stop.id == stop_id:
                return stop
        raise NotFoundError("nothing of that kind is stopped")

    def _with_changed(self, stop_id: str, **changes: object) -> "Standing":
        changed = self.stop(stop_id).model_copy(update=changes)
        return self.model_copy(update={"stops": tuple(changed if s.id == stop_id else s for s in self.stops)})


def _without(stop: Stop, purpose: str, consent: Consent) -> Stop | None:
    """What a later consent to one purpose leaves of a stop."""
    if stop.kind not in _OVERTAKEN_BY_CONSENT or not stop.is_about(purpose, None) or stop.said_at > consent.given_at:
        return stop
    if stop.purposes:
        left = tuple(each for each in stop.purposes if each != purpose)
        return stop.model_copy(update={"purposes": left}) if left else None
    return stop.model_copy(update={"except_purposes": (*stop.except_purposes, purpose)})


class Reason(StrEnum):
    """Why the answer is what it is."""

    UNKNOWN_PURPOSE = "unknown_purpose"
    UNKNOWN_RECIPIENT = "unknown_recipient"
    NOT_FOR_THIS_RECIPIENT = "not_for_this_recipient"  # the map gives it no data for this purpose
    NO_CONSENT = "no_consent"
    NOT_TOLD = "not_told"  # a new purpose, of which the person was not told, or not long enough ago (P-12)
    CONSENT = "consent"
    BASIS = "basis"
    ERASED = StopKind.ERASED.value
    RESTRICTED = StopKind.RESTRICTED.value
    OBJECTED = StopKind.OBJECTED.value
    WITHDRAWN = StopKind.WITHDRAWN.value
    UNSUBSCRIBED = StopKind.UNSUBSCRIBED.value
    PROVISION_STOPPED = StopKind.PROVISION_STOPPED.value


class Permission(BaseModel):
    """The answer. `rule` is in `law.rules.RULES`; `since` is None where no act of the person made it so."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    allowed: bool
    reason: Reason
    rule: str
    since: datetime | None = None


class PurposeTerms(BaseModel):
    """What the data map says of a purpose: its basis, whether it is direct marketing, and who gets data for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    basis: Basis
    marketing: bool
    recipients: frozenset[str] = frozenset()
    notice_days: int | None = None  # of a purpose that came with a notice: so long after it the use may begin


class Terms(BaseModel):
    """What the register needs of the data map."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    purposes: Mapping[str, PurposeTerms]
    third_parties: frozenset[str]  # recipients that need a consent or another ground of T-1
    recipients: frozenset[str]  # all
    own_cases: frozenset[str]  # purposes of handling requests themselves (P-01)

    @property
    def marketing(self) -> tuple[str, ...]:
        """Purposes of direct marketing, sorted."""
        return tuple(sorted(name for name, terms in self.purposes.items() if terms.marketing))

    @property
    def by_consent(self) -> tuple[str, ...]:
        return tuple(sorted(name for name, terms in self.purposes.items() if terms.basis is Basis.CONSENT))

    @property
    def objectionable(self) -> tuple[str, ...]:
        """Purposes that somebody may object to for reasons of their own (GDPR 21(1)): not what a contract needs."""
        weighed = (Basis.LEGITIMATE_INTERESTS, Basis.PUBLIC_TASK)
        return tuple(sorted(n for n, t in self.purposes.items() if t.basis in weighed and not t.marketing))


_ORDER = list(StopKind)
CLOSED_LIST = "POLICY-CLOSED-LIST"
NEW_PURPOSE = "POLICY-NEW-PURPOSE"


def permitted(
    standing: Standing | None, terms: Terms, *, at: datetime, purpose: str, recipient: str | None = None
) -> Permission:
    """Whether data of this person may be used for the purpose now (`at`); with `recipient`, be handed to it for that.

    `standing` is None for somebody of whom nothing is on record, a stranger included.
    """
    known = terms.purposes.get(purpose)
    if known is None:
        return Permission(allowed=False, reason=Reason.UNKNOWN_PURPOSE, rule=CLOSED_LIST)
    if recipient is not None and recipient not in terms.recipients:
        return Permission(allowed=False, reason=Reason.UNKNOWN_RECIPIENT, rule=CLOSED_LIST)
    if recipient is not None and recipient not in known.recipients:
        return Permission(allowed=False, reason=Reason.NOT_FOR_THIS_RECIPIENT, rule=CLOSED_LIST)
    stops = standing.stops if standing else ()
    stop = _first_of([each for each in stops if each.holds(at) and each.is_about(purpose, recipient)])
    if stop is not None:
        return Permission(allowed=False, reason=Reason(stop.kind.value), rule=stop.rule, since=stop.since)
    if known.notice_days is not None:
        told_at = standing.notices.get(purpose) if standing else None
        if told_at is None or at < told_at + timedelta(days=known.notice_days):
            return Permission(allowed=False, reason=Reason.NOT_TOLD, rule=NEW_PURPOSE, since=told_at)
    if known.basis is not Basis.CONSENT:
        return Permission(allowed=True, reason=Reason.BASIS, rule=BASIS_RULES[known.basis])
    consent = standing.consents.get(purpose) if standing else None
    if consent is None:
        return Permission(allowed=False, reason=Reason.NO_CONSENT, rule=BASIS_RULES[Basis.CONSENT])
    if recipient in terms.third_parties and recipient not in consent.recipients:
        return Permission(allowed=False, reason=Reason.NO_CONSENT, rule="APPI-27-1")
    return Permission(allowed=True, reason=Reason.CONSENT, rule=BASIS_RULES[Basis.CONSENT], since=consent.given_at)


def _first_of(stops: Iterable[Stop]) -> Stop | None:
    """Of several, the one that weighs most; of two of a kind, the one that has held for longer."""
    return min(stops, key=lambda stop: (_ORDER.index(stop.kind), stop.since), default=None)
