"""Where a journey of the browser can be played: the pages alone, or all of the system behind them."""

from typing import Protocol

from playwright.sync_api import Page, Route

from tests.support.fake_subject_desk import PACKAGE, FakeSubjectDesk
from tests.support.stack import Case, PlayedStack


class Scene(Protocol):
    """`address` is the mailbox of a person who has an account with the shop."""

    url: str
    address: str

    def code(self, reference: str) -> str:
        """The newest code that was mailed for a request."""

    def give_answer(self, reference: str) -> None:
        """What the workflow and the staff do."""

    def is_answer(self, content: bytes) -> bool: ...


class DeskScene:
    """The desk in memory."""

    def __init__(self, url: str, fake: FakeSubjectDesk) -> None:
        self.url = url
        self.address = "aiko@example.jp"
        self._fake = fake

    def code(self, reference: str) -> str:
        return self._fake.last_code(self.address)

    def give_answer(self, reference: str) -> None:
        self._fake.answer(reference)

    def is_answer(self, content: bytes) -> bool:
        return content == PACKAGE


class StackScene:
    """The template, booted. Its links to S3 name AWS: `route` leads them to where the bucket is."""

    def __init__(self, stack: PlayedStack) -> None:
        self.url = stack.local.url
        self.address = stack.new_member(orders=2).email
        self._stack = stack

    def code(self, reference: str) -> str:
        self._stack.local.settle()
        return self._stack.code(self._case(reference))

    def give_answer(self, reference: str) -> None:
        self._stack.local.settle()
        self._stack.release(self._case(reference))

    def is_answer(self, content: bytes) -> bool:
        return content.startswith(b"PK\x03\x04")

    def route(self, page: Page) -> None:
        page.route("https://*.amazonaws.com/**", self._fetch)

    def _fetch(self, route: Route) -> None:
        headers = {"Content-Disposition": 'attachment; filename="answer.zip"', "Content-Type": "application/zip"}
        route.fulfill(body=self._stack.fetch(route.request.url), headers=headers)

    def _case(self, reference: str) -> Case:
        return Case(reference=reference, email=self.address, language="en")
