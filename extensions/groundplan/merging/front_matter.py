"""Merge of front matter, which a template writes as a form: by key, lists by element, nested keys likewise."""

from collections.abc import Iterator, Sequence

from groundplan.merging.form_values import Value, element_name, key_of, margin, read_value, split_entries
from groundplan.merging.indentation import indent
from groundplan.merging.nodes import Node, flat
from groundplan.merging.placeholders import is_filled_in, is_replaced
from groundplan.merging.prose import Clash, Part, merge_lines, merge_words, three_way
from groundplan.merging.units import Unit, arrange, unite
from groundplan.text.blocks import FrontMatter, Html, split_lines


def merge_front_matter(
    base: FrontMatter | None, ours: FrontMatter | None, theirs: FrontMatter | None, *, yielding: bool
) -> Iterator[Part]:
    """Merge three versions of a document's front matter, its fences included.

    Args:
        base: The common ancestor's, if it had any.
        ours: The user's.
        theirs: The template's.
        yielding: Whether the template yields where the user filled the form in.

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
        yield ours.lines[0]
        b, o, t = (matter.lines[1:-1] if matter else () for matter in (base, ours, theirs))
        yield from _merge_lines(b, o, t, yielding)
        yield ours.lines[-1]


def _merge_lines(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], yielding: bool) -> Iterator[Part]:
    entries = unite(*(_entries(lines) for lines in (base, ours, theirs)))
    for entry in arrange([entry for entry in entries if entry.stays(yielding=yielding)]):
        yield _merge_entry(entry, yielding=yielding)


def _entries(lines: Sequence[str]) -> list[Node]:
    """Make a node of each key with its value, known by the key, and of the comments between, known by their words."""
    return [
        Node(FrontMatter if key_of(text) else Html, text, "", order, key_of(text) or flat(text))
        for order, text in enumerate(split_entries(lines))
    ]


def _merge_entry(entry: Unit, *, yielding: bool) -> Part:
    base, ours, theirs = (node.text if node else "" for node in entry.nodes)
    if not ours or not theirs:
        return ours or theirs
    merged = three_way(base, ours, theirs)
    if merged is None and entry.shown.kind is Html:
        merged = ours if yielding else merge_lines(base, ours, theirs)
    elif merged is None:
        merged = _merge_values(read_value(base) if base else None, read_value(ours), read_value(theirs), yielding)
    return Clash(base, ours, theirs) if merged is None else merged


def _merge_values(base: Value | None, ours: Value, theirs: Value, yielding: bool) -> str | None:
    """Merge what follows a key; None where both sides gave it another value."""
    if not base:
        return ours.text if yielding or ours.meaning == theirs.meaning else None
    if base.form == ours.form == theirs.form == "mapping":
        return _merge_mappings(base, ours, theirs, yielding)
    if theirs.meaning in (base.meaning, ours.meaning):
        return ours.text
    if {base.form, ours.form, theirs.form} == {"list"}:
        return _merge_lists(base, ours, theirs, yielding)
    if ours.meaning == base.meaning:
        return theirs.text if ours.comment in (base.comment, theirs.comment) else theirs.with_comment(ours.comment)
    is_form = yielding and (base.is_waiting or theirs.is_waiting)
    return ours.text if is_form else _merge_scalars(base, ours, theirs, yielding)


def _merge_mappings(base: Value, ours: Value, theirs: Value, yielding: bool) -> str | None:
    """Merge nested keys, indented as the user has them; None where any of them is in conflict."""
    own = margin(ours.body)
    b, o, t = (split_lines(indent("".join(value.body), margin(value.body), own)) for value in (base, ours, theirs))
    parts = list(_merge_lines(b, o, t, yielding))
    if any(isinstance(part, Clash) for part in parts):
        return None
    first, *_ = split_lines(ours.text)
    return "".join([first, *map(str, parts)])


def _merge_scalars(base: Value, ours: Value, theirs: Value, yielding: bool) -> str | None:
    if yielding and (is_filled_in(base.inline, ours.inline) or is_replaced(base.inline, ours.inline)):
        return ours.text
    if any(value.body for value in (base, ours, theirs)):
        return merge_lines(base.text, ours.text, theirs.text)
    # Words of a quoted and of a plain value put together would be no value at all.
    quotes = {value.inline[:1] if value.inline[:1] in ("'", '"') else "" for value in (base, ours, theirs)}
    return merge_words(base.text, ours.text, theirs.text, yielding=yielding) if len(quotes) == 1 else None


def _merge_lists(base: Value, ours: Value, theirs: Value, yielding: bool) -> str:
    """Merge lists by element, written as the user wrote theirs; elements that wait to be filled in add nothing."""
    elements = unite(*(_elements(value) for value in (base, ours, theirs)))
    if yielding and (base.is_waiting or 2 * sum(bool(e.base and e.ours) for e in elements) < len(base.elements)):
        return ours.text
    kept = arrange([element for element in elements if _stands(element)])
    if yielding and ours.elements:
        kept = [
            element for element in kept if element.ours or not read_value(f"x: {element.shown.identity}").is_waiting
        ]
    return ours.with_elements([element.shown.text for element in kept])


def _elements(value: Value) -> list[Node]:
    return [Node(FrontMatter, text, "", order, element_name(text)) for order, text in enumerate(value.elements)]


def _stands(element: Unit) -> bool:
    """Return whether no side took the element out of a list."""
    return element.base is None or None not in (element.ours, element.theirs)
