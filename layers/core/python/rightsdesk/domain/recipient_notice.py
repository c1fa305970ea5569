"""One notice: what a recipient of data is told to do about one case, and how far it is (GDPR 19).

    to_do -> sent -> acknowledged -> done | done_in_part | impossible | disproportionate

A notice goes forward only: news that comes twice, or late, changes nothing. Whoever did all of it has settled it. Where
somebody did a part, or could not, staff look at the reasons and let it rest, or ask again; that telling them at all
would take a disproportionate effort, staff alone can say.

What is stopped while a request is looked into is asked of them `meanwhile`. The decision lets it stand as it is, ends
it, or asks for something else: by a notice of its own, which `follows` the first.
"""

# serves: E-03, E-04, E-05, P-04, P-10, C-1

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from rightsdesk.domain.errors import InvalidInputError, NoticeSettledError
from rightsdesk.domain.words_of_staff import words_of_staff

TOKEN_PURPOSE = "notice"  # noqa: S105 - the name of a key, and no secret
RESPOND_WITHIN = timedelta(days=14)  # policy: half of the month that we have ourselves
MOST_IDENTIFIERS = 200  # of a kind; the page says that there are more
_LONGEST_REASON = 1000
_TAG_BYTES = 16  # 128 bits of an HMAC: nobody guesses it
_ID_BYTES = 16


class NoticeState(StrEnum):
    TO_DO = "to_do"  # nobody has told them yet
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"  # they have it, and are at it
    DONE = "done"
    DONE_IN_PART = "done_in_part"
    IMPOSSIBLE = "impossible"
    DISPROPORTIONATE = "disproportionate"


_ANSWERS = frozenset({NoticeState.DONE, NoticeState.DONE_IN_PART, NoticeState.IMPOSSIBLE})
_HEARD = _ANSWERS | {NoticeState.SENT, NoticeState.ACKNOWLEDGED}
MOVES: Mapping[NoticeState, frozenset[NoticeState]] = MappingProxyType(
    {
        NoticeState.TO_DO: frozenset(NoticeState) - {NoticeState.TO_DO},
        NoticeState.SENT: frozenset(NoticeState) - {NoticeState.TO_DO, NoticeState.SENT},
        NoticeState.ACKNOWLEDGED: _ANSWERS | {NoticeState.DISPROPORTIONATE},
        # The rest may follow, or turn out to be out of proportion.
        NoticeState.DONE_IN_PART: frozenset({NoticeState.DONE, NoticeState.DISPROPORTIONATE}),
        NoticeState.IMPOSSIBLE: frozenset({NoticeState.DONE_IN_PART, NoticeState.DONE, NoticeState.DISPROPORTIONATE}),
        NoticeState.DONE: frozenset(),
        NoticeState.DISPROPORTIONATE: frozenset(),
    }
)
NEEDS_REASON = frozenset({NoticeState.DONE_IN_PART, NoticeState.IMPOSSIBLE, NoticeState.DISPROPORTIONATE})
NoticeAction = Literal["correct", "erase", "restrict", "stop_use"]
Channel = Literal["http", "mail", "manual"]


