"""Every page that a person can come to, in every state: what all of them must keep is tested on each stop."""

from collections.abc import Iterator
from datetime import timedelta

from playwright.sync_api import Page

from rightsdesk.domain.clock import ExtensionReason, QuestionKind
from rightsdesk.domain.erasure_review import ErasurePhase
from rightsdesk.domain.errors import GoneError, ServiceUnavailableError, TooManyAttemptsError
from rightsdesk.domain.fields import Label
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.recipient_notice import NoticeState
from rightsdesk.domain.request import Agent, AgentRole
from rightsdesk.domain.views import ExtensionView, QuestionView, SentView, ToldView
from tests.support.fake_subject_desk import NOTICE_TOKEN, FakeSubjectDesk

ADDRESS = "aiko.tanaka@example.jp"


def tour(page: Page, url: str, fake: FakeSubjectDesk, language: str) -> Iterator[str]:
    """Walk through all of it, and yield the name of each stop while the page stands there."""
    start = f"{url}/{language}"
    page.goto(start)
    yield "start"
    yield from _questions(page, start, language)
    press(page)
    yield "sent"
    reference = fake.only_case().reference
    yield from _confirming(page, fake)
    yield from _opening(page, start, reference, fake)
    request = f"{start}/requests/{reference}"
    yield from _open_request(page, request, fake)
    yield from _answer(page, request, reference, fake)
    yield from _ended(page, request, fake)
    yield from _notice(page, start)
    yield from _for_another(page, start, fake, language)
    page.goto(f"{start}/accessibility")
    yield "accessibility statement"
    page.goto(f"{start}/nothing")
    yield "not found"


def _notice(page: Page, start: str) -> Iterator[str]:
    """What a recipient of data comes to."""
    page.goto(f"{start}/notices/{NOTICE_TOKEN}")
    yield "notice to a recipient"
    press(page)
    yield "notice: nothing chosen"
    page.locator("#state-impossible").check()
    press(page)
    yield "notice: no reason"
    page.fill("#reason", "The parcels are delivered, and the labels are destroyed.")
    press(page)
    yield "notice: impossible"
    page.locator("#state-done").check()
    press(page)
    yield "notice: done"


def press(page: Page) -> None:
    """The first button of the page."""
    page.locator("main form button").first.click()


def _questions(page: Page, start: str, language: str) -> Iterator[str]:
    page.goto(f"{start}/your-request")
    yield "what"
    press(page)
    yield "what: nothing chosen"
    page.locator("#types-erasure").check()
    page.locator("#types-also").check()
    press(page)
    yield "what: not together"
    page.locator("#types-also").uncheck()
    for right in ("objection", "restriction", "consent_withdrawal", "stop_provision", "automated_decision"):
        page.locator(f"#types-{right}").check()
        press(page)
        yield f"what exactly: {right}"
        if right in ("objection", "restriction", "automated_decision"):
            press(page)
            yield f"what exactly: {right}: nothing chosen"
        page.goto(f"{start}/your-request")
    page.locator("#types-portability").check()
    press(page)
    yield "what exactly: portability"
    page.fill("#send_to", "take.portable.example/" + "averylongpath" * 20)
    press(page)
    yield "what exactly: portability: no address"
    page.goto(f"{start}/your-request")
    page.locator("#types-rectification").check()
    yield "what: chosen"
    press(page)
    yield "what exactly: rectification"
    page.locator("#meanwhile").check()
    press(page)
    yield "where"
    press(page)
    yield "where: nothing chosen"
    page.select_option("select", "DE")
    press(page)
    yield "where: which Land"
    page.select_option("select", "DE-MV")
    press(page)
    yield "details"
    page.fill("#email", "aiko@")
    page.fill("#details", "long " * 121)
    press(page)
    yield "details: wrong"
    page.fill("#name", "田中 愛子" if language == "ja" else "Aiko Tanaka-Featherstonehaugh")
    page.fill("#email", ADDRESS)
    page.fill("#details", "Averylongwordwithoutanyspaceinit" * 5 + "\nSecond line")
    press(page)
    yield "check your answers"


