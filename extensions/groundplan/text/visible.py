"""Texts of anybody's made fit for a terminal, a log and a JSON document: nothing in them commands a program."""

import json
import re
from urllib.parse import quote

# Controls of a terminal (C0, DEL, C1), what reorders a line (Unicode Technical Report 36, bidirectional formatting) or
# ends it, and what Python has for bytes that are not UTF-8.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# A runner of GitHub's takes these for commands: at the beginning of a line, and anywhere (actions/runner,
# ActionCommand.cs).
_COMMAND = re.compile(r"^(\s*):(?=:)|##(?=\[)")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    """Return a text as one line that shows every character and has no effect but to be read.

    Args:
        text: Any text; line ends in it are shown, too.
    """
    shown = _CONTROLS.sub(lambda match: _NAMED.get(match[0]) or _code(match[0]), text)
    return _COMMAND.sub(lambda match: f"{match[1]}\\:" if match[1] is not None else "##\\", shown)


def is_visible(text: str) -> bool:
    """Return whether a text holds nothing that `visible` would show otherwise, but for its line ends."""
    return not _CONTROLS.search(text.replace("\n", ""))


def _code(character: str) -> str:
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:
        number -= 0xDC00
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def percent_encoded(text: str) -> str:
    """Return a text whose control characters and percent signs are written as URLs write them."""
    return _CONTROLS.sub(lambda match: quote(match[0], errors="surrogatepass"), text.replace("%", "%25"))


def as_json(data: object) -> str:
    """Return data as a JSON document for people to read, whose texts hold no control character as such."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    # What is not escaped already can only stand within strings, but for the document's own line ends.
    return _CONTROLS.sub(lambda match: match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}", text)
