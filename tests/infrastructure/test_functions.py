"""What every function has: a role and a log group of its own, somebody who rings, limits, a way out for what fails."""

import json
import re

import pytest

from rightsdesk import settings
from rightsdesk.adapters.merchant_files import environment_variable, resource_names
from tests.infrastructure.deployed_template import ROOT, Deployed, deploy, deploy_every_function

NAMES = sorted(deploy_every_function().functions)
# What reads, erases or corrects Parquet, and therefore carries the library for it.
READ_PARQUET = {
    *("CollectColumnarFunction", "PlanErasureFunction", "EraseDataFunction", "SearchAgainFunction"),
    *("EndRetentionFunction", "CorrectDataFunction"),
}
READ_PLAIN = {"RequestDecisionFunction", "CollectDataFunction", "TellRecipientsFunction"}
SHARED_VARIABLES = {
    *("POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL", "PYDANTIC_DISABLE_PLUGINS"),
}


@pytest.fixture(scope="module")
def deployed() -> Deployed:
    return deploy_every_function()


def tasks_of_machines() -> set[str]:
    """Functions that a state machine calls: where one fails for good its machine fails, and that rings."""
    texts = [path.read_text("utf-8") for path in (ROOT / "statemachine").glob("*.asl.json")]
    return {name for text in texts for name in re.findall(r"\$\{(\w+Function)Arn\}", text)}


def variables(deployed: Deployed, function: str) -> dict[str, str]:
    return dict(deployed.functions[function]["Environment"]["Variables"])


def folder_of(function: str) -> str:
    """CollectColumnarFunction runs the code of collect_data."""
    name = function.removesuffix("Function").replace("CollectColumnar", "CollectData")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def test_every_folder_of_functions_is_deployed() -> None:
    assert {folder_of(name) for name in NAMES} == {path.parent.name for path in ROOT.glob("functions/*/app.py")}


@pytest.mark.parametrize("name", NAMES)
def test_function_has_a_role_of_its_own(deployed: Deployed, name: str) -> None:
    role = deployed.functions[name]["Role"]
    assert [other for other, function in deployed.functions.items() if function["Role"] == role] == [name]


@pytest.mark.parametrize("name", NAMES)
def test_function_has_a_log_group_of_its_own(deployed: Deployed, name: str) -> None:
    logging = deployed.functions[name]["LoggingConfig"]
    group = name.removesuffix("Function") + "LogGroup"
    assert logging == {"LogFormat": "JSON", "SystemLogLevel": "WARN", "LogGroup": f"ref({group})"}
    physical = re.sub(r"(?<!^)(?=[A-Z])", "-", name.removesuffix("Function")).lower()
    assert deployed.of_type("AWS::Logs::LogGroup")[group]["LogGroupName"] == f"/aws/lambda/rightsdesk-{physical}"


@pytest.mark.parametrize("name", NAMES)
def test_function_has_an_alarm_on_errors_or_its_machine_has(deployed: Deployed, name: str) -> None:
    if name in tasks_of_machines():
        assert name.removesuffix("Function") + "Errors" not in deployed.of_type("AWS::CloudWatch::Alarm")
        return
    alarm = deployed.one(name.removesuffix("Function") + "Errors")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Errors")
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": f"ref({name})"}]
    assert alarm["AlarmActions"] == ["ref(AlarmTopic)"]


@pytest.mark.parametrize("name", NAMES)
def test_function_runs_as_asked_and_carries_no_more_than_it_needs(deployed: Deployed, name: str) -> None:
    function = deployed.functions[name]
    assert function["Runtime"] == "python3.13"
    assert function["Architectures"] == ["arm64"]
    assert function["Handler"] == "app.lambda_handler"
    assert 128 <= function["MemorySize"] <= 3008
    assert 0 < function["Timeout"] <= 900
    assert "TracingConfig" not in function
    layers = [re.sub(r"ref\((\w+Layer)\w+\)", r"\1", layer) for layer in function["Layers"]]
    assert layers == ["CoreLayer", "MerchantLayer", "DependenciesLayer"] + ["ColumnarLayer"] * (name in READ_PARQUET)


