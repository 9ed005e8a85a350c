"""A plan as the text of an issue, which GitHub and GitLab draw without the files around it."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from groundplan.plan.document import read_page
from groundplan.text.blocks import (
    Block,
    Code,
    Document,
    Fence,
    FrontMatter,
    Heading,
    Html,
    Item,
    List,
    Section,
    Table,
    is_blank,
)
from groundplan.text.destinations import find_destinations, is_elsewhere, split_target
from groundplan.text.markdown import parse

# The last line of a body: the feature, the part of its plan, how far that was, the git blob that was published, and a
# digest of the text above it, by which a person's edit is told from ours.
_SIGNATURE = re.compile(
    r"<!-- groundplan (?P<slug>[a-z0-9-]+) (?P<part>\S+) (?P<state>open|done) "
    r"(?P<blob>[0-9a-f]{40,64}) (?P<digest>[0-9a-f]{16}) -->\s*\Z"
)
_BLANKS = re.compile(r"\n{3,}")
WHOLE = "plan"

Link = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Signature:
    """What the last line of a published body says.

    Attributes:
        slug: The feature.
        part: `plan`, `phase-2`, or the key of a task.
        state: `done` where everything in the part was ticked and its issue closed, else `open`.
        blob: The git blob of the plan that was published.
        digest: The digest of the text above.
    """

    slug: str
    part: str
    state: str
    blob: str
    digest: str

    def is_of(self, text: str) -> bool:
        """Return whether a text is still as it was published."""
        return digest_of(text) == self.digest


def signed(text: str, slug: str, part: str, blob: str, *, is_done: bool = False) -> str:
    """Return a text with its signature as the last line.

    Args:
        text: An issue's text.
        slug: The feature.
        part: What of its plan the text is, as `Signature.part` has it.
        blob: The git blob of the plan.
        is_done: Whether everything in it is ticked and its issue closed.
    """
    state = "done" if is_done else "open"
    return f"{text.rstrip()}\n\n<!-- groundplan {slug} {part} {state} {blob} {digest_of(text)} -->\n"


def read_signature(body: str) -> tuple[str, Signature | None]:
    """Take a body apart into its text and its signature; None where there is none."""
    found = _SIGNATURE.search(body)
    return (body[: found.start()].rstrip() + "\n", Signature(**found.groupdict())) if found else (body, None)


def digest_of(text: str) -> str:
    """Return a digest of a text, whatever a forge makes of white space at line ends."""
    lines = (line.rstrip() for line in text.strip().splitlines())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def issue_text(plan: str, link: Link, *, with_title: bool = False) -> str:
    """Return a plan without what an issue cannot show or nobody has answered.

    Args:
        plan: The plan's text.
        link: Gives the address of a link's target that is relative to the plan, such as `architecture.md#context`.
        with_title: Keep the title, which an issue has in a field of its own.

    Returns:
        The plan without front matter, title, comments and placeholders, its links leading to where `link` says.
    """
    document = parse(_relinked(plan, link))
    dropped = set(_dropped(document, with_title))
    lines = [line for index, line in enumerate(document.lines) if index not in dropped]
    return _BLANKS.sub("\n\n", "".join(lines)).strip() + "\n"


def shortened(text: str, limit: int, place: str) -> tuple[str, list[str]]:
    """Replace the longest sections of an issue's text by links until it has no more characters than a forge takes.

    Args:
        text: The text.
        limit: How many characters it may have.
        place: The plan's page.

    Returns:
        The text, and the titles of the sections that were replaced.
    """
    replaced: list[str] = []
    while len(text) > limit:
        document = parse(text)
        sections = [section for section in document.root.sections if section.title not in replaced]
        longest = max(sections, key=lambda section: _length(section, document), default=None)
        if longest is None or not longest.heading:
            return text[: limit - len(place) - 2].rsplit("\n", 1)[0] + f"\n\n{place}\n", replaced
        start, stop = longest.heading.end, _end(longest, document)
        lines = list(document.lines)
        lines[start:stop] = [f"[Read it in the plan]({place})\n", "\n"]
        text = "".join(lines)
        replaced.append(longest.title)
    return text, replaced


def _length(section: Section, document: Document) -> int:
    return sum(map(len, document.lines[section.line - 1 : _end(section, document)]))


def _end(section: Section, document: Document) -> int:
    blocks = list(section.all_blocks())
    return max((block.end for block in blocks), default=len(document.lines))


def _dropped(document: Document, with_title: bool) -> Iterator[int]:
    """Yield the lines that the issue does not get."""
    unanswered = {placeholder.line - 1 for placeholder in read_page("", document).placeholders}
    gone: set[int] = set()
    for block in document.blocks:
        is_title = isinstance(block, Heading) and block.level == 1 and not with_title
        if isinstance(block, FrontMatter) or is_title:
            gone.update(range(block.start, block.end))
        else:
            gone.update(_left_out(block, unanswered))
    yield from gone
    yield from _silent_headings(document, gone)


def _left_out(block: Block, unanswered: set[int]) -> Iterator[int]:
    """Yield the lines of a block that are comments or still to be answered."""
    lines = range(block.start, block.end)
    if isinstance(block, Html):
        yield from lines if block.is_comment else ()
    elif isinstance(block, List):
        for item in block.items:
            yield from _left_out_of_item(item, unanswered)
    elif isinstance(block, Table):
        gone = [row.start for row in block.rows if row.start in unanswered]
        yield from lines if gone and len(gone) == len(block.rows) else gone
    elif not isinstance(block, Fence | Code | Heading) and unanswered.intersection(lines):
        yield from lines


def _left_out_of_item(item: Item, unanswered: set[int]) -> Iterator[int]:
    own = [block for block in item.blocks if not isinstance(block, List)]
    nested = [block for block in item.blocks if isinstance(block, List)]
    below = {line for block in nested for line in _left_out(block, unanswered)}
    is_unanswered = any(unanswered.intersection(range(block.start, block.end)) for block in own)
    holds_more = any(line not in below for block in nested for line in range(block.start, block.stop))
    if (is_unanswered and not holds_more) or (nested and not holds_more and _is_label(own)):
        yield from range(item.start, item.end)
    else:
        yield from below


def _is_label(blocks: Sequence[Block]) -> bool:
    return len(blocks) == 1 and blocks[0].stop - blocks[0].start == 1


def _silent_headings(document: Document, gone: set[int]) -> Iterator[int]:
    """Yield the headings under which nothing remains."""
    for section in document.root.walk():
        if section.heading and section.level > 1:
            below = range(section.heading.end, _end(section, document))
            headings = {
                line
                for deeper in section.walk()
                if deeper.heading
                for line in range(deeper.heading.start, deeper.heading.end)
            }
            if all(line in gone or line in headings or is_blank(document.lines[line]) for line in below):
                yield from range(section.heading.start, section.heading.end)


def _relinked(text: str, link: Link) -> str:
    pieces: list[str] = []
    after = 0
    for place in find_destinations(text).placed:
        if not is_elsewhere(place.target):
            start, stop = place.start + place.is_angled, place.stop - place.is_angled
            pieces += text[after:start], link(text[start:stop])
            after = stop
    return "".join([*pieces, text[after:]])


def linker(folder: str, plan: str, page_of: Callable[[str], str]) -> Link:
    """Return a function that gives the address of a relative link.

    Args:
        folder: The plan folder, relative to the repository.
        plan: The plan's file, relative to the repository.
        page_of: Gives the page of a file of the repository.
    """

    def link(target: str) -> str:
        path, rest = split_target(target)
        # A leading slash stands for the repository's root, and nothing lies above that.
        file = posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/") if path else plan
        return page_of(file) + rest

    return link


def unlinker(folder: str, plan: str, page_of: Callable[[str], str]) -> Callable[[str], str]:
    """Return a function that writes the addresses of a repository's files in a text as relative links again.

    Args:
        folder: The plan folder, relative to the repository.
        plan: The plan's file, relative to the repository.
        page_of: Gives the page of a file of the repository, at any commit.
    """
    near = re.compile(re.escape(page_of(f"{folder}/")).replace("COMMIT", "[0-9a-f]{40,64}") + r"(?=[^\s()<>])")
    top = re.compile(re.escape(page_of("")).replace("COMMIT", "[0-9a-f]{40,64}") + r"(?=[^\s()<>])")
    up = "../" * len(PurePosixPath(folder).parts)
    own = PurePosixPath(plan).name

    def unlink(text: str) -> str:
        text = re.sub(near.pattern + re.escape(own) + r"(?=#)", "", text)
        return top.sub(up, near.sub("", text))

    return unlink
