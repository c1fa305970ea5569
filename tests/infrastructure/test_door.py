"""The gateway: which routes there are, who may call them, how often, and what it says and logs."""

import json
import re
from typing import Any

import pytest

from tests.infrastructure.deployed_template import Deployed, deploy

SITE = {
    "/": {"get", "head"},
    "/{lang}": {"get", "head"},
    "/{lang}/{page}": {"get", "head", "post"},
    "/{lang}/requests/{reference}": {"get", "head", "post"},
    "/{lang}/requests/{reference}/{action}": {"get", "head", "post"},
    "/{lang}/not-mine/{token}": {"get", "head", "post"},
    "/{lang}/notices/{token}": {"get", "head", "post"},
    "/static/{file}": {"get", "head"},
}
API = {
    "/api/requests": {"post"},
    "/api/requests/{reference}": {"get", "delete"},
    "/api/requests/{reference}/verification": {"post"},
    "/api/requests/{reference}/evidence": {"post"},
    "/api/requests/{reference}/agent": {"post"},
    "/api/requests/{reference}/answer": {"post"},
    "/api/requests/{reference}/message": {"post"},
    "/api/requests/{reference}/access-code": {"post"},
    "/api/requests/{reference}/session": {"post"},
    "/api/requests/{reference}/download": {"post"},
    "/api/requests/{reference}/erasure-confirmation": {"post"},
    "/api/not-mine/{token}": {"post"},
    "/api/openapi.json": {"get"},
}
CONSENTS = {
    "/{lang}/newsletter": {"get", "head", "post"},
    "/{lang}/consent/{token}": {"get", "head", "post"},
    "/u/{token}": {"get", "head", "post"},
}
SHOP = {
    "/api/permissions": {"get"},
    "/api/provisions": {"post"},
    "/api/provisions/received": {"post"},
    "/api/consents": {"post"},
    "/api/consents/withdrawal": {"post"},
    "/api/unsubscribe-links": {"post"},
    "/api/acceptances": {"get", "post"},
    "/api/suppressions/check": {"post"},
    "/api/shop/openapi.json": {"get"},
}
SIGNED = set(SHOP) - {"/api/shop/openapi.json"}
_OLD = ("/v1/opengdpr_requests", "/opengdpr_requests")
OPENDSR = {
    "/v1/discovery": {"get"},
    "/v1/certificate": {"get"},
    "/v1/status/{subject_request_id}": {"get"},
    "/opendsr/callbacks": {"post"},
    **{place: {"post"} for place in ("/v1/requests", *_OLD)},
    **{f"{place}/{{subject_request_id}}": {"get", "delete"} for place in ("/v1/requests", *_OLD)},
}
STAFF = {
    "/staff/requests": {"get"},
    "/staff/requests/{reference}": {"get"},
    "/staff/requests/{reference}/timeline": {"get"},
    "/staff/requests/{reference}/preview": {"post"},
    "/staff/requests/{reference}/held": {"get"},
    "/staff/requests/{reference}/assignment": {"post"},
    "/staff/requests/{reference}/extension": {"post"},
    "/staff/requests/{reference}/question": {"post"},
    "/staff/requests/{reference}/message": {"post"},
    "/staff/requests/{reference}/review": {"get", "post"},
    "/staff/requests/{reference}/contact": {"post"},
    "/staff/requests/{reference}/decisions": {"get", "post"},
    "/staff/requests/{reference}/release": {"post"},
    "/staff/requests/{reference}/corrections": {"put"},
    "/staff/requests/{reference}/corrections/approval": {"post"},
    "/staff/requests/{reference}/recipients": {"get"},
    "/staff/requests/{reference}/recipients/{recipient}": {"post"},
    "/staff/requests/{reference}/recipients/{recipient}/rest": {"post"},
    "/staff/requests/{reference}/recipients/{recipient}/again": {"post"},
    "/staff/requests/{reference}/erasure": {"get"},
    "/staff/requests/{reference}/erasure/approval": {"post"},
    "/staff/requests/{reference}/mandate": {"post"},
    "/staff/requests/{reference}/special": {"post"},
    "/staff/requests/{reference}/special/decision": {"post"},
    "/staff/requests/{reference}/thaw": {"post"},
    "/staff/requests/{reference}/hold": {"post"},
    "/staff/requests/{reference}/restriction-lift": {"post"},
    "/staff/requests/{reference}/hold-lift": {"post"},
    "/staff/requests/{reference}/completion": {"post"},
    "/staff/requests/{reference}/refusal": {"post"},
    "/staff/requests/{reference}/refusal/confirmation": {"post"},
    "/staff/requests/{reference}/letters": {"get"},
    "/staff/requests/{reference}/evidence": {"get"},
    "/staff/requests/{reference}/letters/preview": {"post"},
    "/staff/requests/{reference}/retry": {"post"},
    "/staff/requests/{reference}/transfer/retry": {"post"},
    "/staff/requests/{reference}/messages": {"get"},
    "/staff/requests/{reference}/residence": {"post"},
    "/staff/mail": {"get"},
    "/staff/mail/{id}": {"get"},
    "/staff/mail/{id}/request": {"post"},
    "/staff/mail/{id}/attachment": {"post"},
    "/staff/mail/{id}/clarification": {"post"},
    "/staff/mail/{id}/dismissal": {"post"},
    "/staff/mail/{id}/purge": {"post"},
    "/staff/mail/{id}/raw": {"post"},
    "/staff/mail/{id}/files/{number}": {"post"},
    "/staff/retention": {"get"},
    "/staff/retention/{entry}/lift": {"post"},
    "/staff/register": {"get"},
    "/staff/reports/{month}": {"get"},
    "/staff/openapi.json": {"get"},
}
# Nothing has to be said with these: who asks is in the path and the bearer token.
WITHOUT_BODY = {
    "/api/requests/{reference}/access-code",
    "/api/requests/{reference}/download",
    "/api/requests/{reference}/erasure-confirmation",
    "/api/not-mine/{token}",
    "/staff/requests/{reference}/preview",
    "/staff/requests/{reference}/retry",
    "/staff/mail/{id}/raw",
    "/staff/mail/{id}/files/{number}",
    "/staff/retention/{entry}/lift",
}