class Asked(BaseModel):
    """That a recipient was asked something. `notice_id` is all that it learns of the request: a random UUID."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    notice_id: str  # UUID v4, lower case
    asked_at: datetime  # when it became due to tell them

    @property
    def reference(self) -> str:
        """What stands in letters, and can be read over the telephone: `RN-3F2A-9C01`."""
        digits = self.notice_id.replace("-", "").upper()
        return f"RN-{digits[:4]}-{digits[4:8]}"

    @property
    def recipient_key(self) -> str:
        """Stands for the recipient among the letters of the case, and says nothing."""
        return hashlib.sha256(self.notice_id.encode()).hexdigest()


class RecipientNotice(Asked):
    """What one recipient is told about one case, and how far it is.

    `identifiers` are those that the recipient knows, and go once the notice is settled.
    """

    recipient: str  # name in the register
    channel: Channel
    action: NoticeAction
    law: str  # of the case, under which they are told
    fields: tuple[str, ...]  # of the map: what they had of it
    purposes: tuple[str, ...] = ()  # of the map, for which the use stops; (): for all
    meanwhile: bool = False  # until the request is decided, and they hear again
    follows: Asked | None = None  # meanwhile, of this same case; it ends on the day that the person is told
    identifiers: dict[str, tuple[str, ...]] = {}
    more_identifiers: bool = False  # than fit in here
    state: NoticeState = NoticeState.TO_DO
    sent_at: datetime | None = None  # when they heard of it first; not when staff were asked to tell them
    last_sent_at: datetime | None = None
    sendings: int = 0
    answered_at: datetime | None = None
    reason: str | None = None  # of who could not do it, or not all; in words
    let_rest_by: str | None = None  # staff user id: why it is not done is good enough
    ends_at: datetime | None = None  # from when on they need not do it any more; until then it holds
    failure: str | None = None  # code of the last try to reach them, where it failed
    failed_at: datetime | None = None
    failing_since: datetime | None = None  # the first of the tries that failed since they were reached last
    version: int = 1

    @property
    def is_settled(self) -> bool:
        """Nothing more is waited for."""
        return self.state is NoticeState.DONE or self.let_rest_by is not None

    @property
    def is_known(self) -> bool:
        """Whether they have heard of it: it was sent, or they said something. What staff let rest proves neither."""
        if self.state is NoticeState.TO_DO:
            return False
        return self.sent_at is not None or (self.state in _HEARD and self.let_rest_by is None)

    @property
    def asks(self) -> str:
        """What phrases and pages call it that they have to do."""
        return f"{self.action}_meanwhile" if self.meanwhile else self.action

    @property
    def respond_by(self) -> datetime:
        return (self.sent_at or self.asked_at) + RESPOND_WITHIN

    @property
    def line(self) -> "NoticeLine":
        return NoticeLine(
            state=self.state,
            asked_at=self.asked_at,
            sent_at=self.sent_at,
            settled=self.is_settled,
            channel=self.channel,
            unreached=self.failure is not None,
            meanwhile=self.meanwhile,
            ends_at=self.ends_at,
        )


class NoticeLine(BaseModel):
    """How far a notice is, as the case knows it: codes and times."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    state: NoticeState
    asked_at: datetime
    sent_at: datetime | None = None
    settled: bool = False
    channel: Channel
    unreached: bool = False
    meanwhile: bool = False
    ends_at: datetime | None = None

    @property
    def untold(self) -> bool:
        """They do not know of it yet."""
        return self.state is NoticeState.TO_DO

    @property
    def waits_for_staff(self) -> bool:
        """They have to tell them, or to say whether it may rest."""
        if self.settled:
            return False
        return self.untold or self.unreached or self.state in (NoticeState.DONE_IN_PART, NoticeState.IMPOSSIBLE)


def decided(before: RecipientNotice | None, after: RecipientNotice) -> RecipientNotice:
    """What recipients hear of a decision, who were asked `before` to do something meanwhile: it stands where it is the
    same, and nobody writes of it twice. Else `after`, a notice of its own."""
    if before is None:
        return after
    same = (before.action, before.fields, before.purposes) == (after.action, after.fields, after.purposes)
    if same:
        return before.model_copy(update={"meanwhile": False, "version": before.version + 1})
    if not before.is_known:
        return after
    return after.model_copy(update={"follows": Asked(notice_id=before.notice_id, asked_at=before.asked_at)})


def moved(
    notice: RecipientNotice, to: NoticeState, *, at: datetime, reason: str | None = None
) -> RecipientNotice | None:
    """The notice after news of it; None where it is no news: it is that far, or further.

    Raises InvalidInputError on `reason`, where it needs one and has none.
    """
    if to is NoticeState.DISPROPORTIONATE:
        raise InvalidInputError.of("state", "staff_only")
    reason = _reason(to, reason)
    if notice.is_settled or to not in MOVES[notice.state]:
        return None
    heard = {"sent_at": notice.sent_at or at}  # by then at the latest
    return _changed(notice, to, at=at, reason=reason).model_copy(update=heard)


def is_on_record(notice: RecipientNotice, state: NoticeState, reason: str | None) -> bool:
    """Whether this is what the notice says: an answer that was taken, now or before."""
    return notice.state is state and (state not in NEEDS_REASON or notice.reason == (reason or "").strip())


def excused(notice: RecipientNotice, to: NoticeState, *, reason: str, by: str, at: datetime) -> RecipientNotice:
    """The notice once staff let it rest: it is impossible, was done in part, or would be out of proportion (GDPR 19).

    Raises InvalidInputError on `state` or `reason`, and NoticeSettledError.
    """
    if to not in NEEDS_REASON:
        raise InvalidInputError.of("state", "not_an_excuse")
    if notice.is_settled:
        raise NoticeSettledError("the notice is settled")
    if to is not notice.state and to not in MOVES[notice.state]:
        raise InvalidInputError.of("state", "not_from_here")
    changed = _changed(notice, to, at=at, reason=_reason(to, reason))
    return changed.model_copy(update={"let_rest_by": by, "identifiers": {}})


