"""What staff decide: release, refusal, rows about others, and who may decide it (mission B-2, GDPR 12(4), 15(4))."""

import base64
import gzip
import hashlib
import json

import pytest

from local.shop import records
from tests.support.package import Package
from tests.support.stack import Case, PlayedStack, together

GIFT = ("gift_name", "gift_address")


@pytest.fixture
def held(stack: PlayedStack) -> Case:
    """A case with an order that was a gift to somebody else."""
    return stack.to_review(stack.new_member(orders=2, gifts=1), type=["access", "portability"])


def test_a82_a_refusal_names_ground_reason_authority_and_court(stack: PlayedStack) -> None:
    member = stack.new_member(country="DE")
    case = stack.to_review(member)
    version = stack.staff_view(case)["version"]
    for ground, reason, field in (("gdpr_15_4", " ", "reason"), ("appi_33_2_i_x", "Because.", "ground")):
        refused = stack.decide(case, "refusal", {"version": version, "ground": ground, "reason": reason})
        assert (refused.status, refused.body["errors"][0]["field"]) == (400, field)

    reason = "Every record names a second person as well. {{ 7*7 }} <b>${x}</b>"
    stack.decide(case, "refusal", {"version": version, "ground": "gdpr_15_4", "reason": reason}).expect(200)
    closed = stack.stored(case)
    assert (closed.outcome, closed.status) == ("refused", "closed")
    letter = stack.mails_about(case)[-1]
    assert letter.subject == f"Our decision on request {case.reference}"
    assert "GDPR 15(4)" in letter.text
    assert reason in letter.text  # a48: written as it is, and no template
    assert "supervisory authority" in letter.text
    assert "bfdi.bund.de" in letter.text
    assert "court" in letter.text
    assert "<b>${x}</b>" not in letter.html  # a47
    assert stack.remnants(f"work/{closed.request_id}/", f"exports/{closed.request_id}/") == []
    assert stack.download_link(case).status in (404, 410)


def test_a44_a79_excessive_is_proposed_with_evidence_and_confirmed_by_another(stack: PlayedStack) -> None:
    case = stack.to_review(stack.new_member(country="DE"))
    body = {
        "version": stack.staff_view(case)["version"],
        "ground": "gdpr_12_5",
        "reason": "You asked for the same forty times, each time the day after our answer.",
    }
    unproven = stack.decide(case, "refusal", body)
    assert (unproven.status, unproven.body["errors"]) == (400, [{"field": "evidence", "reason": "missing"}])
    proposed = stack.decide(case, "refusal", body | {"evidence": "Register, May to July."}, by="handler").expect(200)
    assert proposed["status"] == "awaiting_review"
    assert "refusal" in stack.staff_mails(case)[-1].subject

    version = {"version": proposed["version"]}
    assert stack.decide(case, "refusal/confirmation", version, by="handler").status == 403
    stack.decide(case, "refusal/confirmation", version).expect(200)
    assert stack.stored(case).outcome == "refused"
    assert stack.happened(case)[-3:] == ["refusal_proposed", "refused", "closed"]
    letter = stack.mails_about(case)[-1].text
    assert "GDPR 12(5)" in letter
    assert "Register, May" not in letter


def test_a_refusal_under_the_appi_takes_its_own_grounds(stack: PlayedStack) -> None:
    case = stack.to_review(stack.new_member(country="JP"))
    version = stack.staff_view(case)["version"]
    wrong = stack.decide(
        case, "refusal", {"version": version, "ground": "gdpr_15_4", "reason": "第三者の情報を含むため"}
    )
    assert wrong.status == 400
    stack.decide(
        case, "refusal", {"version": version, "ground": "appi_33_2_i", "reason": "第三者の情報を含むため"}
    ).expect(200)
    letter = stack.mails_about(case)[-1].text
    assert "33条" in letter or "第三十三条" in letter
    assert "03-6457-9849" in letter


