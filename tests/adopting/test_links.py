"""Relative links of a document that moves lead to the same files as before."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from groundplan.adopting.links import rewrite
from groundplan.text.destinations import find_destinations
from groundplan.text.markdown import parse
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

FILES = ["brief.md", "a b.md", "img.png", "ü(1).md", "a&b.md", "c:d.md", "100%.md", "sub/deep.md", "it's.md"]
OLD, NEW = Path("plans/2026"), Path("docs/plan_docs/swap")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    (root / ".git").mkdir()
    (root / NEW).mkdir(parents=True)
    for name in FILES:
        file = root / OLD / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return root


def moved(root: Path, text: str) -> str:
    return rewrite(text, root / OLD, root / NEW)[0]


def left(root: Path, text: str) -> list[tuple[int, str]]:
    return [(link.line, link.target) for link in rewrite(text, root / OLD, root / NEW)[1]]


UP = "../../../plans/2026"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[a](brief.md)", f"[a]({UP}/brief.md)"),
        ("[a](./brief.md#goals 'Title')", f"[a]({UP}/brief.md#goals 'Title')"),
        ("[a](brief.md?plain=1&x#L3)", f"[a]({UP}/brief.md?plain=1&x#L3)"),
        ("[a](<a b.md>)", f"[a](<{UP}/a b.md>)"),
        ("[a](a%20b.md)", f"[a]({UP}/a%20b.md)"),
        ("[a](ü(1).md)", f"[a]({UP}/ü%281%29.md)"),
        ("[a](a&amp;b.md)", f"[a]({UP}/a%26b.md)"),
        ("[a](./c:d.md)", f"[a]({UP}/c:d.md)"),
        ("[a](100%25.md)", f"[a]({UP}/100%25.md)"),
        ("[a](sub/)", f"[a]({UP}/sub/)"),
        ("[a](../../docs/)", "[a](../../)"),
        ("[a](\nbrief.md)", f"[a](\n{UP}/brief.md)"),
        ("![a](img.png)", f"![a]({UP}/img.png)"),
        ("[![a](img.png)](brief.md)", f"[![a]({UP}/img.png)]({UP}/brief.md)"),
        ("[a][b]\n\n[b]: brief.md 'Title'", f"[a][b]\n\n[b]: {UP}/brief.md 'Title'"),
        ("[a][b]\r\n\r\n[b]:\r\n  brief.md", f"[a][b]\r\n\r\n[b]:\r\n  {UP}/brief.md"),
        ("text[^1]\n\n[^1]: [a](brief.md)", f"text[^1]\n\n[^1]: [a]({UP}/brief.md)"),
        ("- > 1. [a](brief.md)", f"- > 1. [a]({UP}/brief.md)"),
        ("| a |\n|---|\n| [a](brief.md) |", f"| a |\n|---|\n| [a]({UP}/brief.md) |"),
        ("# [a](brief.md)", f"# [a]({UP}/brief.md)"),
        ("<img alt='x' src='img.png'>", f"<img alt='x' src='{UP}/img.png'>"),
        ('<p>\n<a href="brief.md#x">a</a>\n</p>', f'<p>\n<a href="{UP}/brief.md#x">a</a>\n</p>'),
        ("a <img src=img.png> b", f"a <img src={UP}/img.png> b"),
        ('<img src="it&#39;s.png"> <img src="it&#39;s.md">', f'<img src="it&#39;s.png"> <img src="{UP}/it%27s.md">'),
    ],
)
def test_link_leads_to_the_same_file(repository: Path, before: str, after: str) -> None:
    assert moved(repository, before) == after


@pytest.mark.parametrize(
    "text",
    [
        "`[a](brief.md)`",
        "```\n[a](brief.md)\n```",
        "    [a](brief.md)",
        "text\n\n- item\n\n      [a](brief.md)",
        "<!-- [a](brief.md) <img src='img.png'> -->",
        "\\[a](brief.md) and src='img.png'",
        "[a](#anchor) [b](?query) [c]() [d](/docs/x.md)",
        "[a](https://example.org/brief.md) [b](//example.org/brief.md) [c](mailto:a@example.org) <https://example.org>",
        "[a](brief.md",
        "---\nlink: '[a](brief.md)'\n---\n",
        "[ ] and [x] brief.md",
    ],
)
def test_what_is_no_relative_link_stays(repository: Path, text: str) -> None:
    assert rewrite(text, repository / OLD, repository / NEW) == (text, ())


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("ok\n\n[a](nope.md) [b](brief.md)", [(3, "nope.md")]),
        ("[a]: nope.md\n", [(1, "nope.md")]),
        ("<img src='nope.png'>", [(1, "nope.png")]),
        ("[a](../../../outside.md)", [(1, "../../../outside.md")]),
        ("[a](../../../../../../../etc/passwd)", [(1, "../../../../../../../etc/passwd")]),
        ("[a](x[1].md)", [(1, "x%5B1%5D.md")]),
    ],
)
def test_link_that_cannot_be_rewritten_is_listed_and_stays(
    repository: Path, text: str, listed: list[tuple[int, str]]
) -> None:
    assert left(repository, text) == listed
    assert all(target in moved(repository, text) or "%5B" in target for _, target in listed)


def test_link_out_of_the_repository_is_listed_alike_whether_it_leads_somewhere(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    (tmp_path / "secret.md").touch()
    there, nowhere = (rewrite(f"[a](../{name}.md)", root, root / NEW)[1][0] for name in ("secret", "absent"))
    assert there.reason == nowhere.reason


def test_link_that_starts_nobody_knows_where_is_listed(repository: Path) -> None:
    text = "[a](brief.md) [b](#anchor) [c](https://example.org)"
    new, listed = rewrite(text, None, repository / NEW)
    assert (new, [link.target for link in listed]) == (text, ["brief.md"])


def test_folder_that_does_not_change_changes_nothing(repository: Path) -> None:
    text = "[a](./brief.md) <img src='sub/../img.png'>"
    assert rewrite(text, repository / OLD, repository / OLD) == (text, ())


def targets(text: str, folder: Path) -> Iterator[str]:
    """Yield the files that a document links to, as a reader of the page gets them."""
    for token in _flat(MarkdownIt("commonmark").enable("table").parse(text)):
        target = token.attrs.get("href") or token.attrs.get("src")
        if target:
            path, mark, anchor = unquote(str(target)).partition("#")
            yield os.path.normpath(folder / path) + mark + anchor


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])


LINKS = [
    "[t](brief.md)",
    "![t](<a b.md>)",
    "[t](ü(1).md#x)",
    '[t](a%20b.md "t")',
    "[t][r]",
    "[![t](img.png)](sub/deep.md)",
    "`[t](brief.md)`",
    "`",
    "\\",
    "*",
    "[t](a&b.md)",
    "[",
    "](",
    "]: ",
    "<!--",
    "-->",
    "[t](./c:d.md)",
]
STARTS = ["", "- ", "> ", "    ", "# ", "| ", "```\n", "1. ", "[r]: ", "[r]: 100%25.md\n", "|---|---|\n", "\n", "\n"]
LINES = st.builds(
    lambda start, words: start + "".join(words), st.sampled_from(STARTS), st.lists(st.sampled_from(LINKS))
)
TEXTS = st.lists(LINES).map("\n".join)


@given(TEXTS)
def test_every_link_of_any_text_leads_where_it_led(repository: Path, text: str) -> None:
    new, listed = rewrite(text, repository / OLD, repository / NEW)
    kept = {os.path.normpath(repository / OLD / unquote(link.target).partition("#")[0]) for link in listed}
    before = list(targets(text, repository / OLD))
    after = list(targets(new, repository / NEW))
    assert len(before) == len(after)
    assert [
        pair for pair in zip(before, after, strict=True) if pair[0].partition("#")[0] not in kept and pair[0] != pair[1]
    ] == []


@given(TEXTS)
def test_nothing_but_destinations_changes(repository: Path, text: str) -> None:
    new = moved(repository, text)
    assert len(parse(new).lines) == len(parse(text).lines)
    assert without_destinations(new) == without_destinations(text)


def without_destinations(text: str) -> str:
    for place in reversed(find_destinations(text).placed):
        text = f"{text[: place.start]}…{text[place.stop :]}"
    return text


@given(st.text(alphabet="[]()<>!`\\\n: a\"'#|-src=href&;^"))
def test_broken_markdown_keeps_its_text(repository: Path, text: str) -> None:
    assert len(moved(repository, text).splitlines()) == len(text.splitlines())
