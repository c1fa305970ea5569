"""A mail on its way in: rule, bucket, topic, queue, function; by the stack, by its route, and by the command."""

import json
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from local.cli import main
from local.events.inbound_mail import MailTooLargeError, RefusedMailError, WrongFieldError
from local.running import RunningStack
from local.runtime import LocalStack
from tests.integration.local.conftest import Answer, House

MAIL = b"From: Jane <jane@example.com>\r\nTo: desk@shop.example\r\nSubject: My data\r\n\r\nPlease send me my data.\r\n"
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def house(boot: Callable[..., LocalStack]) -> Iterator[House]:
    with boot() as stack:
        yield House(stack)


def notices(house: House, message_id: str) -> list[Any]:
    """What the function was told of one mail: SES's notifications, out of the envelopes of topic and queue."""
    house.stack.settle()
    found = []
    for event in house.heard():
        for record in event.get("Records", []) if isinstance(event, dict) else []:
            if record.get("eventSource") == "aws:sqs" and message_id in record["body"]:
                envelope = json.loads(record["body"])
                assert (envelope["Type"], envelope["TopicArn"]) == ("Notification", house.stack.ref("PostNotices"))
                assert envelope["Subject"] == "Amazon SES Email Receipt Notification"
                found.append(json.loads(envelope["Message"]))
    return found


def stored(house: House, key: str) -> bytes:
    body: bytes = house.stack.client("s3").get_object(Bucket=house.stack.ref("Post"), Key=key)["Body"].read()
    return body


def test_a_mail_reaches_the_function_with_what_ses_says_of_it(house: House) -> None:
    received = house.stack.receive_mail(MAIL)
    assert (received.rules, received.recipients) == (("desk",), ("desk@shop.example",))
    (told,) = notices(house, received.message_id)
    key = f"inbound/{received.message_id}"
    assert told["receipt"]["action"] == {
        "type": "S3",
        "topicArn": house.stack.ref("PostNotices"),
        "bucketName": house.stack.ref("Post"),
        "objectKeyPrefix": "inbound/",
        "objectKey": key,
    }
    assert told["receipt"]["recipients"] == ["desk@shop.example"]
    assert told["mail"]["source"] == "jane@example.com"
    raw = stored(house, key)
    assert raw.startswith(b"Return-Path: <jane@example.com>\r\n")
    assert raw.endswith(MAIL)


def test_the_envelope_decides_and_a_label_is_ours_too(house: House) -> None:
    received = house.stack.receive_mail(
        MAIL, sender="bounces@list.example", recipients=["Desk+Token@Shop.example", "desk@shop.example", "x@y.example"]
    )
    assert received.recipients == ("Desk+Token@Shop.example", "desk@shop.example")
    (told,) = notices(house, received.message_id)
    assert told["receipt"]["recipients"] == ["Desk+Token@Shop.example", "desk@shop.example"]
    assert told["mail"]["source"] == "bounces@list.example"
    assert told["mail"]["destination"] == ["desk@shop.example"]


def test_without_an_envelope_the_headers_say_for_whom_it_is(house: House) -> None:
    reply = MAIL.replace(b"To: desk@", b"To: elsewhere@example.com, desk+token@")
    assert house.stack.receive_mail(reply).recipients == ("desk+token@shop.example",)
    strange = house.stack.receive_mail(b"Subject: no addresses at all\n\n")
    assert strange.recipients == ("desk@shop.example",)
    assert notices(house, strange.message_id)[0]["mail"]["source"] == "unreadable@sender.invalid"


def test_verdicts_are_what_the_caller_says(house: House) -> None:
    given = {"dmarc": "fail", "spam": "GRAY", "dkim": "missing"}
    (told,) = notices(house, house.stack.receive_mail(MAIL, verdicts=given).message_id)
    verdicts = {name: value["status"] for name, value in told["receipt"].items() if name.endswith("Verdict")}
    assert verdicts == {"spfVerdict": "PASS", "dmarcVerdict": "FAIL", "spamVerdict": "GRAY", "virusVerdict": "PASS"}
    assert told["receipt"]["dmarcPolicy"] == "none"


