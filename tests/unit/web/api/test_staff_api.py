import json
from typing import Any

import pytest

from rightsdesk.domain.clock import ExtensionReason, QuestionKind
from rightsdesk.domain.correction import Correction, Dispute
from rightsdesk.domain.decision_review import ReviewResult
from rightsdesk.domain.erasure_review import HoldReason
from rightsdesk.domain.errors import (
    ApproverNeededError,
    ConflictError,
    NotAllowedError,
    NotAwaitingReviewError,
    NotFoundError,
    NothingFailedError,
    SecondPersonNeededError,
    VersionMovedOnError,
)
from rightsdesk.domain.letters import Contact
from rightsdesk.domain.mail_item import Dismissal, NewRequests
from rightsdesk.domain.recipient_notice import NoticeState
from rightsdesk.domain.request import RequestType, Treatment, Withholding
from rightsdesk.domain.safeguard_state import SpecialKind
from rightsdesk.domain.staff import Role, StaffMember
from rightsdesk.web.staff_claims import staff_of
from tests.unit.web.api.desks import MAIL_ID, REFERENCE
from tests.unit.web.api.gateway import CONTEXT, ask, event, staff_door

SUB = "1d2c3b4a-5f6e-4a8b-9c7d-0e1f2a3b4c5d"
EXPLANATION = "Your orders go back to 2009 and lie in two archives that we search by hand."
ENTRY = "4f0c2b7d9e81a6350c7d2e4b18f0a95d3c6e7b21"  # of the retention ledger
WITHHOLDING = Withholding(ground="gdpr_15_4", reason="It would show how another member of your household was assessed.")
MAIL_FIELDS = {"id", "version", "verdicts", "content", "intents", "matches", "held_for", "due_on", "language"}
CASE_FIELDS = {"reference", "version", "due_on", "target_on", "sources", "held", "may_release", "subject"}


def staff(*roles: Role) -> StaffMember:
    return StaffMember(user_id=SUB, roles=frozenset(roles))