def _for_another(page: Page, start: str, fake: FakeSubjectDesk, language: str) -> Iterator[str]:
    """Somebody asks for somebody else; and a mailbox did not ask at all."""
    page.context.clear_cookies()
    page.goto(f"{start}/for-whom")
    yield "for whom"
    press(page)
    yield "for whom: nothing chosen"
    page.locator("#asks_for-heir").check()
    press(page)
    yield "who you are"
    page.fill("#agent_name", "https://law.example")
    press(page)
    yield "who you are: wrong"
    page.fill("#agent_name", "弁護士 架空 次郎" if language == "ja" else "Robin Clarke-Featherstonehaugh")
    page.fill("#agent_email", "robin@law.example")
    page.fill("#mandate", "Averylongwordwithoutanyspaceinit" * 3)
    press(page)
    page.locator("#types").check()
    press(page)
    page.select_option("select", "JP")
    press(page)
    yield "details of another"
    page.fill("#name", "Aiko Tanaka")
    page.fill("#email", ADDRESS)
    press(page)
    yield "check your answers for another"
    case = fake.only_case()
    case.outcome = None
    page.goto(f"{start}/not-mine/{case.request_id}")
    yield "not mine"
    press(page)
    yield "not mine: stopped"
    case.outcome = Outcome.FULFILLED
    page.reload()
    yield "not mine: over"


def _confirming(page: Page, fake: FakeSubjectDesk) -> Iterator[str]:
    press(page)
    yield "enter code: sent again"
    page.fill("#code", "12")
    press(page)
    yield "enter code: wrong"
    page.fill("#code", fake.last_code(ADDRESS))
    press(page)
    yield "confirmed"


def _opening(page: Page, start: str, reference: str, fake: FakeSubjectDesk) -> Iterator[str]:
    page.context.clear_cookies()  # as on another day
    page.goto(f"{start}/my-request")
    yield "my request"
    press(page)
    yield "my request: nothing entered"
    page.fill("#reference", reference)
    press(page)
    yield "open"
    page.locator("main form button").nth(1).click()
    yield "open: code sent"
    page.fill("#code", "00000000")
    press(page)
    yield "open: wrong code"
    page.fill("#code", fake.last_code(ADDRESS))
    press(page)
    yield "status"


def _open_request(page: Page, request: str, fake: FakeSubjectDesk) -> Iterator[str]:
    case = fake.only_case()
    fake.only_case().evidence_needed = True
    page.reload()
    yield "status: two details needed"
    page.goto(f"{request}/evidence")
    yield "evidence"
    press(page)
    yield "evidence: nothing entered"
    page.fill("#order_number", "10023")
    page.fill("#postcode", "153-0063")
    press(page)
    yield "status: details received"
    fake.only_case().evidence_needed = False
    today = fake.clock().date()
    fake.only_case().question = QuestionView(
        kind=QuestionKind.CLARIFICATION,
        text="You wrote that a postcode is wrong. We hold two addresses of yours:\nwhich of them do you mean?",
        asked_on=today,
    )
    fake.only_case().suspended_since = today
    page.goto(request)
    yield "status: a question"
    page.get_by_role("button").first.click()
    yield "status: a question, not answered"
    page.fill("#answer", "The one in Shibuya.\nThe other is right.")
    page.get_by_role("button").first.click()
    yield "status: answered"
    fake.only_case().paused = timedelta(days=10)
    fake.only_case().extension = ExtensionView(
        reason=ExtensionReason.COMPLEXITY,
        explanation="Your orders of 2009 to 2014 are on paper in a warehouse, and have to be read one by one.",
        told_on=today,
    )
    page.reload()
    yield "status: extended"
    fake.only_case().transfer = SentView(
        host="take." + "averylonglabel." * 4 + "example", state="sent", sent_on=today, sha256="a7" * 32, reason=None
    )
    page.reload()
    yield "status: sent to another company"
    fake.only_case().transfer = SentView(
        host="take.portable.example", state="retrying", sent_on=None, sha256=None, reason=None
    )
    page.reload()
    yield "status: sent to another company once more"
    carrier = Label(en="Tsubame Express Co., Ltd. (deliveries)", ja="つばめ運輸株式会社（配送）")
    sent = ToldView(who=carrier, state=NoticeState.SENT, settled=False, told_on=today)
    ended = sent.model_copy(update={"settled": True, "ends_on": today + timedelta(days=8)})
    fake.only_case().recipients = (sent, ended)
    page.reload()
    yield "status: who was told"
    fake.say(case.reference, "Whom do you give my address to?", kind="request")
    fake.say(case.reference, "We have found both addresses.\nWhich one is yours?", by="staff")
    page.goto(request)
    page.locator("form[action$='/message'] button").click()
    yield "status: no message"
    page.fill("#message", "The second one.\n" + "Averylongwordwithoutanyspaceinit" * 5)
    page.locator("form[action$='/message'] button").click()
    yield "status: messages"
    asked = fake.only_case().submission
    agent = Agent(role=AgentRole.PROXY, name="Robin Clarke", email="robin@law.example", mandate="A power of attorney.")
    fake.only_case().submission = asked.model_copy(update={"agent": agent})
    page.goto(request)
    yield "status: somebody asks for them"
    page.get_by_role("button").filter(has_text="写し" if "/ja/" in request else "copy").click()
    yield "status: they get a copy"
    fake.only_case().submission = asked
    page.goto(f"{request}/withdraw")
    yield "withdraw"
    yield from _erasure(page, request, fake)


