"""Plans, and edits of plans, for property tests.

What a user writes bears words that start with `my`, what the template writes words that start with `its`, each with a
number of its own, so that a test can tell what got lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

WORDS = "agree budget cache deploy error flag graph handle index join keep limit merge name order plan query".split()


@dataclass(frozen=True)
class Item:
    text: str
    tick: str = " "
    nested: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Section:
    title: str
    guidance: str = ""
    prose: str = ""
    items: tuple[Item, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Plan:
    matter: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


def write(plan: Plan) -> str:
    """Write a plan as Markdown."""
    matter = "".join(f"{key}: {value}\n" for key, value in plan.matter)
    return f"---\n{matter}---\n\n# Plan\n\n" + "\n".join(write_section(section) for section in plan.sections)


def write_section(section: Section) -> str:
    lines = [section.columns, ("---",) * len(section.columns), *section.rows]
    blocks = [
        f"## {section.title}\n",
        section.guidance and f"<!-- {section.guidance} -->\n",
        section.prose and f"{section.prose}\n",
        "".join(write_item(item) for item in section.items),
        "".join(f"| {' | '.join(line)} |\n" for line in lines) if section.columns else "",
    ]
    return "\n".join(block for block in blocks if block)


def write_item(item: Item, depth: int = 0) -> str:
    head = f"{'  ' * depth}- [{item.tick}] {item.text}\n"
    return head + "".join(write_item(nested, depth + 1) for nested in item.nested)


texts = st.lists(st.sampled_from(WORDS), min_size=3, max_size=9).map(" ".join)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a plan whose texts are told apart by numbers, as people tell them apart by meaning."""
    sections = []
    for number in range(draw(st.integers(1, 4))):
        nested = tuple(Item(f"{draw(texts)} sub{number}{n}") for n in range(draw(st.integers(0, 2))))
        items = [Item(f"{draw(texts)} item{number}{n}") for n in range(draw(st.integers(0, 4)))]
        if items:
            items[0] = replace(items[0], nested=nested)
        columns = ("Risk", "Impact", "Owner")[: draw(st.sampled_from([0, 2, 3]))]
        rows = tuple((f"row{number}{n}", "[Impact]", "[Owner]")[: len(columns)] for n in range(2))
        section = Section(
            f"Section{number} {draw(texts)}",
            f"{draw(texts)} guidance{number}" if draw(st.booleans()) else "",
            f"{draw(texts)} prose{number}" if draw(st.booleans()) else "",
            tuple(items),
            columns,
            rows if columns else (),
        )
        sections.append(section)
    return Plan((("title", "Plan"), ("status", "draft"), ("owner", "[Owner]")), tuple(sections))


Change = Callable[[Section, int, str], Section]


def _at(items: Sequence[Item], number: int, change: Callable[[Item], Item]) -> tuple[Item, ...]:
    return tuple(change(item) if n == number % len(items) else item for n, item in enumerate(items))


def tick(section: Section, number: int, word: str) -> Section:
    return replace(section, items=_at(section.items, number, lambda item: replace(item, tick="x")))


def reword_item(section: Section, number: int, word: str) -> Section:
    return replace(section, items=_at(section.items, number, lambda item: replace(item, text=f"{item.text} {word}")))


def insert_item(section: Section, number: int, word: str) -> Section:
    place = number % (len(section.items) + 1)
    return replace(section, items=(*section.items[:place], Item(f"{word} own item"), *section.items[place:]))


def insert_nested(section: Section, number: int, word: str) -> Section:
    return replace(
        section,
        items=_at(
            section.items, number, lambda item: replace(item, nested=(*item.nested, Item(f"{word} nested item")))
        ),
    )


def drop_item(section: Section, number: int, word: str) -> Section:
    place = number % max(len(section.items), 1)
    return replace(section, items=section.items[:place] + section.items[place + 1 :])


def reword_guidance(section: Section, number: int, word: str) -> Section:
    return replace(section, guidance=section.guidance and f"{section.guidance} {word}")