@pytest.mark.parametrize(
    ("name", "call", "fields"),
    [
        ("list", ("list_open", (staff(Role.HANDLER), 25, None)), {"items", "next"}),
        ("view", ("view", (staff(Role.HANDLER), REFERENCE)), CASE_FIELDS),
        (
            "timeline",
            ("timeline", (staff(Role.AUDITOR), REFERENCE)),
            {"reference", "events", "intact", "broken_at"},
        ),
        (
            "preview",
            ("preview", (staff(Role.HANDLER), REFERENCE, 1)),
            {"url", "expires_at", "sha256", "bytes", "name", "version"},
        ),
        ("held", ("held", (staff(Role.HANDLER), REFERENCE)), {"collections", "version"}),
        (
            "evidence",
            ("evidence", (staff(Role.AUDITOR), REFERENCE)),
            {"reference", "filename", "bytes", "sha256", "bundle"},
        ),
        (
            "assignment",
            ("assign", (staff(Role.HANDLER), REFERENCE, "8f14e45f-ceea-467f-a8b1-3d1c1b9a7c52")),
            CASE_FIELDS,
        ),
        (
            "release",
            (
                "release",
                (staff(Role.HANDLER, Role.APPROVER), REFERENCE, 7, {"orders/orders": Treatment.REDACT}, None, None),
            ),
            CASE_FIELDS,
        ),
        (
            "refusal",
            (
                "refuse",
                (
                    staff(Role.APPROVER),
                    REFERENCE,
                    7,
                    "gdpr_12_5",
                    "The same request was answered in full last week.",
                    "RD-0K3C-77PW-D, answered on 16 November 2026; nothing was added since.",
                ),
            ),
            CASE_FIELDS,
        ),
        ("recipients", ("notices", (staff(Role.HANDLER), REFERENCE)), {"version", "items"}),
        (
            "recipient_note",
            ("note_recipient", (staff(Role.HANDLER), REFERENCE, 14, "carrier", NoticeState.DONE, None)),
            {"version", "items"},
        ),
        (
            "recipient_rest",
            (
                "let_recipient_rest",
                (
                    staff(Role.APPROVER),
                    REFERENCE,
                    15,
                    "carrier",
                    NoticeState.IMPOSSIBLE,
                    "They were wound up in 2024, and nobody has the data.",
                ),
            ),
            {"version", "items"},
        ),
        (
            "recipient_again",
            ("tell_recipient_again", (staff(Role.HANDLER), REFERENCE, 15, "carrier")),
            {"version", "items"},
        ),
        ("confirmation", ("confirm_refusal", (staff(Role.APPROVER), REFERENCE, 8)), CASE_FIELDS),
        ("residence", ("reside", (staff(Role.HANDLER), REFERENCE, 7, "DE", "DE-BY")), CASE_FIELDS),
        ("messages", ("mail.messages", (staff(Role.AUDITOR), REFERENCE)), {"items"}),
        ("mails", ("mail.list_open", (staff(Role.HANDLER), 25, None)), {"items", "next"}),
        ("mail", ("mail.view", (staff(Role.HANDLER), MAIL_ID)), MAIL_FIELDS),
        (
            "mail_request",
            (
                "mail.make_requests",
                (
                    staff(Role.HANDLER),
                    MAIL_ID,
                    3,
                    NewRequests(types=(RequestType.ACCESS, RequestType.ERASURE), country="DE", language="en"),
                ),
            ),
            MAIL_FIELDS,
        ),
        ("mail_attachment", ("mail.attach", (staff(Role.HANDLER), MAIL_ID, 3, REFERENCE)), MAIL_FIELDS),
        (
            "mail_clarification",
            (
                "mail.ask",
                (staff(Role.HANDLER), MAIL_ID, 3, "Do you want a copy of your data, or an order changed?", False),
            ),
            MAIL_FIELDS,
        ),
        ("mail_dismissal", ("mail.dismiss", (staff(Role.HANDLER), MAIL_ID, 3, Dismissal.SHOP)), MAIL_FIELDS),
        ("mail_purge", ("mail.purge", (staff(Role.HANDLER), MAIL_ID, 3, "files")), MAIL_FIELDS),
        (
            "mail_file",
            ("mail.file", (staff(Role.HANDLER), MAIL_ID, 1)),
            {"url", "expires_at", "sha256", "bytes", "name"},
        ),
        (
            "extension",
            ("extend", (staff(Role.HANDLER), REFERENCE, 7, ExtensionReason.COMPLEXITY, EXPLANATION)),
            CASE_FIELDS,
        ),
        (
            "question",
            (
                "ask",
                (
                    staff(Role.HANDLER),
                    REFERENCE,
                    7,
                    QuestionKind.CLARIFICATION,
                    "Do you mean your orders as a guest in 2019, your account, or both?",
                ),
            ),
            CASE_FIELDS,
        ),
        (
            "message",
            ("write", (staff(Role.HANDLER), REFERENCE, 7, "We have found the order, and look into it today.")),
            CASE_FIELDS,
        ),
        (
            "review",
            (
                "review",
                (
                    staff(Role.HANDLER),
                    REFERENCE,
                    8,
                    "payment_fraud_check",
                    ReviewResult.CHANGED,
                    "Two orders on one day were counted as misuse. They were gifts, and were both paid.",
                ),
            ),
            CASE_FIELDS,
        ),
        ("review-facts", ("view_review", (staff(Role.HANDLER), REFERENCE)), {"version", "decisions", "facts"}),
        ("contact", ("reach", (staff(Role.HANDLER), REFERENCE, 9, "extended", Contact.POST)), CASE_FIELDS),
        (
            "withholding",
            ("withhold", (staff(Role.HANDLER), REFERENCE, 7, {"shop/members.segment": WITHHOLDING})),
            CASE_FIELDS,
        ),
        (
            "completion",
            (
                "complete",
                (
                    staff(Role.APPROVER),
                    REFERENCE,
                    7,
                    "We have stopped to use your purchases for recommendations.",
                    {"shop/members.fraud_score": "gdpr_21_1", "orders/orders.fraud_check": "gdpr_21_1"},
                    {"fraud_prevention": "Three orders on invoice were not paid, and a fourth one is open."},
                ),
            ),
            CASE_FIELDS,
        ),
        (
            "corrections",
            (
                "state_corrections",
                (
                    staff(Role.HANDLER),
                    REFERENCE,
                    7,
                    (Correction(field="shop/members.name", old="Jane Murphy", new="Jane O'Brien"),),
                    (Dispute(field="shop/members.segment", note="I never look for bargains."),),
                ),
            ),
            CASE_FIELDS,
        ),
        (
            "correction-approval",
            ("approve_correction", (staff(Role.APPROVER), REFERENCE, 9, "5e" * 32)),
            CASE_FIELDS,
        ),
        (
            "erasure",
            ("erasure", (staff(Role.AUDITOR), REFERENCE)),
            {"plan_sha256", "round", "collections", "sources", "approval", "holds", "goes_first", "certificate"},
        ),
        (
            "erasure-approval",
            ("approve_erasure", (staff(Role.APPROVER), REFERENCE, 9, "5e" * 32, {}, None)),
            CASE_FIELDS,
        ),
        (
            "mandate",
            (
                "decide_mandate",
                (
                    staff(Role.APPROVER),
                    REFERENCE,
                    9,
                    True,
                    "The lawyer's register names her, and we called her office.",
                ),
            ),
            CASE_FIELDS,
        ),
        (
            "special",
            ("raise_special_case", (staff(Role.APPROVER), REFERENCE, 9, SpecialKind.HOUSEHOLD)),
            CASE_FIELDS,
        ),
        (
            "special-decision",
            (
                "decide_special_case",
                (staff(Role.APPROVER), REFERENCE, 9, "Both of them share the account, and both agree."),
            ),
            CASE_FIELDS,
        ),
        (
            "thaw",
            ("thaw", (staff(Role.APPROVER), REFERENCE, 9, "Both of them share the account, and both agree.")),
            CASE_FIELDS,
        ),
        ("hold", ("hold", (staff(Role.APPROVER), REFERENCE, 9, HoldReason.OPEN_DISPUTE)), CASE_FIELDS),
        (
            "restriction-lift",
            (
                "lift_restriction",
                (staff(Role.APPROVER), REFERENCE, 9, "We have checked your address, and it is right."),
            ),
            CASE_FIELDS,
        ),
        ("hold-lift", ("lift_hold", (staff(Role.APPROVER), REFERENCE, 9, HoldReason.OPEN_DISPUTE)), CASE_FIELDS),
        (
            "decisions",
            ("decisions", (staff(Role.AUDITOR), REFERENCE)),
            {"decisions", "to_judge", "grounds", "counts", "version"},
        ),
        ("letters", ("letters", (staff(Role.AUDITOR), REFERENCE)), {"letters"}),
        (
            "letter-preview",
            (
                "preview_letter",
                (
                    staff(Role.HANDLER),
                    REFERENCE,
                    "extended",
                    {"reason": "complexity", "explanation": EXPLANATION},
                ),
            ),
            {"letter", "subject", "text", "html", "language"},
        ),
        ("retention", ("kept", (staff(Role.AUDITOR), 25, None)), {"items", "next"}),
        ("retention-lift", ("lift_kept", (staff(Role.APPROVER), ENTRY)), {"id", "law", "until", "state", "rows"}),
        ("register", ("register", (staff(Role.AUDITOR), "2026-09", "2026-10")), {"rows"}),
        ("report", ("report", (staff(Role.AUDITOR), "2026-10")), {"month", "received", "median_days", "p90_days"}),
        ("retry", ("retry", (staff(Role.ADMIN), REFERENCE)), CASE_FIELDS),
        ("transfer-retry", ("retry_transfer", (staff(Role.HANDLER), REFERENCE, 11)), CASE_FIELDS),
    ],
)
def test_each_way_in_asks_the_desk_and_gives_its_answer(name: str, call: Any, fields: set[str]) -> None:
    door, log = staff_door()
    answer = ask(door, event(f"staff_api-{name}"))
    assert (answer.status, log.calls) == (200, [call])
    assert fields <= set(answer.body)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("groups", "roles"),
    [
        ("handler", {Role.HANDLER}),
        ("handler,approver", {Role.HANDLER, Role.APPROVER}),
        ("[handler approver]", {Role.HANDLER, Role.APPROVER}),
        ("[handler, approver]", {Role.HANDLER, Role.APPROVER}),
        (["handler", "approver"], {Role.HANDLER, Role.APPROVER}),
        ("auditor,customers", {Role.AUDITOR}),
        (["admin", 7, None], {Role.ADMIN}),
    ],
)
def test_groups_are_roles_in_every_form_that_a_gateway_writes(groups: Any, roles: set[Role]) -> None:
    assert staff_of({"sub": SUB, "cognito:groups": groups}).roles == roles


