"""The page on costs says what the deployed system costs, not what an older one did."""

import pytest

from tests.infrastructure.deployed_template import ROOT
from tools import cost


def test_the_page_is_what_the_tool_computes() -> None:
    assert (ROOT / "docs/cost.md").read_text(encoding="utf-8") == cost.page(), "make cost"


def test_a_request_passes_every_task_that_goes_well_once() -> None:
    passed = [name for name, _ in cost.way_of_a_request(cost.definition("privacy_request"), [[False], [False, True]])]
    assert passed.count("CollectWave") == 2
    assert (passed.count("CollectData"), passed.count("CollectColumnar")) == (2, 1)
    assert passed[-1] == "Closed"
    assert not [name for name in passed if name.endswith("Failed")]


def test_an_erasure_passes_its_tasks_once_for_each_source() -> None:
    plan = [[False], [False, True]]
    machine = cost.definition("privacy_request")
    passed = [name for name, _ in cost.way_of_a_request(machine, plan, cost.GOES_WELL_TO_ERASURE)]
    for step in ("PlanErasure", "CheckErasure", "EraseData", "SearchAgain"):
        assert passed.count(f"{step}OfSource") == 3
    assert passed[-1] == "Closed"
    assert not [name for name in passed if name.endswith("Failed") or name.startswith("Collect")]


def test_a45_an_idle_month_costs_less_than_five_dollars_and_a_request_less_than_a_cent() -> None:
    template = cost.deployed()
    assert sum(line.dollars for line in cost.month_lines(template)) < 5
    assert sum(line.dollars for line in cost.request_lines(template)) < 0.01
    assert sum(line.dollars for line in cost.erasure_lines(template)) < 0.02


def test_a_month_without_requests_counts_every_function_that_runs_each_day() -> None:
    template = cost.deployed()
    daily = ("SweepDeadlinesFunction", "EndRetentionFunction", "RunCampaignsFunction")
    memory = sum(template.resources[name]["Properties"]["MemorySize"] for name in daily) / 1024
    (runs,) = [line for line in cost.month_lines(template) if line.what == "Lambda: the daily runs"]
    assert runs.amount == pytest.approx(memory * cost.SECONDS_OF_A_TASK * 30)


def test_a45_mail_that_comes_in_costs_cents() -> None:
    template = cost.deployed()
    assert sum(line.dollars for line in cost.inbound_lines(template)) < 0.5
    assert sum(line.dollars for line in cost.mail_lines(template)) < 0.001
