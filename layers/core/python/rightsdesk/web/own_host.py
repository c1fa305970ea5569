"""Who we are to a browser: our origins as the gateway knows them, never as a header says (abuse case 31)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from rightsdesk.web.forms import PageRefusedError


def headers_of(event: Mapping[str, Any]) -> dict[str, str]:
    """By lower-case name; of a repeated one the last, as API Gateway has it."""
    return {name.lower(): str(value) for name, value in (event.get("headers") or {}).items()}


def own_origins(event: Mapping[str, Any], base_url: str) -> dict[str, str]:
    """Our origins, each with its host: the one in our links, and the one that the gateway was called by."""
    base = urlsplit(base_url)
    hosts = {base.netloc, str(event["requestContext"].get("domainName") or base.netloc)}
    return {f"{base.scheme}://{host}": host for host in hosts}


def require_own_host(headers: Mapping[str, str], *, own: Mapping[str, str]) -> None:
    """A host that the gateway does not know is refused, and none ever gets into a page."""
    host = headers.get("host")
    if host is not None and host.lower() not in own.values():
        raise PageRefusedError(400, "unknown_host")
