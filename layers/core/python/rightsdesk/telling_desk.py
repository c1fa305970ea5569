"""What tells recipients of data, wired: the workflow, the daily look and staff tell them in the same way."""

from rightsdesk.adapters.dynamo_cases import DynamoCaseStore
from rightsdesk.adapters.dynamo_codes import DynamoTaskTokens
from rightsdesk.adapters.dynamo_notices import DynamoRecipientNotices
from rightsdesk.adapters.merchant_files import described_data_map, identifiers, purposes
from rightsdesk.adapters.opendsr_processors import OpenDsrProcessors
from rightsdesk.adapters.outbound_https import HttpsOutbound
from rightsdesk.adapters.secret_credentials import SecretCredentials
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.adapters.step_functions import StepFunctionsWorkflow
from rightsdesk.ports.letters import Correspondence, LinkSource
from rightsdesk.services.answer_notice import NoticeAnswers
from rightsdesk.services.notice_by_hand import HandNotices
from rightsdesk.services.notice_by_mail import MailNotices
from rightsdesk.services.notice_by_opendsr import OpenDsrNotices
from rightsdesk.services.tell_recipient import RecipientTeller
from rightsdesk.wiring import merchant, utc_now


def telling_desk(
    *,
    cases: DynamoCaseStore,
    notices: DynamoRecipientNotices,
    letters: Correspondence,
    keys: SecretKeyring,
    links: LinkSource,
    tokens: DynamoTaskTokens,
    credentials_arn: str,
) -> RecipientTeller:
    """`letters` reach the staff mailbox as well: what no machine can tell, they do. `credentials_arn`: what recipients
    want to be shown.
    """
    by_mail = MailNotices(
        letters=letters,
        keys=keys,
        links=links,
        identifiers=identifiers,
        purposes=purposes,
        data_map=described_data_map,
        merchant=merchant(),
        clock=utc_now,
    )
    by_hand = HandNotices(letters=letters)
    answers = NoticeAnswers(
        cases=cases, notices=notices, tokens=tokens, workflow=StepFunctionsWorkflow(), clock=utc_now
    )
    by_machine = OpenDsrNotices(
        processors=OpenDsrProcessors(HttpsOutbound(), clock=utc_now, credential=SecretCredentials(credentials_arn)),
        callback_url=lambda: links().opendsr_callbacks,
        learned=answers.take,
    )
    return RecipientTeller(
        cases=cases, notices=notices, connectors={"mail": by_mail, "manual": by_hand, "http": by_machine}, clock=utc_now
    )
