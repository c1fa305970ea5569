"""The measures of a month, over cases whose history is known."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.clock import Breach, Extension, ExtensionReason, Question, QuestionKind
from rightsdesk.domain.letters import DeliveryState, LetterRecord
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.recipient_notice import NoticeLine, NoticeState
from rightsdesk.domain.register import grounds_of, register_row
from rightsdesk.domain.report import DAY_CLASSES, make_report
from rightsdesk.domain.request import PrivacyRequest, Refusal, Withholding
from rightsdesk.domain.safeguard_state import Freeze
from rightsdesk.domain.transfer import Transfer, TransferStatus
from rightsdesk.export.register_csv import register_csv
from rightsdesk.export.report_pages import report_svg, report_text
from tests.support.cases import RECEIVED, new_case

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = RECEIVED + timedelta(days=60)


def case(days: int | None = None, **changes: object) -> PrivacyRequest:
    made, _ = new_case(**changes)
    if days is not None:
        made = made.model_copy(update={"answered_at": RECEIVED + timedelta(days=days)})
    return made


def test_what_is_counted() -> None:
    told = RECEIVED + timedelta(days=9)
    extension = Extension(reason=ExtensionReason.COMPLEXITY, explanation="Ten systems.", told_at=told)
    refusal = Refusal(ground="gdpr_12_5", reason="daily", by="a", second_by="b", needs_second=True)
    proposed = Refusal(ground="gdpr_15_4", reason="x", by="a", needs_second=True)
    cases = [
        case(3, outcome=Outcome.FULFILLED, status=Status.CLOSED),
        case(
            10,
            withheld={"shop/members.segment": Withholding(ground="gdpr_15_4", reason="A neighbour's.")},
            outcome=Outcome.PARTIALLY_FULFILLED,
        ),
        case(50, extension=extension, breaches=(Breach.LATE_ANSWER,)),
        case(40, refusal=refusal, outcome=Outcome.REFUSED, breaches=(Breach.LATE_REFUSAL,)),
        case(None, refusal=proposed),
        case(None, status=Status.CLOSED, outcome=Outcome.UNVERIFIED),
        case(None, status=Status.CLOSED, outcome=Outcome.WITHDRAWN, types=("erasure",)),
    ]
    report = make_report("2026-11", cases, zone=TOKYO, now=NOW)
    assert (report.received, report.open, report.answered) == (7, 1, 4)
    assert report.answered_within_1_month == 2
    assert (report.extended, report.overdue, report.refused, report.late_refusals) == (1, 3, 1, 1)
    assert report.refused_by_ground == {"gdpr_12_5": 1, "gdpr_15_4": 1}
    assert report.by_type == {"access": 6, "erasure": 1}
    assert (report.median_days, report.p90_days) == (25.0, 50)
    assert report.days == {"0-7": 1, "8-14": 1, "15-21": 0, "22-31": 0, "32-62": 2, "63-93": 0, "94+": 0}
    assert sum(report.late_days.values()) == report.late_days["32-62"] == 2


def test_an_empty_month_has_no_days() -> None:
    report = make_report("2026-11", [], zone=TOKYO, now=NOW)
    assert (report.received, report.median_days, report.p90_days) == (0, None, None)
    for language in ("en", "ja"):
        assert "2026-11" in report_text(report, language)
        assert report_svg(report, language).count("<rect") == 5 + 2 * (len(DAY_CLASSES) + 1)


@given(st.lists(st.integers(0, 200), min_size=1, max_size=30))
def test_measures_of_days_hold_for_any_days(days: list[int]) -> None:
    report = make_report("2026-11", [case(day) for day in days], zone=ZoneInfo("UTC"), now=NOW)
    assert report.median_days is not None
    assert report.p90_days is not None
    assert min(days) <= report.median_days <= report.p90_days <= max(days)
    assert sum(day <= report.p90_days for day in days) >= 0.9 * len(days)
    assert sum(report.days.values()) == len(days)


def test_a98_no_cell_of_the_register_is_a_formula() -> None:
    row = register_row(case(3, decided_by=("=cmd|' /C calc'!A0", "+1")), [])
    written = register_csv([row])
    assert written.startswith("\ufeff")
    assert "'=cmd" in written
    assert '"=' not in written


def test_the_register_names_nobody() -> None:
    question = Question(
        kind=QuestionKind.CLARIFICATION,
        asked_at=RECEIVED,
        text="Which canary orders?",
        answered_at=RECEIVED + timedelta(days=2),
        answer="The canary ones.",
    )
    made = case(3, questions=(question,), details="canary", done="canary", order_number="canary")
    letters = [
        LetterRecord(
            letter="answer_ready", recipient_key=made.subject_key, version=1, state=DeliveryState.SENT, at=RECEIVED
        ),
        LetterRecord(letter="staff_release", recipient_key="staff", version=1, state=DeliveryState.SENT, at=RECEIVED),
    ]
    row = register_row(made, letters)
    assert [letter.letter for letter in row.letters] == ["answer_ready"]
    assert [event.what for event in row.clock_events] == ["clarification_asked", "clarification_answered"]
    assert row.kept_until is None
    written = row.model_dump_json() + register_csv([row])
    for secret in (made.name, made.email, made.email_as_typed, "canary"):
        assert secret not in written


def test_the_register_says_who_was_told_what_became_of_a_transfer_and_who_disowned_it() -> None:
    line = NoticeLine(state=NoticeState.DONE, asked_at=RECEIVED, settled=True, channel="manual")
    waiting = NoticeLine(state=NoticeState.SENT, asked_at=RECEIVED, channel="mail")
    transfer = Transfer(
        host="canary.example", status=TransferStatus.FAILED, failed="404", refused_reason="canary", approved_by="a"
    )
    frozen = Freeze(at=RECEIVED, reason="canary", thawed_by="b", thawed_at=RECEIVED + timedelta(hours=2))
    row = register_row(case(3, notices={"carrier": line, "bank": waiting}, transfer=transfer, frozen=frozen), [])
    assert [(told.recipient, told.state, told.settled) for told in row.recipients] == [
        ("carrier", "done", True),
        ("bank", "sent", False),
    ]
    assert (row.transfer, row.transfer_failed, row.transferred_at) == ("failed", "404", None)
    assert (row.frozen_at, row.thawed_at) == (RECEIVED, RECEIVED + timedelta(hours=2))
    written = register_csv([row])
    assert "carrier/done/True bank/sent/False" in written
    assert "canary" not in written + row.model_dump_json()


def test_of_a_request_without_these_the_register_says_nothing() -> None:
    row = register_row(case(3), [])
    assert (row.recipients, row.transfer, row.transfer_failed, row.transferred_at) == ((), None, None, None)
    assert (row.frozen_at, row.thawed_at) == (None, None)


def test_a_refusal_that_is_only_proposed_is_no_ground() -> None:
    refusal = Refusal(ground="gdpr_12_5", reason="x", by="a", needs_second=True)
    assert grounds_of(case(refusal=refusal)) == ()
    assert grounds_of(case(refusal=refusal.model_copy(update={"second_by": "b"}))) == ("gdpr_12_5",)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_text_and_plot_show_every_measure(language: str) -> None:
    report = make_report("2026-11", [case(3), case(35)], zone=TOKYO, now=datetime(2027, 2, 1, tzinfo=UTC))
    text = report_text(report, language)  # type: ignore[arg-type]
    assert max(map(len, text.splitlines())) <= 80
    assert "19" in text  # the median
    plot = report_svg(report, language)  # type: ignore[arg-type]
    assert plot.startswith("<svg")
    assert "url(#late)" in plot
    assert date(2027, 2, 1).isoformat() in plot
