"""What recipients want to be shown, out of a secret."""

import boto3
import pytest
from moto import mock_aws

from rightsdesk.adapters.secret_credentials import SecretCredentials
from rightsdesk.domain.errors import MerchantFileError, ServiceUnavailableError


def credentials(text: str) -> SecretCredentials:
    secrets = boto3.client("secretsmanager", region_name="eu-west-1")
    return SecretCredentials(secrets.create_secret(Name="recipients", SecretString=text)["ARN"], secrets)


@mock_aws
def test_each_recipient_is_shown_its_own_and_the_others_nothing() -> None:
    shown = credentials('{"a.example": "Basic YTpi", "b.example": "Bearer token"}')
    assert [shown(domain) for domain in ("a.example", "b.example", "c.example")] == ["Basic YTpi", "Bearer token", None]


def test_without_a_secret_nothing_is_read_and_nobody_is_shown_anything() -> None:
    assert SecretCredentials("")("a.example") is None


@mock_aws
@pytest.mark.parametrize(
    "text", ["", "[]", '"Basic"', '{"a.example": 1}', '{"a.example": "x\\r\\nHost: b"}', '{"a": "ü"}']
)
def test_a_secret_of_another_kind_is_named_without_what_is_in_it(text: str) -> None:
    with pytest.raises(MerchantFileError) as wrong:
        credentials(text or " ")("a.example")
    assert "Basic" not in str(wrong.value)
    assert wrong.value.__cause__ is None


@mock_aws
def test_a_secret_that_can_not_be_read_is_tried_again() -> None:
    secrets = boto3.client("secretsmanager", region_name="eu-west-1")
    with pytest.raises(ServiceUnavailableError):
        SecretCredentials("arn:aws:secretsmanager:eu-west-1:123456789012:secret:none", secrets)("a.example")
