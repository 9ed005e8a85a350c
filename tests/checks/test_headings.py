"""Every rule finds under a team's own headings what it finds under ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.finished_plans import PLAN, edit
from support.german import NAMES, translate

from .test_check import ANSWERS, SEEDS, SLUG, Seed, found, places


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"{seed.code} {seed.name}".strip())
def test_a_defect_is_found_at_the_same_line_under_other_headings(seed: Seed, project: Path) -> None:
    seed.sow(project)
    ours = places(found(project, SLUG))
    assert ours

    translate(project)
    if seed.code == "GP505":
        # The translation is a change of today; let it be an old one, too.
        seed.sow(project)

    assert places(found(project, SLUG)) == ours


def test_a_sound_plan_is_sound_under_other_headings(project: Path) -> None:
    translate(project)

    assert found(project).findings == ()


def test_messages_name_the_teams_headings(project: Path) -> None:
    translate(project)
    edit(project, "## Ausgangslage\n", "")
    edit(project, "## Risiken", "## Risk Management")
    edit(project, "## Anmerkungen", "## Wagnisse")

    messages = [finding.message for finding in found(project).findings]

    assert messages == [
        "The section “Ausgangslage” is missing below this one. Add it, even if it says “none”.",
        "“Risk Management” should be “Risiken”, by which people and programs know it. Rename it.",
        "The section “Anmerkungen” is missing below this one. Add it, even if it says “none”.",
    ]


def test_a_section_under_our_name_still_counts(project: Path) -> None:
    translate(project)
    edit(project, "## Risiken", "## Risk Management")
    edit(project, "| Recovery codes |", "| – |")

    assert {finding.code for finding in found(project).findings} == {"GP109", "GP205"}


EXTRA = {"extra_sections": [{"heading": "Datenschutz", "after": "Risiken"}, {"heading": "Ende"}]}


def test_a_section_that_the_team_added_is_missed_like_ours(project: Path) -> None:
    translate(project, **EXTRA)

    messages = [(finding.code, finding.message.split("”")[0]) for finding in found(project).findings]

    assert messages == [("GP108", "The section “Datenschutz"), ("GP108", "The section “Ende")]


def test_a_section_that_the_team_added_has_its_place_and_says_something(project: Path) -> None:
    translate(project, **EXTRA)
    edit(project, "## Ziele", "## Datenschutz\n\n- Keine Daten\n\n## Ziele")
    (project / PLAN).write_text((project / PLAN).read_text("utf-8") + "\n## Ende\n", "utf-8")

    messages = [(finding.code, finding.message) for finding in found(project).findings]

    assert messages == [
        ("GP111", "The section “Datenschutz” stands out of order. It comes after “Risiken”."),
        ("GP203", "The section “Ende” says nothing. Answer it, even if the answer is “none, because …”."),
    ]


@pytest.mark.parametrize("heading", ["Regression Impact Log", "Data Model & Storage Updates"])
def test_a_section_that_the_team_leaves_out_is_not_missed_and_not_in_the_way(project: Path, heading: str) -> None:
    translate(project, leave_out=[heading])
    assert found(project).findings == ()

    text = (project / PLAN).read_text("utf-8")
    before, mark, after = text.partition(f" {NAMES[heading]}\n")
    rest = after[after.index("\n##") + 1 :]
    (project / PLAN).write_text(before.rstrip("#") + rest if mark else text, "utf-8")

    assert found(project).findings == ()


@pytest.mark.parametrize(
    "answers",
    [
        "headings: 3\nphases: [1]\nleave_out: x\nextra_sections: {a: b}\n",
        "headings: {Overview: [], 3: x}\nphases: {}\nleave_out: [[]]\nextra_sections: [3, {heading: 4}, {after: x}]\n",
        "extra_sections: [{heading: A, after: A}, {heading: A, after: Overview}, {heading: B, after: A}]\n",
    ],
)
def test_answers_that_no_template_would_store_break_nothing(project: Path, answers: str) -> None:
    with (project / ANSWERS).open("a", encoding="utf-8") as file:
        file.write(answers)

    assert {finding.code for finding in found(project).findings} <= {"GP108"}
