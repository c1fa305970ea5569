"""From the stream of the case table: tell a controller how far a case is that it handed on."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.dynamo_callbacks import DynamoToldControllers
from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_items import from_item
from rightsdesk.adapters.kms_signer import KmsSigner
from rightsdesk.adapters.merchant_files import opendsr_profile
from rightsdesk.adapters.outbound_https import HttpsOutbound
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.call_back import call_back
from rightsdesk.settings import CallBackSettings
from rightsdesk.wiring import utc_now

settings = CallBackSettings.load()
cases = DynamoCaseStore(settings.cases_table)
told = DynamoToldControllers(settings.cases_table)
signer = KmsSigner(settings.opendsr_key_arn, algorithm="RSASSA_PKCS1_V1_5_SHA_256")
outbound = HttpsOutbound()


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    """One record at a time, of a case as it stands by now. One that fails is tried again, and in the end left."""
    domain = opendsr_profile().domain
    if domain is None:
        return
    for record in event["Records"]:
        request_id = str(from_item(record["dynamodb"]["Keys"])["pk"]).removeprefix("REQ#")
        case = cases.get(request_id)
        call_back(case, domain=domain, told=told, signer=signer, outbound=outbound, clock=utc_now)
