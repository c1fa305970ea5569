"""A small house with one of each resource, booted as the real template is."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from local.runtime import LocalStack, Mode

HOUSE = Path(__file__).parent / "house"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class House:
    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack

    def http(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = Request(self.stack.url + path, data=body, method=method, headers=named)  # noqa: S310  # loopback
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310
                return Answer(answer.status, answer.headers, answer.read())
        except HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def items(self, pk: str) -> list[dict[str, Any]]:
        found = self.stack.client("dynamodb").query(
            TableName=self.stack.ref("Cases"),
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
        )["Items"]
        return [{name: next(iter(value.values())) for name, value in item.items()} for item in found]

    def heard(self) -> list[Any]:
        """The events that the listening function got."""
        return [json.loads(item["event"]) for item in self.items("HEARD")]

    def put(self, pk: str, sk: str, **attributes: Any) -> None:
        item = {"pk": {"S": pk}, "sk": {"S": sk}, **attributes}
        self.stack.client("dynamodb").put_item(TableName=self.stack.ref("Cases"), Item=item)

    def lost(self) -> list[Any]:
        """What lies in the dead-letter queue; looking takes it out."""
        url = self.stack.ref("Lost")
        messages = self.stack.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            self.stack.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]


@pytest.fixture(scope="session")
def boot() -> Callable[..., LocalStack]:
    def boot_house(mode: Mode = "in_process", **options: Any) -> LocalStack:
        return LocalStack.boot(HOUSE / "template.yaml", mode=mode, merchant=HOUSE / "layers" / "merchant", **options)

    return boot_house


@pytest.fixture(scope="module")
def house(boot: Callable[..., LocalStack]) -> Iterator[House]:
    """One house for the tests of a module: they use keys of their own."""
    with boot(parameters={"Greeting": "good morning"}) as stack:
        yield House(stack)
