"""How what is stored is kept: encrypted with our key, private, restorable, and gone in time."""

from typing import Any

import pytest

from local.intrinsics import STACK_UUID
from tests.infrastructure.deployed_template import Deployed, deploy

TABLES = sorted(deploy().of_type("AWS::DynamoDB::Table"))
BUCKETS = sorted(deploy().of_type("AWS::S3::Bucket"))


@pytest.mark.parametrize("name", TABLES)
def test_a101_table_is_encrypted_with_our_key_and_forgets_by_itself(deployed: Deployed, name: str) -> None:
    table = deployed.one(name)
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": "DataKey.Arn"}
    assert table["TimeToLiveSpecification"]["Enabled"] is True
    assert table["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize("name", ["CasesTable", "PeopleTable"])
def test_a101_table_can_be_restored_and_not_deleted_by_mistake(deployed: Deployed, name: str) -> None:
    assert deployed.one(name)["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert deployed.one(name)["DeletionProtectionEnabled"] is True
    assert deploy(DeletionProtection="false").one(name)["DeletionProtectionEnabled"] is False
    assert deployed.resources[name]["DeletionPolicy"] == "Retain"


def test_indexes_of_the_cases_hold_keys_and_no_data(deployed: Deployed) -> None:
    indexes = {i["IndexName"]: i for i in deployed.one("CasesTable")["GlobalSecondaryIndexes"]}
    assert {name: [key["AttributeName"] for key in index["KeySchema"]] for name, index in indexes.items()} == {
        "by_due_date": ["open_shard", "target_key"],
        "by_subject": ["subject_key", "received_at"],
        "by_reference": ["reference"],
        "by_month": ["received_month", "received_at"],
    }
    assert {index["Projection"]["ProjectionType"] for index in indexes.values()} == {"KEYS_ONLY"}


@pytest.mark.parametrize("name", BUCKETS)
def test_a35_a101_bucket_is_private(deployed: Deployed, name: str) -> None:
    bucket = deployed.one(name)
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


@pytest.mark.parametrize("name", BUCKETS)
def test_bucket_is_encrypted_with_our_key_and_takes_no_other(deployed: Deployed, name: str) -> None:
    (rule,) = deployed.one(name)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "DataKey.Arn"}
    denied = policy_of(deployed, name)
    assert denied["NoOtherEncryption"]["Condition"]["StringNotEquals"] == {"s3:x-amz-server-side-encryption": "aws:kms"}
    assert denied["NoOtherKey"]["Condition"]["StringNotEquals"] == {
        "s3:x-amz-server-side-encryption-aws-kms-key-id": "DataKey.Arn"
    }
    # Where the header is absent the bucket's own encryption applies: that must not be denied.
    for sid in ("NoOtherEncryption", "NoOtherKey", "NoKeyOfTheCaller"):
        assert set(denied[sid]["Condition"]["Null"].values()) == {"false"}


@pytest.mark.parametrize("name", BUCKETS)
def test_a35_bucket_speaks_tls_only(deployed: Deployed, name: str) -> None:
    statement = policy_of(deployed, name)["TlsOnly"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [f"{name}.Arn", f"{name}.Arn/*"]


def test_only_mail_may_be_written_from_outside_and_only_when_it_is_received(deployed: Deployed) -> None:
    for receiving, expected in ((deployed, set()), (deploy(InboundMail="true"), {"MailBucket"})):
        open_to_a_service = {
            name for name in BUCKETS if any(s["Effect"] == "Allow" for s in policy_of(receiving, name).values())
        }
        assert open_to_a_service == expected
    (allowed,) = [s for s in policy_of(deploy(InboundMail="true"), "MailBucket").values() if s["Effect"] == "Allow"]
    assert allowed["Resource"] == "MailBucket.Arn/inbound/*"
    assert allowed["Condition"]["StringEquals"]["aws:SourceArn"].endswith(f"receipt-rule/inbound-{STACK_UUID}")


def test_a93_exports_and_collected_records_go_by_themselves(deployed: Deployed) -> None:
    bucket = deployed.one("ExportBucket")
    rules = {rule["Prefix"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"] if "ExpirationInDays" in rule}
    assert set(rules) == {"work/", "exports/"}
    for rule in rules.values():
        assert (rule["Status"], rule["ExpirationInDays"]) == (
            "Enabled",
            200,
        )  # RequestRelease waits 180 days, then 14 to fetch
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_e15_what_is_kept_after_an_erasure_is_ended_by_its_ledger_and_by_no_rule(deployed: Deployed) -> None:
    rules = deployed.one("ExportBucket")["LifecycleConfiguration"]["Rules"]
    touching = [rule for rule in rules if "kept/".startswith(rule["Prefix"])]
    assert not [rule for rule in touching if "ExpirationInDays" in rule]
    (own,) = [rule for rule in touching if rule["Prefix"]]
    assert own["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}  # what is forgotten is gone the day after


@pytest.mark.parametrize("name", BUCKETS)
def test_a93_nothing_stays_half_uploaded(deployed: Deployed, name: str) -> None:
    rules = deployed.one(name)["LifecycleConfiguration"]["Rules"]
    assert {"DaysAfterInitiation": 1} in [rule.get("AbortIncompleteMultipartUpload") for rule in rules]


def test_raw_mail_is_kept_for_thirty_days_and_what_was_read_of_it_as_long_as_a_case(deployed: Deployed) -> None:
    bucket = deployed.one("MailBucket")
    days = {rule["Prefix"]: rule.get("ExpirationInDays") for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert days == {"inbound/": 30, "messages/": 200, "quarantine/": 200, "": None}
    assert "VersioningConfiguration" not in bucket, "what is purged is gone"


def test_a95_evidence_alone_is_locked_and_goes_after_the_lock(deployed: Deployed) -> None:
    assert [name for name in BUCKETS if deployed.one(name).get("ObjectLockEnabled")] == ["EvidenceBucket"]
    bucket = deploy(EvidenceLockMode="COMPLIANCE", EvidenceLockDays="400").one("EvidenceBucket")
    assert bucket["ObjectLockConfiguration"]["Rule"] == {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": "400"}}
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == "400"


def test_a101_the_key_rotates_and_serves_no_stranger(deployed: Deployed) -> None:
    key = deployed.one("DataKey")
    assert key["EnableKeyRotation"] is True
    account, *services = key["KeyPolicy"]["Statement"]
    assert account["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    for statement in services:
        assert set(statement["Principal"]) == {"Service"}
        assert not [action for action in statement["Action"] if "*" in action]
        assert statement["Condition"], "a service is bound to this account"
    named = {s["Sid"] for s in services}
    assert named == {"LogGroups", "Alarms", "NewsOfMail", "Notices"}
    receiving = deploy(InboundMail="true").one("DataKey")["KeyPolicy"]["Statement"]
    assert {s["Sid"] for s in receiving} - named == {"AccountByItsRoles", "InboundMail"}


def test_b5_the_key_of_evidence_signs_and_stays(deployed: Deployed) -> None:
    key = deployed.one("EvidenceSigningKey")
    assert (key["KeySpec"], key["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    assert "EnableKeyRotation" not in key, "CloudFormation refuses it for an asymmetric key"
    (account,) = key["KeyPolicy"]["Statement"]
    assert account["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    kept = deployed.resources["EvidenceSigningKey"]
    assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_log_groups_are_encrypted_and_end(deployed: Deployed) -> None:
    for name, group in deployed.of_type("AWS::Logs::LogGroup").items():
        assert group["RetentionInDays"] == "30", name
        assert group["KmsKeyId"] == "DataKey.Arn", name
        # The key's policy lets CloudWatch Logs use it for these names.
        assert group["LogGroupName"].startswith("/aws/"), name
        assert "/rightsdesk-" in group["LogGroupName"], name


def test_everything_else_that_stores_is_encrypted(deployed: Deployed) -> None:
    assert deployed.one("PepperSecret")["KmsKeyId"] == "DataKey.Arn"
    for topic in deployed.of_type("AWS::SNS::Topic").values():
        assert topic["KmsMasterKeyId"] == "ref(DataKey)"
    queues = dict(deployed.of_type("AWS::SQS::Queue"))
    for name in ("LostDeliveryNews", "InboundMailQueue", "UnreadMail"):
        assert queues.pop(name)["KmsMasterKeyId"] == "DataKey.Arn", "news of a mail holds an address"
    for queue in queues.values():
        assert queue["SqsManagedSseEnabled"] is True


def policy_of(deployed: Deployed, bucket: str) -> dict[str, dict[str, Any]]:
    document = deployed.one(f"{bucket}Policy")["PolicyDocument"]
    return {statement["Sid"]: statement for statement in document["Statement"]}
