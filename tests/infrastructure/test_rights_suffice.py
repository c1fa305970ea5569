"""Every call that a function makes to AWS is one that its role allows.

moto asks nobody's leave, so a missing right would show on AWS alone. Here the system is played, each call of a function
is noted as the actions and resources that AWS would ask about, and held against the role in the template.
"""

import csv
import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

import pytest

from local.account import ACCOUNT, REGION
from local.shop import records
from local.shop.people import Guest
from local.shop.tables import NAMES
from rightsdesk.adapters.clients import client
from rightsdesk.adapters.dynamo_campaigns import DynamoCampaigns
from rightsdesk.domain.campaign import CampaignKind, new_campaign
from tests.infrastructure.deployed_template import ROOT, STACK, Deployed, actions_of, deploy, resources_of
from tests.support.stack import PlayedStack, played_stack

WITH_A_FILE = """From: {sender}
To: {to}
Subject: {subject}
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: text/plain

{text}
--x
Content-Type: text/plain
Content-Disposition: attachment; filename="a.txt"

something
--x--
"""

Call = tuple[str, str, str]  # function, action, resource as the template names it

S3_OBJECT = {
    "PutObject": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "DeleteObject": "s3:DeleteObject",
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
}
S3_BUCKET = {
    "ListObjectsV2": "s3:ListBucket",
    "ListObjectVersions": "s3:ListBucketVersions",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
}
IN_A_TRANSACTION = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}
TABLES = ("CasesTable", "PeopleTable", "IdempotencyTable")
BUCKETS = ("ExportBucket", "EvidenceBucket", "MailBucket")
MACHINES = ("PrivacyRequest", "DeadlineWatch")


