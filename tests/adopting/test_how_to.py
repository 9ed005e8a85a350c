"""What the how-to shows happens: its documents, its commands, what they print, and its table of headings."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from groundplan.adopting.arrivals import arrivals
from groundplan.text.markdown import parse
from support.commands import COMMAND, host
from support.rendering import ROOT

PAGE = (ROOT / "docs/how-to/adopt.md").read_text("utf-8")
MARK = "<!-- Written by `make adopting`. -->\n"
_FILE = re.compile(r"`([^`\n]+)`:\n\n```\w+\n(.*?)```\n", re.DOTALL)
_EXAMPLE = re.compile(r"^\$ ([^\n]+)\n(.*?)(?=^\$ |\Z)", re.DOTALL | re.MULTILINE)


class Example(NamedTuple):
    command: str
    output: str


def examples(section: str) -> Iterator[Example]:
    for block in re.findall(r"^```console\n(.*?)^```$", section, re.DOTALL | re.MULTILINE):
        yield from (Example(*found.groups()) for found in _EXAMPLE.finditer(block))


def sections() -> dict[str, str]:
    """Return the sections that show commands, by their titles."""
    document = parse(PAGE)
    (page,) = document.root.sections
    texts = {part.title: "".join(document.lines[part.line : list(part.all_blocks())[-1].end]) for part in page.sections}
    return {title: text for title, text in texts.items() if list(examples(text))}


@pytest.fixture(scope="module")
def shop(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with all documents of the page, in which its commands run in their order."""
    files = {path: text for section in sections().values() for path, text in _FILE.findall(section)}
    return host(tmp_path_factory.mktemp("shop") / "harbor", {**files, "plans/interviews.md": "# Interviews\n"})


@pytest.mark.slow
@pytest.mark.parametrize("title", sections())
def test_example_prints_what_the_page_shows(template: Path, shop: Path, title: str) -> None:
    environment = {
        **os.environ,
        "PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}",
        "GROUNDPLAN": str(template),
        "VERSION": "v1.0.0",
    }
    for command, output in examples(sections()[title]):
        done = subprocess.run(
            ["bash", "-c", command], check=False, cwd=shop, env=environment, capture_output=True, text=True
        )
        shown = [line.rstrip() for line in done.stdout.splitlines()]
        assert (done.returncode, shown) == (0, output.splitlines()), done.stderr


def test_table_of_headings_is_the_one_that_the_code_uses() -> None:
    assert PAGE.partition(MARK)[2].strip() == arrivals().strip(), "run `make adopting`"
