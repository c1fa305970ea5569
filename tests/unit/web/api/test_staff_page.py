"""docs/staff-api.md says who may do what: compared here with the routes there are and with the roles."""

import re
from itertools import dropwhile, takewhile
from pathlib import Path

from rightsdesk.domain.staff import PERMISSIONS, Action, Role
from tests.unit.web.api.gateway import staff_door

PAGE = (Path(__file__).parents[4] / "docs/staff-api.md").read_text("utf-8")
# Path of a route, after the case -> what it asks for. GET and POST of decisions differ.
ASKS = {
    ("PUT", "/corrections"): Action.DECIDE,
    ("POST", "/corrections/approval"): Action.COMPLETE,
    ("GET", ""): Action.READ,
    ("GET", "/timeline"): Action.TIMELINE,
    ("GET", "/letters"): Action.READ,
    ("GET", "/decisions"): Action.READ,
    ("GET", "/evidence"): Action.EVIDENCE,
    ("POST", "/preview"): Action.INSPECT,
    ("GET", "/held"): Action.INSPECT,
    ("POST", "/letters/preview"): Action.INSPECT,
    ("POST", "/assignment"): Action.ASSIGN,
    ("POST", "/retry"): Action.RETRY,
    ("POST", "/transfer/retry"): Action.RETRY,
    ("POST", "/extension"): Action.EXTEND,
    ("POST", "/question"): Action.ASK,
    ("POST", "/message"): Action.ASK,
    ("POST", "/review"): Action.DECIDE,
    ("GET", "/review"): Action.INSPECT,
    ("POST", "/contact"): Action.REACH,
    ("POST", "/decisions"): Action.DECIDE,
    ("POST", "/refusal"): Action.PROPOSE,
    ("POST", "/refusal/confirmation"): Action.REFUSE,
    ("POST", "/release"): Action.RELEASE,
    ("POST", "/completion"): Action.COMPLETE,
    ("GET", "/erasure"): Action.READ,
    ("POST", "/erasure/approval"): Action.PROPOSE,
    ("GET", "/recipients"): Action.READ,
    ("POST", "/recipients/{recipient}"): Action.DECIDE,
    ("POST", "/recipients/{recipient}/again"): Action.DECIDE,
    ("POST", "/recipients/{recipient}/rest"): Action.COMPLETE,
    ("POST", "/mandate"): Action.DECIDE,
    ("POST", "/special"): Action.DECIDE,
    ("POST", "/special/decision"): Action.CLEAR,
    ("POST", "/thaw"): Action.CLEAR,
    ("POST", "/hold"): Action.PROPOSE,
    ("POST", "/restriction-lift"): Action.LIFT,
    ("POST", "/hold-lift"): Action.LIFT,
    ("POST", "/residence"): Action.RESIDE,
    ("GET", "/messages"): Action.READ,
    ("GET", "/staff/mail"): Action.READ,
    ("GET", "/staff/mail/{id}"): Action.READ,
    ("POST", "/staff/mail/{id}/request"): Action.TRIAGE,
    ("POST", "/staff/mail/{id}/attachment"): Action.TRIAGE,
    ("POST", "/staff/mail/{id}/clarification"): Action.TRIAGE,
    ("POST", "/staff/mail/{id}/dismissal"): Action.TRIAGE,
    ("POST", "/staff/mail/{id}/purge"): Action.TRIAGE,
    ("POST", "/staff/mail/{id}/files/{number}"): Action.TRIAGE,
    ("POST", "/staff/mail/{id}/raw"): Action.TRIAGE,
    ("GET", "/staff/requests"): Action.READ,
    ("GET", "/staff/retention"): Action.READ,
    ("POST", "/staff/retention/{entry}/lift"): Action.LIFT,
    ("GET", "/staff/register"): Action.REGISTER,
    ("GET", "/staff/reports/{month}"): Action.REGISTER,
}


def rows() -> list[tuple[set[tuple[str, str]], set[Role]]]:
    """Of the table: the routes of a line, and the roles with a yes."""
    from_table = dropwhile(lambda line: not line.startswith("| "), PAGE.splitlines())
    lines = [line for line in takewhile(lambda line: line.startswith("|"), from_table) if line.startswith("| ")][1:]
    found = []
    for line in lines:
        _, _, calls, *marks = [cell.strip() for cell in line.split("|")[:-1]]
        routes = set()
        for method, path in re.findall(r"`(GET|POST|PUT) ([^`]+)`", calls):
            short = path.removeprefix("…").removeprefix("/staff/requests/{reference}")
            routes.add((method, short))
        found.append((routes, {role for role, mark in zip(Role, marks, strict=True) if mark == "yes"}))
    return found


def test_the_page_names_every_route_and_no_other() -> None:
    door, _ = staff_door()
    served = {(o.method, o.path.removeprefix("/staff/requests/{reference}")) for o in door.operations}
    named = {route for routes, _ in rows() for route in routes}
    assert named == served - {("GET", "/staff/openapi.json")}
    assert set(ASKS) == named


def test_a96_the_page_says_who_may() -> None:
    for routes, roles in rows():
        # A line with several calls is about the strictest: to decide a refusal, and not only to propose it.
        may = set.intersection(*({role for role in Role if ASKS[route] in PERMISSIONS[role]} for route in routes))
        assert may == roles, routes
