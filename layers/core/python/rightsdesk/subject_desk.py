"""The desk of the two public doors, wired: pages and JSON offer the same use cases over the same adapters."""

from functools import cache, partial
from typing import TYPE_CHECKING

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoCodeStore, DynamoMailBudget, DynamoTaskTokens
from rightsdesk.adapters.dynamo_messages import DynamoMessages
from rightsdesk.adapters.idempotency import SubmitOnce
from rightsdesk.adapters.merchant_files import described_data_map, recipients
from rightsdesk.adapters.s3_exports import S3ExportStore
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.adapters.step_functions import StepFunctionsWorkflow
from rightsdesk.domain.identity import keyed_id
from rightsdesk.domain.offered import Offered
from rightsdesk.domain.session import Session
from rightsdesk.domain.views import DisownView, RequestView
from rightsdesk.ports.letters import LinkSource
from rightsdesk.services.answer_question import answer_question
from rightsdesk.services.confirm_erasure import confirm_erasure
from rightsdesk.services.download_export import download_export
from rightsdesk.services.enter_code import CodeDesk
from rightsdesk.services.send_code import CodeSender, send_access_code
from rightsdesk.services.submit_evidence import submit_evidence
from rightsdesk.services.submit_request import submit_request
from rightsdesk.services.view_request import view_request
from rightsdesk.services.withdraw_request import withdraw_request
from rightsdesk.services.write_message import MessageWriter
from rightsdesk.settings import PublicDoorSettings
from rightsdesk.web.desks import SubjectDesk
from rightsdesk.wiring import letter_desk, merchant, utc_now

if TYPE_CHECKING:
    from rightsdesk.services.answer_notice import NoticePages


def submit_once(settings: PublicDoorSettings, *, keys: SecretKeyring) -> SubmitOnce:
    """The use case `submit_request`, safe against being sent twice."""
    workflow = StepFunctionsWorkflow(
        privacy_request_arn=settings.privacy_request_arn, deadline_watch_arn=settings.deadline_watch_arn
    )
    submit = partial(
        submit_request,
        cases=DynamoCaseStore(settings.cases_table),
        workflow=workflow,
        keys=keys,
        merchant=merchant(),
        clock=utc_now,
    )
    return SubmitOnce(submit, table=settings.idempotency_table, digest_key=lambda: keys.key("idempotency"))


def subject_desk(
    settings: PublicDoorSettings, *, keys: SecretKeyring, links: LinkSource, submit: SubmitOnce
) -> SubjectDesk:
    """Everything that a person may ask for, over AWS."""
    cases = DynamoCaseStore(settings.cases_table)
    codes = DynamoCodeStore(settings.cases_table)
    tokens = DynamoTaskTokens(settings.cases_table)
    exports = S3ExportStore(settings.export_bucket)
    messages = DynamoMessages(settings.cases_table, cases)
    workflow = StepFunctionsWorkflow(
        privacy_request_arn=settings.privacy_request_arn, deadline_watch_arn=settings.deadline_watch_arn
    )
    letters = letter_desk(
        cases,
        mail_from=settings.mail_from,
        configuration_set=settings.configuration_set,
        staff_mailbox=settings.staff_mailbox,
        inbound_address=settings.inbound_address,
        links=links,
    )
    code_desk = CodeDesk(
        cases=cases,
        codes=codes,
        tokens=tokens,
        workflow=workflow,
        letters=letters,
        keys=keys,
        links=links,
        clock=utc_now,
    )
    sender = CodeSender(codes=codes, letters=letters, keys=keys, merchant=merchant(), links=links, clock=utc_now)

    view = partial(
        view_request,
        cases=cases,
        messages=messages,
        merchant=merchant(),
        data_map=described_data_map,
        recipients=recipients,
        clock=utc_now,
    )

    writer = MessageWriter(
        cases=cases,
        messages=messages,
        letters=letters,
        merchant=merchant(),
        clock=utc_now,
        submit=partial(submit_request, cases=cases, workflow=workflow, keys=keys, merchant=merchant(), clock=utc_now),
        new_id=lambda text: keyed_id(keys.key("request"), text),
    )

    def withdraw(session: Session) -> RequestView:
        withdraw_request(session, cases=cases, workflow=workflow, clock=utc_now)
        return view(session)

    def confirm(session: Session) -> RequestView:
        confirm_erasure(
            session,
            cases=cases,
            tokens=tokens,
            workflow=workflow,
            letters=letters,
            links=links,
            clock=utc_now,
        )
        return view(session)

    def agree(session: Session, agrees: bool) -> RequestView:
        from rightsdesk.services.agree_agent import agree_agent

        agree_agent(session, agrees, cases=cases, clock=utc_now)
        return view(session)

    def newsletter() -> str | None:
        from rightsdesk.adapters.merchant_files import purposes
        from rightsdesk.domain.fields import newsletter_of

        return newsletter_of(purposes())

    def disowning(token: str) -> DisownView:
        from rightsdesk.services.disown_request import view_disowning

        return view_disowning(token, cases=cases, newsletter=newsletter)

    def disown(token: str) -> DisownView:
        from rightsdesk.services.disown_request import disown_request

        return disown_request(token, cases=cases, letters=letters, newsletter=newsletter, clock=utc_now)

    @cache
    def can_be_named() -> Offered:
        """The whole data map is read for it: by whoever names something, and nobody else."""
        from rightsdesk.law.permission_terms import offered

        return offered(described_data_map())

    def notice_pages() -> "NoticePages":
        """For recipients of data, who come seldom: imported then."""
        from rightsdesk.adapters.dynamo_notices import DynamoRecipientNotices
        from rightsdesk.services.answer_notice import NoticeAnswers, NoticePages

        notices = DynamoRecipientNotices(settings.cases_table, cases)
        answers = NoticeAnswers(cases=cases, notices=notices, tokens=tokens, workflow=workflow, clock=utc_now)
        return NoticePages(answers=answers, keys=keys, merchant=merchant(), data_map=described_data_map)

    return SubjectDesk(
        disowning=disowning,
        disown=disown,
        notice=lambda token: notice_pages().view(token),
        answer_notice=lambda token, state, reason: notice_pages().answer(token, state, reason),
        offered=can_be_named,
        submit=submit,
        verify=code_desk.verify_request,
        send_code=partial(
            send_access_code,
            cases=cases,
            budget=DynamoMailBudget(settings.people_table),
            sender=sender,
            clock=utc_now,
        ),
        open_session=code_desk.open_session,
        authenticate=code_desk.authenticate,
        view=view,
        submit_evidence=partial(
            submit_evidence,
            cases=cases,
            codes=codes,
            tokens=tokens,
            workflow=workflow,
            merchant=merchant(),
            clock=utc_now,
        ),
        write_message=writer.write,
        answer_question=partial(answer_question, cases=cases, letters=letters, merchant=merchant(), clock=utc_now),
        agree_agent=agree,
        download=partial(
            download_export, cases=cases, exports=exports, letters=letters, merchant=merchant(), clock=utc_now
        ),
        confirm_erasure=confirm,
        withdraw=withdraw,
    )
