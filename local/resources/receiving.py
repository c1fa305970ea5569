"""Receipt rule sets and their rules: which mail comes in, and where it goes. `events/inbound_mail` follows them."""

from typing import Any

from local.resources.kind import Kind, Made, Properties, Site, kind, only
from local.template import TemplateError


def _rule_set(site: Site, name: str, properties: Properties) -> Made:
    given = site.physical_name(name, properties.get("RuleSetName"))
    site.clients("ses").create_receipt_rule_set(RuleSetName=given)
    return Made(given)


def _rule(site: Site, name: str, properties: Properties) -> Made:
    rule = only(properties["Rule"], "Name Enabled ScanEnabled TlsPolicy Recipients Actions", of=f"{name}: rule")
    given = site.physical_name(name, rule.get("Name"))
    for action in rule.get("Actions", []):
        only(action, "S3Action StopAction", of=f"{name}: action")
        only(action.get("S3Action", {}), "BucketName ObjectKeyPrefix TopicArn", of=f"{name}: S3Action")
    request: dict[str, Any] = {
        "RuleSetName": properties["RuleSetName"],
        "Rule": {**rule, "Name": given, **{key: _is_true(rule.get(key)) for key in ("Enabled", "ScanEnabled")}},
    }
    if "After" in properties:
        request["After"] = properties["After"]
    ses = site.clients("ses")
    try:
        ses.create_receipt_rule(**request)
    except ses.exceptions.RuleSetDoesNotExistException as error:
        raise TemplateError(f"{name}: there is no receipt rule set {properties['RuleSetName']} here") from error
    return Made(given)


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


KINDS: dict[str, Kind] = {
    "AWS::SES::ReceiptRuleSet": kind(_rule_set, "RuleSetName"),
    "AWS::SES::ReceiptRule": kind(_rule, "RuleSetName Rule After"),
}
