"""What is no news to the person: what the base had anywhere, and what stands in their document in any form."""

import re
from collections.abc import Iterable, Iterator, Sequence

from groundplan.merging.nodes import Node
from groundplan.text.blocks import Section

_WORD = re.compile(r"\w+")
_MARK = re.compile(r"^[ \t>]*(?:[-*+]|\d+[.)]|#{1,6})[ \t]+(?:\[[ xX]\](?=\s))?", re.MULTILINE)
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


def words_in(text: str) -> list[str]:
    """Return a text's words, without case, punctuation and the marks of lists, boxes, headings and quotations."""
    return _WORD.findall(_MARK.sub("", text).casefold())


def title_of(node: Node) -> str:
    """Return what a section, an item or a paragraph is called; nothing where it has no title."""
    if node.kind is Section:
        return node.identity
    lead = _LEAD.match(_MARK.sub("", node.text, count=1))
    return next(group for group in lead.groups() if group) if lead else ""


class _Runs:
    """The runs of words that some texts hold."""

    def __init__(self, texts: Iterable[Words], length: int = _RUN) -> None:
        self._length = length
        self.runs: set[tuple[str, ...]] = set()
        for words in texts:
            self.runs.update(self.cut(words))

    def with_runs(self, runs: set[tuple[str, ...]]) -> "_Runs":
        self.runs = runs
        return self

    def cut(self, words: Words) -> Iterator[tuple[str, ...]]:
        """Return the runs of a text in order; a short one is a run of its own."""
        if words:
            tails = (words[number:] for number in range(min(self._length, len(words))))
            yield from zip(*tails, strict=False)

    def covered(self, words: Words) -> int:
        """Count the words that are in runs known here."""
        count = end = 0
        for start, run in enumerate(self.cut(words)):
            if run in self.runs:
                count += start + len(run) - max(start, end)
                end = start + len(run)
        return count


class Known:
    """What stands in the person's document when all is merged, and what they took out of the base."""

    def __init__(self, base: Iterable[Node], ours: Iterable[Node], leaving: Iterable[Node]) -> None:
        """Read what the versions say.

        Args:
            base: All nodes of the base.
            ours: All nodes of the user's version that stay.
            leaving: All nodes of the user's version that go, as the template dropped them and nobody edited them.
        """
        sides = [list(side) for side in (base, ours, leaving)]
        had, have, go = (_Runs(words_in(node.text) for node in side).runs for side in sides)
        self._text = _Runs(()).with_runs(have | (had - go))
        had, have, go = (_Runs((words_in(title_of(node)) for node in side), _TITLE_RUN).runs for side in sides)
        self._titles = _Runs((), _TITLE_RUN).with_runs(have | (had - go))
        self._keys = {node.key for node in sides[1]}

    def news_in(self, text: str, beside: str = "") -> str:
        """Leave out the paragraphs and sentences of a comment or another text that are no news.

        Args:
            text: A text of the template.
            beside: What the other versions have of it; paragraphs that stand there too are left in.
        """
        match = _COMMENT.fullmatch(text)
        head, body, tail = match.groups() if match else ("", text, "")
        first, *rest = _CUT.split(body)
        pieces = [("", first), *zip(rest[::2], rest[1::2], strict=True)]
        there = _Runs([words_in(beside)]) if beside else None
        news = [piece for piece in pieces if not self._is_old(words_in(piece[1]), there)]
        if len(news) == len(pieces):
            return text
        return head + "".join(gap + piece for gap, piece in news).strip("\n") + (tail or "\n")

    def _is_old(self, words: Words, there: _Runs | None) -> bool:
        is_there = there is not None and there.covered(words) >= _MOSTLY * len(words)
        return not is_there and self._has_words(words)

    def has_same(self, node: Node) -> bool:
        """Return whether the very same unit stands in the person's document."""
        return node.key in self._keys and len(words_in(node.identity)) > 1

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
        words = words_in(node.text)
        return self._has_words(words) or (bool(words) and not words_in(self.news_in(node.text)))

    def _has_words(self, words: Words) -> bool:
        return len(words) >= _RUN and self._text.covered(words) >= _MOSTLY * len(words)


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield nodes with all that stands in them."""
    for node in nodes:
        yield node
        yield from walk(node.children)
