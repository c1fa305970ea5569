"""What giving, refusing and ending a consent does to a standing, and what is entered in the ledger for it.

Withdrawing is as easy as giving (GDPR 7(3)): whatever stops a purpose ends the consent to it, and the ledger says so,
whoever made the stop.
"""

# serves: B-3, E-09, P-03, P-11

from collections.abc import Iterator
from datetime import datetime

from rightsdesk.domain.consent_ledger import ConsentAct, ConsentChannel, ConsentState, new_record_id
from rightsdesk.domain.errors import WithdrawnSinceError
from rightsdesk.domain.permission import Consent, Standing, Stop, StopKind

Changed = tuple[Standing, tuple[ConsentAct, ...]]
"""A standing, and what is to be entered with it."""

# Ways in that are no case, by the first part of the id of a stop.
_CHANNELS = {
    "link": ConsentChannel.UNSUBSCRIBE_LINK,
    **{channel.value: channel for channel in ConsentChannel},
}


def with_consent_given(standing: Standing, act: ConsentAct, *, asked_at: datetime | None = None) -> Changed:
    """The consent, in force and entered. Told again, or beside a newer one, nothing changes.

    `asked_at`: when the question was put that is answered now. Raises WithdrawnSinceError where the person stopped this
    purpose after that: an old mail never takes back a later word.
    """
    asked_at = asked_at or act.at
    held = standing.consents.get(act.purpose)
    if held is not None and held.given_at >= asked_at:
        return standing, ()
    refused_at = standing.refusals.get(act.purpose)
    if _stopped_since(standing, act.purpose, asked_at) or (refused_at is not None and refused_at > act.at):
        raise WithdrawnSinceError("the person has stopped this since then")
    consent = Consent(record_id=act.record_id, given_at=act.at, recipients=act.recipients)
    agreed = standing.with_consent(act.purpose, consent)
    refusals = {purpose: at for purpose, at in agreed.refusals.items() if purpose != act.purpose}
    return agreed.model_copy(update={"refusals": refusals}), (act,)


def with_past_consent(standing: Standing, act: ConsentAct, *, now: datetime) -> Changed:
    """A consent from before there was the ledger, told of late. Told again, or beside a newer one, nothing changes.

    It opens nothing that the person stopped or refused here, whatever day it claims: a file may be wrong about days.
    Of what the same kind of file says was taken back, the later word holds, and of two at one moment the withdrawal.
    Raises WithdrawnSinceError.
    """
    stopped = any(
        not stop.id.startswith(f"{ConsentChannel.IMPORTED}:") or stop.said_at >= act.at
        for stop in _stops(standing, act.purpose, now)
    )
    if stopped or act.purpose in standing.refusals:
        raise WithdrawnSinceError("the person has stopped this")
    return with_consent_given(standing, act)


def with_past_withdrawal(standing: Standing, act: ConsentAct) -> Changed:
    """That a consent was taken back before there was the ledger. One that was given after that stays."""
    held = standing.consents.get(act.purpose)
    if held is not None and held.given_at > act.at:
        return standing, ()
    after = standing.with_word(_taking_back(act))
    if after == standing or held is not None:  # a consent that it ends is entered as withdrawn by `endings`
        return after, ()
    return after, (act,)


def with_refusal(standing: Standing, act: ConsentAct) -> Changed:
    """The refusal, remembered and entered, so that nobody asks again (P-11). Said again, it is the same one.

    Who has agreed before takes it back by this.
    """
    held = act.purpose in standing.consents
    if act.purpose in standing.refusals and not held:
        return standing, ()
    refused = standing.model_copy(update={"refusals": standing.refusals | {act.purpose: act.at}})
    if not held:
        return refused, (act,)
    return refused.with_word(_taking_back(act)), (act,)


def endings(before: Standing, after: Standing) -> tuple[ConsentAct, ...]:
    """What is to be entered of consents that have gone, and of new stops by somebody who only unsubscribes.

    Who unsubscribes may have agreed elsewhere, before there was a ledger: the entry is the same, and tells nobody.
    """
    known = {stop.id for stop in before.stops}
    new = [stop for stop in after.stops if stop.id not in known]
    acts = []
    for purpose, consent in before.consents.items():
        if purpose not in after.consents:
            stop = next((each for each in new if each.is_about(purpose, None)), None)
            acts.append(_ending(purpose, stop, consent))
    ended = {act.purpose for act in acts}
    acts += [
        _ending(purpose, stop, None)
        for stop in new
        if stop.kind is StopKind.UNSUBSCRIBED
        for purpose in stop.purposes
        if purpose not in ended
    ]
    return tuple(acts)


def _ending(purpose: str, stop: Stop | None, consent: Consent | None) -> ConsentAct:
    if stop is None:
        raise ValueError("a consent ends by a stop alone")
    return ConsentAct(
        record_id=new_record_id(),
        at=stop.since,
        state=ConsentState.WITHDRAWN,
        purpose=purpose,
        channel=_CHANNELS.get(stop.id.partition(":")[0], ConsentChannel.REQUEST),
        proof=stop.id,
        ends=consent.record_id if consent else None,
    )


def _taking_back(act: ConsentAct) -> Stop:
    return Stop(
        id=f"{act.channel}:{act.purpose}",
        kind=StopKind.WITHDRAWN,
        purposes=(act.purpose,),
        rule="GDPR-7-3",
        since=act.at,
    )


def _stopped_since(standing: Standing, purpose: str, since: datetime) -> bool:
    return any(stop.said_at > since for stop in _stops(standing, purpose, since))


def _stops(standing: Standing, purpose: str, at: datetime) -> Iterator[Stop]:
    """A restriction is no withdrawal: a consent may be given meanwhile, and has effect once it is lifted."""
    for stop in standing.stops:
        if stop.kind is not StopKind.RESTRICTED and stop.is_about(purpose, None) and stop.holds(at):
            yield stop
