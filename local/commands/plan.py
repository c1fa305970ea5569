"""`rightsdesk plan`: says what an erasure would delete, reduce and keep of a person, and touches nothing.

Each row counts once. What is said after the number of rows that are kept is why these stay; why a part of the others
does is told by itself.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.account import ENVIRONMENT, REGION
from local.commands._arguments import parser, speak
from local.running import RefusedError, RunningStack

if TYPE_CHECKING:
    from local.dry_run import DryRun
    from rightsdesk.domain.datamap import DataMap
    from rightsdesk.domain.erasure_plan import CollectionPlan, KeptRows, Loss
    from rightsdesk.domain.erasure_words import KeptSpan

_WORDS = {
    "en": {
        "nothing": "nothing is held about this person",
        "total": "would delete {delete}, anonymise {anonymise}, keep {keep}",
        "until": "{why}, until {until}",
        "to": " to ",
        "part": "of the {anonymise} a part goes, and the rest stays: {why}",
        "joined": "what stays of them is not anonymous: an order number in it may still lead to other records",
        "row": "delete {delete:>6}   reduce {anonymise:>6}   keep {keep:>6}",
        "whole": "kept as it is: {rows}, {why}",
        "reduced": "kept in part: {rows}, {why}",
        "law": "under {law}",
        "lost": "lost with it: {what} {amount}",
        "weigh": "fields that staff weigh before they approve, counted as going: {count}",
    },
    "ja": {
        "nothing": "この方に関するデータはありません",
        "total": "消去 {delete}件、一部消去 {anonymise}件、保存 {keep}件",
        "until": "{why}（{until}まで）",
        "to": "～",
        "part": "{anonymise}件は一部を消去し、残りを保存：{why}",
        "joined": "残る部分は匿名ではありません。注文番号などにより、ほかの記録とつながる場合があります",
        "row": "消去 {delete:>6}   一部消去 {anonymise:>6}   保存 {keep:>6}",
        "whole": "そのまま保存：{rows}件、{why}",
        "reduced": "一部を保存：{rows}件、{why}",
        "law": "根拠：{law}",
        "lost": "失われるもの：{what} {amount}",
        "weigh": "承認の前に担当者が判断する項目（消去として計上）：{count}件",
    },
}


def run(argv: Sequence[str]) -> int:
    made = parser(
        "plan",
        "Plans the erasure of a person in the running stack as a request of theirs would, once their mailbox is\n"
        "proven: what would go, what stays under which law until when, and what is lost. To anonymise a record is\n"
        "to take out of it what need not stay, the number of its person for one: what stays may still be joined by\n"
        "an order number. Each record counts once. No request is made, and nothing is touched.",
        example="rightsdesk plan --type erasure --email hanako@example.jp",
    )
    made.add_argument("--type", choices=["erasure"], required=True)
    made.add_argument("--email", required=True, metavar="ADDRESS", help="the address that they use with the shop")
    made.add_argument("--country", metavar="XX", help="where they live, which decides the law (`assumed_country`)")
    made.add_argument("--language", choices=sorted(_WORDS), default="en")
    arguments = made.parse_args(argv)

    def plan() -> None:
        found, data_map = _planned(arguments.email, arguments.country)
        if arguments.json:
            print(json.dumps(_document(found, data_map), indent=2, ensure_ascii=False))
        else:
            print(*_lines(found, data_map, arguments.language), sep="\n")

    return speak(plan)


def _planned(email: str, country: str | None) -> "tuple[DryRun, DataMap]":
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from local.dry_run import dry_run
    from rightsdesk.adapters.merchant_files import DATA_MAP, environment_variable, read_data_map, read_merchant_file
    from rightsdesk.domain.errors import RightsdeskError
    from rightsdesk.domain.merchant import MerchantProfile

    health = RunningStack.find().get("health")
    session = boto3.Session(
        aws_access_key_id=ENVIRONMENT["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ENVIRONMENT["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    folder = Path(health["merchant"])
    try:
        resources = {environment_variable(name): resource for name, resource in health["shop"].items()}
        data_map = read_data_map(folder / DATA_MAP, resources=resources)
        merchant = read_merchant_file(folder / "merchant.yaml", MerchantProfile)
        found = dry_run(
            email,
            client=cache(lambda service: session.client(service, endpoint_url=health["aws_endpoint"])),
            data_map=data_map,
            merchant=merchant,
            country=country or merchant.assumed_country,
            now=datetime.fromisoformat(health["now"]),
        )
    except (RightsdeskError, BotoCoreError, ClientError, ValueError) as error:
        raise RefusedError(str(error)) from error
    return found, data_map


def _document(found: "DryRun", data_map: "DataMap") -> dict[str, Any]:
    plan = found.plan
    return {
        "held": plan.rows > 0,
        "delete": plan.delete,
        "anonymise": plan.anonymise,
        "keep": plan.keep,
        "to_judge": found.to_judge,
        "plan_sha256": plan.sha256,
        "collections": [
            {
                "collection": part.collection,
                "delete": part.delete,
                "anonymise": part.anonymise,
                "keep": part.keep,
                "kept": [_kept_document(kept, data_map, found.laws) for kept in part.kept],
                "losses": [
                    {"what": _lost(loss, data_map).model_dump(), "count": loss.count, "amount": loss.amount}
                    for loss in part.losses
                ],
            }
            for part in plan.collections
        ],
    }


def _kept_document(kept: "KeptRows", data_map: "DataMap", laws: Sequence[str]) -> dict[str, Any]:
    retention = data_map.retention[kept.retention]
    law = retention.law_for(laws)
    return {
        "rows": kept.rows,
        "whole": kept.whole,
        "retention": kept.retention,
        "label": retention.label.model_dump(),
        "law": law and law.model_dump(),
        "until": kept.until and kept.until.isoformat(),
    }


def _lines(found: "DryRun", data_map: "DataMap", language: str) -> Iterator[str]:
    """The whole in one line; then each source with its collections, what stays of them, and what is lost."""
    from rightsdesk.domain.erasure_words import spans

    plan, words = found.plan, _WORDS[language]
    if not plan.rows:
        yield words["nothing"]
        return
    counted = words["total"].format(delete=plan.delete, anonymise=plan.anonymise, keep=plan.keep)
    every = [kept for part in plan.collections for kept in part.kept]
    whole, reduced = (
        "; ".join(_why(span, data_map, language) for span in spans(kept for kept in every if kept.whole is unchanged))
        for unchanged in (True, False)
    )
    yield f"{counted}: {whole}" if whole else counted
    if reduced:
        yield words["part"].format(anonymise=plan.anonymise, why=reduced)
        yield words["joined"]
    if found.to_judge:
        yield words["weigh"].format(count=found.to_judge)
    width = max(len(part.collection.partition("/")[2]) for part in plan.collections)
    source = None
    for part in plan.collections:
        name, _, collection = part.collection.partition("/")
        if name != source:
            yield from ("", name)
            source = name
        row = words["row"].format(delete=part.delete, anonymise=part.anonymise, keep=part.keep)
        yield f"  {collection:<{width}}   {row}"
        yield from (f"  {'':<{width}}   {line}" for line in _details(part, data_map, found.laws, language))


def _details(part: "CollectionPlan", data_map: "DataMap", laws: Sequence[str], language: str) -> Iterator[str]:
    from rightsdesk.domain.erasure_words import spans

    words = _WORDS[language]
    for name, unchanged in (("whole", True), ("reduced", False)):
        for span in spans(kept for kept in part.kept if kept.whole is unchanged):
            yield words[name].format(rows=span.rows, why=_why(span, data_map, language))
            if law := data_map.retention[span.retention].law_for(laws):
                yield words["law"].format(law=law.of(language))
    for loss in part.losses:
        amount = loss.count if loss.amount is None else loss.amount
        yield words["lost"].format(what=_lost(loss, data_map).of(language), amount=amount)


def _why(kept: "KeptSpan", data_map: "DataMap", language: str) -> str:
    words, label = _WORDS[language], data_map.retention[kept.retention].label.of(language)
    if kept.until is None:
        return label
    days = dict.fromkeys((str(kept.first), str(kept.until)))
    return words["until"].format(why=label, until=words["to"].join(days))


def _lost(loss: "Loss", data_map: "DataMap") -> Any:
    return data_map.collection(loss.collection).losses[loss.index].label
