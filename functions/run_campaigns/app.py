"""Once a day: go on with what all members are asked or told, by as much as the day allows."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.clients import client
from rightsdesk.adapters.dynamo_campaigns import DynamoCampaigns
from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
from rightsdesk.adapters.merchant_files import consent_texts, described_data_map, resource_in_environment
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.domain.permission import Terms
from rightsdesk.observability import discreet, logger, metrics
from rightsdesk.ports.campaigns import Members
from rightsdesk.services.run_campaigns import CampaignRunner
from rightsdesk.settings import RunCampaignsSettings
from rightsdesk.wiring import fixed_links, letter_press, mailer, merchant, utc_now


@cache
def terms() -> Terms:
    """The data map is read for it, and for the members: not on a day without a campaign."""
    from rightsdesk.law.permission_terms import terms_of

    return terms_of(described_data_map())


@cache
def members() -> Members:
    from rightsdesk.sources.member_pages import TableMembers

    return TableMembers(
        described_data_map(), client("dynamodb"), country=merchant().country, named=resource_in_environment
    )


settings = RunCampaignsSettings.load()
runner = CampaignRunner(
    campaigns=DynamoCampaigns(settings.people_table),
    members=members,
    permissions=DynamoPermissions(settings.people_table),
    keys=SecretKeyring(settings.pepper_secret_arn),
    terms=terms,
    labels=lambda purpose: described_data_map().purposes[purpose].label,
    texts=consent_texts(),
    press=letter_press(),
    mailer=mailer(settings.mail_from, settings.configuration_set, reply_to=settings.inbound_address),
    links=fixed_links(settings.public_origin),
    merchant=merchant(),
    clock=utc_now,
)


@logger.inject_lambda_context
@metrics.log_metrics
@discreet
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    return runner.run().model_dump()
