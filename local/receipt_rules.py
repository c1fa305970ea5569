"""Which receipt rule set Amazon SES follows.

CloudFormation can make one and not activate it. One alone is active in an account and region: who activates another
switches off whatever mail the first one received.
"""

from typing import Any


class ActivationError(Exception):
    """The rule set was not activated; the message says why, and what to do."""


def activate(ses: Any, rule_set: str) -> bool:
    """Makes `rule_set` the active one; false where it is already. `ses` is a boto3 client.

    Raises ActivationError where there is no such rule set, and where another one is active; errors of AWS as they are.
    """
    active = ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
    if active == rule_set:
        return False
    try:
        ses.describe_receipt_rule_set(RuleSetName=rule_set)
    except ses.exceptions.RuleSetDoesNotExistException as error:
        raise ActivationError(f"there is no receipt rule set {rule_set}: deploy with InboundMail=true first") from error
    if active is not None:
        raise ActivationError(
            f"the receipt rule set {active} is active. {rule_set} would take its place, and mail that {active} "
            f"receives would no longer come in. Put the rule into it instead: deploy with ReceiptRuleSet={active} "
            f"CreateReceiptRuleSet=false. Or, if nothing needs it any more, deactivate it: "
            f"aws ses set-active-receipt-rule-set, without a name"
        )
    ses.set_active_receipt_rule_set(RuleSetName=rule_set)
    return True