@pytest.mark.parametrize(
    "name",
    [
        "PublicSiteFunction",
        "PublicApiFunction",
        "ConsentSiteFunction",
        "ShopApiFunction",
        "StaffApiFunction",
        "OpendsrFunction",
    ],
)
def test_function_behind_the_gateway_gives_up_before_the_gateway_does(deployed: Deployed, name: str) -> None:
    assert deployed.functions[name]["Timeout"] < 29


@pytest.mark.parametrize("name", NAMES)
def test_environment_is_exactly_what_the_settings_model_reads(deployed: Deployed, name: str) -> None:
    model = getattr(settings, "".join(part.title() for part in folder_of(name).split("_")) + "Settings")
    own = {key for key in variables(deployed, name) if not key.startswith("SOURCE_")} - SHARED_VARIABLES
    assert own == {field.upper() for field in model.model_fields}


@pytest.mark.parametrize("domain", [{}, {"DomainName": "privacy.shop.example", "CertificateArn": "arn:aws:acm:x"}])
@pytest.mark.parametrize("name", NAMES)
def test_settings_accept_the_deployed_environment(name: str, domain: dict[str, str]) -> None:
    model = getattr(settings, "".join(part.title() for part in folder_of(name).split("_")) + "Settings")
    for deployed in (deploy(**domain), deploy(UseOpenDsr="true", **domain)):
        if name in deployed.functions:
            environment = variables(deployed, name)
            model.load({key: "arn:aws:x" if key.endswith("_ARN") else value for key, value in environment.items()})


def test_links_in_letters_lead_to_the_domain_or_else_to_the_stage_of_the_api() -> None:
    own = deploy(UseOpenDsr="true", DomainName="privacy.shop.example", CertificateArn="arn:aws:acm:x")
    for name in NAMES:
        for deployed, expected in (
            (own, "https://privacy.shop.example"),
            (deploy_every_function(), "https://ref(RestApi).execute-api.eu-west-1.amazonaws.com/ref(RestApiliveStage)"),
        ):
            if "PUBLIC_ORIGIN" in variables(deployed, name):
                behind_the_door = name.startswith(("Public", "ConsentSite", "Opendsr", "ShopApi", "StaffApi"))
                found = variables(deployed, name)["PUBLIC_ORIGIN"]
                assert found == ("" if behind_the_door and deployed is not own else expected), name


@pytest.mark.parametrize("name", sorted(READ_PLAIN | READ_PARQUET))
def test_every_name_of_the_data_map_reaches_the_function(deployed: Deployed, name: str) -> None:
    given = {key: value for key, value in variables(deployed, name).items() if key.startswith("SOURCE_")}
    expected = {
        environment_variable(parameter): deployed.template.parameters[parameter]
        for parameter in resource_names(ROOT / "layers/merchant/datamap.yaml")
    }
    assert given == expected


def test_nothing_else_knows_the_merchants_tables(deployed: Deployed) -> None:
    knowing = {name for name in NAMES if any(key.startswith("SOURCE_") for key in variables(deployed, name))}
    assert knowing - {"RunCampaignsFunction"} == READ_PLAIN | READ_PARQUET
    writes_to_all = {key for key in variables(deployed, "RunCampaignsFunction") if key.startswith("SOURCE_")}
    assert writes_to_all == {"SOURCE_MEMBERS_TABLE"}


def test_the_stream_archives_events_only_and_loses_none(deployed: Deployed) -> None:
    stream = deployed.one("ArchiveAuditStream")
    assert stream["EventSourceArn"] == "CasesTable.StreamArn"
    (only,) = stream["FilterCriteria"]["Filters"]
    assert json.loads(only["Pattern"]) == {
        "eventName": ["INSERT"],
        "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "EVENT#"}]}}},
    }
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["MaximumRetryAttempts"] == 5
    assert stream["StartingPosition"] == "TRIM_HORIZON"
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == "UnarchivedEvents.Arn"


