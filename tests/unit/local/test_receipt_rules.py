"""Activating a receipt rule set never switches off another."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.account import local_account
from local.cli import main
from local.commands.mail import RULE_SET
from local.receipt_rules import ActivationError, activate
from local.runtime import ROOT
from local.template import read_template
from tests.infrastructure.deployed_template import SHOP


@pytest.fixture
def ses() -> Iterator[Any]:
    with local_account(), mock_aws():
        client = boto3.client("ses")
        for name in ("rightsdesk", "shop-mail"):
            client.create_receipt_rule_set(RuleSetName=name)
        yield client


def active(ses: Any) -> str | None:
    name: str | None = ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
    return name


def test_a_rule_set_becomes_the_active_one_once(ses: Any) -> None:
    assert activate(ses, "rightsdesk") is True
    assert active(ses) == "rightsdesk"
    assert activate(ses, "rightsdesk") is False


def test_another_active_rule_set_is_left_alone(ses: Any) -> None:
    ses.set_active_receipt_rule_set(RuleSetName="shop-mail")
    with pytest.raises(ActivationError, match="ReceiptRuleSet=shop-mail CreateReceiptRuleSet=false") as refusal:
        activate(ses, "rightsdesk")
    assert "rightsdesk would take its place" in str(refusal.value)
    assert active(ses) == "shop-mail"


def test_a_rule_set_that_is_not_there_is_not_activated(ses: Any) -> None:
    with pytest.raises(ActivationError, match="there is no receipt rule set nowhere"):
        activate(ses, "nowhere")
    assert active(ses) is None


def test_at_aws_the_command_says_what_it_did(ses: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mail", "activate", "--region", "eu-west-1"]) == 0
    assert "now the active one" in capsys.readouterr().out
    assert main(["mail", "activate", "--region", "eu-west-1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"rule_set": "rightsdesk", "changed": False}
    assert main(["mail", "activate", "--rule-set", "shop-mail", "--region", "eu-west-1"]) == 1
    assert "rightsdesk is active" in capsys.readouterr().err
    assert active(ses) == "rightsdesk"


def test_what_aws_does_not_let_one_do_is_said(ses: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mail", "activate", "--profile", "nobody"]) == 1
    assert "nobody" in capsys.readouterr().err


def test_the_command_s_default_is_the_template_s() -> None:
    with local_account():
        assert read_template(ROOT / "template.yaml", SHOP).parameters["ReceiptRuleSet"] == RULE_SET