@pytest.mark.parametrize("groups", [None, "", "[]", [], "customers", "Handler", "handlers", "x-approver", {"a": 1}, 5])
def test_a52_nobody_without_a_group_of_ours_gets_in(groups: Any) -> None:
    door, log = staff_door()
    answer = ask(door, with_claims({"sub": SUB, "cognito:groups": groups}))
    assert (answer.status, answer.body["code"]) == (403, "not_allowed")
    assert log.calls == []


@pytest.mark.parametrize("authorizer", [None, {}, {"claims": None}, {"claims": {"cognito:groups": "admin"}}, "admin"])
def test_without_a_checked_token_there_is_no_staff(authorizer: Any) -> None:
    door, log = staff_door()
    asked = event("staff_api-list")
    asked["requestContext"]["authorizer"] = authorizer
    assert ask(door, asked).status == 401
    assert log.calls == []


def test_who_is_calling_is_never_taken_from_what_was_sent() -> None:
    door, log = staff_door()
    asked = event("staff_api-release", headers={"X-Groups": "approver", "cognito:groups": "approver"})
    asked["requestContext"]["authorizer"]["claims"]["cognito:groups"] = "auditor"
    ask(door, asked)
    assert log.calls[0][1][0] == staff(Role.AUDITOR)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (None, (25, None)),
        ({"limit": "1"}, (1, None)),
        ({"limit": "100", "cursor": "b3BhcXVl"}, (100, "b3BhcXVl")),
    ],
)
def test_the_work_list_comes_in_pages(query: Any, expected: tuple[int, str | None]) -> None:
    door, log = staff_door()
    assert ask(door, with_query(query)).status == 200
    assert log.calls[0][1][1:] == expected


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"limit": "0"}, ("limit", "out_of_range")),
        ({"limit": "101"}, ("limit", "out_of_range")),
        ({"limit": "-1"}, ("limit", "wrong_type")),
        ({"limit": "1_0"}, ("limit", "wrong_type")),
        ({"limit": "１０"}, ("limit", "wrong_type")),
        ({"limit": "9" * 5000}, ("limit", "wrong_type")),
        ({"limit": ""}, ("limit", "wrong_type")),
        ({"cursor": ""}, ("cursor", "too_short")),
        ({"cursor": "x" * 1025}, ("cursor", "too_long")),
        ({"email": "hanako@example.jp"}, ("email", "unknown_field")),
    ],
)
def test_a_query_that_does_not_fit_is_refused_by_name(query: Any, problem: tuple[str, str]) -> None:
    door, log = staff_door()
    answer = ask(door, with_query(query))
    assert [(e["field"], e["reason"]) for e in answer.body["errors"]] == [problem]
    assert log.calls == []