def operations(deployed: Deployed) -> dict[tuple[str, str], dict[str, Any]]:
    paths = deployed.one("RestApi")["Body"]["paths"]
    return {(path, method): operation for path, methods in paths.items() for method, operation in methods.items()}


def served_by(operation: dict[str, Any]) -> str:
    (function,) = re.findall(r"functions/(\w+)\.Arn", operation["x-amazon-apigateway-integration"]["uri"])
    return str(function)


CHECK = "/api/suppressions/check"


@pytest.mark.parametrize(
    ("function", "routes"),
    [
        ("PublicSiteFunction", SITE),
        ("PublicApiFunction", API),
        ("ConsentSiteFunction", CONSENTS),
        ("ShopApiFunction", SHOP),
        ("OpendsrFunction", OPENDSR),
        ("StaffApiFunction", STAFF),
    ],
)
def test_routes_are_exactly_these_and_none_takes_any_method(
    deployed: Deployed, function: str, routes: dict[str, set[str]]
) -> None:
    found: dict[str, set[str]] = {}
    for (path, method), operation in operations(deployed).items():
        if served_by(operation) == function:
            found.setdefault(path, set()).add(method)
    assert found == routes


@pytest.mark.parametrize("function", ["PublicSiteFunction", "ConsentSiteFunction"])
def test_whoever_serves_pages_answers_head_where_it_answers_get(deployed: Deployed, function: str) -> None:
    """RFC 9110, 9.1: both have to be supported. A route is one method: POST is throttled harder."""
    served = {route for route, operation in operations(deployed).items() if served_by(operation) == function}
    of = {method: {path for path, known in served if known == method} for method in ("get", "head")}
    assert of["head"] == of["get"] != set()


def test_a96_staff_routes_and_no_others_ask_for_a_staff_log_in(deployed: Deployed) -> None:
    guarded = {path: op["security"] for (path, _), op in operations(deployed).items() if op.get("security")}
    assert guarded == {path: [{"StaffAuthorizer": []}] for path in STAFF} | {path: [{"AWS_IAM": []}] for path in SIGNED}
    authorizer = deployed.one("RestApi")["Body"]["components"]["securitySchemes"]["StaffAuthorizer"]
    assert authorizer["x-amazon-apigateway-authtype"] == "cognito_user_pools"
    assert authorizer["x-amazon-apigateway-authorizer"]["providerARNs"] == ["StaffPool.Arn"]


def test_the_shop_signs_and_the_function_is_called_by_the_gateway_and_not_in_the_name_of_who_signs(
    deployed: Deployed,
) -> None:
    scheme = deployed.one("RestApi")["Body"]["components"]["securitySchemes"]["AWS_IAM"]
    assert scheme["x-amazon-apigateway-authtype"] == "awsSigv4"
    assert "credentials" not in operations(deployed)[(CHECK, "post")]["x-amazon-apigateway-integration"]


def test_a42_a_json_body_is_checked_before_a_function_is_paid_for(deployed: Deployed) -> None:
    expecting = {path for path, methods in (API | SHOP | STAFF).items() if methods & {"post", "put"}} - WITHOUT_BODY
    validated = {
        path
        for (path, _), operation in operations(deployed).items()
        if operation.get("x-amazon-apigateway-request-validator") == "body-only"
        and operation["requestBody"]["required"]
    }
    assert validated == expecting
    assert deployed.one("RestApi")["Body"]["components"]["schemas"] == {"jsonobject": {"type": "object"}}


