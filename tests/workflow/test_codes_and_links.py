"""Codes, links and sessions: guessed, shared, repeated, forwarded and prefetched (abuse cases 20, 26 to 30, 32)."""

import re
from itertools import product

from tests.support.stack import Answer, Case, PlayedStack, together

CHANGES = {"date", "x-amzn-requestid"}


def _enter(stack: PlayedStack, case: Case, code: str, what: str = "verification") -> Answer:
    return stack.call("POST", f"/api/requests/{case.reference}/{what}", {"code": code})


def _other_than(code: str, number: int = 1) -> str:
    return f"{(int(code.replace('-', '')) + number) % 10**8:08d}"


def test_a20_wrong_expired_used_and_locked_codes_are_one_answer(stack: PlayedStack) -> None:
    refusals = {}
    wrong = stack.submit(stack.new_member())
    refusals["wrong"] = _enter(stack, wrong, _other_than(stack.code(wrong)))
    refusals["no code at all"] = _enter(stack, wrong, "abcd")

    used = stack.submit(stack.new_member())
    stack.verify(used).expect(200)
    refusals["used"] = _enter(stack, used, stack.code(used))

    locked = stack.submit(stack.new_member())
    for number in range(1, 6):
        _enter(stack, locked, _other_than(stack.code(locked), number))
    refusals["locked"] = _enter(stack, locked, stack.code(locked))

    expired = stack.submit(stack.new_member())
    stack.advance(minutes=10, seconds=1)
    refusals["expired"] = _enter(stack, expired, stack.code(expired))
    refusals["of another request"] = _enter(stack, wrong, stack.code(expired))  # a28

    answers = {
        (answer.status, str(answer.body), str({k: v for k, v in answer.headers.items() if k not in CHANGES}))
        for answer in refusals.values()
    }
    assert len(answers) == 1, refusals
    assert refusals["wrong"].status == 400
    assert refusals["wrong"].body["errors"] == [{"field": "code", "reason": "not_valid"}]
    for reason in ('"reason":"wrong"', '"reason":"expired"', '"reason":"no_live_code_or_locked"'):
        assert reason in stack.log.getvalue()  # inside, each is another


def test_a27_the_same_code_forty_times_at_once_is_taken_once(stack: PlayedStack) -> None:
    case = stack.submit(stack.new_member())
    code = stack.code(case)
    answers = together(*[lambda: _enter(stack, case, code)] * 40)
    stack.local.settle()
    assert [answer.status for answer in answers].count(200) == 1
    assert stack.happened(case).count("mailbox_confirmed") == 1
    assert len(stack.local.executions("PrivacyRequest")) == len(
        {e.name for e in stack.local.executions("PrivacyRequest")}
    )


def test_a27_five_wrong_guesses_at_once_are_five_tries(stack: PlayedStack) -> None:
    case = stack.submit(stack.new_member())
    code = stack.code(case)
    guesses = together(*[lambda n=n: _enter(stack, case, _other_than(code, n)) for n in range(1, 6)])
    assert {answer.status for answer in guesses} == {400}
    assert _enter(stack, case, code).status == 400
    assert stack.staff_view(case)["status"] == "awaiting_verification"


def test_a28_a_code_is_for_one_request_one_purpose_and_until_the_next(stack: PlayedStack) -> None:
    member = stack.new_member()
    case, other = stack.submit(member), stack.submit(stack.new_member())
    first = stack.code(case)
    assert _enter(stack, other, first).status == 400

    stack.advance(minutes=11)
    stack.ask_for_code(case)
    second = stack.code(case)
    assert second != first
    assert _enter(stack, case, first).status == 400  # after a resend the first is dead
    assert stack.verify(case, second).status == 200

    stack.ask_for_code(case)
    access = stack.code(case)
    assert _enter(stack, case, access, "verification").status == 400  # it opens, and proves nothing anew
    assert _enter(stack, other, access, "session").status == 400


def test_a_code_is_read_as_people_type_it(stack: PlayedStack) -> None:
    case = stack.submit(stack.new_member())
    code = stack.code(case).replace("-", "")
    full_width = "".join(chr(ord(digit) - ord("0") + ord("\N{FULLWIDTH DIGIT ZERO}")) for digit in code)
    assert (
        stack.verify(case, f" {full_width[:4]} \N{KATAKANA-HIRAGANA PROLONGED SOUND MARK} {full_width[4:]} ").status
        == 200
    )


def test_a29_guessing_locks_a_request_for_the_day_and_leaves_the_person_a_way(stack: PlayedStack) -> None:
    case = stack.submit(stack.new_member())
    code = stack.code(case)
    for number in range(1, 6):
        _enter(stack, case, _other_than(code, number))
    stack.advance(minutes=11)
    stack.ask_for_code(case)
    fresh = stack.code(case)
    assert fresh != code
    for number in range(1, 5):
        _enter(stack, case, _other_than(fresh, number))
    tries = [_enter(stack, case, _other_than(fresh, 5)), _enter(stack, case, fresh)]
    assert [answer.status for answer in tries] == [400, 400]  # ten tries a day; a new code resets nothing

    stack.advance(minutes=11)
    again = stack.submit(case.email)
    assert stack.verify(again).status == 200


LINKS = re.compile(r"http://[^\s\"<>]+")


def test_a26_looking_at_a_mailed_link_changes_nothing(stack: PlayedStack) -> None:
    """Scanners, prefetching and HEAD: whatever asks without a click leaves case and code as they were."""
    case = stack.submit(stack.new_member(orders=1))
    _visit_all(stack, case)
    stack.verify(case).expect(200)  # the code is still good
    stack.release(case)
    _visit_all(stack, case)
    session = stack.session(case)
    assert stack.download_link(case, session).status == 200
    _visit_all(stack, case)
    assert stack.download_link(case, session).status == 200


def _visit_all(stack: PlayedStack, case: Case) -> None:
    mails = stack.mails_about(case)
    links = {link for mail in mails for link in LINKS.findall(mail.text + mail.html)}
    ours = {link.removeprefix(stack.local.url) for link in links if link.startswith(stack.local.url)}
    assert ours, "every letter so far leads to a page of ours"
    before, sent = stack.stored(case), len(stack.local.outbox())
    for path, method, headers in product(
        ours, ("GET", "HEAD"), ({}, {"Purpose": "prefetch", "Sec-Purpose": "prefetch"}, {"User-Agent": "bingbot"})
    ):
        answer = stack.call(method, path, headers=headers)
        assert answer.status == 200, (method, path)
        assert "session" not in answer.headers.get("set-cookie", "").lower()
    stack.local.settle()
    assert stack.stored(case) == before
    assert len(stack.local.outbox()) == sent


def test_a30_pages_do_not_tell_others_where_their_reader_was(stack: PlayedStack) -> None:
    case = stack.submit(stack.new_member())
    for path in (f"/en/requests/{case.reference}", f"/api/requests/{case.reference}"):
        answer = stack.call("GET", path)
        assert answer.headers["referrer-policy"] in ("no-referrer", "same-origin")
        assert answer.headers["cache-control"] == "no-store"
