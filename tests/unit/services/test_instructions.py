"""A controller hands on what a person asked of it: a request as any other, and the controller hears how far it is."""

import base64
import hashlib
import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
    PeerUnavailableError,
    ServiceUnavailableError,
)
from rightsdesk.domain.fields import Label
from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.instruction import (
    LONGEST_ON_THE_WAY,
    Controller,
    OpenDsrProfile,
    extensions_of,
    received_at,
    request_id_of,
    status_of,
)
from rightsdesk.domain.letters import Letter
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.opendsr import OpenDsrRequest, OpenDsrStatus
from rightsdesk.domain.request import Door, Instruction, PrivacyRequest, Refusal, RequestType, Withholding
from rightsdesk.domain.session import Session
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.services.call_back import call_back
from rightsdesk.services.submit_request import submit_request
from rightsdesk.services.take_instruction import ControllerInstructions
from rightsdesk.services.withdraw_request import withdraw_request
from tests.support.cases import new_case
from tests.support.desk import JANE, MERCHANT, Desk, merchant
from tests.support.opendsr_peer import signing_key
from tests.support.play import Play
from tests.support.tls_host import Authority, LoopbackNet, TlsHost, answer, read_request

KEY = "k" * 40
OURS = "opendsr.shop.example"
PROFILE = OpenDsrProfile(
    domain=OURS,
    controllers={
        "market": Controller(
            label=Label(en="Market, Inc.", ja="株式会社マーケット"),
            domain="market.example",
            credential=hashlib.sha256(KEY.encode()).hexdigest(),
            country="IE",
        ),
        "other": Controller(
            label=Label(en="Other, Inc.", ja="株式会社アザー"),
            domain="other.example",
            credential=hashlib.sha256(b"o" * 40).hexdigest(),
            country="JP",
            language="ja",
        ),
    },
)


class House:
    """A desk with this door."""

    def __init__(
        self,
        desk: Desk | None = None,
        *,
        profile: OpenDsrProfile = PROFILE,
        serves: bool = True,
        certified: bool = True,
    ) -> None:
        self.desk = desk = desk or Desk()

        def withdraw(request_id: str, *, actor: str, require: Any) -> None:
            session = Session(request_id=request_id, expires_at=desk.clock() + timedelta(minutes=1))
            withdraw_request(
                session, cases=desk.cases, workflow=desk.workflow, clock=desk.clock, actor=actor, require=require
            )

        self.door = ControllerInstructions(
            cases=desk.cases,
            submit=partial(
                submit_request,
                cases=desk.cases,
                workflow=desk.workflow,
                keys=desk.keys,
                merchant=desk.merchant,
                clock=desk.clock,
            ),
            withdraw=withdraw,
            profile=profile,
            serves=serves,
            certified=certified,
            clock=desk.clock,
        )

    def request(self, **changes: Any) -> OpenDsrRequest:
        fields: dict[str, Any] = {
            "regulation": "gdpr",
            "subject_request_id": str(uuid4()),
            "subject_request_type": "access",
            "submitted_time": (self.desk.clock() - timedelta(days=2)).isoformat(),
            "subject_identities": [{"identity_type": "email", "identity_value": JANE, "identity_format": "raw"}],
            "status_callback_urls": ["https://callbacks.market.example/opendsr"],
        }
        return OpenDsrRequest.model_validate(fields | changes)

    def take(self, request: OpenDsrRequest, name: str = "market") -> PrivacyRequest:
        self.door.take(name, request, content=b"{}")
        return self.desk.cases.get(request_id_of(name, request.subject_request_id))


@pytest.fixture
def house() -> House:
    return House()


def email(value: str = JANE, kind: str = "email", form: str = "raw") -> dict[str, str]:
    return {"identity_type": kind, "identity_value": value, "identity_format": form}


def test_a38_nobody_on_the_staff_hears_of_one_that_is_never_confirmed() -> None:
    """The clock of the law began before it came, and the time to confirm it when it came."""
    play = Play(confirms=False)
    house = House(play)
    case = house.take(house.request())
    play.until_all_is_done()
    assert play.only_case().outcome is Outcome.UNVERIFIED
    assert not [letter for letter in play.mails() if letter.startswith("staff_")]
    (reminder,) = [each.values for each in play.press.printed if each.letter is Letter.VERIFICATION_REMINDER]
    assert reminder["closes_on"] == (case.began_at + timedelta(days=14)).astimezone(play.merchant.timezone).date()


