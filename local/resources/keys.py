"""Keys, secrets and parameters."""

import json

from local.account import arn
from local.resources.kind import FOR_PEOPLE, NO_BILL, NO_REGION, NO_RIGHTS, Kind, Made, Properties, Site, kind, only


def _key(site: Site, name: str, properties: Properties) -> Made:
    kms = site.clients("kms")
    request = {key: properties[key] for key in ("Description", "KeySpec", "KeyUsage") if key in properties}
    if "KeyPolicy" in properties:
        request["Policy"] = json.dumps(properties["KeyPolicy"])
    made = kms.create_key(**request)["KeyMetadata"]
    if str(properties.get("EnableKeyRotation", "false")).lower() == "true":
        kms.enable_key_rotation(KeyId=made["KeyId"])
    return Made(made["KeyId"], {"Arn": made["Arn"], "KeyId": made["KeyId"]})


def _alias(site: Site, name: str, properties: Properties) -> Made:
    site.clients("kms").create_alias(AliasName=properties["AliasName"], TargetKeyId=properties["TargetKeyId"])
    return Made(properties["AliasName"])


def _secret(site: Site, name: str, properties: Properties) -> Made:
    secrets = site.clients("secretsmanager")
    request = {key: properties[key] for key in ("Description", "KmsKeyId") if key in properties}
    value = properties.get("SecretString")
    if "GenerateSecretString" in properties:
        value = _generated(site, properties["GenerateSecretString"])
    made = secrets.create_secret(
        Name=site.physical_name(name, properties.get("Name")), **({"SecretString": value} if value else {}), **request
    )
    return Made(made["ARN"], {"Id": made["ARN"]})


def _generated(site: Site, wish: Properties) -> str:
    only(
        wish,
        "PasswordLength ExcludeCharacters ExcludeLowercase ExcludeNumbers ExcludePunctuation ExcludeUppercase "
        "IncludeSpace RequireEachIncludedType SecretStringTemplate GenerateStringKey",
        of="GenerateSecretString",
    )
    request = {key: value for key, value in wish.items() if key not in ("SecretStringTemplate", "GenerateStringKey")}
    password: str = site.clients("secretsmanager").get_random_password(**request)["RandomPassword"]
    if "SecretStringTemplate" not in wish:
        return password
    return json.dumps({**json.loads(wish["SecretStringTemplate"]), wish["GenerateStringKey"]: password})


def _parameter(site: Site, name: str, properties: Properties) -> Made:
    given = site.physical_name(name, properties.get("Name"))
    site.clients("ssm").put_parameter(Name=given, Type=properties["Type"], Value=properties["Value"])
    return Made(
        given, {"Value": properties["Value"], "Type": properties["Type"], "Arn": arn("ssm", f"parameter/{given}")}
    )


KINDS: dict[str, Kind] = {
    "AWS::KMS::Key": kind(
        _key,
        "Description KeySpec KeyUsage KeyPolicy EnableKeyRotation",
        Tags=NO_BILL,
        PendingWindowInDays="nothing outlives the stack here",
        RotationPeriodInDays="nothing outlives the stack here",
        MultiRegion=NO_REGION,
        Enabled=FOR_PEOPLE,
    ),
    "AWS::KMS::Alias": kind(_alias, "AliasName TargetKeyId"),
    "AWS::SecretsManager::Secret": kind(
        _secret,
        "Name Description KmsKeyId SecretString GenerateSecretString",
        Tags=NO_BILL,
        ReplicaRegions=NO_REGION,
        ResourcePolicy=NO_RIGHTS,
    ),
    "AWS::SSM::Parameter": kind(_parameter, "Name Type Value", Tags=NO_BILL, Description=FOR_PEOPLE, Tier=NO_BILL),
}
