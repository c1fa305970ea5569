"""What a mail to many carries in its head, so that it is stopped with one click (RFC 2369, RFC 8058)."""

# serves: E-09, P-03

from collections.abc import Mapping

ONE_CLICK = ("List-Unsubscribe", "One-Click")  # the one field of the form that mail programs post


def unsubscribe_headers(link: str) -> Mapping[str, str]:
    """Both have to be signed with DKIM (RFC 8058, 3.1)."""
    name, value = ONE_CLICK
    return {name: f"<{link}>", f"{name}-Post": f"{name}={value}"}