def test_a_virus_is_found_unless_the_caller_says_otherwise(house: House) -> None:
    infected = MAIL + rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    for verdicts, expected in (({}, "FAIL"), ({"virus": "PASS"}, "PASS")):
        (told,) = notices(house, house.stack.receive_mail(infected, verdicts=verdicts).message_id)
        assert told["receipt"]["virusVerdict"] == {"status": expected}


def test_the_same_mail_may_be_told_of_twice(house: House) -> None:
    first = house.stack.receive_mail(MAIL, message_id="twice")
    again = house.stack.receive_mail(b"", message_id="twice")
    assert first == again
    told = notices(house, "twice")
    assert len(told) == 2
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("envelope", "error", "message"),
    [
        ({"recipients": ["nobody@shop.example"]}, RefusedMailError, "is for nobody@shop.example"),
        ({"recipients": ["no address"]}, WrongFieldError, "to: 'no address' is no address"),
        ({"sender": "a@b.example\r\nBcc: x@y.example"}, WrongFieldError, "is no address"),
        ({"verdicts": {"dmarc": "MAYBE"}}, WrongFieldError, "dmarc: 'MAYBE' is no verdict"),
        ({"verdicts": {"arc": "PASS"}}, WrongFieldError, "arc is no check"),
        ({"message_id": "../x"}, WrongFieldError, "message_id"),
    ],
)
def test_what_ses_would_not_take_is_refused_and_not_stored(
    house: House, envelope: dict[str, Any], error: type[Exception], message: str
) -> None:
    def keys() -> int:
        return int(house.stack.client("s3").list_objects_v2(Bucket=house.stack.ref("Post"))["KeyCount"])

    house.stack.receive_mail(MAIL)
    before = keys()
    with pytest.raises(error, match=message):
        house.stack.receive_mail(MAIL, **envelope)
    assert keys() == before


def test_a_mail_may_be_forty_megabytes_and_no_more(house: House) -> None:
    large = MAIL + b"x" * (40 * 1024 * 1024 - len(MAIL))
    key = f"inbound/{house.stack.receive_mail(large).message_id}"
    assert len(stored(house, key)) > len(large)
    with pytest.raises(MailTooLargeError):
        house.stack.receive_mail(large + b"x")


