"""Fetching the answer: a fresh code, a link of a minute, five times in fourteen days, a mail at each."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.package import Package
from tests.support.stack import Case, LinkRefusedError, PlayedStack, together


@pytest.fixture(scope="module")
def answered(stack: PlayedStack) -> Case:
    return stack.to_answer(stack.new_member(orders=1))


def test_a35_a_link_is_dead_after_a_minute_and_is_made_anew_at_each_click(stack: PlayedStack, answered: Case) -> None:
    first = stack.download_link(answered).expect(200)
    link = urlsplit(first["url"])
    assert parse_qs(link.query)["X-Amz-Expires"] == ["60"]
    assert answered.email not in first["url"]
    content = stack.fetch(first["url"])
    assert len(content) == first["bytes"]
    assert Package(content).verified().ok
    stack.local.clock.move_to(stack.now.timestamp() + 61)
    with pytest.raises(LinkRefusedError, match="403"):
        stack.fetch(first["url"])
    second = stack.download_link(answered).expect(200)
    assert second["url"] != first["url"]
    assert stack.fetch(second["url"]) == content


def test_a36_the_place_of_a_package_is_random_and_the_bucket_is_shut(stack: PlayedStack, answered: Case) -> None:
    export = stack.stored(answered).export
    assert export is not None
    assert len(export.prefix.split("/")[-2]) == 32
    bucket = stack.local.ref("ExportBucket")
    blocked = stack.client("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert all(blocked.values())


def test_a_mail_tells_of_each_download_and_counts_down(stack: PlayedStack, answered: Case) -> None:
    told = [mail.text for mail in stack.mails_about(answered) if "was downloaded" in mail.subject]
    assert len(told) == 2
    assert "4 more times" in told[0]
    assert "3 more times" in told[1]
    assert all("http" not in text.replace(stack.local.url, "") for text in told)  # never the link itself


def test_a35_five_times_and_then_gone_also_for_clicks_at_once(stack: PlayedStack, answered: Case) -> None:
    session = stack.session(answered)
    clicks = together(*[lambda: stack.download_link(answered, session)] * 8)
    statuses = sorted(answer.status for answer in clicks)
    while statuses.count(200) < 3:  # some may have met each other: a conflict counts nothing
        statuses.append(stack.download_link(answered, session).status)
    assert statuses.count(200) == 3
    assert set(statuses) <= {200, 409, 410}
    gone = stack.download_link(answered, session)
    assert (gone.status, gone.body["code"]) == (410, "download_limit_reached")
    assert stack.happened(answered).count("downloaded") == 5
    assert len([m for m in stack.mails_about(answered) if "was downloaded" in m.subject]) == 5


def test_a35_after_the_window_nothing_is_there_and_it_says_why(stack: PlayedStack) -> None:
    case = stack.to_answer(stack.new_member(orders=1))
    export = stack.stored(case).export
    assert export is not None
    assert export.expires_at is not None
    window = export.expires_at - stack.now
    assert timedelta(days=13, hours=23) < window <= timedelta(days=14)
    stack.advance(seconds=window.total_seconds() - 5)
    assert stack.download_link(case).status == 200
    session = stack.session(case)
    stack.local.clock.move_to(export.expires_at.timestamp() + 0.001)
    gone = stack.download_link(case, session)
    assert (gone.status, gone.body["code"]) == (410, "download_window_ended")
    stack.advance(minutes=1)
    gone = stack.download_link(case, session)
    assert (gone.status, gone.body["code"]) == (410, "download_window_ended")
    assert stack.remnants(export.prefix) == []
    assert stack.look(case, session)["package"] is None


def test_before_release_there_is_nothing_to_fetch(stack: PlayedStack) -> None:
    case = stack.to_review(stack.new_member())
    assert stack.look(case)["package"] is None
    assert stack.download_link(case).status == 404
    assert stack.call("POST", f"/api/requests/{case.reference}/download", {}).status == 401


def test_a_part_that_is_not_there_is_not_found(stack: PlayedStack) -> None:
    case = stack.to_answer(stack.new_member())
    session = stack.session(case)
    path = f"/api/requests/{case.reference}/download"
    assert stack.call("POST", path, {"part": 2}, bearer=session).status == 404
    assert stack.call("POST", path, {"part": 0}, bearer=session).status == 400
    assert stack.happened(case).count("downloaded") == 0


def test_the_session_ends_after_a_quarter_of_an_hour(stack: PlayedStack) -> None:
    case = stack.to_answer(stack.new_member())
    session = stack.session(case)
    stack.advance(minutes=14, seconds=50)
    assert stack.call("GET", f"/api/requests/{case.reference}", bearer=session).status == 200
    stack.advance(seconds=11)
    assert stack.call("GET", f"/api/requests/{case.reference}", bearer=session).status == 401
    assert stack.download_link(case, session).status == 401
