"""The same template with and without what a laptop, or a small merchant, doesn't have."""

import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import pytest

from tests.infrastructure.deployed_template import deploy

EVERYTHING = {
    "AlarmEmail": "privacy-desk@shop.example",
    "MonthlyBudget": "20",
    "CreateMailIdentity": "true",
    "InboundMail": "true",
    "UseOpenDsr": "true",
    "UseWaf": "true",
    "DomainName": "privacy.shop.example",
    "CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/x",
}
OPTIONAL = {
    "AlarmEmail": {"AlarmSubscription"},
    "CreateMailIdentity": {"SendingIdentity"},
    "InboundMail": {"InboundRuleSet", "InboundMailRule", "InboundMailIsLate", "AutomaticAnswersAreStopped"},
    "UseOpenDsr": {
        *("OpenDsrSigningKey", "OpenDsrSigningKeyName", "CallBackStream"),
        *("CallBackFunction", "CallBackFunctionRole", "CallBackLogGroup", "CallBackErrors"),
    },
    "UseWaf": {"Firewall", "FirewallAtTheDoor"},
}


@pytest.mark.parametrize("parameter", OPTIONAL)
def test_a_parameter_adds_its_resources_and_no_others(parameter: str) -> None:
    added = set(deploy(**{parameter: EVERYTHING[parameter]}).resources) - set(deploy().resources)
    assert added == OPTIONAL[parameter]


def test_a_domain_needs_its_certificate() -> None:
    both = {name: EVERYTHING[name] for name in ("DomainName", "CertificateArn")}
    added = set(deploy(**both).resources) - set(deploy().resources)
    assert added == {"CustomDomain", "CustomDomainMapping"}
    assert set(deploy(DomainName="privacy.shop.example").resources) == set(deploy().resources)


def test_a45_a_budget_needs_somebody_to_tell() -> None:
    assert "Budget" in deploy(MonthlyBudget="20", AlarmEmail="desk@shop.example").resources
    assert "Budget" not in deploy(MonthlyBudget="20").resources


def test_the_rule_can_be_put_into_a_rule_set_that_is_there_already() -> None:
    own, other = (
        deploy(InboundMail="true"),
        deploy(InboundMail="true", CreateReceiptRuleSet="false", ReceiptRuleSet="x"),
    )
    assert set(own.resources) - set(other.resources) == {"InboundRuleSet"}
    assert own.one("InboundMailRule")["RuleSetName"] == "ref(InboundRuleSet)"
    assert other.one("InboundMailRule")["RuleSetName"] == "x"
    assert own.resources["InboundRuleSet"]["DeletionPolicy"] == "Retain"
    assert set(deploy(CreateReceiptRuleSet="true").resources) == set(deploy().resources)


def test_the_log_role_of_the_account_can_be_left_alone() -> None:
    gone = set(deploy().resources) - set(deploy(SetApiLogRole="false").resources)
    assert gone == {"ApiLogRole", "ApiLogAccount"}


@pytest.mark.parametrize(
    "parameters",
    [{}, EVERYTHING, {"SetApiLogRole": "false"}, {"InboundMail": "true", "CreateReceiptRuleSet": "false"}],
    ids=["plain", "all", "no role", "no rule set"],
)
def test_what_is_referred_to_is_there_and_nothing_waits_for_itself(parameters: dict[str, str]) -> None:
    """cfn-lint looks for cycles before SAM has made its part, and at conditions one by one."""
    deployed = deploy(**parameters)
    needs = {name: set(_references(r)) | set(_listed(r.get("DependsOn", []))) for name, r in deployed.resources.items()}
    for name, needed in needs.items():
        assert needed <= set(deployed.resources), name
    list(TopologicalSorter(needs).static_order())  # raises CycleError


def test_the_stage_waits_for_the_role_that_it_logs_with() -> None:
    resources = deploy().resources
    assert "ApiLogAccount" in set(_references(resources["RestApiliveStage"])) | set(_references(resources["RestApi"]))


def _references(value: Any) -> Iterator[str]:
    """Logical ids in an evaluated resource: `ref(Name)` and `Name.Attribute`."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, str):
        yield from re.findall(r"ref\((\w+)\)", value)
        yield from (name for name in re.findall(r"(\w+)\.\w+", value) if name in deploy(**EVERYTHING).resources)


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
