"""Who has to show more than a mailbox, and what becomes of those who do not (mission E-00, GDPR 12(6))."""

from datetime import timedelta

from local.shop import records
from local.shop.people import Guest
from tests.support.package import Package
from tests.support.stack import PlayedStack


def test_without_the_code_a_request_ends_after_fourteen_days_with_a_letter(stack: PlayedStack) -> None:
    member = stack.new_member()
    case = stack.submit(member)
    stack.advance(days=13, hours=23)
    assert stack.staff_view(case)["status"] == "awaiting_verification"
    stack.advance(hours=2)

    assert stack.stored(case).outcome == "unverified"
    ours = [event for event in stack.happened(case) if event != "staff_reminded"]
    assert ours == ["received", "verification_started", "verification_reminded", "closed"]
    assert [mail.subject for mail in stack.mails_about(case)] == [
        f"Your code for request {case.reference}",
        f"Request {case.reference} still waits for you",
        f"Request {case.reference} has ended",
    ]
    assert member.name not in stack.mails_about(case)[-1].text  # nobody has shown that the mailbox is theirs
    assert stack.execution(case).status == "SUCCEEDED"
    assert stack.execution(case, "DeadlineWatch").status in ("RUNNING", "SUCCEEDED")


def test_a07_a_mailbox_that_changed_two_days_ago_needs_an_order_and_its_postcode(stack: PlayedStack) -> None:
    member = stack.new_member(orders=2, mailbox_changed_at=stack.now - timedelta(days=2))
    case = stack.submit(member)
    assert stack.verify(case).expect(200)["status"] == "verified"
    assert stack.staff_view(case)["status"] == "awaiting_verification"
    letter = stack.mails_about(case)[-1]
    assert letter.subject == f"Two details for request {case.reference}"
    assert "changed in the last 30 days" in letter.text

    session = stack.session(case)
    seen = stack.look(case, session)
    assert (seen["evidence_needed"], seen["steps"][1]["at"]) == (True, None)
    wrong = stack.give_evidence(case, f"K{member.number:06d}-0001", "00000", session=session)
    right = stack.give_evidence(
        case,
        f" K{member.number:06d}-0002 ".replace("0", "\N{FULLWIDTH DIGIT ZERO}"),
        _postcode(member),
        session=session,
    )
    assert (wrong.status, wrong.body) == (right.status, right.body) == (202, {})

    assert stack.staff_view(case)["status"] == "awaiting_review"
    assert stack.stored(case).assurance == 2
    assert stack.happened(case)[3:9] == [
        "evidence_asked",
        "question_answered",
        "facts_not_confirmed",
        "facts_confirmed",
        "identity_confirmed",
        "plan_decided",
    ]
    late = stack.give_evidence(case, "K1", "1", session=session)
    assert late.status == 409


def test_a_mailbox_that_changed_long_ago_is_enough(stack: PlayedStack) -> None:
    member = stack.new_member(mailbox_changed_at=stack.now - timedelta(days=30, minutes=1))
    case = stack.to_review(member)
    assert stack.stored(case).assurance == 1


def test_a05_another_members_order_proves_nothing_and_counts_against_that_order(stack: PlayedStack) -> None:
    victim = stack.new_member(orders=1)
    order, postcode = f"K{victim.number:06d}-0001", _postcode(victim)
    thief = stack.new_member(orders=1, mailbox_changed_at=stack.now - timedelta(days=2))
    case = stack.submit(thief)
    stack.verify(case)
    session = stack.session(case)
    for _ in range(5):
        stack.give_evidence(case, order, postcode, session=session).expect(202)
    assert stack.happened(case).count("facts_not_confirmed") == 5
    assert victim.name not in str(stack.look(case, session))

    # The order is locked for today: even its owner, from a new mailbox, has to wait.
    stack.put("MembersTable", [_profile_changed_now(stack, victim)])
    owner = stack.submit(victim)
    stack.verify(owner)
    owner_session = stack.session(owner)
    stack.give_evidence(owner, order, postcode, session=owner_session).expect(202)
    assert stack.staff_view(owner)["status"] == "awaiting_verification"
    stack.advance(days=1)
    stack.give_evidence(owner, order, postcode, session=stack.session(owner)).expect(202)
    assert stack.staff_view(owner)["status"] == "awaiting_review"


