"""The door for machines that speak OpenDSR: controllers that hand requests on, recipients that call back."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoTaskTokens
from rightsdesk.adapters.dynamo_notices import DynamoRecipientNotices
from rightsdesk.adapters.kms_signer import KmsSigner
from rightsdesk.adapters.merchant_files import opendsr_certificate, opendsr_profile, recipients
from rightsdesk.adapters.opendsr_processors import OpenDsrProcessors
from rightsdesk.adapters.outbound_https import HttpsOutbound
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.adapters.step_functions import StepFunctionsWorkflow
from rightsdesk.domain.opendsr import OpenDsrCallback, OpenDsrReceipt, OpenDsrRequest
from rightsdesk.domain.request import PrivacyRequest
from rightsdesk.domain.session import Session
from rightsdesk.observability import logger, metrics, report_fault
from rightsdesk.services.answer_notice import NoticeAnswers
from rightsdesk.services.submit_request import submit_request
from rightsdesk.services.take_callback import RecipientCallbacks
from rightsdesk.services.take_instruction import ControllerInstructions
from rightsdesk.services.withdraw_request import withdraw_request
from rightsdesk.settings import OpendsrSettings
from rightsdesk.web.opendsr_api import OpenDsrDesk, build_opendsr_api
from rightsdesk.wiring import CallerLinks, merchant, utc_now

settings = OpendsrSettings.load()
links = CallerLinks(settings.public_origin)
cases = DynamoCaseStore(settings.cases_table)
workflow = StepFunctionsWorkflow(
    privacy_request_arn=settings.privacy_request_arn, deadline_watch_arn=settings.deadline_watch_arn
)
signer = KmsSigner(settings.opendsr_key_arn, algorithm="RSASSA_PKCS1_V1_5_SHA_256")


def withdraw(request_id: str, *, actor: str, require: Callable[[PrivacyRequest], None]) -> None:
    session = Session(request_id=request_id, expires_at=utc_now() + timedelta(minutes=1))
    withdraw_request(session, cases=cases, workflow=workflow, clock=utc_now, actor=actor, require=require)


instructions = ControllerInstructions(
    cases=cases,
    submit=partial(
        submit_request,
        cases=cases,
        workflow=workflow,
        keys=SecretKeyring(settings.pepper_secret_arn),
        merchant=merchant(),
        clock=utc_now,
    ),
    withdraw=withdraw,
    profile=opendsr_profile(),
    serves=bool(settings.opendsr_key_arn),
    certified=bool(opendsr_certificate().strip()),
    clock=utc_now,
)


@cache
def callbacks() -> RecipientCallbacks:
    """Made for the first that calls back: the register of recipients is read for it."""
    answers = NoticeAnswers(
        cases=cases,
        notices=DynamoRecipientNotices(settings.cases_table, cases),
        tokens=DynamoTaskTokens(settings.cases_table),
        workflow=workflow,
        clock=utc_now,
    )
    return RecipientCallbacks(
        recipients=recipients(),
        keys=OpenDsrProcessors(HttpsOutbound(), clock=utc_now),
        find=answers.find,
        take=answers.take,
    )


def take(name: str, request: OpenDsrRequest, content: bytes) -> OpenDsrReceipt:
    return instructions.take(name, request, content=content)


def require_signed(domain: str, signature: bytes, content: bytes) -> None:
    callbacks().require_signed(domain, signature=signature, content=content)


def take_callback(domain: str, callback: OpenDsrCallback) -> None:
    callbacks().take(domain, callback, own_url=links().opendsr_callbacks)


api = build_opendsr_api(
    OpenDsrDesk(
        domain=lambda: instructions.domain,
        sign=signer.sign,
        certificate=opendsr_certificate,
        discovery=instructions.discovery,
        admitted=instructions.admitted,
        take=take,
        state=instructions.state,
        cancel=instructions.cancel,
        require_known=lambda domain: callbacks().require_known(domain),
        require_signed=require_signed,
        take_callback=take_callback,
    ),
    report=report_fault,
)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    links.answer(event)
    return api.resolve(event, context)
