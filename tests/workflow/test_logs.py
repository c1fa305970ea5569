"""What functions log, as they run on Lambda: in processes of their own, with all that runtime and libraries print.

One journey with everything that may go wrong on it; then every log is searched for what must not be there (a30, a94).
"""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest

from local.visitor import PageError, Visitor
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
    _sign_up_and_stop(stack)
    _answer_as_a_recipient(stack)
    _write_messages(stack)
    _speak_opendsr(stack)
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


def _post_form(stack: PlayedStack, path: str, **fields: str) -> int:
    address = urlsplit(stack.local.url)
    origin = f"{address.scheme}://{address.netloc}"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin}
    return stack.call("POST", path, urlencode(fields).encode(), headers=headers).status


def _keep_out_of_logs(stack: PlayedStack, token: str) -> None:
    """Whole, and what a log might cut from it."""
    stack.canaries |= {token, token.upper(), token[:24], token[-24:]}


def _sign_up_and_stop(stack: PlayedStack) -> None:
    """The tokens of a question of consent and of a list: right, wrong, and where reading the register fails."""
    who = "canary-newsletter@example.com"
    assert _post_form(stack, "/en/newsletter", email="canary, no address") == 400
    assert _post_form(stack, "/en/newsletter", email=who) == 200
    path = re.findall(r"/en/consent/[a-z2-7]+", stack.mails(who)[-1].text)[0]
    _keep_out_of_logs(stack, path.rpartition("/")[2])
    assert stack.call("GET", path).status == 200
    assert stack.call("GET", f"{path}canary").status == 404
    assert _post_form(stack, path, answer="canary") == 400
    assert _post_form(stack, path, answer="yes") == 200
    asked = {"purpose": "newsletter", "emails": [who]}
    (mailing,) = stack.call_signed("POST", "/api/unsubscribe-links", asked).expect(200)["mailings"]
    stop = urlsplit(mailing["link"]).path
    _keep_out_of_logs(stack, stop.rpartition("/")[2])
    assert stack.call("GET", stop).status == 200
    assert stack.call("GET", f"{stop}canary").status == 404
    assert _post_form(stack, stop, **{"List-Unsubscribe": "canary"}) == 400
    _leave_something_in_the_register_that_this_version_does_not_know(stack)
    assert _post_form(stack, stop, **{"List-Unsubscribe": "One-Click"}) == 500
    assert _post_form(stack, path, answer="yes") == 500


def _leave_something_in_the_register_that_this_version_does_not_know(stack: PlayedStack) -> None:
    dynamodb, table = stack.client("dynamodb"), stack.local.ref("PeopleTable")
    for item in dynamodb.scan(TableName=table)["Items"]:
        if item["sk"]["S"] == "PERMISSIONS":
            dynamodb.update_item(
                TableName=table,
                Key={"pk": item["pk"], "sk": item["sk"]},
                UpdateExpression="SET stops = :canary",
                ExpressionAttributeValues={":canary": {"S": "canary-stop@example.com"}},
            )


def _answer_as_a_recipient(stack: PlayedStack) -> None:
    """The token of a notice: right, wrong, and where reading the notice fails."""
    case = stack.submit(stack.new_member(orders=1), type="rectification", details="canary")
    stack.verify(case).expect(200)
    name = stack.stored(case).name
    correction = {"field": "shop/members.name", "old": name, "new": "Canary Right"}
    body = {"version": stack.staff_view(case)["version"], "corrections": [correction]}
    stack.call("PUT", f"/staff/requests/{case.reference}/corrections", body, staff="handler").expect(200)
    stack.local.settle()
    view = stack.staff_view(case)
    approval = {"version": view["version"], "plan_sha256": view["rectification"]["plan_sha256"]}
    path = f"/staff/requests/{case.reference}/corrections/approval"
    stack.call("POST", path, approval, staff="approver").expect(200)
    stack.local.settle()
    links = [re.search(r"/(?:en|ja)/notices/([\w-]+)", mail.text) for mail in stack.local.outbox()]
    found = {link[0]: link[1] for link in links if link}
    assert found
    for page, token in found.items():
        _keep_out_of_logs(stack, token)
        recipient = Visitor(stack.local.url)
        recipient.get(page)
        with pytest.raises(PageError, match="400"):
            recipient.submit(page, state="canary", reason="canary")
        recipient.submit(page, state="impossible", reason="canary: they moved to canary-away@example.com")
        assert stack.call("GET", f"{page}canary").status == 404
    stack.local.settle()
    for item in stack.client("dynamodb").scan(TableName=stack.local.ref("CasesTable"))["Items"]:
        if "notice_id" in item:
            stack.client("dynamodb").update_item(
                TableName=stack.local.ref("CasesTable"),
                Key={"pk": item["pk"], "sk": item["sk"]},
                UpdateExpression="SET nickname = :canary",
                ExpressionAttributeValues={":canary": {"S": "canary-nickname@example.com"}},
            )
    assert {stack.call("GET", page).status for page in found} == {500}


def _write_messages(stack: PlayedStack) -> None:
    case = stack.submit(stack.new_member(), type="question", details=f"canary {HOSTILE}")
    stack.verify(case).expect(200)
    path = f"/api/requests/{case.reference}/message"
    stack.call("POST", path, {"text": f"canary {HOSTILE}"}, bearer=stack.session(case)).expect(202)
    stack.call("POST", path, {"text": "canary" * 500}, bearer=stack.session(case)).expect(400)
    said = {"version": stack.staff_view(case)["version"], "text": "A canary of staff, and canary-to@example.com"}
    stack.decide(case, "message", said, by="handler").expect(200)


def _speak_opendsr(stack: PlayedStack) -> None:
    """Here nobody is known: keys, domains, signatures and bodies are refused, and not repeated."""
    request = {"subject_identities": [{"identity_value": "canary-dsr@example.com"}], "subject_request_id": "canary"}
    for path in ("/v1/requests", "/opengdpr_requests"):
        assert stack.call("POST", path, request, bearer="canary-key-of-a-controller").status in (401, 404)
    headers = {"X-OpenDSR-Processor-Domain": "canary.example.com", "X-OpenDSR-Signature": "Y2FuYXJ5"}
    stack.canaries |= {"Y2FuYXJ5"}
    assert stack.call("POST", "/opendsr/callbacks", request, headers=headers).status == 401


def test_the_journey_made_functions_speak(logs: dict[str, str]) -> None:
    spoken = {function for function, log in logs.items() if log}
    assert {"PublicApiFunction", "CollectDataFunction", "CheckDeadlineFunction", "BuildExportFunction"} <= spoken
    assert {"ConsentSiteFunction", "PublicSiteFunction"} <= spoken, "what failed behind their pages is told"


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
