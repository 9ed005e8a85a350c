"""What adoption promises of any document: no line is lost, a tick stays a tick, a row stays a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from groundplan.adopting.adopt import Adoption, read_document
from groundplan.adopting.briefs import write_brief
from groundplan.adopting.headings import topics
from groundplan.adopting.sources import Part, Source
from hypothesis import given
from hypothesis import strategies as st
from support.rendering import copy_project

HEADINGS = sorted({name.rstrip("…") for topic in topics() for names in topic.headings.values() for name in names})
LABELS = sorted({name.rstrip("…") for topic in topics() for names in topic.labels.values() for name in names})
COLUMNS = sorted({n for t in topics() for fields in t.columns.values() for names in fields.values() for n in names})
WORD = re.compile(r"\bw\d+\b")


# Front matter as people write it: of an issue's form, of a proposal, with what is not YAML.
MATTERS = (
    "",
    "---\nname: Plan\ntitle: WORD\nlabels: a, b\n---\n",
    "---\nauthors:\n  - '@ada'\nsee-also: [WORD]\nreplaces:\n---\n",
    "---\nauthors:\n- @WORD\n---\n",
)


class Words:
    """Words that stand once in a document each, so that a test can tell which one got lost."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> str:
        self.count += 1
        return f"w{self.count}"


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Draw a document of known and unknown headings, with all that people write below them."""
    word = Words()
    texts = [draw(st.sampled_from(MATTERS)).replace("WORD", word())]
    texts += [f"# Project – Feature {word()}\n"] if draw(st.booleans()) else []
    texts += [f"**Status**: {word()} | **Owner**: {word()}\n", f"> Labels: {word()}\n"][: draw(st.integers(0, 2))]
    for _ in range(draw(st.integers(1, 5))):
        name = draw(st.sampled_from([*HEADINGS, "Weather days", "Cats and dogs"]))
        number = draw(st.sampled_from(["", "3. ", "🎯 "]))
        texts.append(f"{'#' * draw(st.integers(2, 4))} {number}{name}\n")
        texts += [draw(blocks(word)) for _ in range(draw(st.integers(0, 3)))]
    return "\n".join(texts)


@st.composite
def blocks(draw: st.DrawFn, word: Words) -> str:
    """Draw a block."""
    kind = draw(st.sampled_from("paragraph fact list list table fence quote comment definition".split()))
    texts: dict[str, Callable[[], str]] = {
        "paragraph": lambda: f"Some {word()} text.\nIt has {word()} lines.\n",
        "fact": lambda: f"{draw(labels())} {word()} of it\n",
        "list": lambda: "".join(draw(items(word, 0)) for _ in range(draw(st.integers(1, 3)))),
        "table": lambda: draw(tables(word)),
        "fence": lambda: f"```text\n# no heading {word()}\n```\n",
        "quote": lambda: f"> Somebody said {word()}\n",
        "comment": lambda: f"<!-- {word()} to do -->\n",
        "definition": lambda: f"See [the text][ref] of {word()}.\n\n[ref]: https://example.com/{word()}\n",
    }
    return texts[kind]()


@st.composite
def tables(draw: st.DrawFn, word: Words) -> str:
    columns = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=4, unique=True))
    rows = [[word() for _ in columns] for _ in range(draw(st.integers(1, 2)))]
    return "".join(f"| {' | '.join(row)} |\n" for row in [columns, ["---"] * len(columns), *rows])


@st.composite
def labels(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(LABELS))
    return draw(st.sampled_from([f"**{name}:**", f"{name}:", f"**{name}**"]))


@st.composite
def items(draw: st.DrawFn, word: Words, depth: int) -> str:
    """Draw an item, perhaps with a label, a box, and items below it."""
    marker = draw(st.sampled_from(["-", "*", "1."]))
    box = draw(st.sampled_from(["", "", "[ ] ", "[x] "]))
    label = f"{draw(labels())} " if draw(st.integers(0, 3)) == 0 else ""
    text = draw(st.sampled_from([f"do {word()}", f"{word()} – impact high – act {word()}", f"at {word()} 2026-01-31"]))
    indent = " " * (4 * depth)
    lines = f"{indent}{marker} {box}{label}{text}\n"
    if depth < 2:
        lines += "".join(draw(items(word, depth + 1)) for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))))
    return lines


@pytest.fixture(scope="module")
def rendered(template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A plan in which nothing is answered."""
    folder = copy_project(template, tmp_path_factory.mktemp("plain"))
    return (folder / "feature-plan.md").read_text("utf-8")


def read(text: str, base: str = "") -> Adoption:
    return read_document(Source("document", "feature", text, (Part("plan.md"),)), base)


def _records(value: Any) -> Iterator[dict[str, str]]:
    if isinstance(value, dict):
        yield value
        for below in value.values():
            yield from _records(below)
    elif isinstance(value, list):
        for below in value:
            yield from _records(below)


@given(documents())
def test_every_word_stands_in_the_plan_the_brief_or_a_field(rendered: str, text: str) -> None:
    adoption = read(text)
    lines = text.split("\n")
    claims = [claim for claim in adoption.reading.claims if claim.key == "title" or claim.key.startswith("(")]
    fields = [line for claim in claims for line in lines[claim.start : claim.stop]]
    told = "\n".join([adoption.plan(rendered), str(adoption.reading.answers), *fields])
    assert set(WORD.findall(text)) <= set(WORD.findall(told))


@given(documents())
def test_a_tick_stays_a_tick(rendered: str, text: str) -> None:
    adoption = read(text)
    plan = adoption.plan(rendered)
    brief = yaml.safe_load(write_brief(adoption.reading, str)) or {}
    told = [*plan.splitlines(), *(f"- {line}" for line in _texts(brief))]
    ticked = {word for line in told if re.search(r"\[[xX]\]|✓", line) for word in WORD.findall(line)}
    for line in text.splitlines():
        if re.match(r"\s*(?:[-*]|1\.) \[x\]", line):
            assert set(WORD.findall(line)) <= ticked, line


@given(documents())
def test_a_row_stays_a_row(rendered: str, text: str) -> None:
    adoption = read(text)
    rows = [set(WORD.findall(line)) for line in adoption.plan(rendered).splitlines() if line.startswith("|")]
    rows += [set(WORD.findall(str(record))) for record in _records(adoption.reading.answers)]
    for line in text.splitlines():
        if line.startswith("|") and (words := set(WORD.findall(line))):
            assert any(words <= row for row in rows), line


@given(documents())
def test_text_of_the_template_is_nobodys_answer(text: str) -> None:
    answers = dict(read(text, base=text).reading.answers)
    # Ticks are a person's, whatever the template says.
    answers.pop("tasks", None)
    assert not WORD.findall(str({key: value for key, value in answers.items() if key != "feature_name"}))


@given(st.text(max_size=200))
def test_any_text_below_a_heading_is_read(rendered: str, text: str) -> None:
    read(f"# Feature\n\n## Goals\n\n{text}\n").plan(rendered)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for below in value.values():
            yield from _texts(below)
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below)
    else:
        yield from str(value).splitlines()
