"""Roles, and the pool of staff accounts."""

import json
from typing import Any

from local.account import REGION, arn
from local.resources.kind import FOR_PEOPLE, NO_BILL, NO_RIGHTS, Kind, Made, Properties, Site, kind, names


def _role(site: Site, name: str, properties: Properties) -> Made:
    role = site.physical_name(name, properties.get("RoleName"))
    made = site.clients("iam").create_role(
        RoleName=role, AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"])
    )["Role"]
    return Made(role, {"Arn": made["Arn"], "RoleId": made["RoleId"]})


_POOL_OPTIONS = names(
    "AccountRecoverySetting AdminCreateUserConfig AliasAttributes AutoVerifiedAttributes DeletionProtection "
    "EmailConfiguration EmailVerificationMessage EmailVerificationSubject Policies Schema UsernameAttributes "
    "UsernameConfiguration VerificationMessageTemplate"
)


def _user_pool(site: Site, name: str, properties: Properties) -> Made:
    cognito = site.clients("cognito-idp")
    options = _numbers({key: properties[key] for key in _POOL_OPTIONS if key in properties})
    pool: str = cognito.create_user_pool(PoolName=site.physical_name(name, properties.get("UserPoolName")), **options)[
        "UserPool"
    ]["Id"]
    if properties.get("MfaConfiguration", "OFF") != "OFF":
        cognito.set_user_pool_mfa_config(
            UserPoolId=pool,
            MfaConfiguration=properties["MfaConfiguration"],
            SoftwareTokenMfaConfiguration={"Enabled": "SOFTWARE_TOKEN_MFA" in properties.get("EnabledMfas", [])},
        )
    provider = f"cognito-idp.{REGION}.amazonaws.com/{pool}"
    attributes = {
        "Arn": arn("cognito-idp", f"userpool/{pool}"),
        "ProviderName": provider,
        "ProviderURL": f"https://{provider}",
        "UserPoolId": pool,
    }
    return Made(pool, attributes)


def _numbers(value: Any) -> Any:
    """The template's numbers may come as text, from parameters."""
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return int(value) if isinstance(value, str) and value.isdecimal() else value


_CLIENT_OPTIONS = names(
    "AccessTokenValidity AllowedOAuthFlows AllowedOAuthFlowsUserPoolClient AllowedOAuthScopes CallbackURLs "
    "ExplicitAuthFlows GenerateSecret IdTokenValidity LogoutURLs PreventUserExistenceErrors ReadAttributes "
    "RefreshTokenValidity SupportedIdentityProviders TokenValidityUnits WriteAttributes"
)


def _client(site: Site, name: str, properties: Properties) -> Made:
    options = _numbers({key: properties[key] for key in _CLIENT_OPTIONS if key in properties})
    made = site.clients("cognito-idp").create_user_pool_client(
        UserPoolId=properties["UserPoolId"], ClientName=properties.get("ClientName", name), **options
    )["UserPoolClient"]
    return Made(made["ClientId"], {"ClientId": made["ClientId"], "Name": made["ClientName"]})


def _group(site: Site, name: str, properties: Properties) -> Made:
    options = {key: properties[key] for key in ("Description", "RoleArn") if key in properties}
    if "Precedence" in properties:
        options["Precedence"] = int(properties["Precedence"])
    site.clients("cognito-idp").create_group(
        UserPoolId=properties["UserPoolId"], GroupName=properties["GroupName"], **options
    )
    return Made(properties["GroupName"])


KINDS: dict[str, Kind] = {
    "AWS::IAM::Role": kind(
        _role,
        "RoleName AssumeRolePolicyDocument",
        Description=FOR_PEOPLE,
        ManagedPolicyArns=NO_RIGHTS,
        MaxSessionDuration=NO_RIGHTS,
        Path=NO_RIGHTS,
        PermissionsBoundary=NO_RIGHTS,
        Policies=NO_RIGHTS,
        Tags=NO_BILL,
    ),
    "AWS::Cognito::UserPool": kind(
        _user_pool,
        " ".join(["UserPoolName", "MfaConfiguration", "EnabledMfas", *_POOL_OPTIONS]),
        UserPoolAddOns=NO_BILL,
        UserPoolTags=NO_BILL,
        UserPoolTier=NO_BILL,
        UserAttributeUpdateSettings=FOR_PEOPLE,
    ),
    "AWS::Cognito::UserPoolClient": kind(
        _client,
        " ".join(["UserPoolId", "ClientName", *_CLIENT_OPTIONS]),
        AuthSessionValidity="a log-in takes no time here",
        EnableTokenRevocation="moto revokes no token",
    ),
    "AWS::Cognito::UserPoolGroup": kind(_group, "UserPoolId GroupName Description RoleArn Precedence"),
}
