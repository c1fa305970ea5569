"""Tables and buckets."""

import json
from typing import Any

from local.account import REGION
from local.resources.kind import FOR_PEOPLE, NO_BILL, NO_RIGHTS, Kind, Made, Properties, Site, kind, names, only
from local.template import TemplateError


def _table(site: Site, name: str, properties: Properties) -> Made:
    dynamodb = site.clients("dynamodb")
    table = site.physical_name(name, properties.get("TableName"), limit=255)
    passed = names(
        "KeySchema AttributeDefinitions BillingMode ProvisionedThroughput GlobalSecondaryIndexes "
        "LocalSecondaryIndexes OnDemandThroughput"
    )
    request: dict[str, Any] = {key: properties[key] for key in passed if key in properties}
    if "DeletionProtectionEnabled" in properties:
        request["DeletionProtectionEnabled"] = _true(properties["DeletionProtectionEnabled"])
    if "StreamSpecification" in properties:
        request["StreamSpecification"] = {"StreamEnabled": True, **properties["StreamSpecification"]}
    if "SSESpecification" in properties:
        encryption = dict(properties["SSESpecification"])
        request["SSESpecification"] = {"Enabled": _true(encryption.pop("SSEEnabled")), **encryption}
    made = dynamodb.create_table(TableName=table, **request)["TableDescription"]
    if "TimeToLiveSpecification" in properties:
        expiry = properties["TimeToLiveSpecification"]
        dynamodb.update_time_to_live(
            TableName=table,
            TimeToLiveSpecification={"AttributeName": expiry["AttributeName"], "Enabled": _true(expiry["Enabled"])},
        )
    if "PointInTimeRecoverySpecification" in properties:
        dynamodb.update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification=properties["PointInTimeRecoverySpecification"]
        )
    site.deployment.tables[name] = table
    attributes = {"Arn": made["TableArn"]}
    if "LatestStreamArn" in made:
        attributes["StreamArn"] = made["LatestStreamArn"]
    return Made(table, attributes)


def _bucket(site: Site, name: str, properties: Properties) -> Made:
    s3 = site.clients("s3")
    bucket = site.physical_name(name, properties.get("BucketName"), limit=63).lower()
    s3.create_bucket(
        Bucket=bucket,
        CreateBucketConfiguration={"LocationConstraint": REGION},
        ObjectLockEnabledForBucket=_true(properties.get("ObjectLockEnabled", False)),
    )
    if "VersioningConfiguration" in properties:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=properties["VersioningConfiguration"])
    if "BucketEncryption" in properties:
        rules = [_encryption_rule(rule) for rule in properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]]
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})
    if "PublicAccessBlockConfiguration" in properties:
        block = {key: _true(value) for key, value in properties["PublicAccessBlockConfiguration"].items()}
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    if "OwnershipControls" in properties:
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=properties["OwnershipControls"])
    if "LifecycleConfiguration" in properties:
        lifecycle = [_lifecycle_rule(name, rule) for rule in properties["LifecycleConfiguration"]["Rules"]]
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": lifecycle})
    if "ObjectLockConfiguration" in properties:
        s3.put_object_lock_configuration(
            Bucket=bucket, ObjectLockConfiguration=_object_lock(properties["ObjectLockConfiguration"])
        )
    if "CorsConfiguration" in properties:
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=properties["CorsConfiguration"])
    if "NotificationConfiguration" in properties:
        configuration = _notifications(name, properties["NotificationConfiguration"])
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    site.deployment.buckets[name] = bucket
    return Made(
        bucket,
        {
            "Arn": f"arn:aws:s3:::{bucket}",
            "DomainName": f"{bucket}.s3.amazonaws.com",
            "RegionalDomainName": f"{bucket}.s3.{REGION}.amazonaws.com",
        },
    )


def _encryption_rule(rule: Properties) -> dict[str, Any]:
    only(rule, "ServerSideEncryptionByDefault BucketKeyEnabled", of="BucketEncryption")
    request: dict[str, Any] = {}
    if "ServerSideEncryptionByDefault" in rule:
        request["ApplyServerSideEncryptionByDefault"] = rule["ServerSideEncryptionByDefault"]
    if "BucketKeyEnabled" in rule:
        request["BucketKeyEnabled"] = _true(rule["BucketKeyEnabled"])
    return request


