"""Text of documents made harmless for terminals, logs and pages that show what anybody may have written."""

import re

# Control characters, and those that turn the direction of what follows (Unicode 16, 23.1 and 23.2; UAX 9, 2.1 to 2.4).
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    r"""Return a text on one line, with what would steer a terminal written out, such as `\x1b`.

    Args:
        text: Any text.
    """
    return _STEERING.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
