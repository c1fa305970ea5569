"""What a person found who reviewed an automated decision (GDPR 22(3))."""

# serves: E-08

from enum import StrEnum


class ReviewResult(StrEnum):
    """What came of it."""

    UPHELD = "upheld"
    CHANGED = "changed"
    NOT_AUTOMATED = "not_automated"  # a person had decided it
    NONE = "none"  # there is no such decision about this person
