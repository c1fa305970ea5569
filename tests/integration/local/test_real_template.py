"""The template of the repository boots here as it is, with everything on as well as with everything off."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.runtime import ROOT, LocalStack
from local.shop import create

EVERYTHING = {
    "AlarmEmail": "alarm@shop.example",
    "CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/x",
    "CreateMailIdentity": "true",
    "DomainName": "privacy.shop.example",
    "InboundMail": "true",
    "MonthlyBudget": "20",
    "UseWaf": "true",
}


class EmptyShop:
    """The sample shop without its members: nobody asks for them here."""

    create = staticmethod(create)

    @staticmethod
    def seed(*_: object, **__: object) -> None:
        """Nothing."""


@pytest.mark.parametrize(
    "parameters", [{}, EVERYTHING, {"InboundMail": "false"}], ids=["as-it-is", "everything-on", "no-mail"]
)
def test_it_boots_and_every_function_loads(parameters: dict[str, str]) -> None:
    with LocalStack.boot(shop=EmptyShop(), parameters=parameters) as stack:
        assert stack.staff is not None
        assert set(stack.staff.users) == {
            f"{group}@shop.example" for group in ("admin", "approver", "auditor", "handler")
        }
        assert stack.executions() == []
        origins = {
            function.environment.get("PUBLIC_ORIGIN", stack.url) for function in stack.deployment.functions.values()
        }
        assert origins == {stack.url}
        for function in stack.deployment.functions.values():
            outcome = stack.invoke(function.logical_id, {})
            if outcome.failed:  # an empty event is refused by the function itself, so it has loaded
                assert outcome.value["errorType"] == "UnexpectedError", outcome.value
                assert outcome.value["errorMessage"] in ("ValidationError", "KeyError"), outcome.value


def test_somebody_else_s_shop_reaches_the_functions_that_read_sources(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(
        "tables: [{parameter: CustomersTable, keys: [{name: id}], items: c.jsonl}]\n"
        "buckets: [{parameter: ShopBucket}]\n"
    )
    (tmp_path / "c.jsonl").write_text('{"id": "c1"}\n')
    (tmp_path / "datamap.yaml").write_text("theirs\n")
    with LocalStack.boot(shop=tmp_path) as stack:
        reads = stack.deployment.function("CollectDataFunction").environment
        assert reads["SOURCE_CUSTOMERS_TABLE"] in stack.tables
        assert reads["SOURCE_SHOP_BUCKET"] in stack.buckets
        assert reads["SOURCE_MEMBERS_TABLE"] == "not-used"
        assert "SOURCE_CUSTOMERS_TABLE" not in stack.deployment.function("CloseRequestFunction").environment
        assert stack.client("dynamodb").scan(TableName=reads["SOURCE_CUSTOMERS_TABLE"])["Count"] == 1
        assert (stack.merchant / "datamap.yaml").read_text() == "theirs\n"
        assert (stack.merchant / "merchant.yaml").exists()


def test_mail_comes_in_here_as_it_does_when_it_is_switched_on() -> None:
    with LocalStack.boot(shop=EmptyShop()) as stack:
        active = stack.client("ses").describe_active_receipt_rule_set()
        assert active["Metadata"]["Name"] == stack.ref("InboundRuleSet") == "rightsdesk"
        (rule,) = active["Rules"]
        assert rule["Recipients"] == ["privacy@shop.example"]
        assert stack.outputs["ActivateInboundMail"].endswith("mail activate --rule-set rightsdesk --region eu-west-1")


def test_distributed_maps_have_the_same_states_inline() -> None:
    """Nothing but the mode of a Map is another one than in the file that is deployed."""
    with LocalStack.boot(shop=EmptyShop()) as stack:
        arn = stack.ref("PrivacyRequest")
        played = json.loads(stack.client("stepfunctions").describe_state_machine(stateMachineArn=arn)["definition"])
    deployed = json.loads((ROOT / "statemachine/privacy_request.asl.json").read_text("utf-8"))
    modes: list[tuple[str, str]] = []

    def compare(here: Any, there: Any) -> None:
        if isinstance(here, dict):
            if "ProcessorConfig" in here:
                modes.append((there["ProcessorConfig"]["Mode"], here["ProcessorConfig"]["Mode"]))
            assert here.keys() == there.keys()
            for name in here.keys() - {"ProcessorConfig", "FunctionName"}:
                compare(here[name], there[name])
        elif isinstance(here, list):
            for one, other in zip(here, there, strict=True):
                compare(one, other)
        else:
            assert here == there

    compare(played, deployed)
    assert modes.count(("DISTRIBUTED", "INLINE")) == 4
    assert set(modes) == {("DISTRIBUTED", "INLINE"), ("INLINE", "INLINE")}
