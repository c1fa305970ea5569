"""The floor of an erasure: a script that takes a member out of the shop, record by record."""

import csv
import gzip
import io
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

_BUCKET = "shop-files"


def plain_erase(member_id: str, email: str, dynamodb: Any, s3: Any) -> int:
    """All that the shop has about a member: orders lose what leads to them, everything else goes. No plan, nothing that
    has to stay, no condition, no manifest, no search again. Gives the number of records in tables."""
    records = 0

    def query(table: str, key: str, value: str, **more: Any) -> list[dict[str, Any]]:
        pages = dynamodb.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression=f"{key} = :key",
            ExpressionAttributeValues={":key": {"S": value}},
            **more,
        )
        return [item for page in pages for item in page["Items"]]

    def key_of(item: dict[str, Any]) -> dict[str, Any]:
        return {name: item[name] for name in ("pk", "sk")}

    [member] = query("shop-members", "email", email, IndexName="by_email")
    visitor = member.get("analytics_id", {}).get("S", "")
    orders = query("shop-orders", "member_id", member_id, IndexName="by_member")
    orders += query("shop-orders", "guest_email", email, IndexName="by_guest_email")
    for order in orders:
        for row in query("shop-orders", "pk", order["pk"]["S"]):
            dynamodb.update_item(
                TableName="shop-orders", Key=key_of(row), UpdateExpression="REMOVE member_id, guest_email, gift_message"
            )
            records += 1
    for row in query("shop-members", "pk", f"MEMBER#{member_id}"):
        dynamodb.delete_item(TableName="shop-members", Key=key_of(row))
        records += 1
    for entry in s3.list_objects_v2(Bucket=_BUCKET, Prefix="surveys/").get("Contents", []):
        packed = entry["Key"].endswith(".gz")
        content = s3.get_object(Bucket=_BUCKET, Key=entry["Key"])["Body"].read()
        text = (gzip.decompress(content) if packed else content).decode("utf-8-sig")
        rows = csv.DictReader(io.StringIO(text, newline=""))
        stay = [row for row in rows if row["member_id"] != member_id]
        if len(stay) < text.count("\n") - 1:
            out = io.StringIO(newline="")
            writer = csv.DictWriter(out, rows.fieldnames or ())
            writer.writeheader()
            writer.writerows(stay)
            content = out.getvalue().encode("utf-8-sig")
            s3.put_object(Bucket=_BUCKET, Key=entry["Key"], Body=gzip.compress(content) if packed else content)
    s3.delete_object(Bucket=_BUCKET, Key=f"support/{member_id}.jsonl.gz")
    for entry in s3.list_objects_v2(Bucket=_BUCKET, Prefix="access_log/").get("Contents", []):
        table = pq.read_table(io.BytesIO(s3.get_object(Bucket=_BUCKET, Key=entry["Key"])["Body"].read()))
        left = table.filter(pc.field("analytics_id") != visitor)
        if len(left) < len(table):
            out_columns = io.BytesIO()
            pq.write_table(left, out_columns)
            s3.put_object(Bucket=_BUCKET, Key=entry["Key"], Body=out_columns.getvalue())
    return records
