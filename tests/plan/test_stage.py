"""A plan's status is changed where it stands, and nothing else is."""

from __future__ import annotations

import re

from groundplan.plan.front_matter import STATUSES, Approval
from groundplan.plan.stage import front_matter_of, with_approval, with_status, with_status_line
from hypothesis import given
from hypothesis import strategies as st

LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
# What people may keep beside the status: other keys, lists over lines, remarks.
ENTRIES = st.sampled_from(
    ['owner: "jane"', "accepted: []", "accepted:\n  - path: a\n", "# status: draft", 'feature: "status: draft"', "x: y"]
)
QUOTES = st.sampled_from(['"', "'", ""])


@st.composite
def plans(draw: st.DrawFn) -> str:
    before, after = draw(st.lists(ENTRIES, max_size=3)), draw(st.lists(ENTRIES, max_size=3))
    quote = draw(QUOTES)
    matter = [entry.strip("\n") for entry in [*before, f"status: {quote}draft{quote}", *after]]
    below = draw(st.sampled_from([["# T", "", "**Draft** · jane"], ["# T", "", "Draft"], ["Draft"], []]))
    rest = draw(st.lists(LINE, max_size=4))
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    return ending.join("\n".join(["---", *matter, "---", "", *below, "", *rest, ""]).split("\n"))


@given(plans(), st.lists(st.sampled_from(STATUSES), max_size=5))
def test_a_plan_comes_back_as_it_was_with_its_old_status(plan: str, ways: list[str]) -> None:
    text = plan
    for status in ways:
        text = with_status(text, status)
        assert front_matter_of(text).status == status

    assert with_status(text, "draft") == plan


@given(plans(), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_an_approval_is_one_line_and_is_read_back(plan: str, by: str) -> None:
    once = with_approval(plan, Approval("2026-01-31", "Somebody", "0a1b2c3"))
    text = with_approval(once, Approval("2026-02-28", by))

    assert text.count("\n") == plan.count("\n") + 1
    assert re.sub(r"^approved: .*\r?\n", "", text, flags=re.MULTILINE) == plan
    shown = "".join(character for character in by if character.isprintable())
    assert front_matter_of(text).approved == Approval("2026-02-28", shown) or not shown.strip()


def test_the_line_of_state_follows_a_status_that_was_set_by_hand() -> None:
    text = '---\nstatus: "in-progress"\n---\n\n# T\n\n**Draft** · jane\n\n**Draft** stays\n'

    assert with_status_line(text) == text.replace("**Draft** ·", "**In progress** ·")
    assert with_status_line(text.replace("in-progress", "begun")) == text.replace("in-progress", "begun")