def test_a_month_of_mails_comes_in_pages() -> None:
    door, log = staff_door()
    asked = event("staff_api-mails")
    cursor = "2026-11-23T10:00:00Z#0123456789abcdef0123456789abcdef"
    query = {"month": "2026-11", "limit": "2", "cursor": cursor}
    asked["queryStringParameters"] = query
    asked["multiValueQueryStringParameters"] = {name: [value] for name, value in query.items()}
    assert ask(door, asked).status == 200
    assert log.calls == [("mail.list_month", (staff(Role.HANDLER), "2026-11", 2, cursor))]


def test_a_parameter_that_stands_twice_is_refused() -> None:
    door, _ = staff_door()
    asked = with_query({"limit": "1"})
    asked["multiValueQueryStringParameters"]["limit"] = ["1", "100"]
    assert ask(door, asked).body["errors"] == [{"field": "limit", "reason": "duplicate"}]


@pytest.mark.parametrize(
    ("name", "body", "problem"),
    [
        ("assignment", {}, ("assignee", "missing")),
        ("assignment", {"assignee": "hanako@example.jp"}, ("assignee", "wrong_format")),
        ("release", {}, ("version", "missing")),
        ("release", {"version": "7"}, ("version", "wrong_type")),
        ("release", {"version": True}, ("version", "wrong_type")),
        ("release", {"version": 0}, ("version", "out_of_range")),
        ("release", {"version": 7, "held": {"shop_orders": "keep"}}, ("held.shop_orders", "not_a_choice")),
        ("release", {"version": 7, "final": True}, ("final", "unknown_field")),
        ("release", {"version": 7, "send": "yes"}, ("send", "wrong_type")),
        ("release", {"version": 7, "send": False, "send_refused": " "}, ("send_refused", "too_short")),
        ("refusal", {"version": 7, "ground": "a b", "reason": "x"}, ("ground", "wrong_format")),
        ("refusal", {"version": 7, "ground": "unfounded", "reason": ""}, ("reason", "too_short")),
        ("refusal", {"version": 7, "ground": "unfounded", "reason": " \n "}, ("reason", "too_short")),
        ("refusal", {"version": 7, "ground": "a", "reason": "x", "evidence": " "}, ("evidence", "too_short")),
        ("refusal", {"version": 7, "ground": "a", "reason": "x" * 2001}, ("reason", "too_long")),
        ("confirmation", {}, ("version", "missing")),
        ("residence", {"version": 7, "country": "XX"}, ("country", "not_a_choice")),
        ("residence", {"version": 7, "country": "DE", "region": "FR-75"}, ("region", "not_a_choice")),
        ("mail_request", {"version": 3, "types": [], "country": "DE", "language": "en"}, ("types", "too_short")),
        (
            "mail_request",
            {"version": 3, "types": ["all"], "country": "DE", "language": "en"},
            ("types.0", "not_a_choice"),
        ),
        (
            "mail_request",
            {"version": 3, "types": ["access"], "country": "DE", "language": "en", "received_at": "2026-01-01"},
            ("received_at", "unknown_field"),
        ),
        ("mail_dismissal", {"version": 3, "reason": "no time"}, ("reason", "not_a_choice")),
        ("mail_purge", {"version": 3, "what": "case"}, ("what", "not_a_choice")),
        ("mail_attachment", {"version": 3}, ("reference", "missing")),
        ("confirmation", {"version": 7, "by": "sub-2"}, ("by", "unknown_field")),
        ("extension", {"version": 7, "reason": "workload", "explanation": "x"}, ("reason", "not_a_choice")),
        ("extension", {"version": 7, "reason": "complexity"}, ("explanation", "missing")),
        (
            "extension",
            {"version": 7, "reason": "complexity", "explanation": "x", "due_on": "2027-01-01"},
            ("due_on", "unknown_field"),
        ),
        ("question", {"version": 7, "kind": "other", "text": "x"}, ("kind", "not_a_choice")),
        ("question", {"version": 7, "kind": "identity", "text": ""}, ("text", "too_short")),
        (
            "question",
            {"version": 7, "kind": "identity", "text": "x", "asked_at": "2026-01-01"},
            ("asked_at", "unknown_field"),
        ),
        ("contact", {"version": 7, "letter": "extended"}, ("by", "missing")),
        ("contact", {"version": 7, "letter": "extended", "by": "fax"}, ("by", "not_a_choice")),
        ("contact", {"version": 7, "letter": "The letter", "by": "post"}, ("letter", "wrong_format")),
        ("withholding", {"version": 7}, ("withheld", "missing")),
        ("withholding", {"version": 7, "withheld": {"a/b.c": "gdpr_15_4"}}, ("withheld.*", "wrong_type")),
        (
            "withholding",
            {"version": 7, "withheld": {"a/b.c": {"ground": "gdpr_15_4"}}},
            ("withheld.*.reason", "missing"),
        ),
        (
            "withholding",
            {"version": 7, "withheld": {"a b": {"ground": "gdpr_15_4", "reason": "x"}}},
            ("withheld.*.*", "wrong_format"),
        ),
        ("completion", {"version": 7}, ("done", "missing")),
        (
            "corrections",
            {"version": 9, "corrections": [{"field": "a/b.c", "new": "x"}]},
            ("corrections.0.old", "missing"),
        ),
        ("corrections", {"version": 9, "disputed": [{"field": "a/b.c", "note": ""}]}, ("disputed.0.note", "too_short")),
        ("correction-approval", {"version": 9}, ("plan_sha256", "missing")),
        ("erasure-approval", {"version": 9}, ("plan_sha256", "missing")),
        ("erasure-approval", {"version": 9, "plan_sha256": "5E" * 32}, ("plan_sha256", "wrong_format")),
        ("mandate", {"version": 9, "accepted": "yes", "reason": "Because."}, ("accepted", "wrong_type")),
        ("special", {"version": 9, "kind": "rich"}, ("kind", "not_a_choice")),
        ("thaw", {"version": 9}, ("reason", "missing")),
        ("hold", {"version": 9, "reason": "because"}, ("reason", "not_a_choice")),
        ("hold-lift", {"version": 9}, ("reason", "missing")),
        ("restriction-lift", {"version": 9, "reason": ""}, ("reason", "too_short")),
        ("completion", {"version": 7, "done": "x" * 4001}, ("done", "too_long")),
        ("completion", {"version": 7, "done": "x", "kept": {"a b": "gdpr_17_3_e"}}, ("kept.*.*", "wrong_format")),
        ("completion", {"version": 7, "done": "x", "kept": {"a/b.c": "GDPR 17"}}, ("kept.*", "wrong_format")),
        ("completion", {"version": 7, "done": "x", "reasons": {"A b": "x"}}, ("reasons.*.*", "wrong_format")),
        ("completion", {"version": 7, "done": "x", "reasons": {"platform": ""}}, ("reasons.platform", "too_short")),
        ("letter-preview", {}, ("letter", "missing")),
        ("letter-preview", {"letter": "verification_code"}, ("letter", "not_a_choice")),
        ("letter-preview", {"letter": "answer", "held": {"a/b": "keep"}}, ("held.*", "not_a_choice")),
        ("letter-preview", {"letter": "answer", "to": "eve@example.net"}, ("to", "unknown_field")),
        ("retry", {"from": "Collect"}, ("from", "unknown_field")),
    ],
)
def test_a51_a_body_that_does_not_fit_is_refused_by_name(name: str, body: Any, problem: tuple[str, str]) -> None:
    door, log = staff_door()
    answer = ask(door, event(f"staff_api-{name}", body=json.dumps(body)))
    assert [(e["field"], e["reason"]) for e in answer.body["errors"]] == [problem]
    assert log.calls == []


