"""What starts functions without anybody waiting, and what the clock brings."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

import pytest

from tests.integration.local.conftest import House

DAY = timedelta(days=1)


def records(house: House, source: str) -> list[Any]:
    events = [event for event in house.heard() if isinstance(event.get("Records"), list)]
    found = [record for event in events for record in event["Records"]]
    return [record for record in found if record.get("eventSource", record.get("EventSource")) == source]


def test_a_stream_brings_the_events_that_the_filter_lets_through(house: House) -> None:
    house.put("S1", "REQUEST")
    house.put("S1", "EVENT#000001", blob={"B": b"\x00"})
    house.put("S1", "EVENT#000001", blob={"B": b"\x01"})  # MODIFY
    house.stack.settle()
    (record,) = [found for found in records(house, "aws:dynamodb") if found["dynamodb"]["Keys"]["pk"]["S"] == "S1"]
    assert record["eventName"] == "INSERT"
    assert record["dynamodb"]["NewImage"]["blob"] == {"B": "AA=="}
    assert record["eventSourceARN"].startswith("arn:aws:dynamodb:")


def test_a_cancelled_transaction_does_not_stop_the_stream(house: House) -> None:
    dynamodb, table = house.stack.client("dynamodb"), house.stack.ref("Cases")
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": table, "Item": {"pk": {"S": "T1"}, "sk": {"S": "EVENT#0"}}}},
                {"ConditionCheck": {
                    "TableName": table, "Key": {"pk": {"S": "T1"}, "sk": {"S": "no"}},
                    "ConditionExpression": "attribute_exists(pk)",
                }},
            ]
        )  # fmt: skip
    house.put("T1", "EVENT#1")
    house.stack.settle()
    keys = [record["dynamodb"]["Keys"] for record in records(house, "aws:dynamodb")]
    assert [key["sk"]["S"] for key in keys if key["pk"]["S"] == "T1"] == ["EVENT#1"]


def test_a_record_that_cannot_be_handled_is_set_aside_and_the_others_go_on(house: House) -> None:
    house.lost()
    for number, note in enumerate(["good", "fail", "fine", "well"]):
        house.put("B1", f"EVENT#{number}", note={"S": note})
    house.stack.settle()
    heard = [record["dynamodb"]["NewImage"]["note"]["S"] for record in records(house, "aws:dynamodb")
             if record["dynamodb"]["Keys"]["pk"]["S"] == "B1"]  # fmt: skip
    assert "well" in heard
    assert "fail" not in heard
    reports = house.lost()
    assert reports
    assert all(report["requestContext"]["condition"] == "RetryAttemptsExhausted" for report in reports)
    assert sum(report["DDBStreamBatchInfo"]["batchSize"] for report in reports) == 4 - len(set(heard))


def test_a_queue_keeps_what_the_function_did_not_take(house: House) -> None:
    sqs, url = house.stack.client("sqs"), house.stack.ref("Inbox")
    sqs.send_message(
        QueueUrl=url, MessageBody="Q-good", MessageAttributes={"a": {"DataType": "String", "StringValue": "1"}}
    )
    house.stack.settle()
    (record,) = [record for record in records(house, "aws:sqs") if record["body"] == "Q-good"]
    assert record["messageAttributes"] == {"a": {"dataType": "String", "stringValue": "1"}}
    sqs.send_message(QueueUrl=url, MessageBody="Q-fail")
    house.stack.settle()
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"])
    assert counts["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "1"


def test_a_topic_a_rule_and_a_bucket_reach_the_function(house: House) -> None:
    house.stack.client("sns").publish(TopicArn=house.stack.ref("News"), Message="N1", Subject="hello")
    entry = {"Source": "house", "DetailType": "opened", "Detail": '{"id": "R1"}'}
    house.stack.client("events").put_events(Entries=[entry, {**entry, "Source": "other"}])
    for key in ("in/a b.txt", "out/c.txt"):
        house.stack.client("s3").put_object(Bucket=house.stack.ref("Uploads"), Key=key, Body=b"x")
    house.stack.settle()
    (notification,) = records(house, "aws:sns")
    assert (notification["Sns"]["Message"], notification["Sns"]["Subject"]) == ("N1", "hello")
    (opened,) = [event for event in house.heard() if event.get("detail-type") == "opened"]
    assert opened["detail"] == {"id": "R1"}
    uploads = records(house, "aws:s3")
    assert [unquote_plus(record["s3"]["object"]["key"]) for record in uploads] == ["in/a b.txt"]


def test_an_asynchronous_invocation_that_fails_ends_in_the_dead_letter_queue(house: House) -> None:
    house.lost()
    house.stack.client("lambda").invoke(FunctionName="rightsdesk-Listen", InvocationType="Event", Payload=b'"fail me"')
    house.stack.settle()
    assert house.lost() == ["fail me"]
    assert house.stack.functions.failures[-1].outcome.value["errorType"] == "RuntimeError"


def start(house: House, name: str) -> None:
    assert house.http("GET", f"/echo/a?want=start&id={name}").status == 202
    house.stack.settle()


def status(house: House, name: str) -> str:
    (found,) = [execution for execution in house.stack.executions("Machine") if execution.name == name]
    return found.status


def answer(house: House, name: str) -> None:
    token = next(item["token"] for item in house.items(name) if item["sk"] == "TOKEN")
    house.stack.client("stepfunctions").send_task_success(taskToken=token, output='{"yes": true}')
    house.stack.settle()


def test_a_case_runs_from_its_token_to_its_end_as_the_clock_moves(house: House) -> None:
    start(house, "c1")
    answer(house, "c1")
    assert status(house, "c1") == "RUNNING"
    house.stack.advance(7 * DAY - timedelta(minutes=1))
    assert status(house, "c1") == "RUNNING"
    house.stack.advance(timedelta(minutes=2))
    assert status(house, "c1") == "SUCCEEDED"


def test_a_token_that_nobody_sends_times_out(house: House) -> None:
    start(house, "c2")
    house.stack.advance(timedelta(days=13, hours=23))
    assert status(house, "c2") == "RUNNING"
    house.stack.advance(timedelta(hours=2))
    (found,) = [execution for execution in house.stack.executions() if execution.name == "c2"]
    assert (found.status, found.output["outcome"], found.machine) == ("SUCCEEDED", "late", "Machine")


def test_a_source_that_is_down_is_tried_again_until_it_is_back(house: House) -> None:
    house.put("DOWN", "DOWN")
    start(house, "c3")
    answer(house, "c3")
    house.stack.advance(timedelta(seconds=61))
    assert len(house.items("c3")) == 1
    house.stack.client("dynamodb").delete_item(
        TableName=house.stack.ref("Cases"), Key={"pk": {"S": "DOWN"}, "sk": {"S": "DOWN"}}
    )
    house.stack.advance(timedelta(seconds=121))
    assert {item["sk"] for item in house.items("c3")} == {"TOKEN", "EVENT#000001"}
    assert status(house, "c3") == "RUNNING"


def test_a_source_that_stays_down_fails_the_case(house: House) -> None:
    house.put("DOWN", "DOWN")
    start(house, "c4")
    answer(house, "c4")
    house.stack.advance(timedelta(minutes=10))
    (found,) = [execution for execution in house.stack.executions() if execution.name == "c4"]
    assert (found.status, found.error) == ("FAILED", "HouseFailed")
    house.stack.client("dynamodb").delete_item(
        TableName=house.stack.ref("Cases"), Key={"pk": {"S": "DOWN"}, "sk": {"S": "DOWN"}}
    )


def test_stopping_a_case_that_waits_stops_it(house: House) -> None:
    start(house, "c5")
    (found,) = [execution for execution in house.stack.executions() if execution.name == "c5"]
    house.stack.client("stepfunctions").stop_execution(executionArn=found.arn)
    house.stack.settle()
    assert status(house, "c5") == "ABORTED"


def test_a_daily_schedule_fires_once_for_each_day_that_the_clock_moves(house: House) -> None:
    before = house.heard().count({"daily": True})
    house.stack.advance(30 * DAY)
    assert house.heard().count({"daily": True}) == before + 30


def test_items_and_objects_go_when_their_time_has_come(house: House) -> None:
    soon = int((house.stack.now + DAY).timestamp())
    house.put("X1", "a", expires_at={"N": str(soon)})
    house.put("X1", "b", expires_at={"N": str(soon + 10 * 86400)})
    house.put("X1", "c", expires_at={"S": "not a number"})
    s3, bucket = house.stack.client("s3"), house.stack.ref("Files")
    s3.put_object(Bucket=bucket, Key="work/x", Body=b"1")
    s3.put_object(Bucket=bucket, Key="work/x", Body=b"2")
    s3.put_object(Bucket=bucket, Key="kept/x", Body=b"3")
    s3.create_multipart_upload(Bucket=bucket, Key="work/big")
    house.stack.advance(timedelta(hours=12))
    assert len(house.items("X1")) == 3
    house.stack.advance(DAY)
    assert {item["sk"] for item in house.items("X1")} == {"b", "c"}
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)
    house.stack.advance(5 * DAY)
    versions = s3.list_object_versions(Bucket=bucket)
    assert [entry["Key"] for entry in versions["Versions"] if entry["Key"] != "exports/a b.txt"] == ["kept/x"]
    assert "DeleteMarkers" not in versions


def test_locked_evidence_outlives_every_rule(house: House) -> None:
    s3, bucket = house.stack.client("s3"), house.stack.ref("Locked")
    put = s3.put_object(Bucket=bucket, Key="e", Body=b"1")
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=bucket, Key="e", VersionId=put["VersionId"])


def test_mails_lie_in_the_outbox_with_the_time_they_were_sent(house: House) -> None:
    before = len(house.stack.outbox())
    assert house.http("GET", "/echo/a?want=mail&to=mika@example.org").status == 202
    sent_by = house.stack.now
    (mail,) = house.stack.outbox()[before:]
    assert (mail.to, mail.subject) == ("mika@example.org", "確認コード")
    assert mail.headers["From"] == "desk@shop.example"
    assert mail.text == "Your code is 12345678.\n"
    assert "<b>12345678</b>" in mail.html
    assert sent_by - timedelta(minutes=1) < mail.sent_at <= sent_by, "not when somebody looked"


def test_the_control_routes_answer(house: House) -> None:
    house.http("GET", "/echo/a?want=mail&to=ken@example.org")
    mails = house.http("GET", "/_local/outbox", Accept="application/json").json
    assert set(mails[-1]) == {"to", "subject", "headers", "text", "html", "sent_at"}
    page = house.http("GET", "/_local/outbox", Accept="text/html,*/*")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "ken@example.org" in page.body.decode()
    assert "<script" not in page.body.decode()
    health = house.http("GET", "/_local/health").json
    assert health["site"] == house.stack.url + "/"
    assert health["tables"] == ["rightsdesk-Cases"]
    assert set(health) == {
        *("site", "api", "staff_api", "aws_endpoint", "now", "tables", "buckets", "outputs", "shop", "merchant"),
    }
    before = house.stack.now
    moved = house.http("POST", "/_local/clock", b'{"advance": "PT1H"}').json
    assert datetime.fromisoformat(moved["now"]) - before >= timedelta(hours=1)
    triggered = house.http("POST", "/_local/trigger/door", b'{"httpMethod": "GET"}').json
    assert triggered["failed"] is False
    token = house.http("POST", "/_local/token", json.dumps({"user": "approver@shop.example"}).encode()).json
    assert token["groups"] == ["approver"]


@pytest.mark.parametrize("step", ["-P1D", "soon", "P800D", "P99999999999999D"])
def test_a_step_of_the_clock_that_is_none_or_too_long_is_refused_in_a_sentence(house: House, step: str) -> None:
    before = house.stack.now
    answer = house.http("POST", "/_local/clock", json.dumps({"advance": step}).encode())
    said = "a step is written as P30D, goes forward, and is two years (732 days) at most"
    assert (answer.status, answer.json) == (400, {"message": said})
    assert house.stack.now - before < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "/_local/clock", b"", 400),
        ("GET", "/_local/clock", None, 405),
        ("GET", "/_local/nothing", None, 404),
        ("POST", "/_local/trigger/nobody", b"{}", 404),
        ("POST", "/_local/token", b'{"user": "nobody"}', 404),
    ],
)
def test_the_control_routes_refuse(house: House, method: str, path: str, body: bytes | None, code: int) -> None:
    answer = house.http(method, path, body)
    assert answer.status == code
    assert answer.json["message"]


def test_the_aws_endpoint_serves_any_client(house: House) -> None:
    import boto3

    client = boto3.client("dynamodb", endpoint_url=house.stack.aws_endpoint, region_name="eu-west-1",
                          aws_access_key_id="x", aws_secret_access_key="x")  # fmt: skip
    assert client.list_tables()["TableNames"] == ["rightsdesk-Cases"]
    assert house.stack.now.tzinfo is UTC