def test_five_wrong_tries_in_a_day_then_429_and_not_identified_after_fourteen_days(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1, country="DE", mailbox_changed_at=stack.now - timedelta(days=2))
    case = stack.submit(member)
    stack.verify(case)
    session = stack.session(case)
    for number in range(5):
        stack.give_evidence(case, f"K0-{number}", "0000", session=session).expect(202)
    refused = stack.give_evidence(case, f"K{member.number:06d}-0001", _postcode(member), session=session)
    assert refused.status == 429
    assert 0 < int(refused.headers["retry-after"]) <= 86400
    assert stack.happened(case).count("facts_not_confirmed") == 5

    stack.advance(days=14, hours=1)
    assert stack.stored(case).outcome == "not_identified"
    letter = stack.mails_about(case)[-1]
    assert letter.subject == f"We could not identify you for request {case.reference}"
    assert "You can also go to court" in letter.text
    assert stack.staff_view(case)["sources"] == []


def test_a06_a_members_order_from_another_mailbox_gives_nothing_however_right(stack: PlayedStack) -> None:
    member = stack.new_member(orders=2)
    case = stack.submit(f"other-{member.email}", name=member.name, order_number=f"K{member.number:06d}-0001")
    stack.verify(case)
    assert "not the one of an account" in stack.mails_about(case)[-1].text
    stack.give_evidence(case, f"K{member.number:06d}-0001", _postcode(member), session=stack.session(case)).expect(202)
    assert stack.happened(case)[-1] == "facts_not_confirmed"
    stack.advance(days=14, hours=1)
    assert stack.stored(case).outcome == "not_identified"
    letter = stack.mails_about(case)[-1].text
    assert "a request from the mailbox that your account has" in letter
    assert member.email not in letter.replace(f"other-{member.email}", "")


def test_a_guest_without_an_account_gets_the_orders_of_that_mailbox(stack: PlayedStack) -> None:
    number = 950_001
    home = stack.new_member().home
    guest = Guest(email=f"guest{number}@example.com", name="Guest Canary", home=home, orders=2, gifts=0)
    stack.put("OrdersTable", records.guest_items(guest, number, now=stack.now))
    case = stack.submit(guest.email, name=guest.name)
    stack.verify(case)
    session = stack.session(case)
    stack.give_evidence(case, f"G9{number:05d}-0002", home.postcode, session=session).expect(202)
    stack.release(case)
    package = Package(stack.download(case))
    assert (package.found["orders"], package.found["members"]) == (2, 0)


def test_evidence_is_taken_only_from_who_has_shown_the_mailbox(stack: PlayedStack) -> None:
    member = stack.new_member(orders=1)
    case = stack.submit(f"thief-{member.email}", order_number=f"K{member.number:06d}-0001")
    body = {"order_number": f"K{member.number:06d}-0001", "postcode": _postcode(member)}
    assert stack.call("POST", f"/api/requests/{case.reference}/evidence", body).status == 401
    assert stack.happened(case) == ["received", "verification_started"]


def test_a21_somebody_of_whom_nothing_is_held_hears_so_once_the_mailbox_is_shown(stack: PlayedStack) -> None:
    case = stack.submit("nobody-at-all@example.org", type=["access", "portability"])
    assert len(stack.mails_about(case)) == 1
    assert stack.verify(case).expect(200)["status"] == "verified"
    assert not stack.look(case)["evidence_needed"]
    assert stack.staff_view(case)["package_rows"] == 0
    stack.release(case)
    package = Package(stack.download(case))
    assert package.verified().ok
    assert set(package.found.values()) == {0}


def _postcode(member: object) -> str:
    return str(member.home.postcode)  # type: ignore[attr-defined]


def _profile_changed_now(stack: PlayedStack, member: object) -> dict[str, object]:
    profile = next(iter(records.member_items(member, now=stack.now)))  # type: ignore[arg-type]
    return {**profile, "email_changed_at": stack.now.replace(microsecond=0).isoformat()}