def test_nobody_can_be_assigned() -> None:
    door, log = staff_door()
    assert ask(door, event("staff_api-assignment", body='{"assignee": null}')).status == 200
    assert log.calls[0][1][2] is None


@pytest.mark.parametrize("name", ["retry", "preview"])
def test_a_call_that_needs_no_body_needs_none(name: str) -> None:
    door, log = staff_door()
    asked = event(f"staff_api-{name}", body=None, headers={"Content-Type": None})
    assert ask(door, asked).status == 200
    assert len(log.calls) == 1


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotAllowedError("SECRET"), 403, "not_allowed"),
        (ApproverNeededError("SECRET"), 403, "approver_needed"),
        (SecondPersonNeededError("SECRET"), 403, "second_person_needed"),
        (NotFoundError(), 404, "not_found"),
        (ConflictError("SECRET"), 409, "conflict"),
        (VersionMovedOnError("SECRET"), 409, "version_moved_on"),
        (NotAwaitingReviewError("SECRET"), 409, "not_awaiting_review"),
        (NothingFailedError("SECRET"), 409, "nothing_failed"),
    ],
)
def test_what_the_desk_refuses_is_refused_with_a_code_and_without_saying_more(
    error: Exception, status: int, code: str
) -> None:
    door, log = staff_door()
    log.fails["release"] = error
    answer = ask(door, event("staff_api-release"))
    assert (answer.status, answer.body["code"]) == (status, code)
    assert "SECRET" not in answer.text