# Taking


def test_it_becomes_a_case_and_the_person_is_asked_as_at_any_door(house: House) -> None:
    case = house.take(house.request())
    assert (case.door, case.status, case.types) == (Door.OPENDSR, Status.RECEIVED, (RequestType.ACCESS,))
    assert (case.email, case.country, case.language, case.country_assumed) == (JANE, "IE", "en", True)
    assert case.verified_at is None
    assert house.desk.workflow.started == [(case.request_id, 1, "verification")]
    assert case.instruction is not None
    assert case.instruction.callback_urls == ("https://callbacks.market.example/opendsr",)
    (event,) = house.desk.table.events[case.request_id]
    assert (event.actor, event.details["door"]) == ("controller:market", "opendsr")


def test_the_receipt_holds_what_was_sent_and_by_when_it_is_answered(house: House) -> None:
    request = house.request()
    receipt = house.door.take("market", request, content=b'{"as": "sent"}')
    case = house.desk.only_case()
    assert base64.b64decode(receipt.encoded_request) == b'{"as": "sent"}'
    assert (receipt.controller_id, receipt.subject_request_id) == ("market", request.subject_request_id)
    assert (receipt.expected_completion_time, receipt.received_time) == (case.due.due_at, house.desk.clock())


@pytest.mark.parametrize(
    ("kind", "right"),
    [("access", RequestType.ACCESS), ("portability", RequestType.PORTABILITY), ("erasure", RequestType.ERASURE)],
)
def test_each_type_is_a_right(kind: str, right: RequestType, house: House) -> None:
    assert house.take(house.request(subject_request_type=kind)).types == (right,)


def test_the_clock_runs_from_when_the_person_asked_the_controller(house: House) -> None:
    now = house.desk.clock()
    case = house.take(house.request(submitted_time=(now - timedelta(days=3)).isoformat()))
    assert case.received_at == now - timedelta(days=3)


@given(st.datetimes(timezones=st.just(UTC)))
def test_but_neither_from_the_future_nor_from_long_ago(submitted: datetime) -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    runs_from = received_at(submitted, now=now)
    assert now - LONGEST_ON_THE_WAY <= runs_from <= now
    assert runs_from == submitted or not now - LONGEST_ON_THE_WAY <= submitted <= now


def test_sent_twice_it_is_one_request_and_another_under_its_id_is_refused(house: House) -> None:
    request = house.request()
    assert house.take(request) == house.take(request)
    assert len(house.desk.table.cases) == 1
    for other in ({"subject_request_type": "erasure"}, {"subject_identities": [email("else@example.com")]}):
        changed = house.request(subject_request_id=request.subject_request_id, **other)
        with pytest.raises(InvalidInputError, match="subject_request_id: used"):
            house.take(changed)


def test_two_controllers_may_choose_the_same_id_and_see_only_their_own(house: House) -> None:
    request = house.request(status_callback_urls=[])
    ours, theirs = house.take(request, "market"), house.take(request, "other")
    assert ours.request_id != theirs.request_id
    assert theirs.country == "JP"
    alone = house.request(status_callback_urls=[])
    house.take(alone, "market")
    for ask in (house.door.state, house.door.cancel):
        with pytest.raises(NotFoundError):
            ask("other", alone.subject_request_id)


@pytest.mark.parametrize(
    ("identities", "problem"),
    [
        ([email(kind="controller_customer_id")], "subject_identities.0.identity_type: not_supported"),
        ([email(), email(kind="android_id")], "subject_identities.1.identity_type: not_supported"),
        ([email("0" * 64, form="sha256")], "subject_identities.0.identity_format: not_supported"),
        ([email("no address")], "subject_identities.0.identity_value: not_an_address"),
        ([email(), email("else@example.com")], "subject_identities: too_many"),
        ([], "subject_identities: missing"),
    ],
)
def test_only_one_address_can_be_followed(identities: list[dict[str, str]], problem: str, house: House) -> None:
    request = house.request(subject_identities=identities, extensions={OURS: {}})
    with pytest.raises(InvalidInputError) as refused:
        house.take(request)
    assert str(refused.value) == problem
    assert house.desk.table.cases == {}


