"""Consents of before the ledger: with their own time, once each, and never against a word of the person."""

# serves: B-3, E-09, P-03

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from rightsdesk.domain.errors import InvalidInputError, ServiceUnavailableError
from rightsdesk.domain.past_consent import FileLine, ImportOutcome, PastConsent
from rightsdesk.domain.permission import Reason, Stop, StopKind
from rightsdesk.ports.permissions import change_standings
from tests.support.consents import CONSENT_TEXTS, HANA, ConsentRoom
from tests.support.fakes import How, ProcessDiedError

SHA = "a" * 64
LINE = FileLine(file="members.csv", line=17, sha256=SHA)
SEPTEMBER = datetime(2026, 9, 10, 8, 0, tzinfo=UTC)
KNOWN = CONSENT_TEXTS.version("newsletter", "2026-09")
DAY = timedelta(days=1)
ENTERED, ON_RECORD, STOPPED = ImportOutcome


def past(**changes: Any) -> PastConsent:
    told = {"subject": f"email:{HANA}", "purpose": "newsletter", "at": SEPTEMBER.isoformat()}
    return PastConsent.model_validate(told | changes)


def brought(room: ConsentRoom, **changes: Any) -> ImportOutcome:
    return room.shop_consents().bring_in(past(**changes), LINE)


def at(day: datetime) -> dict[str, str]:
    return {"at": day.isoformat()}


def test_a_consent_of_before_is_in_force_with_its_own_time_words_and_place() -> None:
    room = ConsentRoom()
    told = {"text_version": "2026-09", "language": "ja", "collected": "paper_form", "proof": "form-4711"}
    assert brought(room, **told) is ENTERED
    assert (room.ask().reason, room.ask().since) == (Reason.CONSENT, SEPTEMBER)
    (entry,) = room.ledger()
    assert (entry.at, entry.channel, entry.state) == (SEPTEMBER, "imported", "given")
    assert (entry.text_version, entry.text_sha256, entry.language) == ("2026-09", KNOWN.sha256("ja"), "ja")
    assert entry.proof == f"import:members.csv:17:{SHA}:collected=paper_form:proof=form-4711"


def test_the_same_line_again_and_the_same_consent_of_another_file_write_nothing() -> None:
    room = ConsentRoom()
    brought(room)
    before = room.standing(), room.ledger()
    assert brought(room) is ON_RECORD
    elsewhere = FileLine(file="again.jsonl", line=1, sha256="b" * 64)
    assert room.shop_consents().bring_in(past(at="2026-09-10T17:00:00+09:00"), elsewhere) is ON_RECORD
    assert (room.standing(), room.ledger()) == before


@pytest.mark.parametrize("first", ["given", "withdrawn"])
def test_of_two_words_at_one_moment_the_withdrawal_holds_however_often_they_come(first: str) -> None:
    """Files whose days have no hours say so of who changed their mind in a day."""
    room = ConsentRoom()
    states = [first, "withdrawn" if first == "given" else "given"]
    for state in states:
        brought(room, state=state)
    assert not room.ask().allowed
    entries = len(room.ledger())
    for state in states:
        brought(room, state=state)
    assert not room.ask().allowed
    assert len(room.ledger()) == entries


WORDS: list[tuple[dict[str, Any], tuple[str | None, str | None, str | None]]] = [
    ({}, (None, None, None)),
    ({"language": "ja"}, (None, None, "ja")),
    ({"text_version": "2024-02"}, ("2024-02", None, None)),
    ({"text_version": "2024-02", "text_sha256": SHA, "language": "en"}, ("2024-02", SHA, "en")),
    ({"text_version": "2026-09"}, ("2026-09", None, None)),
    ({"text_version": "2026-09", "text_sha256": KNOWN.sha256("en")}, ("2026-09", KNOWN.sha256("en"), None)),
    ({"text_version": "2026-09", "language": "en"}, ("2026-09", KNOWN.sha256("en"), "en")),
]


@pytest.mark.parametrize(("told", "kept"), WORDS)
def test_of_the_words_it_keeps_what_is_known(told: dict[str, Any], kept: tuple[str | None, ...]) -> None:
    room = ConsentRoom()
    brought(room, **told)
    (entry,) = room.ledger()
    assert (entry.text_version, entry.text_sha256, entry.language) == kept