def waiting(house: House, queue: str) -> tuple[int, int]:
    """(visible, hidden) messages."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    url = house.stack.ref(queue)
    counts = house.stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return int(counts[names[0]]), int(counts[names[1]])


def test_a_mail_that_always_fails_is_tried_again_and_ends_in_the_dead_letter_queue(house: House) -> None:
    """The queue hides it for a minute each time, and lets it be received three times."""
    house.stack.receive_mail(MAIL.replace(b"My data", b"please fail"))
    house.stack.settle()
    for _ in range(2):
        assert (waiting(house, "PostQueue"), waiting(house, "Unread")) == ((0, 1), (0, 0))
        house.stack.advance(MINUTE)
    house.stack.advance(MINUTE)
    assert (waiting(house, "PostQueue"), waiting(house, "Unread")) == ((0, 0), (1, 0))

    house.stack.receive_mail(MAIL.replace(b"My data", b"please fail"))
    house.stack.advance(timedelta(hours=1))  # all of it happens on the way of one long step
    assert (waiting(house, "PostQueue"), waiting(house, "Unread")) == ((0, 0), (2, 0))
    (messages, _) = waiting(house, "Unread")
    received = house.stack.client("sqs").receive_message(QueueUrl=house.stack.ref("Unread"), MaxNumberOfMessages=10)
    assert len(received["Messages"]) == messages


def post(house: House, body: bytes, *query: tuple[str, str]) -> Answer:
    return house.http("POST", f"/_local/mail?{urlencode(query)}", body)


def test_the_route_delivers_and_answers_when_all_is_done(house: House) -> None:
    answer = post(house, MAIL, ("to", "desk+a@shop.example"), ("to", "desk+b@shop.example"), ("from", ""))
    assert answer.status == 200
    assert set(answer.json) == {"message_id", "rules", "recipients"}
    assert answer.json["recipients"] == ["desk+a@shop.example", "desk+b@shop.example"]
    assert answer.json["rules"] == ["desk"]
    (told,) = notices(house, answer.json["message_id"])
    assert told["mail"]["source"] == "<>"
    again = post(house, b"", ("message_id", answer.json["message_id"]))
    assert again.json == answer.json
    assert len(notices(house, answer.json["message_id"])) == 2


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        (("spf", "SOFTFAIL"), 400, "spf"),
        (("to", "nobody"), 400, "to"),
        (("subject", "x"), 400, "subject"),
        (("to", "nobody@shop.example"), 422, None),
    ],
)
def test_the_route_names_what_is_wrong(house: House, query: tuple[str, str], status: int, field: str | None) -> None:
    answer = post(house, MAIL, query)
    assert (answer.status, answer.json.get("field")) == (status, field)
    assert answer.json["message"]


def test_the_route_takes_what_ses_takes(house: House) -> None:
    large = MAIL + b"x" * (11 * 1024 * 1024)  # more than the gateway would
    assert post(house, large).status == 200
    assert post(house, MAIL + b"x" * (40 * 1024 * 1024)).status == 413
    assert house.http("GET", "/_local/mail").status == 405


def spoken(house: House, *lines: str, body: bytes = b"", path: str = "/_local/mail", ends: bool = False) -> Answer:
    """A request as it goes over the wire, whose sender then waits for the answer."""
    host = house.stack.url.removeprefix("http://")
    head = "\r\n".join([f"POST {path} HTTP/1.1", f"Host: {host}", *lines, "", ""])
    with socket.create_connection(("127.0.0.1", int(host.partition(":")[2])), timeout=10) as wire:
        wire.sendall(head.encode() + body)
        if ends:
            wire.shutdown(socket.SHUT_WR)
        with HTTPResponse(wire) as answer:
            answer.begin()
            return Answer(answer.status, answer.headers, answer.read())


@pytest.mark.parametrize(
    ("lines", "status", "says"),
    [
        ([], 411, "Content-Length"),
        (["Content-Length:"], 411, "Content-Length"),
        (["Content-Length: -5"], 400, "-5"),
        (["Content-Length: 4 2"], 400, "4 2"),
        (["Content-Length: ²"], 400, "Content-Length"),
        (["Content-Length: 0"], 400, "empty"),
        (["Transfer-Encoding: chunked"], 400, "empty"),
        (["Content-Length: 41943041"], 413, "41943040"),
        (["Content-Length: " + "9" * 5000], 413, "41943040"),
    ],
)
def test_what_says_no_length_or_a_wrong_one_is_refused_before_it_is_read(
    house: House, lines: list[str], status: int, says: str
) -> None:
    body = b"0\r\n\r\n" if "chunked" in str(lines) else b""
    answer = spoken(house, *lines, body=body)
    assert answer.status == status
    assert says in answer.json["message"]


def test_a_mail_whose_end_does_not_come_is_refused(house: House) -> None:
    answer = spoken(house, f"Content-Length: {len(MAIL) + 1}", body=MAIL, ends=True)
    assert (answer.status, "shorter" in answer.json["message"]) == (400, True)


def test_a_mail_in_pieces_needs_no_length(house: House) -> None:
    pieces = b"%x\r\n%b\r\n0\r\n\r\n" % (len(MAIL), MAIL)
    assert spoken(house, "Transfer-Encoding: chunked", body=pieces).status == 200


def test_to_be_told_of_once_more_a_mail_need_not_be_sent_again(house: House) -> None:
    first = post(house, MAIL).json["message_id"]
    assert spoken(house, path=f"/_local/mail?message_id={first}").json["message_id"] == first
    assert spoken(house, "Content-Length: 0", path="/_local/mail?message_id=unheard-of").status == 400


@pytest.fixture
def here(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory in which the commands find this house."""
    import os

    monkeypatch.chdir(tmp_path)
    RunningStack(pid=os.getpid(), url=house.stack.url).save()
    return tmp_path


