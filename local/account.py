"""The account that exists on this machine only: its number, its region, and the environment that leads every AWS
client of this process to it and never to a real account.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import boto3

ACCOUNT: Final = "123456789012"  # the number that moto gives everything
REGION: Final = "eu-west-1"

ENVIRONMENT: Final = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",  # else botocore puts the account into host names that moto cannot read
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,  # a developer's own profile must not leak in
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "TZ": "UTC",  # as on Lambda; moto's engine reads naive local times
}


@contextmanager
def local_account() -> Iterator[None]:
    """Points this process at the local account; restores its own environment afterwards."""
    before = {name: os.environ.get(name) for name in [*ENVIRONMENT, "AWS_PROFILE", "AWS_SESSION_TOKEN"]}
    os.environ.pop("AWS_PROFILE", None)
    os.environ.pop("AWS_SESSION_TOKEN", None)
    os.environ.update(ENVIRONMENT)
    time.tzset()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        time.tzset()


class Clients:
    """One boto3 client per service, made when first asked for. Clients are safe to share between threads."""

    def __init__(self) -> None:
        self.session = boto3.Session(region_name=REGION)
        self._clients: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.session.client(service)  # type: ignore[call-overload]  # any service
        return self._clients[service]


def arn(service: str, resource: str) -> str:
    """The ARN of `resource` (for example `table/cases`) in the local account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"
