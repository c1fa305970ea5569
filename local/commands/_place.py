"""Where a command of an operator works: in the stack that runs here, or with --stack in one that is deployed."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from local.account import ENVIRONMENT, REGION
from local.commands._arguments import SHIPPED_MERCHANT
from local.running import RefusedError, RunningStack


@dataclass(frozen=True)
class Place:
    """`outputs` are those of the template, `shop` the merchant's resources by their parameters."""

    client: Callable[[str], Any]
    outputs: Mapping[str, str]
    shop: Mapping[str, str]
    merchant: Path
    now: Callable[[], datetime]

    def output(self, name: str) -> str:
        if name not in self.outputs:
            raise RefusedError(f"the stack has no output {name}: deploy this version of the template first")
        return self.outputs[name]


def add_place(made: argparse.ArgumentParser) -> None:
    made.add_argument("--stack", metavar="NAME", help="of CloudFormation: the deployed one, with your credentials")
    made.add_argument("--region", help="of AWS; else that of your profile")
    made.add_argument("--profile", help="of your AWS configuration")
    made.add_argument(
        "--merchant", type=Path, default=SHIPPED_MERCHANT, help="the layer that was deployed with --stack"
    )


def place_of(arguments: argparse.Namespace) -> Place:
    """Raises NoStackError, RefusedError."""
    return _deployed(arguments) if arguments.stack else _running()


def _running() -> Place:
    import boto3

    health = RunningStack.find().get("health")
    session = boto3.Session(
        aws_access_key_id=ENVIRONMENT["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    return Place(
        client=cache(lambda service: session.client(service, endpoint_url=health["aws_endpoint"])),
        outputs=health["outputs"],
        shop=health["shop"],
        merchant=Path(health["merchant"]),
        now=lambda: datetime.fromisoformat(health["now"]),
    )


def _deployed(arguments: argparse.Namespace) -> Place:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        session = boto3.Session(region_name=arguments.region, profile_name=arguments.profile)
        (stack,) = session.client("cloudformation").describe_stacks(StackName=arguments.stack)["Stacks"]
    except (BotoCoreError, ClientError) as error:
        raise RefusedError(str(error)) from error
    return Place(
        client=cache(lambda service: session.client(service)),
        outputs={entry["OutputKey"]: entry["OutputValue"] for entry in stack.get("Outputs", ())},
        shop={entry["ParameterKey"]: entry.get("ParameterValue", "") for entry in stack.get("Parameters", ())},
        merchant=arguments.merchant,
        now=lambda: datetime.now(UTC),
    )