def test_an_address_in_letters_of_full_width_is_one_too(house: House) -> None:
    case = house.take(house.request(subject_identities=[email("jane＠example.com")]))
    assert (case.name, case.email) == ("jane", "jane@example.com")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://market.example.evil.example/",
        "https://evilmarket.example/",
        "https://market.example:8443/",
    ],
)
def test_a50_only_the_controller_itself_is_called_back(url: str, house: House) -> None:
    with pytest.raises(InvalidInputError, match=r"status_callback_urls\.0: not_of_the_controller"):
        house.take(house.request(status_callback_urls=[url]))
    assert house.desk.table.cases == {}


# Who may


@pytest.mark.parametrize("key", ["", "k" * 39, "k" * 41, "K" * 40, PROFILE.controllers["market"].credential])
def test_without_the_key_nobody_is_let_in(key: str, house: House) -> None:
    with pytest.raises(NotAuthenticatedError):
        house.door.admitted(key)


def test_with_the_key_one_is_known_by_name(house: House) -> None:
    assert (house.door.admitted(KEY), house.door.admitted("o" * 40)) == ("market", "other")


def test_a_key_too_short_to_be_random_lets_nobody_in() -> None:
    short = PROFILE.controllers["market"].model_copy(update={"credential": hashlib.sha256(b"short").hexdigest()})
    house = House(profile=PROFILE.model_copy(update={"controllers": {"market": short}}))
    with pytest.raises(NotAuthenticatedError):
        house.door.admitted("short")


@pytest.mark.parametrize("house", [House(serves=False), House(profile=OpenDsrProfile())])
def test_where_nothing_is_taken_over_opendsr_there_is_nothing(house: House) -> None:
    for ask in (house.door.discovery, lambda: house.door.admitted(KEY)):
        with pytest.raises(NotFoundError):
            ask()


def test_without_a_certificate_nothing_is_taken_yet() -> None:
    door = House(certified=False).door
    for ask in (door.discovery, lambda: door.admitted(KEY), lambda: door.domain):
        with pytest.raises(ServiceUnavailableError):
            ask()


def test_discovery_says_what_can_be_done(house: House) -> None:
    said = house.door.discovery().model_dump(mode="json")
    assert said == {
        "api_version": "2.0",
        "supported_identities": [{"identity_type": "email", "identity_format": "raw"}],
        "supported_subject_request_types": ["access", "portability", "erasure"],
        "processor_certificate": f"https://{OURS}/v1/certificate",
    }


# How far it is

CLOSED = {"status": Status.CLOSED, "closed_at": datetime(2026, 12, 1, tzinfo=UTC)}
REFUSED = Refusal(ground="gdpr:12-5-excessive", reason="in words to the person", by="staff")
STANDS: list[tuple[dict[str, Any], str, dict[str, Any] | None]] = [
    ({"status": Status.RECEIVED}, "pending", None),
    ({"status": Status.AWAITING_VERIFICATION}, "pending", None),
    ({"status": Status.VERIFIED}, "pending", None),
    ({"status": Status.COLLECTING}, "in_progress", None),
    ({"status": Status.AWAITING_CONFIRMATION}, "in_progress", None),
    ({"status": Status.AWAITING_REVIEW}, "in_progress", None),
    ({"status": Status.EXECUTING}, "in_progress", None),
    ({"status": Status.AWAITING_RECIPIENTS}, "in_progress", None),
    (CLOSED | {"outcome": Outcome.FULFILLED}, "completed", None),
    (
        CLOSED
        | {
            "outcome": Outcome.PARTIALLY_FULFILLED,
            "withheld": {"shop/members.segment": Withholding(ground="x", reason="y")},
        },
        "completed",
        {"outcome": "partially_fulfilled", "withheld_count": 1},
    ),
    (
        CLOSED | {"outcome": Outcome.REFUSED, "refusal": REFUSED},
        "cancelled",
        {"outcome": "refused", "reason_code": "gdpr:12-5-excessive"},
    ),
    *[
        (CLOSED | {"outcome": outcome}, "cancelled", {"outcome": str(outcome)})
        for outcome in (Outcome.WITHDRAWN, Outcome.NOT_IDENTIFIED, Outcome.UNVERIFIED, Outcome.UNCONFIRMED)
    ],
]


