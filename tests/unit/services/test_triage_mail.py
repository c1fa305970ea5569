"""What staff do with a mail that came in."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.errors import (
    ConflictError,
    InvalidInputError,
    MailNotSettledError,
    MailSettledError,
    NotAllowedError,
    NotFoundError,
    QuestionOpenError,
    ServiceUnavailableError,
    UnsafeFileError,
    UnsafeSenderError,
    VersionMovedOnError,
)
from rightsdesk.domain.incoming_mail import Attachment, MailFlag, Verdict
from rightsdesk.domain.letters import DeliveryNews, DeliveryState, Letter
from rightsdesk.domain.mail_item import Dismissal, MailItem, MailStatus, NewRequests, Purge
from rightsdesk.domain.mail_views import MailView
from rightsdesk.domain.request import RequestType
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.domain.views import Receipt
from rightsdesk.services.record_question import record_question_delivery
from rightsdesk.services.summarise_mail import summarise_mail
from rightsdesk.services.triage_mail import grouped
from tests.support.desk import APPROVER, HANDLER, JANE
from tests.support.fakes import How, ProcessDiedError
from tests.support.mail_room import MailRoom, mail, without

AUDITOR = StaffMember(user_id="auditor", roles=frozenset({Role.AUDITOR}))
ADMIN = StaffMember(user_id="admin", roles=frozenset({Role.ADMIN}))
BOTH = NewRequests(types=(RequestType.ERASURE, RequestType.ACCESS), country="DE", language="en")


@pytest.fixture
def room() -> MailRoom:
    return MailRoom()


@pytest.fixture
def item(room: MailRoom) -> MailItem:
    """A mail that asks for two things at once."""
    return room.deliver(mail("A copy of my data, and then delete them."), asks=("access", "erasure"))


def seen(room: MailRoom, item: MailItem, staff: StaffMember = HANDLER) -> MailView:
    return room.triage.view(staff, item.mail_id)


def test_the_list_shows_what_waits_by_target_date(room: MailRoom) -> None:
    later = room.deliver(mail("Later."))
    earlier = room.deliver(mail("Earlier."), received_at=room.clock() - timedelta(days=9))
    room.deliver(mail(), asks=("access",))
    page = room.triage.list_open(HANDLER, 10, None)
    assert [line.id for line in page.items] == [earlier.mail_id, later.mail_id]
    assert page.items[0].sender == "j•••@example.com"
    first = room.triage.list_open(HANDLER, 1, None)
    assert [line.id for line in room.triage.list_open(HANDLER, 1, first.next).items] == [later.mail_id]
    with pytest.raises(InvalidInputError, match="cursor"):
        room.triage.list_open(HANDLER, 1, "x")


def test_a_month_lists_what_is_no_request_too(room: MailRoom, item: MailItem) -> None:
    room.triage.dismiss(HANDLER, item.mail_id, item.version, Dismissal.SHOP)
    month = f"{room.clock():%Y-%m}"
    (line,) = room.triage.list_month(AUDITOR, month, 10, None).items
    assert (line.status, line.id) == (MailStatus.DISMISSED, item.mail_id)


def test_a_month_comes_in_pages(room: MailRoom) -> None:
    made = []
    for _ in range(5):
        room.clock.now += timedelta(minutes=1)
        made.append(room.deliver(mail("Hm.")).mail_id)
    found, cursor = [], None
    while True:
        page = room.triage.list_month(AUDITOR, f"{room.clock():%Y-%m}", 2, cursor)
        found += [line.id for line in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert found == made
    for wrong in ("x", "2026-11-23T10:00:00Z"):
        with pytest.raises(InvalidInputError, match="cursor"):
            room.triage.list_month(AUDITOR, "2026-11", 2, wrong)


def test_mails_of_one_moment_are_all_listed(room: MailRoom) -> None:
    made = {room.deliver(mail("Hm.")).mail_id for _ in range(4)}
    month = f"{room.clock():%Y-%m}"
    first = room.triage.list_month(AUDITOR, month, 2, None)
    second = room.triage.list_month(AUDITOR, month, 2, first.next)
    assert [len(first.items), len(second.items), second.next] == [2, 2, None]
    assert {line.id for line in (*first.items, *second.items)} == made


def test_a96_reading_a_mail_is_noted_and_only_for_who_works_on_mails(room: MailRoom, item: MailItem) -> None:
    view = seen(room, item)
    assert view.content is not None
    assert view.content.text.startswith("A copy")
    assert [intent.type for intent in view.intents] == ["access", "erasure"]
    assert room.happened(item)[-1] == "mail_read"
    for staff in (AUDITOR, ADMIN):
        hidden = seen(room, item, staff)
        assert hidden.content is None
        assert JANE not in hidden.model_dump_json()
    assert room.happened(item).count("mail_read") == 1
    assert view.intact


def test_two_things_become_two_requests_access_first_received_with_the_mail(room: MailRoom, item: MailItem) -> None:
    room.clock.now += timedelta(days=2)
    view = room.triage.make_requests(HANDLER, item.mail_id, item.version, BOTH)
    cases = [room.cases.find(reference) for reference in view.requests]
    assert [case.types for case in cases] == [(RequestType.ACCESS,), (RequestType.ERASURE,)]
    assert {case.received_at for case in cases} == {item.received_at}
    assert {case.family for case in cases} == {item.mail_id}
    assert all(case.messages == (item.mail_id,) for case in cases)
    assert not any(case.country_assumed for case in cases)
    assert view.status is MailStatus.REQUESTED


def test_each_of_two_requests_of_one_mail_has_its_code(room: MailRoom, item: MailItem) -> None:
    view = room.triage.make_requests(HANDLER, item.mail_id, item.version, BOTH)
    for number, reference in enumerate(view.requests):
        room.send_verification(room.cases.find(reference), f"verification-{number}")
    assert [p.letter for p in room.press.printed if p.to == JANE] == [Letter.VERIFICATION_CODE] * 2


def test_what_staff_say_goes_before_what_the_mail_says(room: MailRoom, item: MailItem) -> None:
    asked = BOTH.model_copy(
        update={"types": (RequestType.ACCESS,), "email": "other@example.com", "name": "J. Murphy", "details": "2024"}
    )
    view = room.triage.make_requests(HANDLER, item.mail_id, item.version, asked)
    case = room.cases.find(view.requests[0])
    assert (case.email, case.name, case.details) == ("other@example.com", "J. Murphy", "2024")


@pytest.mark.parametrize("how", list(How))
def test_requests_are_made_once_whatever_fails(how: How) -> None:
    room = MailRoom()
    item = room.deliver(mail(), asks=("access", "erasure"))
    before = len(room.faults.calls)
    room.triage.make_requests(HANDLER, item.mail_id, item.version, BOTH)
    calls = len(room.faults.calls) - before
    for at in range(calls):
        room = MailRoom()
        item = room.deliver(mail(), asks=("access", "erasure"))
        room.faults.fail(len(room.faults.calls) + at, how)
        for _ in range(2):
            with suppress(ServiceUnavailableError, ProcessDiedError, VersionMovedOnError, MailSettledError):
                room.triage.make_requests(HANDLER, item.mail_id, room.now_of(item).version, BOTH)  # looked at again
        assert len(room.table.cases) == 2, (at, how)


def test_without_an_address_there_is_nobody_to_ask(room: MailRoom) -> None:
    item = room.deliver(mail(sender=None))
    with pytest.raises(InvalidInputError, match="email"):
        room.triage.make_requests(HANDLER, item.mail_id, item.version, BOTH)
    with pytest.raises(InvalidInputError, match="sender"):
        room.triage.ask(HANDLER, item.mail_id, item.version, None)


def test_a_mail_is_added_to_a_request_and_a_closed_one_stays_closed(room: MailRoom, item: MailItem) -> None:
    case = room.submit()
    room.withdraw(case)
    view = room.triage.attach(HANDLER, item.mail_id, item.version, case.reference)
    assert (view.status, view.attached_to) == (MailStatus.ATTACHED, case.reference)
    assert not room.now(case).is_open
    assert room.history(case)[-1] == "message_received"
    assert [line.id for line in room.triage.messages(HANDLER, case.reference).items] == [item.mail_id]
    with pytest.raises(MailSettledError):
        room.triage.attach(HANDLER, item.mail_id, view.version, case.reference)


def test_an_unknown_request_takes_no_mail(room: MailRoom, item: MailItem) -> None:
    with pytest.raises(NotFoundError):
        room.triage.attach(HANDLER, item.mail_id, item.version, "RD-28T5-CY4G-M")
    assert room.mail_store.get(item.mail_id).is_open


def test_the_sender_is_asked_and_the_mail_stays_on_the_list(room: MailRoom, item: MailItem) -> None:
    view = room.triage.ask(HANDLER, item.mail_id, item.version, "Do you mean your account?")
    assert view.status is MailStatus.ASKED
    printed = room.press.printed[-1]
    assert (printed.letter, printed.to) == (Letter.MAIL_QUESTION, JANE)
    assert printed.values["question"] == "Do you mean your account?"
    assert [line.id for line in room.triage.list_open(HANDLER, 5, None).items] == [item.mail_id]
    again = room.triage.dismiss(HANDLER, item.mail_id, view.version, Dismissal.ANSWERED)
    assert again.status is MailStatus.DISMISSED


@pytest.mark.parametrize(
    ("for_another", "held_for", "page"),
    [(True, "for_somebody_else", "/for-whom"), (False, "no_clear_intent", "")],
)
def test_who_asks_for_another_is_led_to_the_form_for_that(
    room: MailRoom, for_another: bool, held_for: str, page: str
) -> None:
    item = room.deliver(mail("For my client."), asks=[("access", 0.55)], for_another=for_another)
    assert item.held_for == (held_for,)
    room.triage.ask(HANDLER, item.mail_id, item.version, None)
    values = room.press.printed[-1].values
    assert values["for_another"] is for_another
    assert values["link"].endswith(f"/en{page}")


def test_an_answer_to_our_question_counts_from_the_first_mail_and_settles_both(room: MailRoom, item: MailItem) -> None:
    room.triage.ask(HANDLER, item.mail_id, item.version, None)
    room.clock.now += timedelta(days=4)
    answer = room.deliver(mail("Both."), asks=("access",))
    assert (answer.status, answer.answers, answer.held_for) == (
        MailStatus.TRIAGE,
        item.mail_id,
        ("answers_our_question",),
    )
    view = room.triage.make_requests(HANDLER, answer.mail_id, answer.version, BOTH)
    assert {room.cases.find(reference).received_at for reference in view.requests} == {item.received_at}
    first = room.mail_store.get(item.mail_id)
    assert (first.status, first.requests) == (MailStatus.REQUESTED, view.requests)
    assert room.triage.list_open(HANDLER, 5, None).items == ()


def test_who_forges_a_sender_gets_nowhere_near_their_question(room: MailRoom, item: MailItem) -> None:
    room.triage.ask(HANDLER, item.mail_id, item.version, None)
    forged = room.deliver(mail("Both."), verdicts=without("dmarc", Verdict.FAIL))
    assert (forged.answers, forged.held_for[0]) == (None, "unauthenticated")


def test_a_question_that_came_back_is_seen_by_staff(room: MailRoom, item: MailItem) -> None:
    view = room.triage.ask(HANDLER, item.mail_id, item.version, None)
    news = DeliveryNews(
        request_id=item.mail_id,
        letter=Letter.MAIL_QUESTION,
        recipient_key=item.sender_key or "",
        version=1,
        state=DeliveryState.BOUNCED,
        at=room.clock(),
    )
    for _ in range(2):
        record_question_delivery(news, mails=room.mail_store, clock=room.clock)
    now = room.mail_store.get(item.mail_id)
    assert (now.status, now.held_for) == (MailStatus.TRIAGE, ("question_undelivered",))
    assert room.happened(item).count("letter_undelivered") == 1
    assert now.version == view.version + 1
    record_question_delivery(news.model_copy(update={"request_id": "0" * 32}), mails=room.mail_store, clock=room.clock)


def test_what_is_no_request_stays_registered_with_its_reason(room: MailRoom, item: MailItem) -> None:
    view = room.triage.dismiss(HANDLER, item.mail_id, item.version, Dismissal.SPAM)
    assert (view.status, view.dismissed_for) == (MailStatus.DISMISSED, Dismissal.SPAM)
    assert room.triage.list_open(HANDLER, 5, None).items == ()
    assert room.mail_store.events[item.mail_id][-1].details == {"reason": "spam"}
    assert view.settled_at == room.clock()


def test_what_is_noted_after_a_mail_was_settled_ends_with_the_rest(room: MailRoom, item: MailItem) -> None:
    view = room.triage.dismiss(HANDLER, item.mail_id, item.version, Dismissal.SPAM)
    room.clock.now += timedelta(days=1)
    room.triage.purge(HANDLER, item.mail_id, seen(room, item).version, "all")
    end = room.mail_store.get(item.mail_id).expires_at
    assert end is not None
    assert view.settled_at is not None
    assert room.happened(item)[-2:] == ["mail_read", "mail_purged"]
    assert set(room.mail_store.ends[item.mail_id]) == {end}


def test_a_kept_mail_that_waits_again_loses_nothing_of_its_history(room: MailRoom) -> None:
    item = room.deliver(mail("Out of office."), automatic=("auto_submitted",))
    assert item.status is MailStatus.KEPT
    room.clock.now += timedelta(days=9)
    asked = room.triage.ask(HANDLER, item.mail_id, seen(room, item).version, None)
    assert asked.settled_at is None
    assert set(room.mail_store.ends[item.mail_id]) == {None}
    room.clock.now += timedelta(days=9)
    view = room.triage.dismiss(HANDLER, item.mail_id, seen(room, item).version, Dismissal.AUTOMATIC)
    assert view.settled_at == room.clock()
    assert set(room.mail_store.ends[item.mail_id]) == {room.mail_store.get(item.mail_id).expires_at}


def test_two_members_of_staff_do_not_both_decide(room: MailRoom, item: MailItem) -> None:
    room.triage.dismiss(HANDLER, item.mail_id, item.version, Dismissal.SHOP)
    with pytest.raises(VersionMovedOnError):
        room.triage.make_requests(APPROVER, item.mail_id, item.version, BOTH)
    with pytest.raises(MailSettledError):
        room.triage.make_requests(APPROVER, item.mail_id, item.version + 1, BOTH)


def test_of_two_who_decide_at_once_the_second_has_done_nothing(room: MailRoom, item: MailItem) -> None:
    def spam() -> None:
        room.triage.dismiss(APPROVER, item.mail_id, item.version, Dismissal.SPAM)

    room.faults.before("mails.save", spam)  # at the last moment before the first claims it
    with pytest.raises(ConflictError):
        room.triage.make_requests(HANDLER, item.mail_id, item.version, BOTH)
    assert not room.table.cases
    assert room.mail_store.get(item.mail_id).status is MailStatus.DISMISSED


def test_a_colleague_who_only_reads_does_not_undo_a_decision(room: MailRoom, item: MailItem) -> None:
    submit, refused = room.triage._submit, []

    def submit_while_others_look(*given: Any, **named: Any) -> Receipt:
        receipt = submit(*given, **named)
        view = seen(room, item, APPROVER)
        with pytest.raises(ConflictError):
            room.triage.dismiss(APPROVER, item.mail_id, view.version, Dismissal.SPAM)
        with pytest.raises(ConflictError):
            room.triage.ask(APPROVER, item.mail_id, view.version, None)
        refused.append(view.version)
        return receipt

    room.triage._submit = submit_while_others_look
    view = room.triage.make_requests(HANDLER, item.mail_id, item.version, BOTH)
    assert len(refused) == 2
    assert (view.status, len(view.requests)) == (MailStatus.REQUESTED, 2)
    assert room.happened(item)[-4:] == ["decision_begun", "mail_read", "mail_read", "request_created"]
    assert room.mail_store.get(item.mail_id).claimed_at is None


def test_a_question_and_an_attachment_outlive_a_reader_too(room: MailRoom, item: MailItem) -> None:
    case = room.submit()

    save = room.mail_store.save

    def save_while_others_look(before: MailItem, after: MailItem, event: AuditEvent) -> None:
        if event.type in ("sender_asked", "message_attached") and room.happened(item)[-1] != "mail_read":
            seen(room, item, APPROVER)
        save(before, after, event)

    room.mail_store.save = save_while_others_look  # type: ignore[method-assign]
    view = room.triage.ask(HANDLER, item.mail_id, item.version, None)
    room.triage.attach(HANDLER, item.mail_id, view.version, case.reference)
    assert room.mail_store.get(item.mail_id).status is MailStatus.ATTACHED
    assert room.happened(item).count("mail_read") == 2


def test_a_decision_that_broke_off_binds_others_for_minutes_only(room: MailRoom, item: MailItem) -> None:
    room.faults.before("mails.save", lambda: room.faults.fail(len(room.faults.calls), How.DIES_AFTER))
    with pytest.raises(ProcessDiedError):
        room.triage.make_requests(HANDLER, item.mail_id, item.version, BOTH)
    assert room.happened(item)[-1] == "decision_begun"
    with pytest.raises(ConflictError):
        room.triage.dismiss(APPROVER, item.mail_id, seen(room, item, APPROVER).version, Dismissal.SPAM)
    room.clock.now += timedelta(minutes=3)
    view = room.triage.dismiss(APPROVER, item.mail_id, seen(room, item, APPROVER).version, Dismissal.SPAM)
    assert view.status is MailStatus.DISMISSED


def test_a_decision_that_is_taken_up_later_binds_anew(room: MailRoom, item: MailItem) -> None:
    room.faults.before("mails.save", lambda: room.faults.fail(len(room.faults.calls), How.DIES_AFTER))
    with pytest.raises(ProcessDiedError):
        room.triage.make_requests(HANDLER, item.mail_id, item.version, BOTH)
    room.clock.now += timedelta(minutes=9)
    room.triage.make_requests(HANDLER, item.mail_id, seen(room, item).version, BOTH)
    assert room.happened(item)[-4:] == ["decision_begun", "mail_read", "decision_begun", "request_created"]


def test_the_same_question_is_not_asked_twice(room: MailRoom, item: MailItem) -> None:
    view = room.triage.ask(HANDLER, item.mail_id, item.version, "What do you mean?")
    with pytest.raises(QuestionOpenError):
        room.triage.ask(HANDLER, item.mail_id, view.version, "What do you mean?")
    assert len([p for p in room.press.printed if p.letter is Letter.MAIL_QUESTION]) == 1


def test_who_may_be_somebody_else_is_not_written_to_by_mistake(room: MailRoom) -> None:
    item = room.deliver(mail("Hm."), verdicts=without("dmarc", Verdict.FAIL))
    with pytest.raises(UnsafeSenderError):
        room.triage.ask(HANDLER, item.mail_id, item.version, None)
    assert JANE not in {printed.to for printed in room.press.printed}
    room.triage.ask(HANDLER, item.mail_id, item.version, None, despite_doubts=True)
    assert room.press.printed[-1].to == JANE


def test_the_mail_as_it_came_can_be_saved_if_it_was_found_clean(room: MailRoom, item: MailItem) -> None:
    link = room.triage.raw(HANDLER, item.mail_id)
    assert link.name == f"{item.mail_id}.eml"
    assert room.happened(item)[-1] == "raw_mail_opened"
    with pytest.raises(NotAllowedError):
        room.triage.raw(AUDITOR, item.mail_id)
    unsafe = room.deliver(mail(), verdicts=without("virus", Verdict.FAIL))
    with pytest.raises(UnsafeFileError):
        room.triage.raw(HANDLER, unsafe.mail_id)


def test_a73_a_card_number_does_not_live_on_in_the_request(room: MailRoom) -> None:
    item = room.deliver(mail("My card is 4111 1111 1111 1111", flags=(MailFlag.CARD_NUMBER,)), asks=("access",))
    view = room.triage.make_requests(HANDLER, item.mail_id, item.version, BOTH)
    assert {room.cases.find(reference).details for reference in view.requests} == {None}
    other = room.deliver(mail("A note that staff see later."), asks=("access", "erasure"))
    view = room.triage.make_requests(HANDLER, other.mail_id, other.version, BOTH)
    room.triage.purge(HANDLER, other.mail_id, view.version, "all")
    for reference in view.requests:
        case = room.cases.find(reference)
        assert case.details is None
        assert room.history(case)[-1] == "details_purged"


@pytest.mark.parametrize("staff", [AUDITOR, ADMIN])
@pytest.mark.parametrize(
    "act",
    [
        lambda t, s, i: t.make_requests(s, i.mail_id, i.version, BOTH),
        lambda t, s, i: t.attach(s, i.mail_id, i.version, "RD-28T5-CY4G-M"),
        lambda t, s, i: t.ask(s, i.mail_id, i.version, None),
        lambda t, s, i: t.dismiss(s, i.mail_id, i.version, Dismissal.SPAM),
        lambda t, s, i: t.purge(s, i.mail_id, i.version, "files"),
        lambda t, s, i: t.file(s, i.mail_id, 1),
    ],
)
def test_a96_who_only_watches_does_nothing(
    room: MailRoom, item: MailItem, staff: StaffMember, act: Callable[..., object]
) -> None:
    with pytest.raises(NotAllowedError):
        act(room.triage, staff, item)


def test_a71_a_file_is_handed_out_by_a_short_link_if_it_was_found_clean(room: MailRoom) -> None:
    pdf = Attachment(name="letter.pdf", media_type="application/pdf", content=b"%PDF")
    item = room.deliver(mail(files=(pdf,)))
    link = room.triage.file(HANDLER, item.mail_id, 1)
    assert (link.name, link.bytes) == ("letter.pdf", 4)
    assert link.expires_at - room.clock() == timedelta(seconds=60)
    assert room.happened(item)[-1] == "mail_file_opened"
    with pytest.raises(NotFoundError):
        room.triage.file(HANDLER, item.mail_id, 2)
    for verdict in (Verdict.FAIL, Verdict.MISSING, Verdict.GRAY):
        unsafe = room.deliver(mail(files=(pdf,)), verdicts=without("virus", verdict))
        with pytest.raises(UnsafeFileError):
            room.triage.file(HANDLER, unsafe.mail_id, 1)


def test_a73_what_should_not_have_been_sent_is_deleted(room: MailRoom) -> None:
    scan = Attachment(name="passport.jpg", media_type="image/jpeg", content=b"\xff\xd8")
    item = room.deliver(mail(files=(scan,), flags=(MailFlag.ID_SCAN,)), asks=("access",))
    assert item.held_for == ("sensitive",)
    view = room.triage.purge(HANDLER, item.mail_id, item.version, "files")
    assert view.content is not None
    assert (view.content.files, view.purged, view.files) == ((), True, 0)
    assert list(room.files.objects) == [room.files.content_key(item.mail_id)]
    assert room.files.raws == {}
    with pytest.raises(MailNotSettledError):
        room.triage.purge(HANDLER, item.mail_id, view.version, "all")
    view = room.triage.dismiss(HANDLER, item.mail_id, view.version, Dismissal.OTHER)
    view = room.triage.purge(HANDLER, item.mail_id, view.version, "all")
    assert view.content is None
    assert room.files.objects == {}
    assert room.happened(item)[-1] == "mail_purged"


def test_who_loses_against_a_colleague_has_deleted_nothing(room: MailRoom) -> None:
    scan = Attachment(name="passport.jpg", media_type="image/jpeg", content=b"\xff\xd8")
    item = room.deliver(mail(files=(scan,), flags=(MailFlag.ID_SCAN,)), asks=("access",))
    objects, raws = dict(room.files.objects), dict(room.files.raws)
    room.faults.before("mails.save", lambda: seen(room, item, APPROVER))
    with pytest.raises(ConflictError):
        room.triage.purge(HANDLER, item.mail_id, item.version, "files")
    assert (room.files.objects, room.files.raws) == (objects, raws)
    assert room.happened(item)[-1] == "mail_read"


@pytest.mark.parametrize("how", list(How))
@pytest.mark.parametrize("what", ["files", "all"])
def test_a_purge_that_broke_off_is_noted_and_finished_when_asked_again(what: Purge, how: How) -> None:
    scan = Attachment(name="passport.jpg", media_type="image/jpeg", content=b"\xff\xd8")

    def settled() -> tuple[MailRoom, MailView]:
        room = MailRoom()
        item = room.deliver(mail(files=(scan,), flags=(MailFlag.ID_SCAN,)), asks=("access",))
        return room, room.triage.make_requests(HANDLER, item.mail_id, item.version, BOTH)

    room, view = settled()
    before = len(room.faults.calls)
    room.triage.purge(HANDLER, view.id, view.version, what)
    for at in range(len(room.faults.calls) - before):
        room, view = settled()
        item = room.mail_store.get(view.id)
        objects = dict(room.files.objects)
        room.faults.fail(len(room.faults.calls) + at, how)
        with suppress(ServiceUnavailableError, ProcessDiedError):
            room.triage.purge(HANDLER, item.mail_id, item.version, what)
        if room.files.objects != objects:
            assert "mail_purged" in room.happened(item)
        room.triage.purge(HANDLER, item.mail_id, room.now_of(item).version, what)
        left = [room.files.content_key(item.mail_id)] if what == "files" else []
        assert (list(room.files.objects), room.files.raws) == (left, {}), (at, how)
        if what == "files":
            assert room.files.content(item.mail_id).files == ()
        with pytest.raises(NotFoundError):
            room.triage.raw(HANDLER, item.mail_id)


def test_matches_are_requests_of_the_address_and_those_it_names(room: MailRoom) -> None:
    mine = room.submit()
    other = room.submit(email="tom@example.com")
    item = room.deliver(mail(f"about {other.reference} and RD-0000-0000-0"))
    view = seen(room, item)
    assert {(match.reference, match.by) for match in view.matches} == {
        (mine.reference, "address"),
        (other.reference, "named"),
    }
    room.deliver(mail("again"))
    assert seen(room, item).earlier_mails == 1


def test_once_a_day_staff_hear_what_waits(room: MailRoom, item: MailItem) -> None:
    def told() -> int:
        return summarise_mail(mails=room.mail_store, letters=room.letters, merchant=room.merchant, clock=room.clock)

    assert told() == told() == 1
    letters = [printed for printed in room.press.printed if printed.letter is Letter.STAFF_MAIL_WAITING]
    assert [printed.values["count"] for printed in letters] == [1]
    room.clock.now += timedelta(days=1)
    told()
    assert len([p for p in room.press.printed if p.letter is Letter.STAFF_MAIL_WAITING]) == 2
    room.triage.dismiss(HANDLER, item.mail_id, item.version, Dismissal.SHOP)
    room.clock.now += timedelta(days=1)
    assert told() == 0


def test_types_are_grouped_into_what_one_answer_can_hold() -> None:
    asked = [RequestType.ERASURE, RequestType.PORTABILITY, RequestType.OBJECTION, RequestType.ACCESS]
    assert grouped(asked) == [
        (RequestType.ACCESS, RequestType.PORTABILITY),
        (RequestType.OBJECTION,),
        (RequestType.ERASURE,),
    ]