def test_a12_rows_about_others_wait_for_a_decision_and_go_out_as_decided(stack: PlayedStack, held: Case) -> None:
    view = stack.staff_view(held)
    assert view["held"] == [{"collection": "orders/orders", "rows": 1, "treatment": None}]
    assert "orders/orders (1)" in stack.staff_mails(held)[-1].text
    undecided = stack.decide(held, "release", {"version": view["version"]})
    assert (undecided.status, undecided.body["errors"]) == (
        400,
        [{"field": "held.orders/orders", "reason": "missing"}],
    )
    too_much = {"version": view["version"], "held": {"orders/orders": "redact", "shop/members": "give"}}
    assert stack.decide(held, "release", too_much).status == 400

    stack.release(held, treatment="redact")
    assert stack.happened(held)[-3:] == ["released", "export_built", "answered"]
    package = Package(stack.download(held))
    assert package.verified().ok
    orders = package.records("orders")
    assert len(orders) == 2
    assert not any(name in order for order in orders for name in GIFT)
    assert not package.says("由比ガ浜")
    withheld = {entry["field"]: entry["rows"] for entry in package.json("withheld.json")["withheld"]}
    assert withheld.items() >= {"gift_name": 1, "gift_address": 1}.items()
    assert "with the reason" in stack.mails_about(held)[1].text
    stack.advance(days=14, hours=1)
    assert stack.stored(held).outcome == "partially_fulfilled"


def test_withheld_rows_stay_out_and_given_rows_go_whole(stack: PlayedStack) -> None:
    packages = {}
    for treatment in ("withhold", "give"):
        case = stack.to_review(stack.new_member(orders=2, gifts=1), type=["access", "portability"])
        stack.release(case, treatment=treatment)
        packages[treatment] = Package(stack.download(case))
        assert packages[treatment].verified().ok
    assert len(packages["withhold"].records("orders")) == 1
    given = packages["give"].records("orders")
    assert [("gift_name" in order) for order in given] == [True, False]
    # Data about others is no part of portability, whatever staff decide for access (GDPR 20(4)).
    assert b"gift" not in packages["withhold"].files["portability/orders.jsonl"]


def test_what_the_map_never_gives_is_in_no_file(stack: PlayedStack) -> None:
    """a92: passwords, scores and notes stay where they are, and so does what the map does not know."""
    member = stack.new_member(orders=1)
    stack.put("MembersTable", [_profile_with(stack, member, {"staff_rating": "CANARY-RATING"})])
    note = {"ticket": "T-1", "sent_at": "2026-01-01T00:00:00Z", "body": "Hello", "staff_note": "CANARY-NOTE"}
    stack.put_support_mail(member, gzip.compress(json.dumps(note).encode()))
    case = stack.to_review(member)
    members = next(s for s in stack.staff_view(case)["sources"] if s["source"] == "shop")["collections"]["members"]
    assert members["unmapped"] == {"staff_rating": 1}
    assert members["withheld"] == {"fraud_score": 1, "password_hash": 1}
    stack.release(case)
    package = Package(stack.download(case))
    for canary in ("CANARY-RATING", "CANARY-NOTE", "argon2id"):
        assert not package.says(canary)


def test_a79_who_handled_a_case_may_not_release_it(stack: PlayedStack, held: Case) -> None:
    assert stack.local.staff is not None
    mine = _subject_of(stack, "approver")
    assigned = stack.decide(held, "assignment", {"assignee": "me"}, by="approver").expect(200)
    assert assigned["assignee"] == mine
    seen = stack.staff_view(held, by="approver")
    assert seen["may_release"] is False
    body = {"version": seen["version"], "held": {"orders/orders": "give"}}
    alone = stack.decide(held, "release", body, by="approver")
    assert (alone.status, alone.body["code"]) == (403, "second_person_needed")
    unfit = stack.decide(held, "release", body, by="handler")
    assert (unfit.status, unfit.body["code"]) == (403, "approver_needed")
    ground = {"version": seen["version"], "ground": "gdpr_15_4", "reason": "It names a neighbour."}
    assert stack.decide(held, "refusal", ground, by="approver").status == 403
    stack.local.staff.add("second@shop.example", groups=("approver",))
    assert stack.staff_view(held, by="second")["may_release"] is True
    stack.decide(held, "release", body, by="second").expect(200)
    assert stack.timeline(held)[-1]["type"] == "answered"


def test_a79_a_stale_version_is_a_conflict_and_two_decisions_at_once_are_one(stack: PlayedStack, held: Case) -> None:
    old = stack.staff_view(held)["version"]
    stack.decide(held, "assignment", {"assignee": "somebody"}, by="handler").expect(200)
    body = {"version": old, "held": {"orders/orders": "redact"}}
    assert stack.decide(held, "release", body).status == 409

    version = stack.staff_view(held)["version"]
    body["version"] = version
    release = lambda: stack.call("POST", f"/staff/requests/{held.reference}/release", body, staff="approver")  # noqa: E731
    refusal = {"version": version, "ground": "gdpr_15_4", "reason": "It names a neighbour."}
    refuse = lambda: stack.call("POST", f"/staff/requests/{held.reference}/refusal", refusal, staff="approver")  # noqa: E731
    statuses = sorted(answer.status for answer in together(release, refuse, release, refuse))
    stack.local.settle()
    assert statuses == [200, 409, 409, 409]
    happened = stack.happened(held)
    assert happened.count("released") + happened.count("refused") == 1
    again = stack.decide(held, "release", {"version": stack.staff_view(held)["version"], "held": {}})
    assert again.status == 409


