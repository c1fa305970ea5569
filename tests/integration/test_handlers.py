"""Every function that the template names, called with the samples in `events/`, as `sam local invoke` would."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from rightsdesk.domain.reference import new_reference
from tests.support.stack import Case, PlayedStack

EVENTS = Path(__file__).parents[2] / "events"
SAMPLES = sorted(path for path in EVENTS.glob("*.json"))
REQUEST_ID = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"  # of the samples
COLUMNAR = {"collect_data-columnar": "CollectColumnarFunction"}  # one folder, two functions


def _sample(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text("utf-8"))


def _function(stack: PlayedStack, name: str) -> str:
    return COLUMNAR.get(name) or stack.local.function_in(name.partition("-")[0])


def test_every_function_has_a_sample(stack: PlayedStack) -> None:
    folders = {function.folder.name for function in stack.local.deployment.functions.values()}
    assert {path.stem.partition("-")[0] for path in SAMPLES} == folders | {"call_back"}, (
        "that one is for a processor alone"
    )


@pytest.fixture(scope="module")
def answered(stack: PlayedStack) -> Case:
    """A case that the samples of tasks and doors are about."""
    return stack.to_answer(stack.new_member(orders=1))


DOORS = {
    "public_api-submit": 202,
    "public_api-verification": 400,
    "public_api-access-code": 202,
    "public_api-session": 400,
    "public_api-evidence": 401,
    "public_api-answer": 401,
    "public_api-view": 401,
    "public_api-download": 401,
    "public_api-withdraw": 401,
    "public_api-erasure-confirmation": 401,
    "public_api-not-mine": 202,  # and so is a token that is ours
    "public_api-openapi": 200,
    "consent_site-newsletter": 200,
    "consent_site-newsletter-post": 403,  # the stack has another origin than the sample
    "consent_site-consent": 404,
    "consent_site-consent-post": 404,
    "consent_site-unsubscribe": 404,
    "consent_site-unsubscribe-head": 404,
    "consent_site-unsubscribe-post": 404,
    "shop_api-consent": 200,
    "shop_api-consent-withdrawal": 200,
    "shop_api-unsubscribe-links": 200,
    "shop_api-acceptance": 200,
    "shop_api-acceptance-view": 200,
    "shop_api-permissions": 200,
    "shop_api-suppressions": 200,
    "shop_api-openapi": 200,
    "opendsr-callback": 401,
    **{f"opendsr-{name}": 404 for name in ("discovery", "certificate", "request", "legacy_request", "state", "cancel")},
    "public_site-root": 302,
    "public_site-start": 200,
    "public_site-details": 200,
    "public_site-details-post": 403,
    "public_site-code-post": 403,
    "staff_api-list": 200,
    "staff_api-view": 404,
    "staff_api-timeline": 404,
    "staff_api-assignment": 404,
    "staff_api-release": 404,
    "staff_api-refusal": 404,
    "staff_api-retry": 404,
    "staff_api-transfer-retry": 404,
    "staff_api-extension": 404,
    "staff_api-question": 404,
    "staff_api-contact": 404,
    "staff_api-decisions": 404,
    "staff_api-withholding": 404,
    "staff_api-completion": 404,
    "staff_api-erasure": 404,
    "staff_api-erasure-approval": 404,
    "staff_api-hold": 404,
    "staff_api-restriction-lift": 404,
    "staff_api-hold-lift": 404,
    "staff_api-corrections": 404,
    "staff_api-correction-approval": 404,
    "staff_api-confirmation": 404,
    "staff_api-letters": 404,
    "staff_api-evidence": 404,
    "staff_api-letter-preview": 404,
    "staff_api-retention": 200,
    "staff_api-retention-lift": 404,
    "staff_api-register": 200,
    "staff_api-report": 200,
    "staff_api-residence": 404,
    "staff_api-messages": 404,
    "staff_api-mails": 200,
    "staff_api-mail": 404,
    "staff_api-mail_request": 404,
    "staff_api-mail_attachment": 404,
    "staff_api-mail_clarification": 404,
    "staff_api-mail_dismissal": 404,
    "staff_api-mail_purge": 404,
    "staff_api-mail_file": 404,
    "staff_api-openapi": 200,
}


@pytest.mark.parametrize(
    "name", sorted(path.stem for path in SAMPLES if re.match("public_|consent_|staff_|shop_api|opendsr", path.stem))
)
def test_a_door_answers_its_sample(stack: PlayedStack, name: str) -> None:
    """References in the samples are nobody's, sessions and form secrets are over: so some answers are refusals."""
    event = _sample(name)
    if (event["pathParameters"] or {}).get("reference"):
        event = json.loads(json.dumps(event).replace(event["pathParameters"]["reference"], new_reference()))
    outcome = stack.local.invoke(_function(stack, name), event)
    assert not outcome.failed, outcome.value
    assert outcome.value["statusCode"] == DOORS.get(name, outcome.value["statusCode"])
    assert outcome.value["statusCode"] < 500
    stack.local.settle()


NO_TASKS = (
    "public_|consent_|run_campaigns|staff_|shop_api|opendsr|"
    "call_back|sweep_|end_retention|archive_|record_delivery|email_intake"
)
TASKS = sorted(path.stem for path in SAMPLES if not re.match(NO_TASKS, path.stem))


@pytest.mark.parametrize("name", TASKS)
def test_a_task_of_a_request_that_is_not_there_says_so(stack: PlayedStack, name: str) -> None:
    outcome = stack.local.invoke(_function(stack, name), _sample(name))
    assert (outcome.failed, outcome.value["errorType"]) == (True, "NotFoundError")


