"""Keys from the one secret of the stack."""

import pytest
from botocore.exceptions import ClientError

from rightsdesk.adapters import secrets_keyring
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.domain.errors import ServiceUnavailableError


class Secrets:
    """As much of Secrets Manager as the keyring uses."""

    def __init__(self, secret: str | None) -> None:
        self.secret = secret
        self.readings = 0

    def get_secret_value(self, **request: str) -> dict[str, str]:
        self.readings += 1
        if self.secret is None:
            raise ClientError(
                {"Error": {"Code": "InternalServiceError", "Message": request["SecretId"]}}, "GetSecretValue"
            )
        return {"SecretString": self.secret}


def _keyring(monkeypatch: pytest.MonkeyPatch, secrets: Secrets) -> SecretKeyring:
    monkeypatch.setattr(secrets_keyring, "client", lambda _: secrets)
    return SecretKeyring("arn:secret")


def test_a_key_for_each_purpose_from_one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = Secrets("pepper")
    keys = _keyring(monkeypatch, secrets)
    made = {purpose: keys.key(purpose) for purpose in ("code", "subject", "session", "order", "idempotency")}
    assert keys.key("code") == made["code"]
    assert secrets.readings == 1
    assert len(set(made.values())) == len(made)
    assert all(len(key) == 32 for key in made.values())
    assert _keyring(monkeypatch, Secrets("pepper")).key("code") == made["code"]
    assert _keyring(monkeypatch, Secrets("salt")).key("code") != made["code"]


def test_a_secret_that_can_not_be_read_asks_for_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ServiceUnavailableError):
        _keyring(monkeypatch, Secrets(None)).key("code")
