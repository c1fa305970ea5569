"""The answer: told, fetched, and gone (abuse cases 35, 48, 80, 90, 93)."""

import threading
from collections import Counter
from datetime import timedelta

import pytest

from rightsdesk.domain.errors import CaseClosedError, ConflictError, GoneError, NotFoundError
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.request import ExportPart, PrivacyRequest, Treatment
from rightsdesk.services.view_request import package_of
from tests.support.desk import Desk
from tests.support.fakes import How, PlainPress

SECOND = timedelta(seconds=1)


def answered(held: Treatment = Treatment.WITHHOLD) -> tuple[Desk, PrivacyRequest]:
    desk = Desk()
    return desk, desk.answered(held)


def why_gone(desk: Desk, case: PrivacyRequest) -> str:
    with pytest.raises(GoneError) as gone:
        desk.download(case)
    return gone.value.code


# Telling


@pytest.mark.parametrize("held", Treatment)
def test_the_letter_names_the_files_and_opens_the_window(held: Treatment) -> None:
    desk, case = answered(held)
    assert case.export is not None
    assert case.answered_at == desk.clock()
    assert case.export.expires_at == desk.clock() + timedelta(days=14)
    press = desk.press
    assert isinstance(press, PlainPress)
    values = press.printed[-1].values
    (part,) = case.export.parts
    assert values["files"] == f"{part.name}\n{part.sha256}"
    assert bool(values["withheld"]) is (held is not Treatment.GIVE)
    assert values["window_ends_on"] == case.export.expires_at
    assert desk.mails()[-1] == ("answer_ready" if held is Treatment.GIVE else "partly_refused")


def test_the_case_counts_as_answered_once_the_letter_is_out_and_not_before() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.release(case)
    desk.mailer.rejects.add("jane@example.com")
    with pytest.raises(Exception, match="MessageRejected"):
        desk.answer(case)
    assert desk.now(case).answered_at is None
    desk.mailer.rejects.clear()
    desk.answer(case)
    assert desk.now(case).answered_at is not None


def test_nothing_is_told_that_staff_did_not_release() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    with pytest.raises(ConflictError):
        desk.answer(case)
    desk.refuse(case)
    with pytest.raises(ConflictError):
        desk.answer(case)
    assert not {"answer_ready", "partly_refused"} & set(desk.mails())


def test_more_is_not_told_before_the_package_holds_it() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.release(case, Treatment.GIVE)
    with pytest.raises(ConflictError):
        desk.answer(case)
    desk.build(case, final=True)
    desk.answer(case)


def test_a_closed_case_is_not_answered() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    desk.release(case)
    desk.withdraw(desk.now(case))
    with pytest.raises(CaseClosedError):
        desk.answer(case)


def test_a80_answered_again_the_window_stays_as_it_was_told() -> None:
    desk, case = answered()
    assert case.export is not None
    desk.clock.advance(timedelta(days=2))
    assert desk.answer(case).window_ends_at == case.export.expires_at
    assert desk.mails().count("partly_refused") == 1


# Fetching


def test_a35_a_link_lives_for_60_seconds_and_a_mail_says_that_it_was_made() -> None:
    desk, case = answered()
    link = desk.download(case)
    assert link.expires_at - desk.clock() == timedelta(seconds=60)
    assert "X-Amz-Expires=60" in link.url
    assert case.export is not None
    assert (link.sha256, link.bytes, link.name) == (
        case.export.parts[0].sha256,
        case.export.parts[0].bytes,
        case.export.parts[0].name,
    )
    assert desk.mails()[-1] == "downloaded"
    assert desk.history(case)[-1] == "downloaded"


def test_a35_after_five_downloads_it_is_over_and_says_why() -> None:
    desk, case = answered()
    for left in (4, 3, 2, 1, 0):
        desk.download(case)
        package = package_of(desk.now(case), merchant=desk.merchant, now=desk.clock())
        assert package is not None
        assert package.downloads_left == left
    assert why_gone(desk, case) == "download_limit_reached"
    assert desk.mails().count("downloaded") == 5


