"""`rightsdesk campaign`: asks all members for a consent, or tells them of a new purpose, a few on each day."""

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from local.commands._arguments import parser, speak
from local.commands._place import Place, add_place, place_of
from local.running import RefusedError

if TYPE_CHECKING:
    from rightsdesk.domain.campaign import Campaign, Returned
    from rightsdesk.services.start_campaign import CampaignDesk


def run(argv: Sequence[str]) -> int:
    made = parser(
        "campaign",
        "start: begins to ask all members who may be asked for a consent, in the words of consents.yaml, or to tell\n"
        "them of a purpose that datamap.yaml introduces by notice. Left out is whoever said no, stopped it or is\n"
        "restricted; there is one reminder, and silence is no consent.\n"
        "list: all campaigns. stop: mails nobody more. In the stack that runs here; with --stack, at AWS.",
        example="rightsdesk campaign start --purpose surveys --per-day 200",
    )
    made.add_argument("act", choices=["start", "list", "stop"])
    made.add_argument("id", nargs="?", help="of the campaign to stop")
    made.add_argument("--purpose", help="of datamap.yaml")
    made.add_argument("--text", metavar="VERSION", help="of consents.yaml; the current one if not told otherwise")
    made.add_argument("--per-day", type=int, default=500, metavar="N", help="mails in a day, at most 5000 (500)")
    add_place(made)
    arguments = made.parse_args(argv)
    if arguments.act == "start" and not arguments.purpose:
        made.error("start needs --purpose")
    if (arguments.act == "stop") != bool(arguments.id):
        made.error("stop, and nothing else, takes the id of a campaign")

    def act() -> None:
        campaigns = _acted(place_of(arguments), arguments)
        if arguments.json:
            told = [
                each.model_dump(mode="json", exclude={"next_key"}) | {"returned": returned.model_dump()}
                for each, returned in campaigns
            ]
            print(json.dumps(told, indent=2))
            return
        print("\n".join(_line(each, returned) for each, returned in campaigns) or "There is no campaign.")

    return speak(act)


def _acted(place: Place, arguments: argparse.Namespace) -> "list[tuple[Campaign, Returned]]":
    from botocore.exceptions import BotoCoreError, ClientError

    from rightsdesk.domain.errors import RightsdeskError

    try:
        desk = _desk(place)
        if arguments.act == "start":
            found = [desk.start(arguments.purpose, text_version=arguments.text, per_day=arguments.per_day)]
        else:
            found = [desk.stop(arguments.id)] if arguments.act == "stop" else desk.all()
        return [(each, desk.returned(each.id)) for each in found]
    except (RightsdeskError, BotoCoreError, ClientError) as error:
        raise RefusedError(f"{type(error).__name__}: {error}") from error


def _desk(place: Place) -> "CampaignDesk":
    from rightsdesk.adapters.dynamo_campaigns import DynamoCampaigns
    from rightsdesk.adapters.merchant_files import DATA_MAP, read_consent_texts, read_data_map, read_merchant_file
    from rightsdesk.domain.merchant import MerchantProfile
    from rightsdesk.law.permission_terms import terms_of
    from rightsdesk.services.start_campaign import CampaignDesk

    terms = terms_of(read_data_map(place.merchant / DATA_MAP))
    return CampaignDesk(
        campaigns=DynamoCampaigns(place.output("PeopleTableName"), place.client("dynamodb")),
        terms=lambda: terms,
        texts=read_consent_texts(place.merchant),
        merchant=read_merchant_file(place.merchant / "merchant.yaml", MerchantProfile),
        clock=place.now,
    )


def _line(campaign: "Campaign", returned: "Returned") -> str:
    text = f" {campaign.text_version}" if campaign.text_version else ""
    return (
        f"{campaign.id}  {campaign.kind.value} for {campaign.purpose}{text}, since {campaign.started_at:%Y-%m-%d}: "
        f"{campaign.phase.value}; {campaign.mailed} mailed, {campaign.reminded} reminded, "
        f"{campaign.passed_over} passed over, {returned.bounced + returned.failed} came back, "
        f"{returned.complained} called spam, at most {campaign.per_day} a day"
    )
