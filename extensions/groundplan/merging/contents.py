"""Tables of contents: an entry follows its heading, which is merged first."""

import re
from collections.abc import Iterable

from groundplan.merging.nodes import Node
from groundplan.merging.prose import three_way
from groundplan.merging.units import Unit

_LINK = re.compile(r"\[(.+)\]\(#(\S*)\)")
_NOT_IN_ANCHOR = re.compile(r"[^\w\- ]")


def anchor_of(title: str) -> str:
    """Return the anchor of a heading as GitHub makes it: lower case, no punctuation, hyphens for spaces."""
    return _NOT_IN_ANCHOR.sub("", title.casefold()).replace(" ", "-")


class Contents:
    """The headings that the entries of a table of contents lead to."""

    def __init__(self, sections: Iterable[Unit], kept: set[Unit]) -> None:
        """Note the sections of all versions, and which of them stay."""
        self._kept = kept
        self._ours: dict[str, Unit] = {}
        self._theirs: dict[str, Unit] = {}
        for section in sections:
            for node, known in ((section.ours, self._ours), (section.theirs, self._theirs)):
                if node and node.level:
                    known.setdefault(anchor_of(node.identity), section)

    def stays(self, entry: Unit) -> bool | None:
        """Return whether an entry stays, as its heading does; None where it is not an entry or leads nowhere known."""
        section = self._section(entry)
        return None if section is None else section in self._kept

    def text(self, entry: Unit) -> str | None:
        """Return an entry that both sides have in the words of its heading; None where it is none."""
        section = self._section(entry)
        if not section or not entry.ours or not entry.theirs or not section.ours or not section.theirs:
            return None
        titles = [node.identity if node else "" for node in section.nodes]
        if not titles[1] != titles[2] == three_way(*titles):
            return entry.ours.text
        # A person who calls a section something else in its entry than in its heading means it.
        own, anchors = _LINK.search(entry.ours.text), _LINK.search(entry.theirs.text)
        if own and anchors and own[1] != titles[1] and not (entry.base and entry.base.text == entry.ours.text):
            return f"{entry.ours.text[: own.start(2)]}{anchors[2]}{entry.ours.text[own.end(2) :]}"
        return entry.theirs.text

    def _section(self, entry: Unit) -> Unit | None:
        return _find(entry.ours, self._ours) or _find(entry.theirs, self._theirs)


def _find(entry: Node | None, sections: dict[str, Unit]) -> Unit | None:
    link = _LINK.fullmatch(entry.identity) if entry and entry.is_toc_entry else None
    return sections.get(link[2]) if link else None