class Asked:
    """Turns calls into what AWS would ask about. `stack` knows the names that things have."""

    def __init__(self, stack: PlayedStack) -> None:
        ref = stack.local.ref
        self._tables = {ref(name): f"{name}.Arn" for name in TABLES} | {
            name: f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}" for name in NAMES.values()
        }
        self._buckets = {ref(name): f"{name}.Arn" for name in BUCKETS} | {
            name: f"arn:aws:s3:::{name}" for name in NAMES.values()
        }
        self._pool = ref("StaffPool")
        self._queue = ref("InboundMailQueue")
        self._function = stack.local.deployment.function
        self._keys = {f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{ref('EvidenceSigningKey')}": "EvidenceSigningKey.Arn"}
        if "OpenDsrSigningKeyArn" in stack.local.outputs:  # only where it is used
            self._keys[stack.local.outputs["OpenDsrSigningKeyArn"]] = "OpenDsrSigningKey.Arn"
        self._machines = {ref(name): deploy().one(name)["StateMachineName"] for name in MACHINES}

    def about(self, service: str, operation: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """(action, resource)."""
        match service, operation:
            case "dynamodb", "TransactWriteItems":
                for item in params["TransactItems"]:
                    ((kind, write),) = item.items()
                    yield IN_A_TRANSACTION[kind], self._tables[write["TableName"]]
            case "dynamodb", "BatchGetItem":
                for table in params["RequestItems"]:
                    yield "dynamodb:BatchGetItem", self._tables[table]
            case "dynamodb", _:
                index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
                yield f"dynamodb:{operation}", self._tables[params["TableName"]] + index
            case "s3", "PutObject" | "CreateMultipartUpload" if params.get("Tagging"):
                place = f"{self._buckets[params['Bucket']]}/{params['Key']}"
                yield from (("s3:PutObject", place), ("s3:PutObjectTagging", place))
            case "s3", "GetObject" | "HeadObject" if "VersionId" in params:
                yield "s3:GetObjectVersion", f"{self._buckets[params['Bucket']]}/{params['Key']}"
            case "s3", "DeleteObjects":
                for version in params["Delete"]["Objects"]:
                    action = "s3:DeleteObjectVersion" if "VersionId" in version else "s3:DeleteObject"
                    yield action, f"{self._buckets[params['Bucket']]}/{version['Key']}"
            case "s3", _ if operation in S3_BUCKET:
                yield S3_BUCKET[operation], self._buckets[params["Bucket"]]
            case "s3", _:
                yield S3_OBJECT.get(operation, f"s3:{operation}"), f"{self._buckets[params['Bucket']]}/{params['Key']}"
            case "sesv2", "SendEmail":
                for action in ("ses:SendEmail", "ses:SendRawEmail"):
                    yield action, f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/shop.example"
                    yield action, f"arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/ref(MailConfiguration)"
            case "stepfunctions", "SendTaskSuccess":
                yield "states:SendTaskSuccess", self._machine("PrivacyRequest")
            case "stepfunctions", "StartExecution":
                machine = next(name for arn, name in self._machines.items() if arn == params["stateMachineArn"])
                yield "states:StartExecution", f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{machine}"
            case "stepfunctions", "StopExecution" | "DescribeExecution":
                machine, execution = params["executionArn"].split(":")[-2:]
                short = next(name for arn, name in self._machines.items() if arn.endswith(f":{machine}"))
                yield f"states:{operation}", f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{short}:{execution}"
            case "cognito-idp", "ListUsers" | "ListUsersInGroup" if params["UserPoolId"] == self._pool:
                yield f"cognito-idp:{operation}", "StaffPool.Arn"
            case "sqs", "SendMessage" if params["QueueUrl"] == self._queue:
                yield "sqs:SendMessage", "InboundMailQueue.Arn"
            case "lambda", "Invoke":
                yield "lambda:InvokeFunction", f"{self._function(params['FunctionName']).logical_id}.Arn"
            case "kms", "Sign" | "GetPublicKey" if params["KeyId"] in self._keys:
                yield f"kms:{operation}", self._keys[params["KeyId"]]
            case "secretsmanager", "GetSecretValue":
                yield "secretsmanager:GetSecretValue", "ref(PepperSecret)"
            case _:
                yield f"{service}:{operation}", "not thought of here"

    def _machine(self, name: str) -> str:
        return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{deploy().one(name)['StateMachineName']}"


@contextmanager
def noted(stack: PlayedStack) -> Iterator[set[Call]]:
    """What the functions ask of AWS meanwhile."""
    asked, calls = Asked(stack), set[Call]()
    functions = {function.name: function.logical_id for function in stack.local.deployment.functions.values()}

    def note(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        # Functions take turns with os.environ, so it tells who is calling.
        function = functions[os.environ["AWS_LAMBDA_FUNCTION_NAME"]]
        service = {"sfn": "stepfunctions"}.get(model.service_model.service_name, model.service_model.service_name)
        calls.update((function, action, resource) for action, resource in asked.about(service, model.name, params))

    services = ("cognito-idp", "dynamodb", "kms", "lambda", "s3", "sesv2", "sqs", "stepfunctions", "secretsmanager")
    for service in services:
        client(service).meta.events.register_first("before-parameter-build", note)
    try:
        yield calls
    finally:
        for service in services:
            client(service).meta.events.unregister("before-parameter-build", note)


@pytest.fixture(scope="module")
def calls() -> Iterator[set[Call]]:
    """A request that is answered, one withdrawn, one refused, one whose source breaks, one that needs more proof; and
    mails: a clear one, one that waits for staff, a reply, one that nobody was told of.
    """
    with played_stack() as stack, noted(stack) as seen:
        answered = stack.to_review(stack.new_member(orders=2, gifts=1))
        stack.fetch(stack.decide(answered, "preview", {}).expect(200)["url"])
        stack.call("GET", f"/staff/requests/{answered.reference}/held", staff="handler").expect(200)
        stack.release(answered)
        stack.download(answered)

        refused = stack.to_review(stack.new_member())
        refusal = {
            "version": stack.staff_view(refused)["version"],
            "ground": "gdpr_15_4",
            "reason": "A letter of somebody else.",
        }
        stack.decide(refused, "refusal", refusal).expect(200)

        broken = stack.new_member()
        stack.put_support_mail(broken, b"not gzip")
        case = stack.submit(broken)
        stack.verify(case)
        stack.retry(case).expect(200)
        stack.decide(case, "assignment", {"assignee": "sub-who-left"}, by="handler").expect(200)

        guest = Guest(email="guest@example.com", name="Guest Canary", home=broken.home, orders=1, gifts=0)
        stack.put("OrdersTable", records.guest_items(guest, 1, now=stack.now))
        stack.verify(stack.submit(guest.email, name=guest.name))

        new_mailbox = stack.new_member(orders=1, mailbox_changed_at=stack.now - timedelta(days=2))
        case = stack.submit(new_mailbox, headers={"Idempotency-Key": "5a0c2f9e-7a5b-4f0e-9f0e-2b7c1d3e4f50"})
        stack.verify(case)
        stack.give_evidence(case, "K0", "0", session=stack.session(case)).expect(202)
        stack.withdraw(case).expect(200)
        stack.call("GET", f"/staff/requests/{case.reference}/evidence", staff="auditor").expect(200)

        play_rectification(stack)
        play_erasure(stack)
        play_messages(stack)
        play_review(stack)
        stack.call("GET", "/staff/requests", staff="auditor").expect(200)
        for asked in ("suppressions", "permissions", "provisions", "provisions_received"):
            sample = json.loads((ROOT / f"events/shop_api-{asked}.json").read_text("utf-8"))
            assert stack.local.invoke("ShopApiFunction", sample).value["statusCode"] == 200
        play_consents(stack)
        play_mails(stack)
        untold = WITH_A_FILE.format(sender="x@example.org", to="privacy@shop.example", subject="Hello", text="My data?")
        stack.client("s3").put_object(Bucket=stack.local.ref("MailBucket"), Key="inbound/untold", Body=untold.encode())
        stack.advance(days=15)
        yield seen


def play_messages(stack: PlayedStack) -> None:
    """A question with a thread, its answer, and once more."""
    case = stack.submit(stack.new_member(), type="question", details="Whom do you give my address to?")
    stack.verify(case).expect(200)
    write = f"/api/requests/{case.reference}/message"
    stack.call("POST", write, {"text": "In Berlin, I mean."}, bearer=stack.session(case)).expect(202)
    said = {"version": stack.staff_view(case)["version"], "text": "To our carrier, as far as we see."}
    stack.decide(case, "message", said, by="handler").expect(200)
    stack.call("GET", f"/staff/requests/{case.reference}/messages", staff="handler").expect(200)
    done = {"version": stack.staff_view(case)["version"], "done": "To our carrier alone.", "kept": {}}
    stack.decide(case, "completion", done).expect(200)
    stack.call("POST", write, {"text": "Who is that?"}, bearer=stack.session(case)).expect(202)
    stack.local.settle()


def play_review(stack: PlayedStack) -> None:
    """What a machine decided, looked at again."""
    case = stack.submit(stack.new_member(orders=1), type="automated_decision", details="I have always paid.")
    stack.verify(case).expect(200)
    facts = stack.call("GET", f"/staff/requests/{case.reference}/review", staff="handler").expect(200)
    result = {"version": facts["version"], "result": "none", "reasons": "No order of yours was declined."}
    version = stack.decide(case, "review", result, by="handler").expect(200)["version"]
    done = {"version": version, "done": "There was nothing to change.", "kept": {}}
    stack.decide(case, "completion", done).expect(200)


def play_consents(stack: PlayedStack) -> None:
    """A newsletter, asked for and stopped; what the shop tells and asks; members who are asked."""
    for sample in ("consent", "consent-withdrawal", "unsubscribe-links", "acceptance", "acceptance-view"):
        event = json.loads((ROOT / f"events/shop_api-{sample}.json").read_text("utf-8"))
        assert stack.local.invoke("ShopApiFunction", event).value["statusCode"] == 200
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": stack.local.url}
    assert stack.call("POST", "/en/newsletter", b"email=wren%40example.org", headers=form).status == 200
    confirm = re.findall(r"/en/consent/[a-z2-7]+", stack.mails("wren@example.org")[-1].text)[0]
    assert stack.call("POST", confirm, b"answer=yes", headers=form).status == 200
    asked = {"purpose": "newsletter", "emails": ["wren@example.org"]}
    link = stack.call_signed("POST", "/api/unsubscribe-links", asked).expect(200)["mailings"][0]["link"]
    path = link.removeprefix(stack.local.url)
    assert stack.call("POST", path, b"List-Unsubscribe=One-Click", headers=form).status == 200
    campaign = new_campaign(CampaignKind.CONSENT, "surveys", text_version="2026-09", per_day=5, at=stack.now)
    DynamoCampaigns(stack.local.ref("PeopleTable"), stack.client("dynamodb")).save(campaign)
    before = len(stack.local.outbox())
    stack.advance(days=1)
    assert len(stack.local.outbox()) > before


def play_rectification(stack: PlayedStack) -> None:
    """Of a mailbox, in tables; and of an answer, in a file of many people's rows."""
    member = stack.new_member(orders=1, guest_orders=1)
    survey = {"field": "files/surveys.answer", "old": an_answer(stack, "M-000003"), "new": "I would buy there again."}
    mailbox = {"field": "shop/members.email", "old": member.email, "new": f"new.{member.email}"}
    for person, how, correction in (
        (member, {}, mailbox),
        ("maria@example.de", {"name": "Maria Schneider", "country": "DE", "language": "en"}, survey),
    ):
        case = stack.submit(person, type="rectification", details="It is wrong.", **how)
        stack.verify(case).expect(200)
        body = {"version": stack.staff_view(case)["version"], "corrections": [correction]}
        stack.call("PUT", f"/staff/requests/{case.reference}/corrections", body, staff="handler").expect(200)
        stack.local.settle()
        if person is member:
            order = f"K{member.number:06d}-0001"
            stack.give_evidence(case, order, member.home.postcode, session=stack.session(case)).expect(202)
        view = stack.staff_view(case)
        approval = {"version": view["version"], "plan_sha256": view["rectification"]["plan_sha256"]}
        stack.decide(case, "corrections/approval", approval).expect(200)
        assert stack.stored(case).outcome == "fulfilled"


def an_answer(stack: PlayedStack, member_id: str) -> str:
    """What a member wrote in a survey."""
    bucket, s3 = stack.shop("ShopBucket"), stack.client("s3")
    for entry in s3.list_objects_v2(Bucket=bucket, Prefix="surveys/")["Contents"]:
        text = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read().decode("utf-8-sig")
        for row in csv.DictReader(io.StringIO(text, newline="")):
            if row["member_id"] == member_id and row["answer"]:
                return row["answer"]
    raise AssertionError(f"{member_id} answered nothing")


def play_erasure(stack: PlayedStack) -> None:
    """Of a member with data in every source: barred, let go, carried out; and what staff kept is let go after."""
    case = stack.to_approval("hanako@example.jp", name="佐藤 花子", country="JP", language="ja")
    for act, by in (("hold", "handler"), ("hold-lift", "approver")):
        version = stack.staff_view(case)["version"]
        stack.decide(case, act, {"version": version, "reason": "open_dispute"}, by=by).expect(200)
    stack.approve(case, by="handler", kept={"files/support_messages.body": "appi_35_lawful"}).expect(200)
    for by in ("handler", "approver"):  # the plan as it then is
        stack.approve(case, by=by).expect(200)
    assert stack.stored(case).outcome == "partially_fulfilled"
    entries = stack.call("GET", "/staff/retention", staff="approver").expect(200)["items"]
    held = next(entry for entry in entries if entry["ground"])
    stack.call("POST", f"/staff/retention/{held['id']}/lift", {}, staff="approver").expect(200)
    stack.local.settle()


def play_mails(stack: PlayedStack) -> None:
    """A request and a reply to it; and four mails that nobody can understand, one for each thing staff may do."""

    def deliver(sender: str, subject: str, text: str, *, to: str = "privacy@shop.example") -> None:
        mail = WITH_A_FILE.format(sender=sender, to=to, subject=subject, text=text).replace("\n", "\r\n")
        stack.local.receive_mail(mail.encode())
        stack.local.settle()

    deliver("mika@example.org", "Access request", "Please send me a copy of all my personal data, GDPR Article 15.")
    sent = stack.mails("mika@example.org")[-1]
    deliver("mika@example.org", f"Re: {sent.subject}", "One thing more.", to=sent.headers["Reply-To"])
    (reference,) = re.findall(r"RD-[0-9A-Z-]+", sent.subject)
    stack.call("GET", f"/staff/requests/{reference}/messages", staff="handler").expect(200)

    acts: list[tuple[str, dict[str, Any]]] = [
        ("request", {"types": ["access"], "country": "DE", "language": "en"}),
        ("attachment", {"reference": reference}),
        ("clarification", {}),
        ("purge", {"what": "files"}),
    ]
    seen = {item["id"] for item in stack.call("GET", "/staff/mail", staff="handler").expect(200)["items"]}
    for number, (act, body) in enumerate(acts):
        deliver(f"unclear{number}@example.net", "Hello", f"What about my stuff, number {number}?")
        waiting = stack.call("GET", "/staff/mail", staff="handler").expect(200)["items"]
        mail = f"/staff/mail/{next(item['id'] for item in waiting if item['id'] not in seen)}"
        seen.add(mail.rpartition("/")[2])
        stack.fetch(stack.call("POST", f"{mail}/files/1", {}, staff="handler").expect(200)["url"])
        version = stack.call("GET", mail, staff="handler").expect(200)["version"]
        stack.call("POST", f"{mail}/{act}", {"version": version, **body}, staff="handler").expect(200)


@pytest.fixture(scope="module")
def deployed_like_the_stack() -> Deployed:
    return deploy(**NAMES)


def test_every_function_was_played(calls: set[Call]) -> None:
    """The pages ask for the same as the JSON API, with the same rights. What speaks OpenDSR is played with its key, in
    `workflow/test_opendsr.py`; what sends to another controller with its host, in `workflow/test_portability.py`.
    """
    elsewhere = {"PublicSiteFunction", "OpendsrFunction", "TransferPackageFunction"}
    assert {function for function, _, _ in calls} == set(deploy().functions) - elsewhere
    site, api = (deploy().statements_of(deploy().role_of(f"Public{door}Function")) for door in ("Site", "Api"))
    assert site == api


def test_the_staff_pool_was_asked(calls: set[Call]) -> None:
    asked = {(function, action) for function, action, resource in calls if resource == "StaffPool.Arn"}
    assert asked == {
        ("CheckDeadlineFunction", "cognito-idp:ListUsers"),
        ("CheckDeadlineFunction", "cognito-idp:ListUsersInGroup"),
    }


def test_a_mail_was_told_of_again(calls: set[Call]) -> None:
    assert ("SweepDeadlinesFunction", "sqs:SendMessage", "InboundMailQueue.Arn") in calls


def test_every_call_is_allowed(calls: set[Call], deployed_like_the_stack: Deployed) -> None:
    denied = sorted(call for call in calls if not allowed(deployed_like_the_stack, call))
    assert denied == []


def allowed(deployed: Deployed, call: Call) -> bool:
    function, action, resource = call
    return any(
        action in actions_of(statement) and any(fnmatchcase(resource, pattern) for pattern in resources_of(statement))
        for statement in deployed.statements_of(deployed.role_of(function))
    )


def test_a_right_that_is_missing_would_be_noticed(deployed_like_the_stack: Deployed) -> None:
    assert STACK in deployed_like_the_stack.one("PrivacyRequest")["StateMachineName"]
    assert allowed(deployed_like_the_stack, ("BuildExportFunction", "s3:PutObject", "ExportBucket.Arn/exports/x"))
    assert not allowed(deployed_like_the_stack, ("BuildExportFunction", "s3:PutObject", "ExportBucket.Arn/work/x"))
    assert not allowed(deployed_like_the_stack, ("BuildExportFunction", "ses:SendEmail", "ExportBucket.Arn"))
