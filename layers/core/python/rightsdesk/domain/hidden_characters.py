"""Characters that nobody sees, and that make a text look different from what it is (abuse case 49).

They turn the direction in which it is shown (U+202E), or stand between letters without a trace (U+200B). They come with
text that was pasted from somewhere more often than by intent, so they are taken out. For them, an address or a
correction is refused.
"""

import re

# What belongs to a script or a picture stays: the joiners U+200C and U+200D, variation selectors, and the tags by which
# a black flag becomes that of England.
_HIDDEN = re.compile(
    "(\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)"
    "|[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f]"
)


def without_hidden(text: str) -> str:
    """The text as it is seen by who reads it: without bidirectional controls and characters of no width."""
    return text if text.isascii() else _HIDDEN.sub(r"\1", text)
