"""Queues, topics, rules, schedules and outgoing mail."""

import json
from typing import Any

from local.account import arn
from local.deployment import MailEvents, Relay, Schedule
from local.resources.kind import FOR_PEOPLE, NO_BILL, NO_RIGHTS, Kind, Made, Properties, Site, kind, only
from local.template import TemplateError


def _queue(site: Site, name: str, properties: Properties) -> Made:
    queue = site.physical_name(name, properties.get("QueueName"), limit=80)
    attributes = {
        key: json.dumps(value) if isinstance(value, dict | bool) else str(value)
        for key, value in properties.items()
        if key not in ("QueueName", "Tags")
    }
    url = site.clients("sqs").create_queue(QueueName=queue, Attributes=attributes)["QueueUrl"]
    return Made(url, {"Arn": arn("sqs", queue), "QueueName": queue, "QueueUrl": url})


def _topic(site: Site, name: str, properties: Properties) -> Made:
    sns = site.clients("sns")
    attributes = {key: str(properties[key]) for key in ("KmsMasterKeyId", "DisplayName") if key in properties}
    topic = sns.create_topic(Name=site.physical_name(name, properties.get("TopicName")), Attributes=attributes)
    for subscription in properties.get("Subscription", []):
        _subscribe(site, f"{name}-{subscription['Protocol']}", {**subscription, "TopicArn": topic["TopicArn"]})
    return Made(topic["TopicArn"], {"TopicArn": topic["TopicArn"], "TopicName": topic["TopicArn"].split(":")[-1]})


def _subscribe(site: Site, name: str, properties: Properties) -> Made:
    protocol, endpoint = properties["Protocol"], properties["Endpoint"]
    attributes = {}
    if "FilterPolicy" in properties:
        attributes["FilterPolicy"] = json.dumps(properties["FilterPolicy"])
    if "FilterPolicyScope" in properties:
        attributes["FilterPolicyScope"] = properties["FilterPolicyScope"]
    if "RawMessageDelivery" in properties:
        attributes["RawMessageDelivery"] = str(properties["RawMessageDelivery"]).lower()
    if protocol == "lambda":
        source = f"{properties['TopicArn']}:{name}"
        protocol, endpoint = "sqs", _relay(site, "sns", name, endpoint, source)
    made = site.clients("sns").subscribe(
        TopicArn=properties["TopicArn"],
        Protocol=protocol,
        Endpoint=endpoint,
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )
    return Made(made["SubscriptionArn"], {"Arn": made["SubscriptionArn"]})


def _relay(site: Site, kind_: Any, name: str, function: str, source: str) -> str:
    """moto's own way from a topic or rule to a function lacks the envelope: a queue of ours lies between."""
    queue = f"relay-{name}"[:80]
    url = site.clients("sqs").create_queue(QueueName=queue)["QueueUrl"]
    site.deployment.relays.append(Relay(kind_, url, function, source))
    return arn("sqs", queue)


def _rule(site: Site, name: str, properties: Properties) -> Made:
    events = site.clients("events")
    rule = site.physical_name(name, properties.get("Name"))
    bus = properties.get("EventBusName", "default")
    enabled = properties.get("State", "ENABLED") != "DISABLED"
    for target in properties.get("Targets", []):
        only(target, "Id Arn Input RoleArn RetryPolicy DeadLetterConfig", of=f"{name}: target")
    if "ScheduleExpression" in properties:
        rule_arn = arn("events", f"rule/{rule}")
        if enabled:
            site.deployment.schedules.append(
                Schedule(rule, rule_arn, properties["ScheduleExpression"], "UTC", tuple(properties["Targets"]))
            )
        return Made(rule, {"Arn": rule_arn})
    rule_arn = events.put_rule(
        Name=rule,
        EventBusName=bus,
        State="ENABLED" if enabled else "DISABLED",
        EventPattern=json.dumps(properties["EventPattern"]),
    )["RuleArn"]
    targets = []
    for target in properties.get("Targets", []):
        if ":lambda:" in target["Arn"]:
            relay = _relay(site, "events", f"{name}-{target['Id']}", target["Arn"], rule_arn)
            targets.append({"Id": target["Id"], "Arn": relay})
        elif ":sqs:" in target["Arn"]:
            targets.append({"Id": target["Id"], "Arn": target["Arn"]})
        else:
            raise TemplateError(f"{name}: a rule reaches functions and queues here, not {target['Arn']}")
    if targets:
        events.put_targets(Rule=rule, EventBusName=bus, Targets=targets)
    return Made(rule, {"Arn": rule_arn})


def _bus(site: Site, name: str, properties: Properties) -> Made:
    bus = properties["Name"]
    return Made(bus, {"Name": bus, "Arn": site.clients("events").create_event_bus(Name=bus)["EventBusArn"]})