@pytest.mark.parametrize(
    ("name", "form", "media_type", "writer", "text"),
    [
        ("register", "csv", "text/csv; charset=utf-8", "register_csv", "reference\r\n"),
        ("report", "text", "text/plain; charset=utf-8", "report_text", "Requests received in 2026-10\n"),
        ("report", "svg", "image/svg+xml; charset=utf-8", "report_svg", "<svg/>\n"),
    ],
)
def test_the_register_and_the_report_come_in_other_forms_too(
    name: str, form: str, media_type: str, writer: str, text: str
) -> None:
    door, log = staff_door()
    answer = door.resolve(with_form(name, form), CONTEXT)
    assert (answer["statusCode"], answer["body"]) == (200, text)
    headers = answer["multiValueHeaders"]
    assert headers["Content-Type"] == [media_type]
    assert headers["Cache-Control"] == ["no-store"]
    assert headers["X-Content-Type-Options"] == ["nosniff"]
    saved = ['attachment; filename="register_2026-09_2026-10.csv"'] if form == "csv" else None
    assert headers.get("Content-Disposition") == saved
    assert [call for call, _ in log.calls] == [name, writer]


@pytest.mark.parametrize(
    ("name", "query", "problem"),
    [
        ("register", {}, ("from", "missing")),
        ("register", {"from": "2026-9", "to": "2026-10"}, ("from", "wrong_format")),
        ("register", {"from": "2026-09", "to": "2026-13"}, ("to", "wrong_format")),
        ("register", {"from": "2026-09", "to": "2026-10", "format": "xlsx"}, ("format", "not_a_choice")),
        ("register", {"first": "2026-09", "from": "2026-09", "to": "2026-10"}, ("first", "unknown_field")),
        ("report", {"format": "csv"}, ("format", "not_a_choice")),
    ],
)
def test_a_register_or_report_that_does_not_fit_is_refused_by_name(
    name: str, query: dict[str, str], problem: tuple[str, str]
) -> None:
    door, log = staff_door()
    many = {key: [value] for key, value in query.items()}
    asked = event(f"staff_api-{name}", queryStringParameters=query, multiValueQueryStringParameters=many)
    answer = ask(door, asked)
    assert answer.status == 400
    assert problem in [(e["field"], e["reason"]) for e in answer.body["errors"]]
    assert log.calls == []


def test_what_is_refused_is_a_problem_in_any_form() -> None:
    door, log = staff_door()
    log.fails["register"] = NotAllowedError()
    answer = ask(door, with_form("register", "csv"))
    assert (answer.status, answer.headers["Content-Type"]) == (403, "application/problem+json")


def with_form(name: str, form: str) -> dict[str, Any]:
    asked = event(f"staff_api-{name}")
    query = (asked["queryStringParameters"] or {}) | {"format": form}
    many = {key: [value] for key, value in query.items()}
    return asked | {"queryStringParameters": query, "multiValueQueryStringParameters": many}


def with_claims(claims: dict[str, Any]) -> dict[str, Any]:
    asked = event("staff_api-list")
    asked["requestContext"]["authorizer"]["claims"] = claims
    return asked


def with_query(query: dict[str, str] | None) -> dict[str, Any]:
    many = {name: [value] for name, value in query.items()} if query else None
    return event("staff_api-list", queryStringParameters=query, multiValueQueryStringParameters=many)