def _lifecycle_rule(bucket: str, rule: Properties) -> dict[str, Any]:
    only(
        rule,
        "Id Status Prefix ExpirationInDays ExpiredObjectDeleteMarker NoncurrentVersionExpiration "
        "NoncurrentVersionExpirationInDays AbortIncompleteMultipartUpload",
        of=f"{bucket}: lifecycle",
    )
    request: dict[str, Any] = {"Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    if "Id" in rule:
        request["ID"] = rule["Id"]
    if "ExpirationInDays" in rule:
        request["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    elif "ExpiredObjectDeleteMarker" in rule:
        request["Expiration"] = {"ExpiredObjectDeleteMarker": _true(rule["ExpiredObjectDeleteMarker"])}
    if "NoncurrentVersionExpiration" in rule:
        request["NoncurrentVersionExpiration"] = {
            key: int(value) for key, value in rule["NoncurrentVersionExpiration"].items()
        }
    if "NoncurrentVersionExpirationInDays" in rule:
        request["NoncurrentVersionExpiration"] = {"NoncurrentDays": int(rule["NoncurrentVersionExpirationInDays"])}
    if "AbortIncompleteMultipartUpload" in rule:
        request["AbortIncompleteMultipartUpload"] = {
            key: int(value) for key, value in rule["AbortIncompleteMultipartUpload"].items()
        }
    return request


def _object_lock(configuration: Properties) -> dict[str, Any]:
    request: dict[str, Any] = {"ObjectLockEnabled": configuration["ObjectLockEnabled"]}
    if "Rule" in configuration:
        retention = dict(configuration["Rule"]["DefaultRetention"])
        for unit in ("Days", "Years"):
            if unit in retention:
                retention[unit] = int(retention[unit])
        request["Rule"] = {"DefaultRetention": retention}
    return request


def _notifications(bucket: str, configuration: Properties) -> dict[str, Any]:
    only(
        configuration,
        "LambdaConfigurations QueueConfigurations EventBridgeConfiguration",
        of=f"{bucket}: notifications",
    )
    request: dict[str, Any] = {}
    for ours, theirs, target in (
        ("LambdaConfigurations", "LambdaFunctionConfigurations", "Function"),
        ("QueueConfigurations", "QueueConfigurations", "Queue"),
    ):
        for entry in configuration.get(ours, []):
            one: dict[str, Any] = {"Events": [entry["Event"]]}
            one["LambdaFunctionArn" if target == "Function" else "QueueArn"] = entry[target]
            if "Filter" in entry:
                one["Filter"] = {"Key": {"FilterRules": entry["Filter"]["S3Key"]["Rules"]}}
            request.setdefault(theirs, []).append(one)
    if _true(configuration.get("EventBridgeConfiguration", {}).get("EventBridgeEnabled", False)):
        request["EventBridgeConfiguration"] = {}
    return request


def _true(value: Any) -> bool:
    """CloudFormation takes true, "true" and friends."""
    text = json.dumps(value).strip('"').lower()
    if text not in ("true", "false"):
        raise TemplateError(f"{value!r} is neither true nor false")
    return text == "true"


KINDS: dict[str, Kind] = {
    "AWS::DynamoDB::Table": kind(
        _table,
        "TableName KeySchema AttributeDefinitions BillingMode ProvisionedThroughput GlobalSecondaryIndexes "
        "LocalSecondaryIndexes OnDemandThroughput DeletionProtectionEnabled StreamSpecification SSESpecification "
        "TimeToLiveSpecification PointInTimeRecoverySpecification",
        Tags=NO_BILL,
        TableClass=NO_BILL,
        ContributorInsightsSpecification=FOR_PEOPLE,
        ResourcePolicy=NO_RIGHTS,
    ),
    "AWS::S3::Bucket": kind(
        _bucket,
        "BucketName ObjectLockEnabled ObjectLockConfiguration VersioningConfiguration BucketEncryption "
        "PublicAccessBlockConfiguration OwnershipControls LifecycleConfiguration CorsConfiguration "
        "NotificationConfiguration",
        Tags=NO_BILL,
        LoggingConfiguration="nobody from outside reads a bucket here",
        MetricsConfigurations=FOR_PEOPLE,
        IntelligentTieringConfigurations=NO_BILL,
    ),
}
