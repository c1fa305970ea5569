"""The JSON door for the shop: what may be done with whom, what may go to others, who was erased.

It is described at /api/shop/openapi.json.
"""

from functools import cache, partial
from typing import Any
from uuid import uuid4

from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.adapters.dynamo_acceptances import DynamoAcceptances
from rightsdesk.adapters.dynamo_permissions import DynamoPermissions
from rightsdesk.adapters.dynamo_provisions import DynamoProvisionLedger
from rightsdesk.adapters.dynamo_suppressions import DynamoSuppressions
from rightsdesk.adapters.merchant_files import (
    consent_texts,
    described_data_map,
    policy_history,
    suppressed_kinds,
)
from rightsdesk.adapters.secrets_keyring import SecretKeyring
from rightsdesk.domain.permission import Terms
from rightsdesk.domain.provision_gate import ProvisionTerms
from rightsdesk.observability import logger, metrics, report_fault
from rightsdesk.services.accept_policy import PolicyDesk
from rightsdesk.services.ask_permission import ask_permission
from rightsdesk.services.check_suppression import check_suppression
from rightsdesk.services.offer_mailing import offer_mailing
from rightsdesk.services.provide import ProvisionGate
from rightsdesk.services.record_consent import ShopConsents
from rightsdesk.settings import ShopApiSettings
from rightsdesk.web.shop_api import ShopDesk, build_shop_api
from rightsdesk.web.shop_consents import ShopConsentDesk
from rightsdesk.wiring import CallerLinks, merchant, utc_now


@cache
def terms() -> Terms:
    """The whole data map is read for it: not for a check of who was erased."""
    from rightsdesk.law.permission_terms import terms_of

    return terms_of(described_data_map())


@cache
def provision_terms() -> ProvisionTerms:
    """The same."""
    from rightsdesk.law.provision_terms import provision_terms_of

    return provision_terms_of(described_data_map())


settings = ShopApiSettings.load()
keys = SecretKeyring(settings.pepper_secret_arn)
links = CallerLinks(settings.public_origin)
permissions = DynamoPermissions(settings.people_table)
gate = ProvisionGate(
    permissions=permissions,
    provisions=DynamoProvisionLedger(settings.people_table),
    keys=keys,
    kinds=suppressed_kinds(),
    terms=provision_terms,
    minimum_cell_size=lambda: merchant().minimum_cell_size,
    new_call=lambda: uuid4().hex,
    clock=utc_now,
)
shop_consents = ShopConsents(
    permissions=permissions, keys=keys, kinds=suppressed_kinds(), texts=consent_texts, terms=terms, clock=utc_now
)
policy = PolicyDesk(
    acceptances=DynamoAcceptances(settings.people_table),
    keys=keys,
    kinds=suppressed_kinds(),
    history=policy_history,
    merchant=merchant(),
    clock=utc_now,
)
consents = ShopConsentDesk(
    record=shop_consents.record,
    withdraw=shop_consents.withdraw,
    mailing=partial(offer_mailing, permissions=permissions, keys=keys, terms=terms, links=links, clock=utc_now),
    accept=policy.accept,
    accepted=policy.view,
)
desk = ShopDesk(
    check=partial(
        check_suppression,
        suppressions=DynamoSuppressions(settings.people_table),
        keys=keys,
        kinds=suppressed_kinds(),
    ),
    ask=partial(
        ask_permission,
        permissions=permissions,
        keys=keys,
        kinds=suppressed_kinds(),
        terms=terms,
        clock=utc_now,
    ),
    provide=gate.ask,
    receive=gate.receive,
    consents=consents,
)
api = build_shop_api(desk, report=report_fault, clock=utc_now)


@logger.inject_lambda_context
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    links.answer(event)
    return api.resolve(event, context)
