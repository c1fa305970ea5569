"""Task of privacy_request: send the portable part of an answer to another controller, or wait for another try."""

from typing import Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoTaskTokens
from rightsdesk.adapters.kms_signer import KmsSigner
from rightsdesk.adapters.outbound_https import HttpsOutbound
from rightsdesk.adapters.s3_exports import S3ExportStore
from rightsdesk.adapters.step_functions import StepFunctionsWorkflow
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.services.await_transfer import await_transfer
from rightsdesk.services.transfer_package import transfer_package
from rightsdesk.settings import TransferPackageSettings
from rightsdesk.wiring import utc_now

settings = TransferPackageSettings.load()
cases = DynamoCaseStore(settings.cases_table)
files = S3ExportStore(settings.export_bucket)
signer = KmsSigner(settings.evidence_key_arn)
outbound = HttpsOutbound()


class Task(BaseModel):
    request_id: str
    step: Literal["send", "await"] = "send"
    task_token: str = ""


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    task = Task.model_validate(event)
    if task.step == "await":
        tokens, workflow = DynamoTaskTokens(settings.cases_table), StepFunctionsWorkflow()
        await_transfer(task.request_id, task.task_token, cases=cases, tokens=tokens, workflow=workflow)
        return
    transfer_package(task.request_id, cases=cases, files=files, signer=signer, outbound=outbound, clock=utc_now)
