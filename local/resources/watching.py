"""Log groups and alarms. Alarms exist, so that they can be read; nothing here measures what they watch."""

from local.account import arn
from local.resources.kind import FOR_PEOPLE, NO_BILL, NO_RIGHTS, Kind, Made, Properties, Site, kind, names


def _log_group(site: Site, name: str, properties: Properties) -> Made:
    logs = site.clients("logs")
    group = site.physical_name(name, properties.get("LogGroupName"), limit=512)
    options = {"kmsKeyId": properties["KmsKeyId"]} if "KmsKeyId" in properties else {}
    logs.create_log_group(logGroupName=group, **options)
    if "RetentionInDays" in properties:
        logs.put_retention_policy(logGroupName=group, retentionInDays=int(properties["RetentionInDays"]))
    return Made(group, {"Arn": arn("logs", f"log-group:{group}:*")})


_ALARM_NUMBERS = ("Period", "EvaluationPeriods", "DatapointsToAlarm")
_ALARM_OPTIONS = names(
    "AlarmDescription ActionsEnabled OKActions AlarmActions InsufficientDataActions MetricName Namespace Statistic "
    "ExtendedStatistic Dimensions Unit ComparisonOperator TreatMissingData Metrics"
)


def _alarm(site: Site, name: str, properties: Properties) -> Made:
    alarm = site.physical_name(name, properties.get("AlarmName"), limit=255)
    request = {key: properties[key] for key in _ALARM_OPTIONS if key in properties}
    request |= {key: int(properties[key]) for key in _ALARM_NUMBERS if key in properties}
    if "Threshold" in properties:
        request["Threshold"] = float(properties["Threshold"])
    site.clients("cloudwatch").put_metric_alarm(AlarmName=alarm, **request)
    return Made(alarm, {"Arn": arn("cloudwatch", f"alarm:{alarm}")})


def _only_in_the_template(site: Site, name: str, properties: Properties) -> Made:
    return Made(site.physical_name(name, properties.get("DashboardName")))


KINDS: dict[str, Kind] = {
    "AWS::Logs::LogGroup": kind(
        _log_group,
        "LogGroupName RetentionInDays KmsKeyId",
        DataProtectionPolicy=NO_RIGHTS,
        LogGroupClass=NO_BILL,
        Tags=NO_BILL,
    ),
    "AWS::Logs::MetricFilter": kind(
        _only_in_the_template,
        "",
        FilterName=FOR_PEOPLE,
        FilterPattern=FOR_PEOPLE,
        LogGroupName=FOR_PEOPLE,
        MetricTransformations=FOR_PEOPLE,
    ),
    "AWS::CloudWatch::Alarm": kind(
        _alarm, " ".join(["AlarmName", "Threshold", *_ALARM_NUMBERS, *_ALARM_OPTIONS]), Tags=NO_BILL
    ),
    "AWS::CloudWatch::Dashboard": kind(_only_in_the_template, "DashboardName", DashboardBody=FOR_PEOPLE),
}
