"""The shop's two tables and its bucket, under the names that the data map knows them by."""

from typing import Any

NAMES = {"MembersTable": "shop-members", "OrdersTable": "shop-orders", "ShopBucket": "shop-files"}


def create(session: Any) -> dict[str, str]:
    """Make tables and bucket; gives the names of the resources as parameters of the template: {"MembersTable": ...}."""
    dynamodb = session.client("dynamodb")
    _table(dynamodb, NAMES["MembersTable"], _index("by_email", "email"))
    _table(
        dynamodb,
        NAMES["OrdersTable"],
        _index("by_member", "member_id", "ordered_at"),
        _index("by_guest_email", "guest_email", projection="KEYS_ONLY"),
    )
    location = {"LocationConstraint": session.region_name} if session.region_name not in (None, "us-east-1") else None
    configuration = {"CreateBucketConfiguration": location} if location else {}
    session.client("s3").create_bucket(Bucket=NAMES["ShopBucket"], **configuration)
    return dict(NAMES)


def _index(name: str, *attributes: str, projection: str = "ALL") -> dict[str, Any]:
    keys = [{"AttributeName": a, "KeyType": k} for a, k in zip(attributes, ("HASH", "RANGE"), strict=False)]
    return {"IndexName": name, "KeySchema": keys, "Projection": {"ProjectionType": projection}}


def _table(dynamodb: Any, name: str, *indexes: dict[str, Any]) -> None:
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    used = {key["AttributeName"] for schema in (keys, *(index["KeySchema"] for index in indexes)) for key in schema}
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "S"} for attribute in sorted(used)],
        GlobalSecondaryIndexes=list(indexes),
    )
