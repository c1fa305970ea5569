"""The way of a mail into the system, as it is deployed: rule, bucket, topic, queue, function, and where failures go."""

import re
from typing import Any

import pytest

from local.intrinsics import STACK_UUID
from tests.infrastructure.deployed_template import STACK, Deployed, deploy

NAME = f"inbound-{STACK_UUID}"
RULE = f"arn:aws:ses:eu-west-1:123456789012:receipt-rule-set/rightsdesk:receipt-rule/{NAME}"
ACCOUNT = {"StringEquals": {"aws:SourceAccount": "123456789012"}}


@pytest.fixture(scope="module")
def receiving() -> Deployed:
    return deploy(InboundMail="true")


def statements(deployed: Deployed, policy: str) -> dict[str, Any]:
    return {statement["Sid"]: statement for statement in deployed.one(policy)["PolicyDocument"]["Statement"]}


def test_a_mail_is_scanned_comes_by_tls_and_is_stored_before_anybody_is_told(receiving: Deployed) -> None:
    rule = receiving.one("InboundMailRule")["Rule"]
    assert rule == {
        "Name": NAME,
        "Enabled": True,
        "ScanEnabled": True,
        "TlsPolicy": "Require",
        "Recipients": ["privacy@shop.example"],
        "Actions": [
            {
                "S3Action": {
                    "BucketName": "ref(MailBucket)",
                    "ObjectKeyPrefix": "inbound/",
                    "TopicArn": "ref(InboundMailNotices)",
                }
            }
        ],
    }


def test_the_rule_has_a_name_that_ses_takes_however_the_stack_is_called(receiving: Deployed) -> None:
    """A stack's name may have 128 characters. What ends its id is a UUID, so that two stacks may share a rule set."""
    name = receiving.one("InboundMailRule")["Rule"]["Name"]
    assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}[a-zA-Z0-9]", name)
    assert STACK not in name
    assert len(STACK_UUID) == 36


def test_without_inbound_mail_the_function_is_there_and_nothing_asks_the_queue(deployed: Deployed) -> None:
    assert deployed.one("EmailIntakeQueue")["Enabled"] is False
    assert deploy(InboundMail="true").one("EmailIntakeQueue")["Enabled"] is True


def test_replies_are_asked_for_only_where_they_come_in(deployed: Deployed, receiving: Deployed) -> None:
    for name, function in receiving.functions.items():
        variables = function["Environment"]["Variables"]
        # What writes to a person needs the mailbox for replies, and the site for links; the letter about what had to
        # stay comes years later, when the request that a link would lead to is gone. Two doors of machines write to
        # nobody: their links are for the mails and the answers of others.
        writes = name not in ("ShopApiFunction", "OpendsrFunction")
        links = ("PUBLIC_ORIGIN" in variables and writes) or name == "EndRetentionFunction"
        assert ("INBOUND_ADDRESS" in variables) == links, name
        if "INBOUND_ADDRESS" in variables:
            assert variables["INBOUND_ADDRESS"] == "privacy@shop.example"
            assert deployed.functions[name]["Environment"]["Variables"]["INBOUND_ADDRESS"] == ""


