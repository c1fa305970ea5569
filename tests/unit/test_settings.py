import inspect
import re
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from rightsdesk import settings
from rightsdesk.settings import (
    ArchiveAuditSettings,
    CloseRequestSettings,
    PublicApiSettings,
    Settings,
    SettingsError,
    StaffApiSettings,
    SweepDeadlinesSettings,
)

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
ENVIRONMENT = {
    "CASES_TABLE": "stack-cases",
    "PEOPLE_TABLE": "stack-people",
    "IDEMPOTENCY_TABLE": "stack-idempotency",
    "EXPORT_BUCKET": "stack-export",
    "EVIDENCE_BUCKET": "stack-evidence",
    "MAIL_BUCKET": "stack-mail",
    "INBOUND_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/stack-inbound",
    "AUTOMATIC_ANSWERS_PER_HOUR": "100",
    "PEPPER_SECRET_ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:pepper-abc",
    "PRIVACY_REQUEST_ARN": "arn:aws:states:eu-central-1:123456789012:stateMachine:stack-privacy-request",
    "DEADLINE_WATCH_ARN": "arn:aws:states:eu-central-1:123456789012:stateMachine:stack-deadline-watch",
    "EVIDENCE_KEY_ARN": "arn:aws:kms:eu-central-1:123456789012:key/evidence",
    "OPENDSR_KEY_ARN": "arn:aws:kms:eu-central-1:123456789012:key/opendsr",
    "RECIPIENT_CREDENTIALS_ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:recipients-abc",
    "END_RETENTION_ARN": "arn:aws:lambda:eu-central-1:123456789012:function:stack-end-retention",
    "MAIL_FROM": "privacy@shop.example",
    "INBOUND_ADDRESS": "privacy@shop.example",
    "STAFF_MAILBOX": "privacy-desk@shop.example",
    "STAFF_POOL_ID": "eu-central-1_Ab12",
    "CONFIGURATION_SET": "stack-mail",
    "PUBLIC_ORIGIN": "",
    "FOUR_EYES": "true",
    "AWS_REGION": "eu-central-1",
    "SOURCE_MEMBERS_TABLE": "members",
}
OF_FUNCTIONS = {
    re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower().removesuffix("_settings"): model
    for name, model in inspect.getmembers(settings, inspect.isclass)
    if issubclass(model, Settings) and not model.__subclasses__()  # the others are what several share
}


class _CloudFormation(yaml.SafeLoader):
    """The template as plain data: what a tag such as `!Ref` would do is of no matter here."""


def _plain(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return str(node.value)


_CloudFormation.add_multi_constructor("!", _plain)


def deployed_variables() -> dict[str, set[str]]:
    """Function (the folder of its code) -> variables that the template gives it, beyond those of all functions."""
    template = yaml.load(TEMPLATE.read_text("utf-8"), Loader=_CloudFormation)  # noqa: S506 - a SafeLoader
    return {
        resource["Properties"]["CodeUri"].removeprefix("functions/"): set(
            resource["Properties"].get("Environment", {}).get("Variables", {})
        )
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }


@pytest.mark.parametrize("function", OF_FUNCTIONS)
def test_each_function_reads_its_environment(function: str) -> None:
    loaded = OF_FUNCTIONS[function].load(ENVIRONMENT)
    for name in type(loaded).model_fields:
        assert getattr(loaded, name) == {"true": True, "100": 100}.get(given := ENVIRONMENT[name.upper()], given)


@pytest.mark.parametrize("function", OF_FUNCTIONS)
def test_each_missing_variable_is_named(function: str) -> None:
    required = {name.upper() for name, field in OF_FUNCTIONS[function].model_fields.items() if field.is_required()}
    for missing in required:
        environment = {name: value for name, value in ENVIRONMENT.items() if name != missing}
        with pytest.raises(SettingsError, match=rf"{missing} \(missing\)"):
            OF_FUNCTIONS[function].load(environment)
    with pytest.raises(SettingsError) as nothing:
        OF_FUNCTIONS[function].load({})
    assert all(name in str(nothing.value) for name in required)


def test_the_template_gives_each_function_what_it_reads_and_nothing_more() -> None:
    deployed = deployed_variables()
    assert {"public_api", "close_request", "archive_audit"} <= set(deployed)
    for function, variables in deployed.items():
        model = OF_FUNCTIONS["collect_data" if function == "collect_columnar" else function]
        own = {name for name in variables if not name.startswith(("SOURCE_", "POWERTOOLS_", "LOG_"))}
        assert own == {name.upper() for name in model.model_fields}, function
    assert set(OF_FUNCTIONS) <= set(deployed)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CASES_TABLE", ""),
        ("PEPPER_SECRET_ARN", "pepper"),
        ("MAIL_FROM", "shop.example"),
        ("INBOUND_ADDRESS", "shop.example"),
        ("PUBLIC_ORIGIN", "privacy.shop.example"),
        ("PUBLIC_ORIGIN", "https://privacy.shop.example/"),
        ("PUBLIC_ORIGIN", "javascript:alert(1)"),
    ],
)
def test_a_wrong_variable_is_named_and_its_value_is_not(variable: str, value: str) -> None:
    with pytest.raises(SettingsError) as wrong:
        PublicApiSettings.load(ENVIRONMENT | {variable: value})
    assert str(wrong.value) == f"PublicApiSettings: {variable} (wrong)"
    assert wrong.value.__cause__ is None


@pytest.mark.parametrize(("given", "four_eyes"), [("true", True), ("false", False)])
def test_four_eyes_is_a_yes_or_a_no(given: str, four_eyes: bool) -> None:
    assert StaffApiSettings.load(ENVIRONMENT | {"FOUR_EYES": given}).four_eyes is four_eyes


def test_four_eyes_must_be_said() -> None:
    with pytest.raises(SettingsError, match=r"FOUR_EYES \(wrong\)"):
        StaffApiSettings.load(ENVIRONMENT | {"FOUR_EYES": ""})


def test_there_may_be_no_mailbox_that_mail_comes_in_by() -> None:
    assert PublicApiSettings.load(ENVIRONMENT | {"INBOUND_ADDRESS": ""}).inbound_address == ""


def test_the_origin_may_be_none_ours_or_the_gateways() -> None:
    assert CloseRequestSettings.load(ENVIRONMENT).public_origin == ""
    for origin in ("https://privacy.shop.example", "https://abc.execute-api.eu-central-1.amazonaws.com/live"):
        assert CloseRequestSettings.load(ENVIRONMENT | {"PUBLIC_ORIGIN": origin}).public_origin == origin


def test_settings_do_not_change() -> None:
    loaded = ArchiveAuditSettings.load(ENVIRONMENT)
    with pytest.raises(ValidationError):
        loaded.evidence_bucket = "other"  # type: ignore[misc]


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SweepDeadlinesSettings.model_fields:
        monkeypatch.setenv(name.upper(), ENVIRONMENT[name.upper()])
    assert SweepDeadlinesSettings.load().cases_table == "stack-cases"
