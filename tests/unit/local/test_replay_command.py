"""`rightsdesk replay-erasures --stack`: finds what it needs in the deployed stack, or says what is missing."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.commands import replay_erasures
from local.shop.tables import NAMES, create

REGION = "eu-central-1"
TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    },
}
OUTPUTS = ("CasesTableName", "PeopleTableName", "PepperSecretArn")


def deploy(*outputs: str) -> None:
    """A stack with the tables, the secret and the parameters that the template has."""
    session: Any = boto3.Session(region_name=REGION)
    secret = session.client("secretsmanager").create_secret(Name="pepper", SecretString="long and random")["ARN"]
    values = dict(zip(OUTPUTS, ({"Ref": "Cases"}, {"Ref": "People"}, secret), strict=True))
    template = {
        "Parameters": {name: {"Type": "String"} for name in NAMES},
        "Resources": {"Cases": TABLE, "People": TABLE},
        "Outputs": {name: {"Value": values[name]} for name in outputs},
    }
    session.client("cloudformation").create_stack(
        StackName="rightsdesk",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in NAMES.items()],
    )


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in (("AWS_ACCESS_KEY_ID", "testing"), ("AWS_SECRET_ACCESS_KEY", "testing"), ("AWS_REGION", REGION)):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield


def replay(*arguments: str) -> int:
    return replay_erasures.run(["--since", "2026-11-20", "--stack", "rightsdesk", "--region", REGION, *arguments])


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