@pytest.mark.parametrize(("fields", "status", "said"), STANDS)
def test_a_case_stands_in_the_words_of_opendsr(
    fields: dict[str, Any], status: str, said: dict[str, Any] | None
) -> None:
    case = new_case()[0].model_copy(update=fields)
    assert status_of(case) == status
    assert extensions_of(case, OURS) == (None if said is None else {OURS: said})
    assert "in words" not in json.dumps(extensions_of(case, OURS))


def test_every_status_and_outcome_has_a_word() -> None:
    assert {fields["status"] for fields, _, _ in STANDS} == set(Status)


def test_a_controller_asks_how_far_it_is_and_takes_it_back_while_nothing_was_done(house: House) -> None:
    request = house.request()
    case = house.take(request)
    assert house.door.state("market", request.subject_request_id).request_status is OpenDsrStatus.PENDING
    house.door.cancel("market", request.subject_request_id)
    now = house.desk.now(case)
    assert (now.status, now.outcome) == (Status.CLOSED, Outcome.WITHDRAWN)
    assert house.desk.table.events[case.request_id][-1].actor == "controller:market"
    state = house.door.state("market", request.subject_request_id)
    assert state.request_status is OpenDsrStatus.CANCELLED
    with pytest.raises(ConflictError):
        house.door.cancel("market", request.subject_request_id)


def test_once_it_is_under_way_it_is_not_taken_back(house: House) -> None:
    """It is the person's request: they have shown that it is theirs, and can withdraw it themselves."""
    request = house.request()
    case = house.take(request)
    stored = house.desk.now(case).model_copy(update={"status": Status.COLLECTING})
    house.desk.table.cases[case.request_id] = stored.model_dump_json()
    with pytest.raises(ConflictError):
        house.door.cancel("market", request.subject_request_id)
    assert house.desk.now(case).is_open


# What a controller that errs, or was deceived, can not do


@pytest.mark.parametrize("kind", ["access", "erasure", "portability"])
def test_a14_what_nobody_at_the_mailbox_confirms_collects_and_erases_nothing(kind: str) -> None:
    play = Play(confirms=False)
    house = House(play)
    case = house.take(house.request(subject_request_type=kind))
    play.until_all_is_done()
    now = play.now(case)
    assert (now.outcome, now.assurance, now.export) == (Outcome.UNVERIFIED, Assurance.NONE, None)
    assert not {call for call in play.faults.calls if call.startswith(("reader", "eraser", "records"))}
    assert play.mails().count("verification_code") == 1


def test_a14_an_erasure_can_be_undone_for_72_hours_by_the_person_and_not_by_the_controller() -> None:
    play = Play()
    house = House(play)
    request = house.request(subject_request_type="erasure")
    case = house.take(request)
    play.day()
    play.pass_time(timedelta(hours=47))
    assert play.now(case).status is Status.AWAITING_CONFIRMATION
    with pytest.raises(ConflictError):
        play.approve(play.now(case), {})
    with pytest.raises(ConflictError):
        house.door.cancel("market", request.subject_request_id)
    play.withdraw(play.now(case))
    play.pass_time(timedelta(days=20))
    assert play.now(case).outcome is Outcome.WITHDRAWN
    assert all(play.reader.rows.values())


def test_a15_what_the_mailbox_disowns_stops_and_handing_it_on_again_does_not_thaw_it(house: House) -> None:
    desk, request = house.desk, house.request(subject_request_type="erasure")
    case = house.take(request)
    desk.send_verification(case)
    code = desk.code()
    assert desk.disown(desk.now(case)).state == "frozen"
    assert "staff_disowned" in desk.mails()
    assert house.take(request).is_frozen
    with pytest.raises(InvalidInputError):
        desk.verify(case, code)
    desk.clock.advance(timedelta(minutes=11))
    desk.ask_code(case)
    assert desk.mails().count("verification_code") == 1
    assert desk.now(case).assurance is Assurance.NONE
    state = house.door.state("market", request.subject_request_id)
    assert (state.request_status, state.extensions) == (OpenDsrStatus.PENDING, None), "a controller is not told"
    with pytest.raises(ConflictError):  # nor does it end what staff look into
        house.door.cancel("market", request.subject_request_id)
    assert desk.now(case).is_open


