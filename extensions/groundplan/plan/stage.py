"""A plan's status where it is written: in its front matter, and in the line of state below its title."""

import re

from groundplan.plan.front_matter import STATUSES, read_front_matter
from groundplan.plan.model import StatusLine
from groundplan.text.markdown import Document, Heading, Paragraph, parse

SHOWN = {status: status.replace("-", " ").capitalize() for status in STATUSES}
_LINE = re.compile(rf"\*\*({'|'.join(SHOWN.values())})\*\*(?= ·|[ \t]*[\r\n]|$)")


def find_status_line(document: Document) -> StatusLine | None:
    """Find the line of state: the paragraph below the title, where it begins with a status in bold.

    Args:
        document: The plan.
    """
    blocks = iter(document.blocks)
    if not any(isinstance(block, Heading) and block.level == 1 for block in blocks):
        return None
    below = next(blocks, None)
    match = _LINE.match(below.text) if isinstance(below, Paragraph) else None
    if not below or not match:
        return None
    return StatusLine(next(status for status, shown in SHOWN.items() if shown == match[1]), below.line)


def with_status_line(text: str) -> str:
    """Return a plan whose line of state shows the status of its front matter; without such a line, as it was.

    Args:
        text: The plan.
    """
    document = parse(text)
    line = find_status_line(document)
    if not line or not document.front_matter:
        return text
    matter = read_front_matter(document.front_matter.content)
    if not matter.tells_status:
        return text
    lines = list(document.lines)
    lines[line.line - 1] = lines[line.line - 1].replace(SHOWN[line.status], SHOWN[matter.status], 1)
    return "".join(lines)
