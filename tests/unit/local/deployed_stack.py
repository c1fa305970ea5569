"""A stack at AWS, as far as a command with --stack looks at one: tables, a secret, the shop's parameters."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.shop.tables import NAMES

REGION = "eu-central-1"
OUTPUTS = ("CasesTableName", "PeopleTableName", "PepperSecretArn")
HERE = ("--stack", "rightsdesk", "--region", REGION)
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


@contextmanager
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """With nothing in it, and credentials of nobody."""
    for name, value in (("AWS_ACCESS_KEY_ID", "testing"), ("AWS_SECRET_ACCESS_KEY", "testing"), ("AWS_REGION", REGION)):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield


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