def test_a16_a_request_that_is_replayed_after_it_was_taken_back_starts_nothing(house: House) -> None:
    request = house.request(subject_request_type="erasure")
    case = house.take(request)
    house.door.cancel("market", request.subject_request_id)
    before, started = house.desk.now(case), list(house.desk.workflow.started)
    house.desk.clock.advance(timedelta(days=30))
    assert house.take(request) == before
    assert (house.desk.workflow.started, len(house.desk.table.cases)) == (started, 1)
    with pytest.raises(ConflictError):
        house.desk.send_verification(before, "verification-2")
    assert house.desk.mails() == []


def test_a16_a_replay_with_other_words_changes_nothing_of_the_first(house: House) -> None:
    request = house.request()
    before = house.take(request)
    elsewhere = request.model_copy(update={"status_callback_urls": ("https://other.market.example/",)})
    earlier = request.model_copy(update={"submitted_time": request.submitted_time - timedelta(days=9)})
    for replayed in (elsewhere, earlier):
        assert house.take(replayed) == before


def test_a17_the_answer_is_the_same_for_who_is_known_and_who_is_not(house: House) -> None:
    def answers(address: str) -> list[dict[str, Any]]:
        request = house.request(subject_identities=[email(address)])
        said = (
            house.door.take("market", request, content=b"{}"),
            house.door.state("market", request.subject_request_id),
        )
        return [each.model_dump(exclude={"subject_request_id"}) for each in said]

    assert answers(JANE) == answers("nobody@example.com")


def test_a38_a_flood_of_a_controller_for_one_address_is_three_mails_a_day(house: House) -> None:
    desk = house.desk
    types = ("access", "erasure", "portability")
    cases = [
        house.take(
            house.request(
                subject_request_type=types[number % 3], subject_identities=[email(JANE.upper() if number % 2 else JANE)]
            )
        )
        for number in range(200)
    ]
    cases.append(desk.submit())  # and one by form: the address has one share
    for number, case in enumerate(cases):
        desk.send_verification(case, f"verification-{number}")
        desk.ask_code(case)
        desk.clock.advance(timedelta(seconds=30))
    assert desk.mails() == ["verification_code"] * 3
    assert {desk.now(case).status for case in cases} == {Status.AWAITING_VERIFICATION}


def test_a38_however_many_a_controller_hands_on_who_writes_from_the_own_mailbox_gets_a_code(house: House) -> None:
    for number in range(9):
        house.desk.send_verification(house.take(house.request()), f"verification-{number}")
        house.desk.clock.advance(timedelta(minutes=11))
    own = house.desk.submit(door=Door.EMAIL)
    before = len(house.desk.mails())
    house.desk.send_verification(own)
    assert house.desk.mails()[before:] == ["verification_code"]


@pytest.mark.parametrize("local", ["you-won.call-0900", "o'neil", "=cmd", "{{7*7}}", "%s%n", "$jndi"])
def test_a38_a47_of_a_name_that_nobody_said_the_first_letter_repeats_nothing(local: str) -> None:
    """A controller names an address alone: what stands before its @ is taken for a name, and is anybody's text."""
    house = House(Desk(press=MerchantLetters(MERCHANT, merchant())))
    case = house.take(house.request(subject_identities=[email(f"{local}@example.com")]))
    assert case.name == local
    house.desk.send_verification(case)
    (mail,) = house.desk.mailer.outbox
    assert local not in f"{mail.subject}\n{mail.text}\n{mail.html}"


# Calling back


class Told:
    """Keeps the port ToldControllers."""

    def __init__(self) -> None:
        self.statuses: dict[str, OpenDsrStatus] = {}

    def told(self, request_id: str) -> OpenDsrStatus | None:
        return self.statuses.get(request_id)

    def record(self, request_id: str, status: OpenDsrStatus, *, at: datetime) -> None:
        self.statuses[request_id] = status


class Signer:
    """Keeps the port ContentSigner."""

    def sign(self, content: bytes) -> bytes:
        return signing_key("ours").sign(content, padding.PKCS1v15(), SHA256())