def _schedule(site: Site, name: str, properties: Properties) -> Made:
    schedule = site.physical_name(name, properties.get("Name"))
    target = only(properties["Target"], "Arn Input RoleArn RetryPolicy DeadLetterConfig", of=f"{name}: target")
    schedule_arn = arn("scheduler", f"schedule/{properties.get('GroupName', 'default')}/{schedule}")
    if properties.get("State", "ENABLED") == "ENABLED":
        zone = properties.get("ScheduleExpressionTimezone", "UTC")
        site.deployment.schedules.append(
            Schedule(schedule, schedule_arn, properties["ScheduleExpression"], zone, (target,))
        )
    return Made(schedule, {"Arn": schedule_arn})


def _configuration_set(site: Site, name: str, properties: Properties) -> Made:
    given = site.physical_name(name, properties.get("Name"))
    site.clients("sesv2").create_configuration_set(ConfigurationSetName=given)
    suppression = only(properties.get("SuppressionOptions", {}), "SuppressedReasons", of=f"{name}: suppression")
    site.deployment.suppression[given] = frozenset(suppression.get("SuppressedReasons", []))
    return Made(given)


def _mail_events(site: Site, name: str, properties: Properties) -> Made:
    destination = only(
        properties["EventDestination"], "Name Enabled MatchingEventTypes SnsDestination", of=f"{name}: destination"
    )
    if str(destination.get("Enabled", False)).lower() == "true":
        kinds = frozenset(kind.lower() for kind in destination["MatchingEventTypes"])
        topic = destination["SnsDestination"]["TopicARN"]
        site.deployment.mail_events.append(MailEvents(properties["ConfigurationSetName"], kinds, topic))
    return Made(name, {"Id": name})


def _mail_identity(site: Site, name: str, properties: Properties) -> Made:
    site.clients("sesv2").create_email_identity(EmailIdentity=properties["EmailIdentity"])
    return Made(properties["EmailIdentity"])


NO_DELIVERY = "no mail leaves this machine"
SENT_AT_ONCE = "a target that fails is not tried again here"

KINDS: dict[str, Kind] = {
    "AWS::SQS::Queue": kind(
        _queue,
        "QueueName ContentBasedDeduplication DelaySeconds FifoQueue KmsMasterKeyId KmsDataKeyReusePeriodSeconds "
        "MaximumMessageSize MessageRetentionPeriod ReceiveMessageWaitTimeSeconds RedrivePolicy RedriveAllowPolicy "
        "SqsManagedSseEnabled VisibilityTimeout",
        Tags=NO_BILL,
    ),
    "AWS::SNS::Topic": kind(
        _topic, "TopicName DisplayName KmsMasterKeyId Subscription", Tags=NO_BILL, TracingConfig=FOR_PEOPLE
    ),
    "AWS::SNS::Subscription": kind(
        _subscribe,
        "TopicArn Protocol Endpoint FilterPolicy FilterPolicyScope RawMessageDelivery",
        RedrivePolicy="a delivery does not fail here",
    ),
    "AWS::Events::Rule": kind(
        _rule, "Name EventBusName EventPattern ScheduleExpression State Targets", Description=FOR_PEOPLE, Tags=NO_BILL
    ),
    "AWS::Events::EventBus": kind(_bus, "Name", Description=FOR_PEOPLE, Tags=NO_BILL, Policy=NO_RIGHTS),
    "AWS::Scheduler::Schedule": kind(
        _schedule,
        "Name GroupName ScheduleExpression ScheduleExpressionTimezone State Target",
        Description=FOR_PEOPLE,
        FlexibleTimeWindow="a schedule fires when it is due here",
        KmsKeyArn="schedules are not stored here",
    ),
    "AWS::SES::ConfigurationSet": kind(
        _configuration_set,
        "Name SuppressionOptions",
        DeliveryOptions=NO_DELIVERY,
        ReputationOptions=NO_DELIVERY,
        SendingOptions=NO_DELIVERY,
        TrackingOptions=NO_DELIVERY,
        VdmOptions=NO_DELIVERY,
        Tags=NO_BILL,
    ),
    "AWS::SES::ConfigurationSetEventDestination": kind(_mail_events, "ConfigurationSetName EventDestination"),
    "AWS::SES::EmailIdentity": kind(
        _mail_identity,
        "EmailIdentity",
        ConfigurationSetAttributes=NO_DELIVERY,
        DkimAttributes=NO_DELIVERY,
        DkimSigningAttributes=NO_DELIVERY,
        FeedbackAttributes=NO_DELIVERY,
        MailFromAttributes=NO_DELIVERY,
        Tags=NO_BILL,
    ),
}
