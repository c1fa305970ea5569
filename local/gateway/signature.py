"""AWS_IAM: a request signed by Signature Version 4 with the credentials of the account that exists here only.

What the signer may do is not looked at: this account has one principal, and it may do everything. Nor is the age of a
signature: the clock of the stack is moved by months, and that of a client is not.
"""

import hashlib
import hmac
import re
from typing import Final

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from werkzeug.datastructures import Headers

from local.account import ACCOUNT, ENVIRONMENT, REGION
from local.gateway.refusals import Refusal

SIGV4: Final = "awsSigv4"  # as the body of an API names it
_SERVICE = "execute-api"
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,\s]+)/(?P<scope>[\w/-]+)/aws4_request,\s*"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)


def signer(method: str, url: str, headers: Headers, body: bytes) -> dict[str, str]:
    """Who signed the call of `url`, as `requestContext.identity` names them. Raises Refusal."""
    found = _AUTHORIZATION.fullmatch(headers.get("Authorization", "").strip())
    moment = headers.get("X-Amz-Date", "")
    if found is None or not re.fullmatch(r"\d{8}T\d{6}Z", moment):
        raise Refusal("MISSING_AUTHENTICATION_TOKEN")
    key = ENVIRONMENT["AWS_ACCESS_KEY_ID"]
    if found["key"] != key:
        raise Refusal("ACCESS_DENIED")
    signed = {name: headers.get(name, "") for name in found["headers"].split(";")}
    is_whole = {"host", "x-amz-date"} <= signed.keys() and found["scope"] == f"{moment[:8]}/{REGION}/{_SERVICE}"
    is_of_body = headers.get("X-Amz-Content-SHA256", digest := hashlib.sha256(body).hexdigest()) == digest
    expected = _signature(AWSRequest(method, url, headers=signed, data=body), moment)
    if not (is_whole and is_of_body and hmac.compare_digest(expected, found["signature"])):
        raise Refusal("INVALID_SIGNATURE")
    return {
        "accessKey": key,
        "accountId": ACCOUNT,
        "caller": ACCOUNT,
        "user": ACCOUNT,
        "userArn": f"arn:aws:iam::{ACCOUNT}:root",
    }


def _signature(request: AWSRequest, moment: str) -> str:
    credentials = Credentials(ENVIRONMENT["AWS_ACCESS_KEY_ID"], ENVIRONMENT["AWS_SECRET_ACCESS_KEY"])
    signing = SigV4Auth(credentials, _SERVICE, REGION)
    request.context["timestamp"] = moment
    return str(signing.signature(signing.string_to_sign(request, signing.canonical_request(request)), request))
