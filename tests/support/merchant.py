"""A merchant whose files a test wrote: those of another may have been read before, once for the process."""

from rightsdesk import wiring
from rightsdesk.adapters import merchant_files


def read_anew() -> None:
    """Forget every file of a merchant that was read."""
    for known in (*vars(merchant_files).values(), wiring.merchant):
        forget = getattr(known, "cache_clear", None)
        if forget is not None:
            forget()