def test_a_daily_run_is_retried_and_a_missed_one_is_kept(deployed: Deployed) -> None:
    schedules = {each["Target"]["Arn"]: each for each in deployed.of_type("AWS::Scheduler::Schedule").values()}
    assert set(schedules) == {"SweepDeadlinesFunction.Arn", "EndRetentionFunction.Arn", "RunCampaignsFunction.Arn"}
    for name, schedule in schedules.items():
        assert schedule["ScheduleExpression"] == "rate(1 day)"
        assert schedule["Target"]["DeadLetterConfig"] == {"Arn": "MissedSweeps.Arn"}
        function = deployed.functions[name.removesuffix(".Arn")]
        assert function["DeadLetterConfig"] == {"TargetArn": "MissedSweeps.Arn"}


def test_news_of_every_mail_reaches_the_function_that_keeps_it_and_none_is_lost(deployed: Deployed) -> None:
    (destination,) = deployed.of_type("AWS::SES::ConfigurationSetEventDestination").values()
    assert destination["ConfigurationSetName"] == "ref(MailConfiguration)"
    assert destination["EventDestination"] == {
        "Name": "delivery-news",
        "Enabled": True,
        "MatchingEventTypes": ["delivery", "bounce", "complaint", "reject"],
        "SnsDestination": {"TopicARN": "ref(DeliveryNews)"},
    }
    (subscription,) = [
        one for one in deployed.of_type("AWS::SNS::Subscription").values() if one["TopicArn"] == "ref(DeliveryNews)"
    ]
    assert subscription["Protocol"] == "lambda"
    assert subscription["Endpoint"] == "RecordDeliveryFunction.Arn"
    function = deployed.functions["RecordDeliveryFunction"]
    assert function["DeadLetterConfig"] == {"TargetArn": "LostDeliveryNews.Arn"}


def test_the_topic_is_there_for_mail_of_ours_alone_before_ses_greets_it(deployed: Deployed) -> None:
    assert deployed.resources["MailEvents"]["DependsOn"] == "DeliveryNewsPolicy"
    policy = deployed.one("DeliveryNewsPolicy")
    assert policy["Topics"] == ["ref(DeliveryNews)"]
    allow, deny = policy["PolicyDocument"]["Statement"]
    assert (allow["Effect"], allow["Principal"], allow["Action"]) == (
        "Allow",
        {"Service": "ses.amazonaws.com"},
        "sns:Publish",
    )
    sets = "arn:aws:ses:eu-west-1:123456789012:configuration-set/ref(MailConfiguration)"
    assert allow["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012", "aws:SourceArn": sets}}
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_a43_what_lands_in_a_dead_letter_queue_rings(deployed: Deployed) -> None:
    queues = dict(deployed.of_type("AWS::SQS::Queue"))
    del queues["InboundMailQueue"]  # the only one that is read
    assert set(queues) == {"UnarchivedEvents", "MissedSweeps", "LostDeliveryNews", "UnreadMail"}
    for name, queue in queues.items():
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
        alarm = deployed.one(f"{name}Waiting")
        assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": f"{name}.QueueName"}]
        assert (alarm["Threshold"], alarm["AlarmActions"]) == (1, ["ref(AlarmTopic)"])


def test_every_alarm_rings_at_the_first_time_and_reaches_the_topic() -> None:
    alarms = dict(deploy(InboundMail="true").of_type("AWS::CloudWatch::Alarm"))
    late = alarms.pop("InboundMailIsLate")
    assert (late["MetricName"], late["Threshold"]) == ("ApproximateAgeOfOldestMessage", 1800)
    assert late["Dimensions"] == [{"Name": "QueueName", "Value": "InboundMailQueue.QueueName"}]
    assert (late["EvaluationPeriods"], late["AlarmActions"]) == (1, ["ref(AlarmTopic)"])
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == ["ref(AlarmTopic)"], name
        assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (1, 1), name
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold", name
        assert alarm["TreatMissingData"] == "notBreaching", name
