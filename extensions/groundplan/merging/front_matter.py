"""Merge of front matter by key, and of one-line lists in it by element."""

import re
from collections.abc import Iterator

from groundplan.merging.nodes import Node
from groundplan.merging.prose import Clash, Part, is_filled_in, merge_lines, merge_words, three_way
from groundplan.merging.units import Unit, arrange, unite
from groundplan.text.markdown import FrontMatter

_KEY = re.compile(r"[^\s#:-][^:\n]*:(?=\s)")
_ELEMENT = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'|[^\s,\[\]{}"'#]+(?:[ \t]+[^\s,\[\]{}"'#]+)*""")
_LIST = re.compile(
    rf"([^\[\n]*\[)[ \t]*((?:(?:{_ELEMENT.pattern})(?:[ \t]*,[ \t]*(?:{_ELEMENT.pattern}))*)?)[ \t]*(\]\s*)"
)
_SCALAR = re.compile(r"[^:\n]*:[ \t]+([^\n]*)\n?")


def merge_front_matter(
    base: FrontMatter | None, ours: FrontMatter | None, theirs: FrontMatter | None, *, yielding: bool
) -> Iterator[Part]:
    """Merge three versions of a document's front matter, its fences included.

    Args:
        base: The common ancestor's, if it had any.
        ours: The user's.
        theirs: The template's.
        yielding: Whether the template yields where the user filled placeholders in.

    Yields:
        The lines, or what is in conflict of them.
    """
    whole = three_way(*(matter.text if matter else "" for matter in (base, ours, theirs)))
    if whole is not None:
        yield whole
    elif ours is None or theirs is None:
        # One side dropped what the other changed: what the user wrote stays, what the user took out does not come back.
        left = ours if yielding else ours or theirs
        yield left.text if left else ""
    else:
        entries = unite(*(_entries(matter) for matter in (base, ours, theirs)))
        yield ours.lines[0]
        for entry in arrange([entry for entry in entries if entry.stays(yielding=yielding)]):
            yield _merge_entry(entry, yielding=yielding)
        yield ours.lines[-1]


def _entries(matter: FrontMatter | None) -> list[Node]:
    """Cut front matter before each key at the start of a line."""
    texts: list[str] = []
    for line in matter.lines[1:-1] if matter else ():
        if _KEY.match(line) or not texts:
            texts.append("")
        texts[-1] += line
    return [Node(FrontMatter, text, "", order, _name(text)) for order, text in enumerate(texts)]


def _name(text: str) -> str:
    key = _KEY.match(text)
    return key[0] if key else ""


def _merge_entry(entry: Unit, *, yielding: bool) -> Part:
    base, ours, theirs = (node.text if node else "" for node in entry.nodes)
    if not ours or not theirs:
        return ours or theirs
    merged = three_way(base, ours, theirs)
    if merged is None:
        merged = _merge_values(base, ours, theirs, yielding=yielding)
    return Clash(base, ours, theirs) if merged is None else merged


def _merge_values(base: str, ours: str, theirs: str, *, yielding: bool) -> str | None:
    """Merge what follows a key; None where both sides gave it another value."""
    lists = [match for text in (base, ours, theirs) if (match := _LIST.fullmatch(text))]
    if len(lists) == 3:
        elements = unite(*(_elements(match[2]) for match in lists))
        kept = [unit.shown.text for unit in arrange([unit for unit in elements if _stands(unit)])]
        return f"{lists[1][1]}{', '.join(kept)}{lists[1][3]}"
    scalars = [match for text in (base, ours, theirs) if (match := _SCALAR.fullmatch(text))]
    if len(scalars) < 3:
        return merge_lines(base, ours, theirs)
    if yielding and is_filled_in(scalars[0][1], scalars[1][1]):
        return ours
    # Words of a quoted and of a plain value put together would be no value at all.
    is_quoted_alike = len({match[1][:1] if match[1][:1] in ("'", '"') else "" for match in scalars}) == 1
    return merge_words(base, ours, theirs, yielding=yielding) if is_quoted_alike else None


def _elements(text: str) -> list[Node]:
    names = _ELEMENT.findall(text)
    return [Node(FrontMatter, name, "", order, name) for order, name in enumerate(names)]


def _stands(element: Unit) -> bool:
    """Say whether no side took the element out of a list."""
    return element.base is None or None not in (element.ours, element.theirs)
