"""Campaigns where a stack runs: started by an operator, gone on with each day, over the shop's own members."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.commands import campaign as command
from local.running import RunningStack
from rightsdesk.adapters.dynamo_campaigns import DynamoCampaigns
from rightsdesk.adapters.merchant_files import environment_variable, read_data_map
from rightsdesk.domain.campaign import ASKED_AGAIN_AFTER, CampaignKind, CampaignPhase, new_campaign
from rightsdesk.domain.errors import ConflictError
from rightsdesk.ports.campaigns import Member
from rightsdesk.sources.member_pages import TableMembers
from tests.infrastructure.deployed_template import ROOT
from tests.support.stack import PlayedStack, together

AT = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
Run = Callable[..., str]


@pytest.fixture
def kept(stack: PlayedStack) -> DynamoCampaigns:
    return DynamoCampaigns(stack.local.ref("PeopleTable"), stack.client("dynamodb"))


@pytest.fixture
def said(
    stack: PlayedStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.chdir(tmp_path)
    RunningStack(pid=os.getpid(), url=stack.local.url).save()

    def run(*arguments: str, status: int = 0) -> str:
        assert command.run(arguments) == status
        captured = capsys.readouterr()
        return captured.out or captured.err

    return run


def members(stack: PlayedStack) -> TableMembers:
    names = {environment_variable(each): stack.shop(each) for each in ("MembersTable", "OrdersTable", "ShopBucket")}
    data_map = read_data_map(ROOT / "layers/merchant/datamap.yaml", resources=names)
    return TableMembers(data_map, stack.client("dynamodb"), country="JP")


def test_every_member_is_gone_through_once_in_pages(stack: PlayedStack) -> None:
    added = {stack.new_member(country=country).email for country in ("IE", "JP", "DE")}
    found: list[Member] = []
    after, pages = None, 0
    while True:
        page = members(stack).page(after, most=25)
        found += page.members
        pages += 1
        assert len(page.members) <= 25
        if page.next_key is None:
            break
        after = page.next_key
    addresses = [member.email for member in found]
    assert len(addresses) == len(set(addresses))
    assert added <= set(addresses)
    assert pages > 1
    assert {member.language for member in found} == {"en", "ja"}
    languages = {member.email: member.language for member in found}
    assert (languages["maria@example.de"], languages["hanako@example.jp"]) == ("en", "ja"), "nobody is told in Japanese"


def test_a_campaign_is_saved_as_the_next_version_of_what_was_read(kept: DynamoCampaigns) -> None:
    made = new_campaign(CampaignKind.CONSENT, "surveys", text_version="2026-09", per_day=9, at=AT)
    kept.save(made)
    stored = next(each for each in kept.all() if each.id == made.id)
    assert stored == made.model_copy(update={"version": 1})
    with pytest.raises(ConflictError):
        kept.save(made)
    kept.save(stored.stopped(at=AT))


def test_a_question_and_a_reminder_have_one_winner_each(kept: DynamoCampaigns) -> None:
    digest, since = "a1" * 32, AT - ASKED_AGAIN_AFTER
    claims = together(*(lambda: kept.ask(digest, "surveys", "one", at=AT, not_since=since) for _ in range(5)))
    assert sorted(claims) == [False] * 4 + [True]
    reminders = together(*(lambda: kept.remind(digest, "surveys", "one", at=AT) for _ in range(5)))
    assert sorted(reminders) == [False] * 4 + [True]
    assert not kept.remind(digest, "surveys", "two", at=AT)
    kept.take_back(digest, "surveys", "one", reminder=True)
    asked = kept.asked(digest, "surveys")
    assert asked is not None
    assert (asked.campaign, asked.reminded_at) == ("one", None)
    kept.take_back(digest, "surveys", "two", reminder=False)
    assert kept.asked(digest, "surveys") == asked
    kept.take_back(digest, "surveys", "one", reminder=False)
    assert kept.asked(digest, "surveys") is None
    assert kept.ask(digest, "surveys", "two", at=AT, not_since=since)
    later = AT + ASKED_AGAIN_AFTER + timedelta(days=1)
    assert kept.ask(digest, "surveys", "three", at=later, not_since=later - ASKED_AGAIN_AFTER)


def test_p11_from_the_command_to_an_answer_and_stopped_again(stack: PlayedStack, said: Run) -> None:
    assert "InvalidInputError: purpose: unknown" in said("start", "--purpose", "world_peace", status=1)
    (started,) = json.loads(said("start", "--purpose", "surveys", "--per-day", "3", "--json"))
    assert (started["kind"], started["text_version"]) == ("consent", "2026-09")
    before = len(stack.local.outbox())
    for _ in range(2):
        outcome = stack.local.invoke(
            "RunCampaignsFunction", json.loads((ROOT / "events/run_campaigns-daily.json").read_text())
        )
        assert not outcome.failed, outcome.value
    sent = stack.local.outbox()[before:]
    assert 0 < len(sent) <= 3
    assert f"{len(sent)} mailed" in said("list")
    assert "stopped" in said("stop", started["id"])
    assert "has ended" in said("stop", started["id"], status=1)
    stack.advance(days=1)
    assert len(stack.local.outbox()) == before + len(sent)
    kept = DynamoCampaigns(stack.local.ref("PeopleTable"), stack.client("dynamodb")).all()
    assert next(each for each in kept if each.id == started["id"]).phase is CampaignPhase.STOPPED


@pytest.mark.parametrize("arguments", [["start"], ["stop"], ["list", "x"], ["dance"]])
def test_what_is_missing_is_said(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.run(arguments)
    assert ended.value.code == 2


def test_what_comes_back_of_a_campaign_and_what_is_called_spam_is_in_its_report(
    stack: PlayedStack, said: Run, kept: DynamoCampaigns
) -> None:
    bounced, spam = (
        stack.new_member(email=f"{what}+campaign@simulator.amazonses.com").email for what in ("bounce", "complaint")
    )
    fine = stack.new_member().email
    made = json.loads(said("start", "--purpose", "surveys", "--per-day", "5000", "--json"))[0]
    stack.advance(days=1)
    stack.local.settle()
    assert [len(stack.mails(email)) for email in (bounced, spam, fine)] == [1, 1, 1]
    assert stack.may("email", spam, "surveys")["reason"] == "unsubscribed"
    assert [stack.may("email", email, "surveys")["reason"] for email in (bounced, fine)] == ["no_consent"] * 2
    told = next(each for each in json.loads(said("list", "--json")) if each["id"] == made["id"])
    assert told["returned"] == {"bounced": 1, "failed": 0, "complained": 1}
    line = next(line for line in said("list").splitlines() if made["id"] in line)
    assert "1 came back, 1 called spam" in line
    said("stop", made["id"])
