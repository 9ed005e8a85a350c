"""What any Markdown document of a plan folder holds that can be checked: links, anchors, placeholders, leftovers.

What is a link, code, a comment or a heading is judged as GitHub renders it (GitHub Flavored Markdown 0.29).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from groundplan.plan.placeholders import placeholders_in
from groundplan.text.blocks import Block, Definition, Document, Heading, Html, Inline, Item, List, Section
from groundplan.text.markdown import MOST_BRACKETS, inline_tokens

# What begins inline markup other than a bare pair of brackets: links and images, code, HTML, escapes, definitions.
_MARKUP = re.compile(r"\]\(|\]\[|[`<\\]")
_MARKED_ANCHOR = re.compile(r"""<[a-z][^<>]*?\b(?:id|name)=["']([^"'<>]+)""", re.IGNORECASE)
# A line of seven bars is none of them: it is a table's row of empty cells, too.
_CONFLICT = re.compile(r"<<<<<<<(?: |$)|>>>>>>>(?: |$)", re.MULTILINE)
# Programs that read Markdown are told what to do in one line that begins in lower case: markdownlint-disable.
_DIRECTIVE = re.compile(r"<!--\s*[a-z].*-->\s*")


class Link(NamedTuple):
    """A link's or an image's target, as written, and its line."""

    target: str
    line: int


class Placeholder(NamedTuple):
    """A placeholder, without brackets, and its line."""

    text: str
    line: int


@dataclass(frozen=True)
class Page:
    """A Markdown document.

    Attributes:
        path: Where it is, relative to the repository, with `/`.
        anchors: What a link can point to after `#`.
        links: Targets of links and images, in order.
        placeholders: Placeholders that are left, in order.
        guidance: The lines where comments begin that are no directives to a program.
        conflicts: The lines where conflicts of a merge begin.
    """

    path: str
    anchors: frozenset[str]
    links: tuple[Link, ...]
    placeholders: tuple[Placeholder, ...]
    guidance: tuple[int, ...]
    conflicts: tuple[int, ...]


class _Span(NamedTuple):
    """A piece of inline text as rendered: its kind as markdown-it names it, its text, its line."""

    kind: str
    text: str
    line: int


def read_page(path: str, document: Document) -> Page:
    """Collect what can be checked in a document.

    Args:
        path: Where it is, relative to the repository.
        document: The parsed document.
    """
    spans = [_spans(inline, document.definitions) for inline in document.inlines]
    links = [Link(target, line) for target, line in document.definitions.values()]
    links += [Link(text, line) for inline in spans for kind, text, line in inline if kind == "link"]
    return Page(
        path,
        frozenset(_anchors(document, spans)),
        tuple(sorted(links, key=lambda link: link.line)),
        tuple(_placeholders(document.inlines, spans)),
        tuple(block.line for block in _deep(document.blocks if document.html else ()) if is_guidance(block)),
        tuple(_conflicts(document.lines)),
    )


def _spans(inline: Inline, definitions: Mapping[str, Definition]) -> list[_Span]:
    """Read inline text; what has no markup of interest is one piece."""
    content = inline.content
    has_markup = _MARKUP.search(content) or (definitions and "[" in content)
    if not has_markup:
        lines = content.split("\n") if "[" in content else ()
        return [_Span("text", line, number) for number, line in enumerate(lines, inline.line)]
    if content.count("[") > MOST_BRACKETS:
        return []
    return list(_rendered(inline, definitions))


def _rendered(inline: Inline, definitions: Mapping[str, Definition]) -> Iterator[_Span]:
    """Yield the pieces that GitHub renders. Tokens tell no line, so each one's text is looked up after the last's."""
    flat = inline.content.replace("\n", " ")
    place = depth = counted = 0
    line = inline.line
    for token in inline_tokens(inline.content, definitions):
        text = token.content.replace("\n", " ")
        if token.type in ("text", "code_inline", "html_inline") and (found := flat.find(text, place)) >= 0:
            place = found
        elif token.type in ("softbreak", "hardbreak"):
            place = inline.content.find("\n", place) + 1
        # From the last place on, since a paragraph may have thousands of lines.
        line += inline.content.count("\n", counted, place)
        counted = max(counted, place)
        place += len(text)
        if token.type in ("link_open", "image"):
            depth += token.type == "link_open"
            yield _Span("link", str(token.attrs.get("href", token.attrs.get("src", ""))), line)
        elif token.type == "link_close":
            depth -= 1
        elif token.content:
            yield _Span("link text" if depth and token.type == "text" else token.type, token.content, line)


def _placeholders(inlines: Iterable[Inline], spans: Iterable[Sequence[_Span]]) -> Iterator[Placeholder]:
    for inline, pieces in zip(inlines, spans, strict=True):
        for span in pieces:
            if span.kind == "text" and "[" in span.text:
                yield from (Placeholder(name, span.line) for name in placeholders_in(span.text, inline.content))


def _deep(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, List):
            yield from _deep(block.items)
        elif isinstance(block, Item):
            yield from _deep(block.blocks)


def is_guidance(block: Block) -> bool:
    """Return whether a block is a comment for whoever writes, not a directive to a program."""
    return isinstance(block, Html) and block.is_comment and not _DIRECTIVE.fullmatch(block.text)


def _conflicts(lines: Sequence[str]) -> Iterator[int]:
    inside = False
    for number, line in enumerate(lines, 1):
        if line[0] not in "<>" or not (match := _CONFLICT.match(line)):
            continue
        if not inside:
            yield number
        inside = not match[0].startswith(">")


def _anchors(document: Document, spans: Iterable[Sequence[_Span]]) -> Iterator[str]:
    """Yield a document's anchors: GitHub's for the headings, and those of HTML elements."""
    seen: dict[str, int] = {}
    for inline in document.inlines:
        if inline.is_heading:
            name = heading_anchor(inline.content, document.definitions)
            count = seen.get(name, 0)
            seen[name] = count + 1
            yield f"{name}-{count}" if count else name
    html = [span.text for pieces in spans for span in pieces if span.kind == "html_inline"]
    for text in [*html, *(block.content for block in document.html)]:
        yield from _MARKED_ANCHOR.findall(text)


def heading_anchor(title: str, definitions: Mapping[str, Definition] | None = None) -> str:
    """Make the anchor that GitHub gives a heading: lower case, punctuation dropped, spaces as hyphens.

    Args:
        title: The heading's Markdown; its text as rendered counts, without emphasis, HTML and images.
        definitions: The document's link reference definitions.

    Returns:
        The anchor. The rule is that of GitHub's html-pipeline, TableOfContentsFilter.
    """
    text = title
    if re.search(r"[\\`*_~<&\[]", title):
        tokens = inline_tokens(title, definitions)
        text = "".join(token.content for token in tokens if token.type in ("text", "text_special", "code_inline"))
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def is_silent(section: Section) -> bool:
    """Return whether a section and those below it hold nothing but headings and comments."""
    return all(
        isinstance(block, Heading) or (isinstance(block, Html) and block.is_comment) for block in section.all_blocks()
    )
