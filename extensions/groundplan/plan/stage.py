"""A plan's status where it is written: in its front matter, and in the line of state below its title."""

import json
import re
from pathlib import Path

from groundplan.layout import PLAN_NAME, PLAN_ROOT
from groundplan.plan.files import UnreadableFileError, read_text
from groundplan.plan.front_matter import STATUSES, Approval, FrontMatter, read_front_matter
from groundplan.plan.model import StatusLine
from groundplan.text.blocks import Document, Heading, Paragraph, split_lines
from groundplan.text.markdown import parse

SHOWN = {status: status.replace("-", " ").capitalize() for status in STATUSES}
_LINE = re.compile(rf"\*\*({'|'.join(SHOWN.values())})\*\*(?= ·|[ \t]*[\r\n]|$)")
_VALUE = re.compile(
    r"""^(?P<key>status[ \t]*:[ \t]*)(?P<quote>["']?)[\w-]*(?P=quote)(?=[ \t]*(?:#.*)?\r?$)""", re.MULTILINE
)
# A key's lines: its own, and those below it that are further in.
_APPROVED = re.compile(r"^approved[ \t]*:.*\r?\n(?:[ \t]+.*\r?\n)*", re.MULTILINE)
# What stands in it is its first group.
FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)


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
    matter = front_matter_of(text)
    line = find_status_line(parse(text))
    if not line or not matter.tells_status:
        return text
    lines = split_lines(text)
    lines[line.line - 1] = lines[line.line - 1].replace(SHOWN[line.status], SHOWN[matter.status], 1)
    return "".join(lines)


def with_status(text: str, status: str) -> str:
    """Return a plan of another status: the value in its front matter, the word below its title, and no other byte.

    Args:
        text: The plan, with a status in its front matter.
        status: The new one.
    """
    found = FRONT_MATTER.match(text)
    stop = found.end() if found else 0
    head = _VALUE.sub(rf"\g<key>\g<quote>{status}\g<quote>", text[:stop], count=1)
    return with_status_line(head + text[stop:])


def with_approval(text: str, approval: Approval) -> str:
    """Return a plan that says who approved it: one line of its front matter.

    Args:
        text: The plan, with a status in its front matter.
        approval: Who, when, and on which commit.
    """
    found = FRONT_MATTER.match(text)
    stop = found.end() if found else 0
    ending = "\r\n" if "\r\n" in text[:stop] else "\n"
    commit = f'commit: "{approval.commit}", ' if approval.commit else ""
    # What is printable and quoted for JSON is quoted for YAML, too.
    by = json.dumps("".join(character for character in approval.by if character.isprintable()), ensure_ascii=False)
    line = f'approved: {{{commit}date: "{approval.date}", by: {by}}}{ending}'
    head, known = _APPROVED.subn(lambda _: line, text[:stop], count=1)
    if not known:
        # Before what comes next in a plan's order, or else below the status.
        before = re.search(r"^accepted[ \t]*:", head, re.MULTILINE)
        below = re.search(r"^status[ \t]*:.*\n", head, re.MULTILINE)
        place = before.start() if before else below.end() if below else 0
        head = f"{head[:place]}{line}{head[place:]}" if place else head
    return head + text[stop:]


def front_matter_of(text: str) -> FrontMatter:
    """Return a plan's front matter, without parsing the rest.

    Args:
        text: The plan.
    """
    found = FRONT_MATTER.match(text)
    return read_front_matter(found[1]) if found else FrontMatter()


def is_archived(root: Path, slug: str) -> bool:
    """Return whether a plan is history; one that cannot be read is not.

    Args:
        root: The folder that holds `docs/plan_docs`.
        slug: The plan folder's name.
    """
    try:
        return says_archived(read_text(root, f"{PLAN_ROOT}/{slug}/{PLAN_NAME}"))
    except UnreadableFileError:
        return False


def says_archived(text: str) -> bool:
    """Return whether a plan is history.

    Args:
        text: The plan.
    """
    # To look for the word takes a small part of the time of reading YAML.
    found = FRONT_MATTER.match(text)
    return found is not None and "archived" in found[1] and front_matter_of(text).status == "archived"
