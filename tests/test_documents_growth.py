"""Work of reading a document that grows with its length, and hardly faster: counted in calls, never by a clock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from groundplan.plan.document import read_page
from groundplan.plan.drawn_tree import read_tree
from groundplan.plan.front_matter import read_front_matter
from groundplan.text.markdown import parse

# What is repeated: openings that nothing closes, and closings that nothing opened, of everything that Markdown knows.
UNITS = [
    *("<a ", "<a\n", '<a href="', "<", "</", "<!-- ", "<!-- x\n", "--> ", "<?", "<![CDATA[", "<div>\n", "<https://"),
    *("[", "]", "[a](", "[a][", "![", "](", "[^1]", "[a]: b\n", "[ ] ", "(", "\\", "&", "&#"),
    *("`", "``a", "*", "**a", "_", "a*", "a_b", "- ", "- [ ] ", "> ", "1. a\n", "# a\n", "| ", "|a|b|\n", "a|b\n-|-\n"),
    *(
        "~~~\n",
        "```\n",
        "    a\n",
        "a\n\n",
        "<<<<<<< a\n",
        ">>>>>>> a\n",
        "├── a\n",
        "│   ",
        "{{",
        "\t",
        "  ",
        "@a ",
        "G1, ",
    ),
]
READERS: dict[str, Callable[[str], object]] = {
    "document": lambda text: read_page("a.md", parse(text)),
    "front matter": read_front_matter,
    "front matter list": lambda text: read_front_matter(f"labels: [{text}"),
    "tree": lambda text: read_tree(text, 1),
}
LENGTH = 1500


def calls(read: Callable[[str], object], text: str) -> int:
    """Count the calls of functions, those of Python's own in C among them, while a text is read."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        read(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
@pytest.mark.parametrize("reader", READERS)
def test_four_times_the_text_is_not_much_more_than_four_times_the_work(reader: str, unit: str) -> None:
    read = READERS[reader]
    once, four_times = (calls(read, unit * (length // len(unit))) for length in (LENGTH, 4 * LENGTH))
    assert four_times <= 5 * once + 1000, f"{once} calls became {four_times}"
