"""What AWS deletes by itself as time goes by, and moto does not: items past their TTL, and objects by lifecycle rules.

Applied when the clock has moved. AWS takes up to days for either; here it is at once.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from local.account import Clients


def apply_expiry(clients: Clients, *, now: datetime) -> None:
    dynamodb, s3 = clients("dynamodb"), clients("s3")
    for page in dynamodb.get_paginator("list_tables").paginate():
        for table in page["TableNames"]:
            expire_items(dynamodb, table, now=now)
    for bucket in s3.list_buckets()["Buckets"]:
        apply_lifecycle(s3, bucket["Name"], now=now)


def expire_items(dynamodb: Any, table: str, *, now: datetime) -> None:
    """Deletes the items of `table` whose TTL attribute (seconds since the epoch) has passed."""
    description = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    if description.get("TimeToLiveStatus") != "ENABLED":
        return
    attribute = description["AttributeName"]
    keys = [key["AttributeName"] for key in dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]]
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="attribute_type(#ttl, :number) AND #ttl < :now",
        ExpressionAttributeNames={"#ttl": attribute},
        ExpressionAttributeValues={":number": {"S": "N"}, ":now": {"N": str(int(now.timestamp()))}},
    )
    for page in pages:
        for item in page["Items"]:
            dynamodb.delete_item(TableName=table, Key={key: item[key] for key in keys})


def apply_lifecycle(s3: Any, bucket: str, *, now: datetime) -> None:
    try:
        rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchLifecycleConfiguration":
            return
        raise
    for rule in rules:
        if rule["Status"] == "Enabled":
            _apply_rule(s3, bucket, rule, now)


def _apply_rule(s3: Any, bucket: str, rule: dict[str, Any], now: datetime) -> None:
    prefix = rule.get("Filter", {}).get("Prefix", rule.get("Prefix", ""))
    expiration = rule.get("Expiration", {})
    if "Days" in expiration:
        _expire_current(s3, bucket, prefix, now - timedelta(days=expiration["Days"]))
    if "NoncurrentVersionExpiration" in rule:
        days = timedelta(days=rule["NoncurrentVersionExpiration"]["NoncurrentDays"])
        _expire_noncurrent(s3, bucket, prefix, now - days)
    if "AbortIncompleteMultipartUpload" in rule:
        days = timedelta(days=rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"])
        _abort_uploads(s3, bucket, prefix, now - days)
    if expiration.get("ExpiredObjectDeleteMarker"):
        _remove_lone_markers(s3, bucket, prefix)


def _expire_current(s3: Any, bucket: str, prefix: str, before: datetime) -> None:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", []):
            if entry["LastModified"] <= before:
                s3.delete_object(Bucket=bucket, Key=entry["Key"])


def _versions(s3: Any, bucket: str, prefix: str) -> dict[str, list[dict[str, Any]]]:
    """Every version and delete marker by key, newest first."""
    by_key: dict[str, list[dict[str, Any]]] = {}
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for kind in ("Versions", "DeleteMarkers"):
            for entry in page.get(kind, []):
                by_key.setdefault(entry["Key"], []).append({**entry, "Marker": kind == "DeleteMarkers"})
    for entries in by_key.values():
        entries.sort(key=lambda entry: (entry["IsLatest"], entry["LastModified"]), reverse=True)
    return by_key


def _expire_noncurrent(s3: Any, bucket: str, prefix: str, before: datetime) -> None:
    for key, entries in _versions(s3, bucket, prefix).items():
        for newer, entry in pairwise(entries):
            if newer["LastModified"] <= before:  # noncurrent since then
                _delete_version(s3, bucket, key, entry["VersionId"])


def _remove_lone_markers(s3: Any, bucket: str, prefix: str) -> None:
    for key, entries in _versions(s3, bucket, prefix).items():
        if len(entries) == 1 and entries[0]["Marker"]:
            _delete_version(s3, bucket, key, entries[0]["VersionId"])


def _delete_version(s3: Any, bucket: str, key: str, version: str) -> None:
    try:
        s3.delete_object(Bucket=bucket, Key=key, VersionId=version)
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":  # locked: it stays, as at AWS
            raise


def _abort_uploads(s3: Any, bucket: str, prefix: str, before: datetime) -> None:
    for upload in s3.list_multipart_uploads(Bucket=bucket, Prefix=prefix).get("Uploads", []):
        if upload["Initiated"] <= before:
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