def test_staff_look_inside_before_they_release(stack: PlayedStack, held: Case) -> None:
    """The draft holds no row about others yet; the rows themselves are read apart; each look is in the history."""
    path = f"/staff/requests/{held.reference}"
    seen = stack.staff_view(held)
    assert (seen["next_step"], seen["name"]) == ("decide_held_rows_and_release", stack.stored(held).name)
    assert "gdpr_15_4" in seen["allowed_grounds"]

    link = stack.call("POST", f"{path}/preview", staff="approver").expect(200)  # no body, no content type
    content = stack.fetch(link["url"])
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (link["sha256"], link["bytes"])
    draft = Package(content)
    assert draft.verified().ok
    assert len(draft.records("orders")) == 1

    rows = stack.call("GET", f"{path}/held", staff="approver").expect(200)
    (orders,) = rows["collections"]
    assert (orders["collection"], orders["shown"], orders["total"]) == ("orders/orders", 1, 1)
    assert set(GIFT) <= set(orders["others"])
    assert all(orders["rows"][0][name] for name in GIFT)
    assert {"en", "ja"} == set(orders["label"])
    assert stack.happened(held)[-2:] == ["previewed", "held_rows_read"]

    stale = stack.decide(held, "release", {"version": seen["version"], "held": {"orders/orders": "redact"}})
    assert (stale.status, stale.body["code"]) == (409, "version_moved_on")
    body = {"version": rows["version"], "held": {"orders/orders": "redact"}}
    stack.decide(held, "release", body, by="approver").expect(200)
    over = stack.call("POST", f"{path}/preview", {}, staff="approver")
    assert (over.status, over.body["code"]) == (409, "not_awaiting_review")


# They need somebody else to have done something first: played in the tests of each.
ELSEWHERE = {
    *("recipients/{recipient}", "recipients/{recipient}/again", "recipients/{recipient}/rest"),
    *("review", "mandate", "thaw", "transfer/retry"),
}


def test_the_examples_that_are_described_can_be_sent_as_they_are(stack: PlayedStack) -> None:
    """But for `version`, for a contact, which takes a letter that came back, and for corrections, which name values of
    somebody (`test_rectification.py`)."""
    assert stack.local.staff is not None
    stack.local.staff.add("confirmer@shop.example", groups=("approver",))
    described = stack.call("GET", "/staff/openapi.json", staff="handler").expect(200)
    examples = {
        path.removeprefix("/staff/requests/{reference}/"): operation["requestBody"]["content"]["application/json"]
        for path, operations in described["paths"].items()
        for operation in operations.values()
        if "requestBody" in operation and path.startswith("/staff/requests/{reference}/")
    }
    played = {"contact", "corrections", "corrections/approval"}

    def play(case: Case, *calls: str) -> None:
        for call in calls:
            what, _, by = call.partition(" by ")
            example = examples[what]["example"]
            if "version" in example:
                example = example | {"version": stack.staff_view(case)["version"]}
            stack.decide(case, what, example, by=by or "approver").expect(200)
            played.add(what)

    package = stack.to_review(stack.new_member(orders=2, gifts=1))
    play(
        package, "assignment", "preview", "letters/preview", "extension", "question", "decisions by handler", "release"
    )
    play(stack.to_review(stack.new_member(orders=1)), "refusal", "refusal/confirmation by confirmer")
    objection = {"type": "objection", "details": "Because of my situation.", "aim": {"objects_to": "other"}}
    play(stack.to_review(stack.new_member(), **objection), "residence by handler", "completion")
    restriction = stack.to_review(stack.new_member(), type="restriction", details="It may be wrong.")
    play(restriction, "message by handler", "special by handler", "special/decision")
    done = {"version": stack.staff_view(restriction)["version"], "done": "Your data are on hold."}
    stack.decide(restriction, "completion", done).expect(200)
    play(restriction, "restriction-lift")
    erasure = stack.to_approval(stack.new_member())
    play(erasure, "hold by handler", "hold-lift")
    example = examples["erasure/approval"]["example"] | {"version": stack.staff_view(erasure)["version"]}
    refused = stack.decide(erasure, "erasure/approval", example, by="handler")
    assert (refused.status, refused.body["code"]) == (409, "plan_changed")  # the digest of an example is no plan's
    stack.approve(erasure, by="handler", kept=example["kept"]).expect(200)
    played.add("erasure/approval")
    nothing = stack.decide(package, "retry", examples["retry"]["example"])
    assert (nothing.status, nothing.body["code"]) == (409, "nothing_failed")
    assert set(examples) - played - {"retry"} == ELSEWHERE


