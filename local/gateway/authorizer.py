"""Authorizers. Of Cognito: an ID token of the pool, checked by its signature, times, issuer and audience.

The claims reach the function as API Gateway passes them: as text, lists joined by commas, times written out.
"""

import json
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast
from urllib.request import urlopen

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from werkzeug.wrappers import Request

from local.account import REGION, Clients
from local.deployment import Api
from local.gateway.refusals import Refusal
from local.gateway.signature import SIGV4, signer
from local.template import TemplateError


class CognitoAuthorizer:
    def __init__(self, pools: frozenset[str], *, header: str, clients: Clients, aws_endpoint: str) -> None:
        self.header = header
        self._pools = pools
        self._clients = clients
        self._aws_endpoint = aws_endpoint
        self._lock = threading.Lock()
        self._keys: dict[str, KeySet] = {}

    def context(self, request: Request, *, target: str, body: bytes) -> dict[str, Any]:
        """What the function is told of who calls. `target`: path and query as they came. Raises Refusal."""
        return {"authorizer": {"claims": self.claims(request.headers.get(self.header))}}

    def claims(self, header: str | None) -> dict[str, str]:
        """The claims of the token in `header`, with or without "Bearer". Raises Refusal."""
        if not header:
            raise Refusal("UNAUTHORIZED")
        token = header.removeprefix("Bearer ").strip()
        try:
            claims = self._verified(token)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Refusal("UNAUTHORIZED") from error
        if claims["exp"] <= time.time():
            raise Refusal("UNAUTHORIZED", "The incoming token has expired")
        return {name: _as_text(name, value) for name, value in claims.items()}

    def _verified(self, token: str) -> Mapping[str, Any]:
        for pool in self._pools:
            decoded = jwt.decode(token, self._key_set(pool), algorithms=["RS256"])
            claims = decoded.claims
            if (
                claims["iss"] == f"https://cognito-idp.{REGION}.amazonaws.com/{pool}"
                and claims["token_use"] == "id"  # noqa: S105
                and claims["aud"] in self._client_ids(pool)
            ):
                return cast("Mapping[str, Any]", claims)
        raise ValueError("not a token of this pool")

    def _key_set(self, pool: str) -> KeySet:
        with self._lock:
            if pool not in self._keys:
                with urlopen(f"{self._aws_endpoint}/{pool}/.well-known/jwks.json", timeout=5) as answer:  # noqa: S310
                    self._keys[pool] = KeySet.import_key_set(json.load(answer))
            return self._keys[pool]

    def _client_ids(self, pool: str) -> set[str]:
        clients = self._clients("cognito-idp").list_user_pool_clients(UserPoolId=pool, MaxResults=60)
        return {client["ClientId"] for client in clients["UserPoolClients"]}


def _as_text(name: str, value: Any) -> str:
    if name in ("exp", "iat"):
        return datetime.fromtimestamp(value, UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)


class IamAuthorizer:
    """AWS_IAM: whoever calls has signed the request."""

    def context(self, request: Request, *, target: str, body: bytes) -> dict[str, Any]:
        """As `CognitoAuthorizer`."""
        url = f"{request.scheme}://{request.host}{target}"
        return {"identity": signer(request.method, url, request.headers, body)}


Authorizer = CognitoAuthorizer | IamAuthorizer


def authorizers_of(api: Api, *, clients: Clients, aws_endpoint: str) -> dict[str, Authorizer]:
    """Every authorizer that `api` declares, by name. Raises TemplateError for a kind that is not served here."""
    schemes = {**api.body.get("securityDefinitions", {}), **api.body.get("components", {}).get("securitySchemes", {})}
    found: dict[str, Authorizer] = {}
    for name, scheme in schemes.items():
        if scheme.get("x-amazon-apigateway-authtype") == SIGV4:
            found[name] = IamAuthorizer()
            continue
        authorizer = scheme.get("x-amazon-apigateway-authorizer", {})
        if authorizer.get("type") != "cognito_user_pools":
            raise TemplateError(f"{api.logical_id}: authorizer {name} is neither of a Cognito user pool nor AWS_IAM")
        pools = frozenset(arn.split("/")[-1] for arn in authorizer["providerARNs"])
        found[name] = CognitoAuthorizer(pools, header=scheme["name"], clients=clients, aws_endpoint=aws_endpoint)
    return found