def test_a35_after_14_days_it_is_over_and_says_why() -> None:
    desk, case = answered()
    desk.clock.advance(timedelta(days=14) - SECOND)
    desk.download(case)
    desk.clock.advance(SECOND)
    assert why_gone(desk, case) == "download_window_ended"
    assert package_of(desk.now(case), merchant=desk.merchant, now=desk.clock()) is None
    desk.close(case)
    assert why_gone(desk, case) == "download_window_ended"


def test_a35_of_many_clicks_at_once_five_get_a_link() -> None:
    desk, case = answered()
    start, results = threading.Barrier(12), []

    def click() -> None:
        start.wait()
        while True:
            try:
                desk.download(case)
                results.append("link")
            except ConflictError:
                continue
            except GoneError as gone:
                results.append(gone.code)
            return

    threads = [threading.Thread(target=click) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(results) == {"link": 5, "download_limit_reached": 7}
    assert desk.now(case).export.downloads == 5  # type: ignore[union-attr]


@pytest.mark.parametrize("part", [0, 2, -1, 99])
def test_a_part_that_is_not_there_is_not_found(part: int) -> None:
    desk, case = answered()
    with pytest.raises(NotFoundError):
        desk.download(case, part)
    assert desk.now(case).export.downloads == 0  # type: ignore[union-attr]


def test_before_it_is_answered_there_is_nothing_to_fetch() -> None:
    desk = Desk()
    case = desk.awaiting_review()
    with pytest.raises(NotFoundError):
        desk.download(case)
    desk.release(case)
    with pytest.raises(NotFoundError):
        desk.download(case)


def test_with_several_parts_each_may_be_fetched_as_often() -> None:
    desk, case = answered()
    assert case.export is not None
    second = ExportPart(key="exports/x/2", name="part2.zip", bytes=1, sha256="0")
    after, event = case.changed(
        "export_built",
        at=desk.clock(),
        actor="system",
        export=case.export.model_copy(update={"parts": (*case.export.parts, second)}),
    )
    desk.cases.save(case, after, event)
    assert desk.download(case, 2).name == "part2.zip"
    package = package_of(desk.now(case), merchant=desk.merchant, now=desk.clock())
    assert package is not None
    assert package.downloads_left == 9


def test_a_reminder_that_changes_the_case_meanwhile_costs_the_person_nothing() -> None:
    desk, case = answered()
    desk.faults.before("cases.save", lambda: desk.fail(case))
    desk.download(case)
    assert desk.history(case)[-2:] == ["workflow_failed", "downloaded"]


@pytest.mark.parametrize("trouble", ["rejected", "down"])
def test_a_notice_that_can_not_be_mailed_does_not_keep_the_answer_from_its_owner(trouble: str) -> None:
    desk, case = answered()
    if trouble == "rejected":
        desk.mailer.rejects.add("jane@example.com")
    else:
        desk.faults.fail(len(desk.faults.calls) + 3, How.UNAVAILABLE)  # get, save, claim, and then
    assert desk.download(case).url
    assert "downloaded" not in desk.mails()
    assert desk.history(case)[-1] == "downloaded"


def test_a93_at_the_end_the_package_is_gone_with_everything_that_led_to_it() -> None:
    desk, case = answered(Treatment.REDACT)
    desk.bucket.objects[f"exports/{case.request_id}/abandoned/1"] = b"of a build that died"
    desk.clock.advance(timedelta(days=14))
    desk.close(case)
    assert desk.bucket.objects == {}
    now = desk.now(case)
    assert (now.status, now.outcome) == (Status.CLOSED, Outcome.PARTIALLY_FULFILLED)
    event = desk.table.events[case.request_id][-1]
    assert (event.type, event.details) == ("closed", {"outcome": "partially_fulfilled", "purged": 5})
