"""Where the links and images of a Markdown text lead, and at which characters that is written.

markdown-it's inline tokens know no places. So whatever looks like a destination is replaced by a marker of its own, and
the text is parsed once: a marker that comes out as a destination stood for one, and one that comes out in code did not.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from typing import NamedTuple
from urllib.parse import unquote

from markdown_it.helpers import parseLinkDestination
from markdown_it.token import Token

from groundplan.text.blocks import Document, split_lines
from groundplan.text.markdown import MOST_BRACKETS, inline_tokens, parse

# A URL with a scheme, or one that begins with a host.
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
# What a destination follows (CommonMark 0.31): a link's text (6.3), or the label of a definition (4.7).
_BEFORE = re.compile(r"\](?:\(|:)[ \t]*(?:(?:\r\n?|\n)[ \t]*)?")
# To replace one of these could make other blocks or spans of the text.
_STRUCTURE = frozenset("`<>[]|")
_RUN = re.compile(r"<[^<>`\[\]|\r\n]*>|[^\s<>`\[\]|]*")
_ATTRIBUTE = re.compile(r"""(?<![\w-])(?:href|src)\s*=\s*("[^"\r\n]*"|'[^'\r\n]*'|[^\s"'=<>`]+)""", re.IGNORECASE)
_TAG = re.compile(r"<[a-z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# GitHub's footnotes are not CommonMark's: `[^1]: [text](file.md)` would be a definition.
_FOOTNOTE = re.compile(r"^( {0,3})\[\^[^\]\s]+\]:", re.MULTILINE)
# What only marks a block, and with the next line does not; what begins or ends a comment or another piece of HTML.
_MARK = re.compile(r"[-+*#=~_]+|\d+[.)]|<[!?/].*|<.*(?:--|\?)>")


class Destination(NamedTuple):
    """A link's or an image's destination.

    Attributes:
        start: The index of its first character in the text, `<` included, the quote of an attribute not.
        stop: The index after its last one.
        line: Its line, from 1.
        target: Where it leads: as written, but without escapes and entities.
        is_angled: Whether it stands between `<` and `>`, where spaces may be.
    """

    start: int
    stop: int
    line: int
    target: str
    is_angled: bool = False


class Destinations(NamedTuple):
    """The destinations of a text.

    Attributes:
        placed: Those whose place is known, in order.
        unplaced: The targets of all others, such as those with a bar or a bracket, and the line that they stand near.
    """

    placed: tuple[Destination, ...]
    unplaced: tuple[tuple[str, int], ...]


def split_target(target: str) -> tuple[str, str]:
    """Cut a target into the path that it names, decoded, and the query and anchor as written.

    Args:
        target: Where a link leads.

    Returns:
        The path is empty where the target is an anchor of its own page or an address with a scheme or a host.
    """
    if is_elsewhere(target):
        return "", target
    path = re.split("[?#]", target, maxsplit=1)[0]
    return unquote(path), target[len(path) :]


def is_elsewhere(target: str) -> bool:
    """Return whether a target is an address with a scheme or a host."""
    return bool(_ELSEWHERE.match(target))


def find_destinations(text: str) -> Destinations:
    """Find the destinations of links, images, definitions and of HTML's `href` and `src`; none in code and comments.

    Args:
        text: Any Markdown.
    """
    candidates = list(_candidates(text))
    prefix = "destination"
    while prefix in text:
        prefix += "s"
    markers = {f"{prefix}{number}": candidate for number, candidate in enumerate(candidates)}
    marked = _marked(text, markers)
    placed: set[Destination] = set()
    unplaced: list[tuple[str, int]] = []
    marker = re.compile(rf"{prefix}\d+")
    for target, line in _targets(parse(_FOOTNOTE.sub(r"\1- ", marked)), marker):
        if (name := target.removesuffix("%20")) in markers:
            placed.add(markers[name])
        else:
            unplaced.append((marker.sub(lambda found: markers[found[0]].target, target), line))
    return Destinations(tuple(sorted(placed)), tuple(unplaced))


def _candidates(text: str) -> Iterator[Destination]:
    """Yield what may be a destination, in order and without overlaps."""
    after = 0
    line_starts = list(accumulate(map(len, split_lines(text)), initial=0))
    for found in sorted(chain(_markdown_candidates(text), _html_candidates(text))):
        if found.start >= after:
            yield found._replace(line=bisect_right(line_starts, found.start))
            after = found.stop


def _markdown_candidates(text: str) -> Iterator[Destination]:
    for before in _BEFORE.finditer(text):
        start = before.end()
        run = _RUN.match(text, start)
        limit = run.end() if run else start
        found = parseLinkDestination(text, start, limit)
        written = text[start : found.pos]
        is_angled = written.startswith("<")
        goes_on = found.pos == limit and text[limit : limit + 1] in _STRUCTURE and not is_angled
        if found.ok and written and not goes_on and not _MARK.fullmatch(written):
            yield Destination(start, found.pos, 0, found.str, is_angled)


def _html_candidates(text: str) -> Iterator[Destination]:
    for found in _ATTRIBUTE.finditer(text):
        start, stop = found.span(1)
        written = text[start:stop].strip("\"'")
        start += found[1].index(written)
        if written and _STRUCTURE.isdisjoint(written):
            yield Destination(start, start + len(written), 0, html.unescape(written))


def _marked(text: str, markers: Mapping[str, Destination]) -> str:
    pieces: list[str] = []
    after = 0
    for marker, place in markers.items():
        # A space would end a destination elsewhere, so it decides what the text around it is.
        spaced = f"{marker} " if " " in place.target else marker
        pieces += text[after : place.start], f"<{spaced}>" if place.is_angled else marker
        after = place.stop
    return "".join([*pieces, text[after:]])


def _targets(document: Document, marker: re.Pattern[str]) -> Iterator[tuple[str, int]]:
    yield from document.definitions.values()
    defined = {target for target, _ in document.definitions.values()}
    for inline in document.inlines:
        if inline.content.count("[") > MOST_BRACKETS:
            targets: Iterable[str] = marker.findall(inline.content)
        else:
            targets = _inline_targets(inline_tokens(inline.content, document.definitions))
        yield from ((target, inline.line) for target in targets if target not in defined)
    for block in document.html:
        yield from ((target, block.line) for target in _html_targets(block.content))


def _inline_targets(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "html_inline":
            yield from _html_targets(token.content)
        elif token.type in ("link_open", "image"):
            yield str(token.attrs.get("href", token.attrs.get("src", "")))


def _html_targets(content: str) -> Iterator[str]:
    for tag in _TAG.findall(_COMMENT.sub("", content)):
        for value in _ATTRIBUTE.findall(tag):
            yield html.unescape(value.strip("\"'"))