def drop_guidance(section: Section, number: int, word: str) -> Section:
    return replace(section, guidance="")


def reword_prose(section: Section, number: int, word: str) -> Section:
    words = section.prose.split()
    return replace(section, prose=" ".join([*words[: number % 4], word, *words[number % 4 :]]))


def answer(section: Section, number: int, word: str) -> Section:
    return replace(section, guidance="", prose=f"{word} is how we do it")


def rename(section: Section, number: int, word: str) -> Section:
    return replace(section, title=f"{section.title} {word}")


def fill_cell(section: Section, number: int, word: str) -> Section:
    rows = [list(row) for row in section.rows]
    if rows:
        rows[number % len(rows)][-1] = word
    return replace(section, rows=tuple(map(tuple, rows)))


def add_row(section: Section, number: int, word: str) -> Section:
    return replace(section, rows=(*section.rows, (word, *section.columns[1:]))) if section.columns else section


def add_column(section: Section, number: int, word: str) -> Section:
    rows = tuple((*row, f"[{word}]") for row in section.rows)
    return replace(section, columns=(*section.columns, word), rows=rows) if section.columns else section


USER: list[Change] = [
    tick,
    tick,
    reword_item,
    insert_item,
    insert_nested,
    drop_item,
    drop_guidance,
    reword_prose,
    answer,
]
USER += [rename, fill_cell, add_row]
TEMPLATE: list[Change] = [insert_item, insert_nested, reword_item, drop_item, reword_guidance, drop_guidance]
TEMPLATE += [reword_prose, rename, add_column, add_row]


@st.composite
def edits(draw: st.DrawFn, plan: Plan, changes: Sequence[Change], prefix: str) -> Plan:
    """Draw an edited version of a plan; each edit writes a word of its own."""
    sections = list(plan.sections)
    for serial in range(draw(st.integers(0, 5))):
        word = f"{prefix}{serial}"
        place = draw(st.integers(0, len(sections)))
        if place == len(sections) or draw(st.integers(0, 9)) == 0:
            sections.insert(place, Section(f"{word} section", prose=f"{word} text"))
        elif changes is TEMPLATE and draw(st.integers(0, 19)) == 0:
            del sections[place]
        else:
            sections[place] = draw(st.sampled_from(changes))(sections[place], draw(st.integers(0, 5)), word)
    return replace(plan, sections=tuple(sections))


@st.composite
def versions(draw: st.DrawFn) -> tuple[str, str, str]:
    """Draw a plan, what a user made of it, and what its template has become."""
    base = draw(plans())
    return write(base), write(draw(edits(base, USER, "my"))), write(draw(edits(base, TEMPLATE, "its")))


LINES = """\
# A;## B;## C;---;===;- a;- [ ] t;- [x] t;  - n;    - deep;1. one;2. two;> q;```;| a | b |;|---|---|;| 1 | 2 |;| 3 | [x]
<!-- c;more -->;-->;<div>;[r]: /u;text one two three;other words here;    code;;;-;***;* star;a: b;- b: c;[Goal]
"""
lines = st.lists(st.sampled_from(LINES.replace("\n", ";").split(";")), max_size=25)


@st.composite
def any_texts(draw: st.DrawFn) -> tuple[str, str, str]:
    """Draw three versions of any text: lines of Markdown in any order, with lines taken out and put in."""
    base = draw(lines)
    sides = [list(base), list(base)]
    for serial, side in enumerate(sides):
        for number in range(draw(st.integers(0, 5))):
            place = draw(st.integers(0, len(side)))
            new = draw(
                st.sampled_from([*LINES.split(";"), f"own{serial}{number} words", f"- own{serial}{number} item"])
            )
            side[place : place + draw(st.integers(0, 2))] = [new.strip("\n")]
    ending = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    base_text, ours, theirs = (ending.join(side) + draw(st.sampled_from(["", ending])) for side in (base, *sides))
    return base_text, ours, theirs
