"""REST APIs and their stages. What they do is in `gateway`."""

from local.account import REGION
from local.deployment import Api
from local.resources.kind import FOR_PEOPLE, NO_BILL, NO_RIGHTS, NO_TRACE, Kind, Made, Properties, Site, kind
from local.template import TemplateError

LOOPBACK = "the gateway listens on a loopback port"


def _rest_api(site: Site, name: str, properties: Properties) -> Made:
    if "Body" not in properties:
        raise TemplateError(f"{name}: a REST API is made from its OpenAPI body here")
    site.deployment.apis.append(Api(name, properties["Body"]))
    return Made(name.lower(), {"RootResourceId": "root", "RestApiId": name.lower()})


def _stage(site: Site, name: str, properties: Properties) -> Made:
    settings = tuple(properties.get("MethodSettings", []))
    site.deployment.stages[properties["RestApiId"]] = (properties["StageName"], settings)
    return Made(properties["StageName"])


def _domain(site: Site, name: str, properties: Properties) -> Made:
    domain = properties["DomainName"]
    site.deployment.domains.append(domain)
    target = f"{name.lower()}.execute-api.{REGION}.amazonaws.com"
    return Made(domain, {"RegionalDomainName": target, "RegionalHostedZoneId": "LOCAL"})


KINDS: dict[str, Kind] = {
    "AWS::ApiGateway::RestApi": kind(
        _rest_api,
        "Body Name",
        ApiKeySourceType=NO_RIGHTS,
        BinaryMediaTypes="a body that is not text is passed on as base64 here",
        Description=FOR_PEOPLE,
        DisableExecuteApiEndpoint=LOOPBACK,
        EndpointAccessMode=LOOPBACK,
        EndpointConfiguration=LOOPBACK,
        FailOnWarnings="every error in the body raises here",
        MinimumCompressionSize="bodies are not compressed here",
        Parameters=LOOPBACK,
        Policy=NO_RIGHTS,
        SecurityPolicy=LOOPBACK,
        Tags=NO_BILL,
    ),
    "AWS::ApiGateway::DomainName": kind(
        _domain,
        "DomainName",
        CertificateArn=LOOPBACK,
        RegionalCertificateArn=LOOPBACK,
        EndpointConfiguration=LOOPBACK,
        SecurityPolicy=LOOPBACK,
        Tags=NO_BILL,
    ),
    "AWS::ApiGateway::Stage": kind(
        _stage,
        "RestApiId StageName MethodSettings",
        AccessLogSetting="there is no access log of the gateway here",
        DeploymentId="a REST API is served as soon as it is made",
        Description=FOR_PEOPLE,
        TracingEnabled=NO_TRACE,
        Tags=NO_BILL,
    ),
}
