"""What every answer of the pages tells the browser (mission I-1; abuse cases 30, 34).

Nothing is loaded from anywhere else, nothing is framed, nothing is kept. `Referrer-Policy: same-origin` and not
`no-referrer`: under the latter a browser sends `Origin: null` with our own forms, and they could not be told from
foreign ones. To other sites both send nothing.
"""

# serves: I-1

from types import MappingProxyType

_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

SECURITY_HEADERS = MappingProxyType(
    {
        "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
        "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    }
)

NEVER_STORED = "no-store"
STORED_FOR_GOOD = "public, max-age=31536000, immutable"