ROLES = {
    "handler": {
        "read": 200,
        "timeline": 200,
        "assignment": 200,
        "release": 403,
        "refusal": 409,
        "retry": 409,
        "preview": 409,
    },
    "approver": {
        "read": 200,
        "timeline": 200,
        "assignment": 200,
        "release": 409,
        "refusal": 409,
        "retry": 409,
        "preview": 409,
    },
    "auditor": {
        "read": 200,
        "timeline": 200,
        "assignment": 403,
        "release": 403,
        "refusal": 403,
        "retry": 403,
        "preview": 403,
    },
    "admin": {
        "read": 200,
        "timeline": 200,
        "assignment": 200,
        "release": 403,
        "refusal": 403,
        "retry": 409,
        "preview": 403,
    },
}


@pytest.fixture(scope="module")
def waiting(stack: PlayedStack) -> Case:
    """A case that waits for its person, with nothing that staff could decide yet."""
    return stack.submit(stack.new_member())


@pytest.mark.parametrize("role", ROLES)
def test_a52_a_role_may_do_what_it_may_and_no_more(stack: PlayedStack, waiting: Case, role: str) -> None:
    """409 is the answer to who may, of a case that does not stand there."""
    bodies = {
        "assignment": {"assignee": None},
        "release": {"version": 1},
        "refusal": {"version": 1, "ground": "gdpr_15_4", "reason": "It names a neighbour."},
        "retry": {},
        "preview": {},
    }
    path = f"/staff/requests/{waiting.reference}"
    answers = {
        "read": stack.call("GET", path, staff=role).status,
        "timeline": stack.call("GET", f"{path}/timeline", staff=role).status,
    } | {what: stack.call("POST", f"{path}/{what}", body, staff=role).status for what, body in bodies.items()}
    assert answers == ROLES[role]
    assert stack.call("GET", f"{path}/held", staff=role).status == answers["preview"]


def test_without_a_token_or_with_a_forged_one_staff_routes_are_shut(stack: PlayedStack, waiting: Case) -> None:
    path = f"/staff/requests/{waiting.reference}"
    token = stack.staff_token("approver")
    head, claims, signature = token.split(".")
    forged = (
        None,
        "x",
        f"{head}.{claims}.{signature[::-1]}",
        f"{head}.{claims[::-1]}.{signature}",
        f"Bearer {'a' * 40}",
    )
    for value in forged:
        headers = {"Authorization": value} if value else {}
        assert stack.call("GET", path, headers=headers).status == 401
    person = stack.session(waiting) if stack.verify(waiting).status == 200 else ""
    assert stack.call("GET", path, headers={"Authorization": person}).status == 401


def test_staff_without_a_role_of_ours_see_nothing(stack: PlayedStack, waiting: Case) -> None:
    assert stack.local.staff is not None
    stack.local.staff.add("visitor@shop.example", groups=())
    assert stack.call("GET", f"/staff/requests/{waiting.reference}", staff="visitor").status == 403
    assert stack.call("GET", "/staff/requests", staff="visitor").status == 403


def test_the_work_list_masks_people_and_pages_by_date(stack: PlayedStack, waiting: Case) -> None:
    page = stack.call("GET", "/staff/requests?limit=2", staff="handler").expect(200)
    seen = [entry["reference"] for entry in page["items"]]
    while page["next"]:
        page = stack.call(
            "GET", f"/staff/requests?limit=2&cursor={page['next'].replace('#', '%23')}", staff="handler"
        ).expect(200)
        seen += [entry["reference"] for entry in page["items"]]
        assert all("•••@" in entry["subject"] for entry in page["items"])
    assert len(seen) == len(set(seen))
    assert waiting.reference in seen


def _subject_of(stack: PlayedStack, user: str) -> str:
    claims = stack.staff_token(user).split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(claims + "=="))["sub"])


def _profile_with(stack: PlayedStack, member: object, more: dict[str, str]) -> dict[str, object]:
    return {**next(iter(records.member_items(member, now=stack.now))), **more}  # type: ignore[arg-type]
