"""The JSON door for staff, behind Cognito; described at /staff/openapi.json."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoTaskTokens
from rightsdesk.adapters.merchant_files import described_data_map
from rightsdesk.adapters.s3_exports import S3ExportStore
from rightsdesk.adapters.s3_results import S3RecordStore
from rightsdesk.adapters.step_functions import StepFunctionsWorkflow
from rightsdesk.domain.case_views import CaseView
from rightsdesk.domain.errors import NotFoundError
from rightsdesk.domain.request import Treatment
from rightsdesk.domain.staff import StaffMember
from rightsdesk.observability import logger, metrics, report_fault
from rightsdesk.services.preview_export import preview_export
from rightsdesk.services.review_request import Reviewer
from rightsdesk.services.staff_cases import StaffCases
from rightsdesk.services.view_held import view_held_rows
from rightsdesk.settings import StaffApiSettings
from rightsdesk.web.staff_api import build_staff_api
from rightsdesk.web.staff_desk import StaffDesk
from rightsdesk.wiring import merchant, utc_now

settings = StaffApiSettings.load()
cases = DynamoCaseStore(settings.cases_table)
workflow = StepFunctionsWorkflow(privacy_request_arn=settings.privacy_request_arn)
staff_cases = StaffCases(
    cases=cases, workflow=workflow, merchant=merchant(), clock=utc_now, four_eyes=settings.four_eyes
)
reviewer = Reviewer(
    cases=cases,
    tokens=DynamoTaskTokens(settings.cases_table),
    workflow=workflow,
    clock=utc_now,
    four_eyes=settings.four_eyes,
)


def release(staff: StaffMember, reference: str, version: int, held: dict[str, Treatment]) -> CaseView:
    reviewer.release(staff, staff_cases.find(reference), version, held)
    return staff_cases.view(staff, reference)


def refuse(
    staff: StaffMember, reference: str, version: int, ground: str, reason: str, evidence: str | None
) -> CaseView:
    reviewer.refuse(staff, staff_cases.find(reference), version, ground, reason)
    return staff_cases.view(staff, reference)


def _soon() -> Any:
    raise NotFoundError


api = build_staff_api(
    StaffDesk(
        list_open=staff_cases.list_open,
        view=staff_cases.view,
        timeline=staff_cases.timeline,
        letters=staff_cases.letters,
        preview=partial(
            preview_export,
            find=staff_cases.find,
            cases=cases,
            exports=S3ExportStore(settings.export_bucket),
            clock=utc_now,
        ),
        held=partial(
            view_held_rows,
            find=staff_cases.find,
            cases=cases,
            records=S3RecordStore(settings.export_bucket),
            data_map=described_data_map,
            clock=utc_now,
        ),
        assign=staff_cases.assign,
        extend=lambda *_: _soon(),
        ask=lambda *_: _soon(),
        withhold=lambda *_: _soon(),
        complete=lambda *_: _soon(),
        confirm_refusal=lambda *_: _soon(),
        preview_letter=lambda *_: _soon(),
        release=release,
        refuse=refuse,
        retry=staff_cases.retry,
    ),
    report=report_fault,
    clock=utc_now,
)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return api.resolve(event, context)
