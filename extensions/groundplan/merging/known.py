"""What is no news to the person: what the base had anywhere, and what stands in their document in any form."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from groundplan.merging.nodes import MARK, Node, flat, words_in
from groundplan.text.blocks import Reference, Section

# The title of an item or a paragraph: what it begins with in bold, or its first sentence where more follows.
_LEAD = re.compile(r"\s*(?:\*\*(.+?)\*\*|__(.+?)__|([^\n?]{8,200}\?)(?=\s)|([^\n:.]{8,120}[:.])(?=\s*\n))", re.DOTALL)
# So many words in a row do not meet again by chance.
_RUN = 4
# The share of a text's words from which the text is known.
_MOSTLY = 0.6
_COMMENT = re.compile(r"(\s*<!--[ \t]*\n?)(.*?)(\n?[ \t]*-->\s*)", re.DOTALL)
# Where a text can be cut: between paragraphs, and behind a line that ends a sentence.
_CUT = re.compile(r"(\n(?:[ \t]*\n)+|(?<=[.?!:])\n)")
_SAME_TITLE = 0.75
_TITLE_RUN = 3

Words = Sequence[str]
_Content = tuple[type[object], str]


def title_of(node: Node) -> str:
    """Return what a section, an item or a paragraph is called; nothing where it has no title."""
    if node.kind is Section:
        return node.identity
    mark = MARK.match(node.text)
    lead = _LEAD.match(node.text, mark.end() if mark else 0)
    return next(group for group in lead.groups() if group) if lead else ""


class _Runs:
    """The runs of words that some texts hold, and those that other texts held, but for what some of them let go."""

    def __init__(
        self, length: int, have: Iterable[Words], had: Iterable[Words] = (), let_go: Iterable[Words] = ()
    ) -> None:
        self._length = length
        self._known = self._of(have)
        if lost := self._of(had):
            self._known |= lost - self._of(let_go)

    def _of(self, texts: Iterable[Words]) -> set[tuple[str, ...]]:
        joined: list[str] = []
        for words in texts:
            # No word is a line's end: what a run has beyond the end of a text meets nothing.
            joined += words
            joined.append("\n")
        return set(self._cut(joined))

    def _cut(self, words: Words) -> Iterable[tuple[str, ...]]:
        return zip(*(words[number:] for number in range(self._length)), strict=False)

    def covered(self, words: Words) -> int:
        """Count the words that are in runs known here."""
        runs = list(self._cut(words))
        if self._known.isdisjoint(runs):
            return 0
        count = end = 0
        for start, run in enumerate(runs):
            if run in self._known:
                count += start + len(run) - max(start, end)
                end = start + len(run)
        return count


def _content(node: Node) -> _Content:
    return node.kind, flat(node.whole)


class Known:
    """What stands in the person's document when all is merged, and what they took out of the base."""

    def __init__(
        self, base: Iterable[Node], ours: Iterable[Node], leaving: Iterable[Node], theirs: Iterable[Node]
    ) -> None:
        """Read what the versions say.

        Args:
            base: All nodes of the base.
            ours: All nodes of the user's version that stay.
            leaving: All nodes of the user's version that go, as the template dropped them and nobody edited them.
            theirs: All nodes of the template's version.
        """
        here, go = list(ours), list(leaving)
        self._ours, self._theirs = here, theirs
        # What stands in the user's version too says nothing of its own, whether it stays or goes.
        same = {(node.kind, node.text) for node in (*here, *go)}
        gone = [node for node in base if (node.kind, node.text) not in same]
        self._sides = here, gone, go

    @cached_property
    def _text(self) -> _Runs:
        return _Runs(_RUN, *((node.said for node in side) for side in self._sides))

    @cached_property
    def _titles(self) -> _Runs:
        titles = ({title_of(node) for node in side} for side in self._sides)
        return _Runs(_TITLE_RUN, *(map(words_in, side) for side in titles))

    @cached_property
    def _counts(self) -> tuple[Counter[_Content], Counter[_Content]]:
        """How often each unit stands in the person's document, and in the template's."""
        return Counter(map(_content, self._ours)), Counter(map(_content, self._theirs))

    @cached_property
    def _running_text(self) -> str:
        """What stays of the person's document, but for reference definitions, with each unit on a line."""
        return "\n".join(flat(node.text) for node in self._ours if node.kind is not Reference).casefold()

    def news_in(self, text: str, beside: str = "") -> str:
        """Leave out the paragraphs and sentences of a comment or another text that are no news.

        Args:
            text: A text of the template.
            beside: What the other versions have of it; paragraphs that stand there too are left in.
        """
        if not self._text.covered(words_in(text)):
            return text
        head, pieces, tail = _pieces(text)
        there = _Runs(_RUN, [words_in(beside)])
        news = [piece for piece in pieces if not self._is_old(words_in(piece[1]), there)]
        if len(news) == len(pieces):
            return text
        return head + "".join(gap + piece for gap, piece in news).strip("\n") + (tail or "\n")

    def _is_old(self, words: Words, there: _Runs) -> bool:
        return self._has_words(words) and there.covered(words) < _MOSTLY * len(words)

    def has_as_often(self, node: Node) -> bool:
        """Return whether the very same unit stands in the person's document, and as often as in the template's."""
        content, (ours, theirs) = _content(node), self._counts
        return len(words_in(content[1])) > 1 and ours[content] >= theirs[content]

    def refers_to(self, definition: Node) -> bool:
        """Return whether a reference definition's label stands in what stays of the person's document."""
        return f"[{definition.identity}]".casefold() in self._running_text

    def has(self, node: Node) -> bool:
        """Return whether a unit of the template stands in the person's document already or was taken out of it."""
        return self.has_title(node) or self.has_text(node)

    def has_title(self, node: Node) -> bool:
        """Return whether a unit's title is one there, or was one before it was taken out."""
        words = words_in(title_of(node))
        if len(words) < _TITLE_RUN:
            return False
        return self._titles.covered(words) >= _SAME_TITLE * len(words)

    def has_text(self, node: Node) -> bool:
        """Return whether most of a unit's words are there, or were before they were taken out."""
        covered = self._text.covered(node.said)
        if not covered:
            return False
        return covered >= _MOSTLY * len(node.said) or all(map(self._says_nothing_new, _pieces(node.text)[1]))

    def _says_nothing_new(self, piece: tuple[str, str]) -> bool:
        words = words_in(piece[1])
        return not words or self._has_words(words)

    def _has_words(self, words: Words) -> bool:
        return len(words) >= _RUN and self._text.covered(words) >= _MOSTLY * len(words)


def _pieces(text: str) -> tuple[str, list[tuple[str, str]], str]:
    """Cut a text into its paragraphs and sentences, each with the gap before it, and a comment's marks around them."""
    match = _COMMENT.fullmatch(text)
    if not match and text.lstrip().startswith("<"):
        return "", [("", text)], ""
    head, body, tail = match.groups() if match else ("", text, "")
    first, *rest = _CUT.split(body)
    return head, [("", first), *zip(rest[::2], rest[1::2], strict=True)], tail


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield nodes with all that stands in them."""
    for node in nodes:
        yield node
        yield from walk(node.children)