def test_the_command_delivers_files(here: Path, house: House, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.eml", "b.eml"):
        (here / name).write_bytes(MAIL)
    assert main(["mail", "a.eml", "b.eml", "--to", "desk+x@shop.example", "--dmarc", "FAIL", "--json"]) == 0
    answers = json.loads(capsys.readouterr().out)
    assert [answer["file"] for answer in answers] == ["a.eml", "b.eml"]
    (told,) = notices(house, answers[0]["message_id"])
    assert told["receipt"]["dmarcVerdict"] == {"status": "FAIL"}
    assert main(["mail", "a.eml"]) == 0
    assert "desk@shop.example" in capsys.readouterr().out
    assert main(["mail", "a.eml", "--to", "nobody@shop.example"]) == 1
    assert "a.eml: no rule" in capsys.readouterr().err
    assert main(["mail", "missing.eml"]) == 2
    assert main(["mail"]) == 2


def test_activation_refuses_to_replace_another_and_without_an_active_set_no_mail_comes_in(
    here: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    ses = house.stack.client("ses")
    assert main(["mail", "activate", "--rule-set", "house-rules", "--local"]) == 0
    assert "already" in capsys.readouterr().out
    assert main(["mail", "activate", "--rule-set", "nowhere", "--local"]) == 1
    ses.create_receipt_rule_set(RuleSetName="other")
    ses.set_active_receipt_rule_set(RuleSetName="other")
    try:
        assert main(["mail", "activate", "--rule-set", "house-rules", "--local"]) == 1
        refusal = capsys.readouterr().err
        assert "ReceiptRuleSet=other CreateReceiptRuleSet=false" in refusal
        ses.set_active_receipt_rule_set()
        with pytest.raises(RefusedMailError, match="no receipt rule set is active"):
            house.stack.receive_mail(MAIL)
        assert post(house, MAIL).status == 422
    finally:
        ses.set_active_receipt_rule_set()
        assert main(["mail", "activate", "--rule-set", "house-rules", "--local", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] is True


def send(house: House, address: str, *, configuration_set: str = "watchful") -> list[str]:
    """What SES says of a mail to `address`, in the order of time."""
    sent = house.stack.client("sesv2").send_email(
        FromEmailAddress="desk@shop.example",
        Destination={"ToAddresses": [address]},
        Content={"Raw": {"Data": f"To: {address}\nSubject: Hello\n\nText".encode()}},
        ConfigurationSetName=configuration_set,
    )
    house.stack.settle()
    said = [
        json.loads(record["Sns"]["Message"])
        for event in house.heard()
        for record in (event.get("Records", []) if isinstance(event, dict) else [])
        if record.get("EventSource") == "aws:sns"
    ]
    ours = [one for one in said if one["mail"]["messageId"] == sent["MessageId"]]
    ours.sort(key=lambda one: str(one[one["eventType"].lower()]["timestamp"]))
    return [f"{one['eventType']} {one.get('bounce', {}).get('bounceSubType', '')}".strip() for one in ours]


def test_an_address_that_bounced_or_complained_gets_no_more_mail_until_it_is_lifted(
    here: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    gone, angry = "Bounce+gone@simulator.amazonses.com", "complaint+angry@simulator.amazonses.com"
    away = "ooto+away@simulator.amazonses.com"
    assert send(house, gone) == ["Bounce General"]
    assert send(house, gone.lower()) == ["Bounce OnAccountSuppressionList"]
    assert send(house, angry) == ["Delivery", "Complaint"]
    assert send(house, angry) == ["Bounce OnAccountSuppressionList"]
    for _ in range(2):
        assert send(house, away) == ["Delivery", "Bounce General"]
    assert main(["mail", "suppressed", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {gone.lower(): "BOUNCE", angry: "COMPLAINT"}
    assert main(["mail", "suppressed", "--lift", gone]) == 0
    assert gone.lower() not in capsys.readouterr().out
    assert main(["mail", "suppressed", "--lift", gone]) == 1
    assert send(house, gone) == ["Bounce General"]


def test_without_suppression_in_the_configuration_set_there_is_none(house: House) -> None:
    for _ in range(2):
        assert send(house, "bounce+again@simulator.amazonses.com", configuration_set="careless") == ["Bounce General"]