@pytest.mark.parametrize(
    ("told", "field", "reason"),
    [
        ({"subject": "email:hana"}, "subject", "not_an_address"),
        ({"subject": "shoe_size:40"}, "subject", "unknown_kind"),
        ({"purpose": "horoscopes"}, "purpose", "unknown"),
        ({"purpose": "service", "state": "withdrawn"}, "purpose", "not_by_consent"),
        ({"at": "2026-11-29T09:00:01Z"}, "at", "in_future"),
        ({"text_version": "2026-09", "at": "2026-08-30T00:00:00Z"}, "at", "before_text"),
        ({"text_sha256": SHA}, "text_version", "missing"),
        ({"text_version": "2026-09", "text_sha256": SHA}, "text_sha256", "differs"),
        (
            {"text_version": "2026-09", "text_sha256": KNOWN.sha256("en"), "language": "ja"},
            "text_sha256",
            "differs",
        ),
    ],
)
def test_what_is_not_right_is_named_and_nothing_is_written(told: dict[str, Any], field: str, reason: str) -> None:
    room = ConsentRoom()
    for act in (room.shop_consents().bring_in, room.shop_consents().check):
        with pytest.raises(InvalidInputError) as refused:
            act(past(**told), LINE)
        assert [(each.field, each.reason) for each in refused.value.problems] == [(field, reason)]
    assert room.permissions.standings == {}


@pytest.mark.parametrize("claimed", [SEPTEMBER, datetime(2026, 11, 29, 9, 0, tzinfo=UTC)])
@pytest.mark.parametrize("how", ["one click", "shop", "refused", *StopKind])
def test_whatever_day_a_file_claims_it_opens_nothing_that_was_stopped_here(how: str, claimed: datetime) -> None:
    room = ConsentRoom()
    room.advance(days=-3)
    if how == "one click":
        room.sign_up()
        room.unsubscribe(room.list_token())
    elif how == "shop":
        room.shop_desk().withdraw("email", HANA, "newsletter", withdrawn_at=None)
    elif how == "refused":
        room.offer_newsletter(HANA)
        room.answers.refuse(room.token())
    else:
        put(room, Stop(id=f"case:{how}", kind=StopKind(how), rule="GDPR-7-3", since=room.now))
    room.advance(days=3)
    outcome = brought(room, **at(claimed))
    assert outcome is (ENTERED if how == StopKind.RESTRICTED else STOPPED), "a restriction is no withdrawal"
    assert not room.may()


def put(room: ConsentRoom, stop: Stop) -> None:
    change_standings(room.permissions, [room.digest()], lambda standing: standing.with_stop(stop))


def test_who_signed_up_anew_keeps_what_holds_now() -> None:
    room = ConsentRoom()
    room.unsubscribe(room.list_token())
    room.advance(days=1)
    room.sign_up()
    before = room.ledger()
    assert brought(room) is ON_RECORD
    assert brought(room, state="withdrawn", **at(SEPTEMBER + DAY)) is ON_RECORD
    assert room.ledger() == before
    assert room.may()


def test_what_was_taken_back_before_is_remembered_so_that_no_campaign_asks() -> None:
    room = ConsentRoom()
    assert brought(room, state="withdrawn", text_version="2024-02") is ENTERED
    assert (room.ask().allowed, room.ask().reason, room.ask().since) == (False, Reason.WITHDRAWN, SEPTEMBER)
    (entry,) = room.ledger()
    assert (entry.state, entry.at, entry.channel, entry.text_version) == ("withdrawn", SEPTEMBER, "imported", None)
    assert brought(room, state="withdrawn") is ON_RECORD
    assert len(room.ledger()) == 1


HISTORY = [("given", SEPTEMBER), ("withdrawn", SEPTEMBER + DAY), ("given", SEPTEMBER + 2 * DAY)]


@pytest.mark.parametrize("order", list(permutations(HISTORY)))
def test_in_whatever_order_a_history_comes_its_last_word_holds(order: tuple[tuple[str, datetime], ...]) -> None:
    for history, holds in ((order, True), ([each for each in order if each != HISTORY[2]], False)):
        room = ConsentRoom()
        for _ in range(2):
            for state, day in history:
                brought(room, state=state, **at(day))
            assert room.may() is holds
        written = len(room.ledger())
        for state, day in history:
            assert brought(room, state=state, **at(day)) is not ENTERED
        assert len(room.ledger()) == written


@pytest.mark.parametrize("call", [0, 1])
@pytest.mark.parametrize("how", list(How))
def test_a_run_that_dies_goes_on_without_entering_twice(how: How, call: int) -> None:
    room = ConsentRoom()
    room.faults.fail(call, how)
    with pytest.raises((ServiceUnavailableError, ProcessDiedError)):
        brought(room)
    assert brought(room) in (ON_RECORD, ENTERED)
    assert room.said() == ["given:newsletter"]


def test_who_stops_it_while_it_is_entered_has_stopped_it() -> None:
    room = ConsentRoom()
    room.faults.before("permissions.save", lambda: room.unsubscribe(room.list_token()))
    assert brought(room) is STOPPED
    assert not room.may()
