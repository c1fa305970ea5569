"""What functions log, as they run on Lambda: in processes of their own, with all that runtime and libraries print.

One journey with everything that may go wrong on it; then every log is searched for what must not be there (a30, a94).
"""

import json
import re
from collections.abc import Iterator

import pytest

from tests.support.mails import ASKS, mail
from tests.support.stack import PlayedStack, played_stack

HOSTILE = 'Canary "}\\{"level":"ERROR","x":"'
UNSEEN = "canary\u2028\u202e\u200b\x1b[2J"
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
TOKEN = re.compile(r"eyJ[\w-]{10,}|Bearer ")


@pytest.fixture(scope="module")
def stack() -> Iterator[PlayedStack]:
    with played_stack(mode="workers") as booted:
        yield booted


@pytest.fixture(scope="module")
def logs(stack: PlayedStack) -> dict[str, str]:
    member = stack.new_member(orders=1, gifts=1, name=HOSTILE)
    stack.put_support_mail(member, b"\x1f\x8b no gzip, canary")
    stack.post_request("not an address, canary").expect(400)
    stack.call("POST", "/api/requests", b'{"email": "canary-broken@example.com", ').expect(400)
    stack.post_request("canary-unseen@example.com", name=UNSEEN).expect(400)
    case = stack.submit(member, details=f"details {HOSTILE}", order_number="canary-order-1")
    for code in ("9999-8888", "canary"):
        stack.call("POST", f"/api/requests/{case.reference}/verification", {"code": code}).expect(400)
    stack.verify(case).expect(200)
    assert stack.staff_view(case)["failed"]  # the broken source
    stack.put_support_mail(member, b"")
    stack.retry(case).expect(200)
    stack.release(case)
    stack.download(case)
    stack.call("GET", f"/api/requests/{case.reference}", headers={"Authorization": "Bearer canary.token"}).expect(401)
    page = stack.call("GET", f"/en/requests/{case.reference}?token=canary-query")
    assert page.status == 200
    _leave_something_in_a_case_that_this_version_does_not_know(stack)
    stack.mail_in(mail("canary-mail@example.com", f"{ASKS} canary", subject="canary", name="Canary"))
    stack.mail_in(b"From: canary-two@example.com\r\nSubject: =?canary?q?=ff?=\r\n\r\ncanary \xff\xfe\x1b$B")
    stack.client("sqs").send_message(QueueUrl=stack.local.ref("InboundMailQueue"), MessageBody='{"canary"')
    stack.local.settle()
    request_id = stack.stored(case).request_id
    stack.local.invoke("CollectDataFunction", {"request_id": request_id, "source": "canary-source"})
    stack.canaries |= {"canary"}
    functions = [function.logical_id for function in stack.local.deployment.functions.values()]
    return {function: stack.local.log(function) for function in functions}


def _leave_something_in_a_case_that_this_version_does_not_know(stack: PlayedStack) -> None:
    """As after a deployment that was rolled back: reading it fails, and the error quotes it."""
    other = stack.stored(stack.submit(stack.new_member()))
    stack.client("dynamodb").update_item(
        TableName=stack.local.ref("CasesTable"),
        Key={"pk": {"S": f"REQ#{other.request_id}"}, "sk": {"S": "REQUEST"}},
        UpdateExpression="SET nickname = :canary",
        ExpressionAttributeValues={":canary": {"S": "canary-nickname@example.com"}},
    )
    outcome = stack.local.invoke("CheckDeadlineFunction", {"request_id": other.request_id})
    assert outcome.failed
    assert "canary" not in str(outcome.value)  # it would stand in the history of the workflow for 90 days


def test_the_journey_made_functions_speak(logs: dict[str, str]) -> None:
    spoken = {function for function, log in logs.items() if log}
    assert {"PublicApiFunction", "CollectDataFunction", "CheckDeadlineFunction", "BuildExportFunction"} <= spoken


def test_a94_each_line_of_ours_is_one_json_object(logs: dict[str, str]) -> None:
    for name, log in logs.items():
        for line in log.splitlines():
            if line.startswith("{"):
                assert isinstance(json.loads(line), dict), name
                assert line.isascii(), name


def test_a30_a94_no_log_holds_a_person_a_code_or_a_token(stack: PlayedStack, logs: dict[str, str]) -> None:
    for name, log in logs.items():
        low = log.lower()
        found = [canary for canary in stack.canaries if canary.lower() in low]
        assert not found, (name, found)
        for pattern in (ADDRESS, TOKEN):
            assert not pattern.search(log), (name, pattern.search(log))


def test_a_failure_says_where_it_was(logs: dict[str, str]) -> None:
    assert "ValidationError" in logs["CheckDeadlineFunction"]
    assert "KeyError" in logs["CollectDataFunction"]
    assert "rightsdesk" in logs["CheckDeadlineFunction"]