def test_only_the_rule_publishes_and_only_by_tls(receiving: Deployed) -> None:
    policy = statements(receiving, "InboundMailNoticesPolicy")
    assert set(policy) == {"MailServicePublishes", "TlsOnly"}
    allow = policy["MailServicePublishes"]
    assert (allow["Principal"], allow["Action"]) == ({"Service": "ses.amazonaws.com"}, "sns:Publish")
    assert allow["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012", "aws:SourceArn": RULE}}
    assert policy["TlsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_the_topic_fills_the_queue_and_only_by_tls(receiving: Deployed) -> None:
    policy = statements(receiving, "InboundMailQueuePolicy")
    assert set(policy) == {"NoticesComeIn", "TlsOnly"}
    allow = policy["NoticesComeIn"]
    assert (allow["Principal"], allow["Action"]) == ({"Service": "sns.amazonaws.com"}, "sqs:SendMessage")
    assert allow["Condition"] == {"ArnEquals": {"aws:SourceArn": "ref(InboundMailNotices)"}}
    assert policy["TlsOnly"]["Effect"] == "Deny"
    assert policy["TlsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert receiving.one("InboundMailSubscription") == {
        "TopicArn": "ref(InboundMailNotices)",
        "Protocol": "sqs",
        "Endpoint": "InboundMailQueue.Arn",
        "RawMessageDelivery": False,
        "RedrivePolicy": {"deadLetterTargetArn": "UnreadMail.Arn"},
    }


def test_a_notice_that_does_not_reach_the_queue_waits_where_the_alarm_is(receiving: Deployed) -> None:
    policy = statements(receiving, "UnreadMailPolicy")
    assert set(policy) == {"NoticesThatDidNotArrive", "TlsOnly"}
    allow, deny = policy["NoticesThatDidNotArrive"], policy["TlsOnly"]
    assert (allow["Principal"], allow["Action"]) == ({"Service": "sns.amazonaws.com"}, "sqs:SendMessage")
    assert allow["Condition"] == {"ArnEquals": {"aws:SourceArn": "ref(InboundMailNotices)"}}
    assert {statement["Resource"] for statement in policy.values()} == {"UnreadMail.Arn"}
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert "UnreadMailPolicy" in receiving.resources["InboundMailSubscription"]["DependsOn"]


def test_the_key_serves_the_mail_service_and_the_topic_for_this_account_only(receiving: Deployed) -> None:
    key = {s["Sid"]: s for s in receiving.one("DataKey")["KeyPolicy"]["Statement"]}
    for name, service in (("NewsOfMail", "ses"), ("Notices", "sns")):
        assert key[name]["Principal"] == {"Service": f"{service}.amazonaws.com"}
        assert set(key[name]["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey"}
        assert key[name]["Condition"] == ACCOUNT


def test_a43_a_mail_that_fails_is_tried_again_and_then_kept_until_two_weeks_are_over(receiving: Deployed) -> None:
    """A message keeps its age when it moves to a dead-letter queue: ten days are left to it there, or more."""
    queue, function = receiving.one("InboundMailQueue"), receiving.functions["EmailIntakeFunction"]
    assert queue["RedrivePolicy"] == {"deadLetterTargetArn": "UnreadMail.Arn", "maxReceiveCount": 5}
    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
    assert queue["MessageRetentionPeriod"] == 4 * 24 * 3600
    assert receiving.one("UnreadMail")["MessageRetentionPeriod"] == 14 * 24 * 3600
    mapping = receiving.one("EmailIntakeQueue")
    assert mapping["EventSourceArn"] == "InboundMailQueue.Arn"
    assert mapping["BatchSize"] <= 5
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_the_breaker_of_automatic_answers_rings(receiving: Deployed) -> None:
    alarm = receiving.one("AutomaticAnswersAreStopped")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("Rightsdesk", "AutomaticAnswersStopped")
    service = receiving.functions["EmailIntakeFunction"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
    assert alarm["Dimensions"] == [{"Name": "service", "Value": service}]
    variables = deploy(AutomaticAnswersPerHour="7").functions["EmailIntakeFunction"]["Environment"]["Variables"]
    assert variables["AUTOMATIC_ANSWERS_PER_HOUR"] == "7"


def test_the_outputs_say_what_is_left_to_do(receiving: Deployed) -> None:
    outputs = receiving.template.outputs
    for name in ("MailExchanger", "ReceiptRuleSetName", "ActivateInboundMail"):
        assert outputs[name]["Condition"] == "ReceivesMail"
    assert "rightsdesk mail activate --rule-set ${ReceiptRuleSet}" in outputs["ActivateInboundMail"]["Value"]["Fn::Sub"]