class Caller:
    """A controller on loopback that answers with `status`, and us who call it back."""

    def __init__(self, authority: Authority) -> None:
        self.net = LoopbackNet(authority)
        self.status = "202 Accepted"
        self.seen: list[tuple[dict[str, str], bytes]] = []
        self.told = Told()
        self.host = TlsHost("callbacks.market.example", authority, self._talk)
        self.net.add(self.host)

    def _talk(self, connection: ssl.SSLSocket) -> None:
        _, headers, body = read_request(connection)
        self.seen.append((headers, body))
        answer(connection, self.status, Location="http://169.254.169.254/")

    def call_back(self, case: PrivacyRequest) -> None:
        call_back(
            case,
            domain=OURS,
            told=self.told,
            signer=Signer(),
            outbound=self.net.outbound,
            clock=lambda: datetime(2026, 11, 1, tzinfo=UTC),
        )

    @property
    def statuses(self) -> list[str]:
        return [json.loads(body)["request_status"] for _, body in self.seen]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def caller(authority: Authority) -> Iterator[Caller]:
    caller = Caller(authority)
    with caller.host:
        yield caller


def instructed(*urls: str, **fields: Any) -> PrivacyRequest:
    instruction = Instruction(
        controller="market",
        controller_names={"en": "Market", "ja": "マーケット"},
        subject_request_id="a7551968-d5d6-44b2-9831-815ac9017798",
        callback_urls=urls or ("https://callbacks.market.example/opendsr",),
    )
    return new_case(request_id="1" * 32)[0].model_copy(update={"instruction": instruction} | fields)


def test_a_controller_is_called_back_once_for_each_step_and_can_check_who_calls(caller: Caller) -> None:
    for status in (Status.RECEIVED, Status.VERIFIED, Status.COLLECTING, Status.EXECUTING, Status.AWAITING_REVIEW):
        caller.call_back(instructed(status=status))
    caller.call_back(instructed(**CLOSED, outcome=Outcome.FULFILLED))
    caller.call_back(instructed(**CLOSED, outcome=Outcome.FULFILLED))  # the stream tells some things twice
    caller.call_back(instructed(status=Status.COLLECTING))  # and late
    assert caller.statuses == ["in_progress", "completed"]
    for headers, body in caller.seen:
        assert headers["x-opendsr-processor-domain"] == OURS
        signature = base64.b64decode(headers["x-opendsr-signature"])
        signing_key("ours").public_key().verify(signature, body, padding.PKCS1v15(), SHA256())
    assert json.loads(caller.seen[0][1]) == {
        "controller_id": "market",
        "status_callback_url": "https://callbacks.market.example/opendsr",
        "subject_request_id": "a7551968-d5d6-44b2-9831-815ac9017798",
        "request_status": "in_progress",
        "expected_completion_time": "2026-12-09T14:59:59Z",
    }


def test_other_cases_call_nobody(caller: Caller) -> None:
    caller.call_back(new_case()[0].model_copy(update={"status": Status.COLLECTING}))
    assert caller.seen == []


@pytest.mark.parametrize("status", ["500 Failed", "503 Away", "429 Slow down"])
def test_one_that_is_busy_is_called_again(status: str, caller: Caller) -> None:
    case, caller.status = instructed(status=Status.COLLECTING), status
    with pytest.raises(PeerUnavailableError):
        caller.call_back(case)
    caller.status = "202 Accepted"
    caller.call_back(case)
    caller.call_back(case)
    assert len(caller.seen) == 2


@pytest.mark.parametrize("status", ["400 Wrong", "403 Wrong", "410 Gone", "302 Elsewhere"])
def test_a50_one_that_says_no_or_sends_us_elsewhere_is_left(status: str, caller: Caller) -> None:
    case, caller.status = instructed(status=Status.COLLECTING), status
    caller.call_back(case)
    caller.call_back(case)
    assert len(caller.seen) == 1
    assert set(caller.net.calls) == {"callbacks.market.example"}


def test_a_dead_one_keeps_no_other_from_being_called(caller: Caller) -> None:
    caller.net.add_dead("dead.market.example")
    case = instructed(
        "https://dead.market.example/", "https://callbacks.market.example/opendsr", status=Status.COLLECTING
    )
    with pytest.raises(PeerUnavailableError):
        caller.call_back(case)
    assert caller.statuses == ["in_progress"]