AT_ANY_TIME = ("close_", "record_", "build_")
OF_ANOTHER_RIGHT = ("correct_", "plan_erasure", "request_confirmation", "begin_erasure", "erase_", "search_again")


@pytest.mark.parametrize("name", [name for name in TASKS if not name.startswith(AT_ANY_TIME + OF_ANOTHER_RIGHT)])
def test_a_task_of_an_answered_request_has_nothing_left_to_do(stack: PlayedStack, answered: Case, name: str) -> None:
    before, sent = stack.stored(answered), len(stack.local.outbox())
    outcome = stack.local.invoke(_function(stack, name), _sample(name) | {"request_id": before.request_id})
    assert not outcome.failed, outcome.value
    stack.local.settle()
    assert stack.stored(answered) == before
    assert len(stack.local.outbox()) == sent
    if name == "send_answer-task":
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", outcome.value["window_ends_at"])
    if name == "check_deadline-task":
        assert outcome.value["closed"] is True


def test_a_task_with_anything_missing_fails_and_is_seen(stack: PlayedStack) -> None:
    for name in TASKS:
        outcome = stack.local.invoke(_function(stack, name), {})
        assert (outcome.failed, outcome.value["errorType"]) == (True, "UnexpectedError"), name
        assert outcome.value["errorMessage"] == "ValidationError"


def test_who_is_no_processor_has_nothing_that_calls_back(stack: PlayedStack) -> None:
    with pytest.raises(KeyError):
        stack.local.function_in("call_back")


def test_the_daily_sweep_takes_what_the_schedule_sends(stack: PlayedStack) -> None:
    outcome = stack.local.invoke("SweepDeadlinesFunction", _sample("sweep_deadlines-daily"))
    assert not outcome.failed
    assert outcome.value.keys() == {"looked_at", "restarted", "mails_waiting", "mails_found_again"}


def test_the_daily_look_at_what_is_kept_takes_what_the_schedule_sends(stack: PlayedStack) -> None:
    outcome = stack.local.invoke("EndRetentionFunction", _sample("end_retention-daily"))
    assert (outcome.failed, outcome.value) == (False, {"erased": 0, "changed": 0, "waiting": 0})


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES if path.stem.startswith("email_intake-")))
def test_a_mail_that_is_not_in_the_bucket_is_taken_and_shown_to_staff(stack: PlayedStack, name: str) -> None:
    outcome = stack.local.invoke("EmailIntakeFunction", _sample(name))
    assert (outcome.failed, outcome.value) == (False, {"batchItemFailures": []})


NEWS = sorted(path.stem for path in SAMPLES if path.stem.startswith("record_delivery-"))


@pytest.mark.parametrize("name", NEWS)
def test_news_of_a_mail_that_is_not_ours_is_passed_over(stack: PlayedStack, name: str) -> None:
    sent = len(stack.local.outbox())
    outcome = stack.local.invoke("RecordDeliveryFunction", _sample(name))
    assert (outcome.failed, outcome.value) == (False, None)
    assert len(stack.local.outbox()) == sent


def test_events_from_the_stream_are_archived_in_their_order_and_again_is_no_error(stack: PlayedStack) -> None:
    event, s3, bucket = _sample("archive_audit-stream"), stack.client("s3"), stack.local.ref("EvidenceBucket")
    for _ in range(2):
        outcome = stack.local.invoke("ArchiveAuditFunction", event)
        assert outcome.value == {"batchItemFailures": []}
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"audit/{REQUEST_ID}/")["Contents"]
    assert [entry["Key"] for entry in listed] == [f"audit/{REQUEST_ID}/{number:06d}.json" for number in (1, 2)]
    stored = json.loads(s3.get_object(Bucket=bucket, Key=listed[1]["Key"])["Body"].read())
    assert (
        stored["previous_hash"] == json.loads(s3.get_object(Bucket=bucket, Key=listed[0]["Key"])["Body"].read())["hash"]
    )
    locked = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    assert locked["ObjectLockEnabled"] == "Enabled"


def test_an_event_that_can_not_be_archived_stops_the_batch_there(stack: PlayedStack) -> None:
    event = _sample("archive_audit-stream")
    del event["Records"][0]["dynamodb"]["NewImage"]["hash"]
    outcome = stack.local.invoke("ArchiveAuditFunction", event)
    number = event["Records"][0]["dynamodb"]["SequenceNumber"]
    assert outcome.value == {"batchItemFailures": [{"itemIdentifier": number}]}


def test_what_is_no_event_of_a_case_is_passed_over(stack: PlayedStack) -> None:
    event = _sample("archive_audit-stream")
    for record in event["Records"]:
        record["dynamodb"]["NewImage"]["sk"] = {"S": "REQUEST"}
    assert stack.local.invoke("ArchiveAuditFunction", event).value == {"batchItemFailures": []}


@pytest.mark.parametrize("function", ["PublicApiFunction", "PublicSiteFunction", "StaffApiFunction"])
@pytest.mark.parametrize(
    "event", [{}, {"version": "2.0", "rawPath": "/"}, {"requestContext": {"elb": {}}}, {"Records": []}]
)
def test_a46_an_event_of_another_shape_is_refused_and_does_not_crash(
    stack: PlayedStack, function: str, event: dict[str, Any]
) -> None:
    outcome = stack.local.invoke(function, event)
    assert not outcome.failed
    assert outcome.value["statusCode"] >= 400
