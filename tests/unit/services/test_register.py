"""The register and the report: who may read them, and which months one call gives."""

import pytest

from rightsdesk.domain.errors import InvalidInputError, NotAllowedError
from rightsdesk.domain.oversight import Gap
from rightsdesk.domain.recipient_notice import NoticeLine, NoticeState
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.export.report_pages import report_text
from rightsdesk.services import register
from rightsdesk.services.register import Register
from tests.support.desk import HANDLER, Desk

AUDITOR = StaffMember(user_id="sub-auditor", roles=frozenset({Role.AUDITOR}))


def register_of(desk: Desk) -> Register:
    return Register(
        cases=desk.cases,
        merchant=desk.merchant,
        recipients=lambda: desk.data_map.recipients,
        clock=desk.clock,
    )


def test_a_request_is_in_the_register_of_its_month_open_or_closed() -> None:
    desk = Desk()
    case = desk.answered()
    desk.close(case)
    waiting = desk.submit(email="tom@example.net")
    month = case.received_at.strftime("%Y-%m")
    rows = register_of(desk).rows(AUDITOR, month, month)
    assert [row.reference for row in rows] == [case.reference, waiting.reference]
    assert (rows[0].outcome, rows[1].outcome) == ("partially_fulfilled", None)
    assert rows[0].verified_at is not None
    assert {letter.letter for letter in rows[0].letters} == {"verification_code", "partly_refused", "closed"}
    assert register_of(desk).rows(AUDITOR, "2020-01", "2020-12") == ()
    report = register_of(desk).report(AUDITOR, month)
    assert (report.received, report.answered, report.open) == (2, 1, 1)


@pytest.mark.parametrize(
    ("first", "last", "field", "reason"),
    [
        ("2026-13", "2026-10", "from", "wrong_format"),
        ("2026-10", "26-10", "to", "wrong_format"),
        ("2026-10", "2026-09", "to", "before_from"),
        ("2025-10", "2026-10", "to", "too_many_months"),
    ],
)
def test_months_that_do_not_fit(first: str, last: str, field: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        register_of(Desk()).rows(AUDITOR, first, last)
    assert [(problem.field, problem.reason) for problem in raised.value.problems] == [(field, reason)]


def test_more_rows_than_one_call_can_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "MOST_ROWS", 1)
    desk = Desk()
    month = desk.submit().received_at.strftime("%Y-%m")
    assert len(register_of(desk).rows(AUDITOR, month, month)) == 1
    desk.submit()
    with pytest.raises(InvalidInputError, match="too_many_rows"):
        register_of(desk).rows(AUDITOR, month, month)


def test_a_handler_does_not_read_the_register() -> None:
    with pytest.raises(NotAllowedError):
        register_of(Desk()).rows(HANDLER, "2026-10", "2026-10")
    with pytest.raises(NotAllowedError):
        register_of(Desk()).report(HANDLER, "2026-10")
    with pytest.raises(InvalidInputError, match="month"):
        register_of(Desk()).report(AUDITOR, "October")


def test_c1_the_report_says_what_is_overdue_with_recipients_and_how_far_they_are() -> None:
    desk = Desk()
    case = desk.submit()
    line = NoticeLine(state=NoticeState.SENT, asked_at=desk.clock(), channel="mail")
    desk.table.cases[case.request_id] = case.model_copy(update={"notices": {"carrier": line}}).model_dump_json()
    report = register_of(desk).report(AUDITOR, f"{desk.clock():%Y-%m}")
    assert report.by_notice == {"sent": 1}
    assert {each.gap for each in report.oversights} == {Gap.NO_CRITERIA, Gap.NO_CONTRACT, Gap.NEVER_REVIEWED}
    english, japanese = report_text(report, "en"), report_text(report, "ja")
    assert "carrier: never reviewed" in english
    assert "carrier: 点検未実施" in japanese