def _erasure(page: Page, request: str, fake: FakeSubjectDesk) -> Iterator[str]:
    case = fake.only_case()
    states: tuple[ErasurePhase, ...] = ("being_planned", "being_checked", "being_erased", "erased")
    for state in states:
        fake.ask_for_confirmation(case.reference)
        assert case.erasure is not None
        case.erasure = case.erasure.model_copy(update={"state": state})
        page.goto(request)
        yield f"status: erasure {state}"
    fake.ask_for_confirmation(case.reference)
    page.goto(request)
    yield "status: erasure to be confirmed"
    page.goto(f"{request}/erasure")
    yield "erasure"
    press(page)
    yield "status: erasure confirmed"
    page.goto(f"{request}/erasure")
    yield "erasure: confirmed, and to be undone"
    page.goto(f"{request}/withdraw")
    yield "withdraw: undo an erasure"
    case.erasure = None


def _answer(page: Page, request: str, reference: str, fake: FakeSubjectDesk) -> Iterator[str]:
    fake.answer(reference, parts=2)
    page.goto(request)
    yield "status: ready"
    page.goto(f"{request}/download")
    yield "download"
    with page.expect_download():
        press(page)
    yield "downloading"


def _ended(page: Page, request: str, fake: FakeSubjectDesk) -> Iterator[str]:
    case = fake.only_case()
    case.package = None
    case.outcome = Outcome.UNCONFIRMED
    page.goto(request)
    yield "status: never confirmed"
    case.outcome, case.merged_into = Outcome.MERGED, case.reference
    page.goto(request)
    yield "status: merged"
    case.outcome, case.merged_into = Outcome.FULFILLED, None
    case.reopen_until = fake.clock() + timedelta(days=14)
    page.goto(request)
    yield "status: answered, and can be taken up again"
    case.reopen_until, case.followed_by = None, case.reference
    page.goto(request)
    yield "status: taken up again"
    case.followed_by = None
    page.goto(request)
    yield "status: answered"
    for error in (
        RuntimeError("a fault"),
        GoneError("download_limit_reached"),
        TooManyAttemptsError(fake.clock() + timedelta(hours=3)),
        ServiceUnavailableError(),
    ):
        fake.failing = error
        page.reload()
        yield f"problem: {type(error).__name__}"
    fake.clock.advance(timedelta(minutes=16))
    page.goto(request)
    yield "open: 15 minutes are over"