def overtaken(notice: RecipientNotice, *, by: str, ends_at: datetime) -> RecipientNotice | None:
    """The notice once what it asks for is lifted: nothing more is waited for. None: it is so.

    `by`: staff user id, or `system` where a decision has ended what was asked meanwhile.
    """
    if notice.ends_at is not None:
        return None
    waits_no_more = {} if notice.is_settled else {"let_rest_by": by, "identifiers": {}}
    return notice.model_copy(update=waits_no_more | {"ends_at": ends_at, "version": notice.version + 1})


def narrowed(notice: RecipientNotice, *, fields: tuple[str, ...], purposes: tuple[str, ...]) -> RecipientNotice | None:
    """The notice once a decision ends all that it had to decide: what else it asks for holds. None: it is so."""
    if not notice.meanwhile:
        return None
    changes = {"fields": fields, "purposes": purposes, "meanwhile": False, "version": notice.version + 1}
    return notice.model_copy(update=changes)


def told(notice: RecipientNotice, to: NoticeState, *, at: datetime) -> RecipientNotice:
    """The notice after it was sent: the first time, or once more. What they answered before stays.

    `to_do`: it was left to staff, and nobody has told them yet.
    """
    state = to if to in MOVES[notice.state] else notice.state
    return notice.model_copy(
        update={
            "state": state,
            "sent_at": notice.sent_at or (at if to is not NoticeState.TO_DO else None),
            "last_sent_at": at,
            "sendings": notice.sendings + 1,
            "failure": None,
            "failed_at": None,
            "failing_since": None,
            "version": notice.version + 1,
        }
    )


def unreached(notice: RecipientNotice, code: str, *, at: datetime) -> RecipientNotice:
    """The notice after somebody could not be reached: it stays to be done."""
    return notice.model_copy(
        update={
            "failure": code,
            "failed_at": at,
            "failing_since": notice.failing_since or at,
            "version": notice.version + 1,
        }
    )


def notice_token(key: bytes, notice_id: str) -> str:
    """What opens the page of a notice: its id, and a MAC over it that nobody can make (43 characters)."""
    id_bytes = UUID(notice_id).bytes
    return urlsafe_b64encode(id_bytes + _tag(key, id_bytes)).rstrip(b"=").decode()


def read_notice_token(key: bytes, token: str) -> str | None:
    """The notice that a token opens; None for one that is none of ours."""
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    id_bytes, tag = raw[:_ID_BYTES], raw[_ID_BYTES:]
    if len(raw) != _ID_BYTES + _TAG_BYTES or not hmac.compare_digest(tag, _tag(key, id_bytes)):
        return None
    notice_id = str(UUID(bytes=id_bytes))
    return notice_id if hmac.compare_digest(notice_token(key, notice_id), token) else None


def _tag(key: bytes, id_bytes: bytes) -> bytes:
    return hmac.new(key, id_bytes, hashlib.sha256).digest()[:_TAG_BYTES]


def _changed(notice: RecipientNotice, to: NoticeState, *, at: datetime, reason: str | None) -> RecipientNotice:
    changes: dict[str, object] = {"state": to, "version": notice.version + 1}
    if to is not NoticeState.ACKNOWLEDGED and to is not NoticeState.SENT:
        changes |= {"answered_at": at, "reason": reason, "failure": None, "failed_at": None, "failing_since": None}
    if to is NoticeState.DONE:
        changes["identifiers"] = {}
    return notice.model_copy(update=changes)


def _reason(to: NoticeState, reason: str | None) -> str | None:
    if to in NEEDS_REASON:
        return words_of_staff("reason", reason or "", longest=_LONGEST_REASON)
    return None


def _check() -> None:
    if set(MOVES) != set(NoticeState):
        raise AssertionError("the table must name every state")
    rank = {state: number for number, state in enumerate(NoticeState)}
    back = {(NoticeState.DONE_IN_PART, NoticeState.DONE), (NoticeState.IMPOSSIBLE, NoticeState.DONE)}
    back |= {(NoticeState.IMPOSSIBLE, NoticeState.DONE_IN_PART)}
    if any(rank[to] <= rank[now] and (now, to) not in back for now, targets in MOVES.items() for to in targets):
        raise AssertionError("a notice goes forward only")


_check()
