"""`rightsdesk replay-erasures --stack`: finds what it needs in the deployed stack, or says what is missing."""

import json
from collections.abc import Iterator

import boto3
import pytest

from local.commands import replay_erasures
from local.shop.tables import NAMES, create
from tests.unit.local.deployed_stack import HERE, OUTPUTS, REGION, aws, deploy


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with aws(monkeypatch):
        yield


def replay(*arguments: str) -> int:
    return replay_erasures.run(["--since", "2026-11-20", *HERE, *arguments])


def test_the_tables_and_the_shop_are_those_of_the_stack(capsys: pytest.CaptureFixture[str]) -> None:
    deploy(*OUTPUTS)
    create(boto3.Session(region_name=REGION))
    assert replay("--source", "shop", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["clean"], report["people"], list(report["collections"])) == (
        True,
        [],
        ["shop/members", "shop/addresses", "shop/newsletter_consents"],
    )


def test_a_table_of_the_shop_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    deploy(*OUTPUTS)
    assert replay("--source", "shop") == 1
    assert f"SourceBrokenError: {NAMES['MembersTable']}" in capsys.readouterr().err


def test_an_older_stack_has_to_be_deployed_first(capsys: pytest.CaptureFixture[str]) -> None:
    deploy("CasesTableName")
    assert replay() == 1
    assert "the stack has no output PeopleTableName" in capsys.readouterr().err


def test_a_stack_that_is_not_there_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay() == 1
    assert "rightsdesk" in capsys.readouterr().err
