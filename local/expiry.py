"""What AWS deletes by itself as time goes by, and moto does not: items past their TTL, and objects by lifecycle rules.

Applied as the clock moves. AWS takes up to days for either; here it is at once. What is past is looked for in moto's
own state, since a long move looks once for each day; it is deleted through the API, so that streams tell of it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import FakeDeleteMarker, s3_backends

from local.account import ACCOUNT, REGION, Clients


@dataclass
class Expiry:
    clients: Clients
    _ttl: dict[str, tuple[str, list[str]] | None] = field(default_factory=dict)  # table -> attribute, key names
    _rules: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # bucket -> rules in force

    def apply(self, *, now: datetime) -> None:
        for page in self.clients("dynamodb").get_paginator("list_tables").paginate():
            for table in page["TableNames"]:
                self._expire_items(table, now)
        for bucket in self.clients("s3").list_buckets()["Buckets"]:
            self._apply_lifecycle(bucket["Name"], now)

    def _expire_items(self, table: str, now: datetime) -> None:
        """Deletes the items of `table` whose TTL attribute (seconds since the epoch) has passed."""
        dynamodb = self.clients("dynamodb")
        if table not in self._ttl:
            self._ttl[table] = _time_to_live(dynamodb, table)
        ttl = self._ttl[table]
        if ttl is None:
            return
        attribute, keys = ttl
        for item in list(dynamodb_backends[ACCOUNT][REGION].tables[table].all_items()):
            expires = item.attrs.get(attribute)
            if expires is not None and expires.is_number() and float(expires.value) < int(now.timestamp()):
                dynamodb.delete_item(TableName=table, Key={key: item.attrs[key].to_json() for key in keys})

    def _apply_lifecycle(self, name: str, now: datetime) -> None:
        s3 = self.clients("s3")
        if name not in self._rules:
            self._rules[name] = _rules_in_force(s3, name)
        rules = self._rules[name]
        if not rules:
            return
        bucket = _Bucket(s3, name)
        for rule in rules:
            prefix = rule.get("Filter", {}).get("Prefix", "")
            expiration = rule.get("Expiration", {})
            if "Days" in expiration:
                bucket.expire_current(prefix, now - timedelta(days=expiration["Days"]))
            if "NoncurrentVersionExpiration" in rule:
                days = rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
                bucket.expire_noncurrent(prefix, now - timedelta(days=days))
            if expiration.get("ExpiredObjectDeleteMarker"):
                bucket.remove_lone_markers(prefix)
            if "AbortIncompleteMultipartUpload" in rule:
                days = rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]
                bucket.abort_uploads(prefix, now - timedelta(days=days))


def _time_to_live(dynamodb: Any, table: str) -> tuple[str, list[str]] | None:
    description = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    if description.get("TimeToLiveStatus") != "ENABLED":
        return None
    schema = dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
    return description["AttributeName"], [key["AttributeName"] for key in schema]


def _rules_in_force(s3: Any, bucket: str) -> list[dict[str, Any]]:
    try:
        rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchLifecycleConfiguration":
            raise
        return []
    return [rule for rule in rules if rule["Status"] == "Enabled"]


class _Bucket:
    """The objects of one bucket, read once and again after each change."""

    def __init__(self, s3: Any, name: str) -> None:
        self._s3 = s3
        self._name = name
        self._read()

    def expire_current(self, prefix: str, before: datetime) -> None:
        for key, entries in self._under(prefix):
            if not entries[0]["Marker"] and entries[0]["LastModified"] <= before:
                self._delete(key)

    def expire_noncurrent(self, prefix: str, before: datetime) -> None:
        for key, entries in self._under(prefix):
            for newer, entry in pairwise(entries):
                if newer["LastModified"] <= before:  # noncurrent since then
                    self._delete(key, VersionId=entry["VersionId"])

    def remove_lone_markers(self, prefix: str) -> None:
        for key, entries in self._under(prefix):
            if len(entries) == 1 and entries[0]["Marker"]:
                self._delete(key, VersionId=entries[0]["VersionId"])

    def abort_uploads(self, prefix: str, before: datetime) -> None:
        for upload in self._s3.list_multipart_uploads(Bucket=self._name, Prefix=prefix).get("Uploads", []):
            if upload["Initiated"] <= before:
                self._s3.abort_multipart_upload(Bucket=self._name, Key=upload["Key"], UploadId=upload["UploadId"])

    def _under(self, prefix: str) -> list[tuple[str, list[dict[str, Any]]]]:
        if self._stale:
            self._read()
        return [(key, entries) for key, entries in self._versions.items() if key.startswith(prefix)]

    def _read(self) -> None:
        """Every version and delete marker by key, newest first."""
        self._versions: dict[str, list[dict[str, Any]]] = {}
        self._stale = False
        for key, versions in list(s3_backends[ACCOUNT]["aws"].buckets[self._name].keys.iterlists()):
            if not versions:
                continue
            self._versions[key] = [
                {
                    "VersionId": version.version_id,
                    "LastModified": version.last_modified.replace(tzinfo=UTC),
                    "Marker": isinstance(version, FakeDeleteMarker),
                }
                for version in reversed(versions)
            ]

    def _delete(self, key: str, **version: str) -> None:
        try:
            self._s3.delete_object(Bucket=self._name, Key=key, **version)
        except self._s3.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "AccessDenied":  # locked: it stays, as at AWS
                raise
        self._stale = True
