"""Small data maps for tests: a right one to start from, and its parts."""

from typing import Any

from rightsdesk.domain.datamap import DataMap

LABEL = {"en": "Label", "ja": "ラベル"}


def field(**more: Any) -> dict[str, Any]:
    """A field that is right; `more` replaces."""
    return {
        "label": LABEL,
        "category": "account",
        "purposes": ["service"],
        "basis": "contract",
        "retention": "account",
        "origin": "provided",
        **more,
    }


def table(*ways: str, gives: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """A DynamoDB collection found by `ways`; `gives` maps fields to the identifiers that they are."""
    fields = {name: field(identifies=identifier) for name, identifier in (gives or {}).items()} | {"text": field()}
    return {
        "label": LABEL,
        "table": "things",
        "keys": ["pk", "sk"],
        "technical": ["pk", "sk"],
        "find_by": [{"identifier": way, "index": f"by_{way}", "key": way} for way in ways],
        "fields": fields,
        **more,
    }


def rows(identifier: str, **more: Any) -> dict[str, Any]:
    """Rows of many people in files of one prefix."""
    return {
        "label": LABEL,
        "bucket": "files",
        "prefix": "rows/",
        "match": {"column": identifier, "identifier": identifier},
        "format": "jsonl",
        "technical": [identifier],
        "fields": {"text": field()},
        **more,
    }


def objects(key: str, **more: Any) -> dict[str, Any]:
    """One object per person."""
    return {"label": LABEL, "bucket": "files", "key": key, "format": "jsonl", "fields": {"text": field()}, **more}


def source(kind: str, **collections: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "label": LABEL, "collections": collections}


def written(*identifiers: str, **sources: dict[str, Any]) -> dict[str, Any]:
    """A map as it would stand in a file. The first identifier can be verified."""
    return {
        "version": "1",
        "identifiers": {
            name: {"label": LABEL, "verifiable": position == 0} for position, name in enumerate(identifiers)
        },
        "purposes": {"service": {"clause": "P-02", "basis": "contract", "label": LABEL}},
        "retention": {"account": {"label": LABEL, "months": 24, "from": "account_closed"}},
        "recipients": {"carrier": {"label": LABEL, "role": "processor"}},
        "sources": sources,
    }


def a_shop() -> dict[str, Any]:
    """Members, their orders with lines, and a file for each member."""
    return written(
        "email",
        "member_id",
        "order_id",
        shop=source(
            "dynamodb",
            lines=table("order_id"),  # on purpose before what it needs
            members=table("email", gives={"member_id": "member_id"}, identity=True),
            orders=table("member_id", gives={"order_id": "order_id"}),
        ),
        files=source("s3", letters=objects("letters/{member_id}.jsonl")),
    )


def data_map(raw: dict[str, Any]) -> DataMap:
    return DataMap.model_validate(raw)
