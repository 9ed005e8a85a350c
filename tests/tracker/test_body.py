"""A plan as the text of an issue."""

from urllib.parse import quote

import pytest
from groundplan.tracker.body import issue_text, linker

FOLDER = "docs/plan_docs/sign-in"


def page_of(path: str) -> str:
    return f"https://forge/{quote(path)}"


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("[a](b.md#c)", f"[a](https://forge/{FOLDER}/b.md#c)"),
        ("[a](#c)", f"[a](https://forge/{FOLDER}/plan.md#c)"),
        ("[a](../../../../../README.md)", "[a](https://forge/README.md)"),
        ("[a](/README.md?plain=1#L2)", "[a](https://forge/README.md?plain=1#L2)"),
        ("[a](b%20c.md)", f"[a](https://forge/{FOLDER}/b%20c.md)"),
        ('[a](<b c.md> "d")', f'[a](<https://forge/{FOLDER}/b%20c.md> "d")'),
        ("![a](\n  b.png)", f"![a](\n  https://forge/{FOLDER}/b.png)"),
        ('<img src="b.png">', f'<img src="https://forge/{FOLDER}/b.png">'),
        ("[a][b]\n\n[b]: c.md", f"[a][b]\n\n[b]: https://forge/{FOLDER}/c.md"),
    ],
)
def test_a_relative_link_leads_to_the_forge(text: str, linked: str) -> None:
    assert issue_text(text, linker(FOLDER, f"{FOLDER}/plan.md", page_of)) == f"{linked}\n"


@pytest.mark.parametrize(
    "text", ["[a](https://b/c.md)", "[a](mailto:b@c.org)", "`[a](b.md)`", "```md\n[a](b.md)\n```", r"\[a](b.md)"]
)
def test_an_address_and_what_is_not_a_link_stay(text: str) -> None:
    assert issue_text(text, linker(FOLDER, f"{FOLDER}/plan.md", page_of)) == f"{text}\n"