def test_a38_what_writes_without_a_log_in_is_throttled_hardest(deployed: Deployed) -> None:
    settings = {(s["ResourcePath"], s["HttpMethod"]): s for s in deployed.one("RestApiliveStage")["MethodSettings"]}
    everything_else = settings.pop(("/*", "*"))
    assert (everything_else["ThrottlingBurstLimit"], everything_else["ThrottlingRateLimit"]) == (200, 100)
    writing = {
        ("/" + path.replace("/", "~1"), method.upper())
        for path, methods in (SITE | API | CONSENTS | OPENDSR).items()
        for method in methods - {"get", "head"}
    }
    # Not the one click that stops a list: many press it at once after a mailing, and no mail follows from it.
    writing -= {("/~1u~1{token}", "POST")}
    assert set(settings) == writing
    for setting in settings.values():
        assert (setting["ThrottlingBurstLimit"], setting["ThrottlingRateLimit"]) == (50, 20)


def test_a30_the_gateway_logs_no_body_no_query_no_path_and_no_address(deployed: Deployed) -> None:
    stage = deployed.one("RestApiliveStage")
    logged = json.loads(stage["AccessLogSetting"]["Format"])
    assert set(logged.values()) == {
        "$context.requestId",
        "$context.requestTime",
        "$context.httpMethod",
        "$context.resourcePath",
        "$context.status",
        "$context.responseLength",
        "$context.responseLatency",
        "$context.integrationLatency",
        "$context.error.responseType",
    }
    for setting in stage["MethodSettings"]:
        assert (setting["LoggingLevel"], setting["DataTraceEnabled"]) == ("OFF", False)
    assert stage["TracingEnabled"] is False


def test_a20_the_gateways_own_answers_repeat_nothing_of_the_request(deployed: Deployed) -> None:
    responses = deployed.one("RestApi")["Body"]["x-amazon-apigateway-gateway-responses"]
    assert {"DEFAULT_4XX", "DEFAULT_5XX", "BAD_REQUEST_BODY", "UNAUTHORIZED", "THROTTLED"} <= set(responses)
    for kind, response in responses.items():
        headers = response["responseParameters"]
        assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        assert headers["gatewayresponse.header.Cache-Control"] == "'no-store'"
        text = response["responseTemplates"]["application/json"]
        assert set(re.findall(r"\$[\w.]+", text)) <= {"$context.requestId"}, kind
        problem = json.loads(text)
        assert problem["type"] == "about:blank"
        if "statusCode" in response:
            assert str(problem["status"]) == response["statusCode"]


def test_a39_who_is_throttled_is_told_when_to_come_back(deployed: Deployed) -> None:
    responses = deployed.one("RestApi")["Body"]["x-amazon-apigateway-gateway-responses"]
    assert "gatewayresponse.header.Retry-After" in responses["THROTTLED"]["responseParameters"]


def test_an_unknown_path_is_not_found(deployed: Deployed) -> None:
    responses = deployed.one("RestApi")["Body"]["x-amazon-apigateway-gateway-responses"]
    assert responses["MISSING_AUTHENTICATION_TOKEN"]["statusCode"] == "404"


def test_old_tls_is_refused(deployed: Deployed) -> None:
    assert deployed.one("RestApi")["SecurityPolicy"] == "SecurityPolicy_TLS13_1_2_2021_06"
    domain = deploy(DomainName="privacy.shop.example", CertificateArn="arn:aws:acm:x").one("CustomDomain")
    assert domain["SecurityPolicy"] == "TLS_1_2"


def test_a53_with_a_domain_of_its_own_the_api_has_no_other_address(deployed: Deployed) -> None:
    own = deploy(DomainName="privacy.shop.example", CertificateArn="arn:aws:acm:x")
    assert [closed_to_others(deployed), closed_to_others(own)] == [False, True]


def closed_to_others(deployed: Deployed) -> bool:
    (server,) = deployed.one("RestApi")["Body"]["servers"]
    return bool(server["x-amazon-apigateway-endpoint-configuration"]["disableExecuteApiEndpoint"])


def test_a39_the_firewall_blocks_rates_and_never_what_a_person_writes() -> None:
    firewall = deploy(UseWaf="true").one("Firewall")
    rules = {rule["Name"]: rule for rule in firewall["Rules"]}
    assert rules["RatePerAddress"]["Statement"]["RateBasedStatement"]["AggregateKeyType"] == "IP"
    assert {"AddressReputation", "KnownBadInputs", "Common"} <= set(rules)
    overridden = rules["Common"]["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
    assert all(rule["Name"].endswith("_BODY") and rule["ActionToUse"] == {"Count": {}} for rule in overridden)
    assert not any(rule["VisibilityConfig"]["SampledRequestsEnabled"] for rule in rules.values())


def test_staff_need_a_second_factor_and_nobody_signs_up(deployed: Deployed) -> None:
    pool = deployed.one("StaffPool")
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("ON", ["SOFTWARE_TOKEN_MFA"])
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["DeletionProtection"] == "ACTIVE"
    client = deployed.one("StaffClient")
    assert set(client["ExplicitAuthFlows"]) == {"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    groups = deployed.of_type("AWS::Cognito::UserPoolGroup").values()
    assert {group["GroupName"] for group in groups} == {"handler", "approver", "auditor", "admin"}
