"""A plan goes through its whole life by real commands, with a newer version of its template in the middle."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from support import documents
from support.commands import Ended, groundplan
from support.finished_plans import BRIEF, edit
from support.rendering import ANSWERS, commit, git, release, repository, snapshot

SLUG = "user-profile-2fa"
PLAN = f"docs/plan_docs/{SLUG}/feature-plan.md"
TODAY = ("--today", "2026-02-01")
# What the second version asks for besides.
NEWER = {
    "partials/18-acceptance.jinja": {"- [ ] Stakeholders": "- [ ] The budget is known\n- [ ] Stakeholders"},
    "partials/11-operations.jinja": {
        "{{ m.fact('On-call": "{{ m.fact('Cost', '', 'Cost of running') }}\n{{ m.fact('On-call"
    },
    "partials/08-implementation.jinja": {
        "{{ m.checklist((brief.tasks.phase_2": "- [ ] Ask for money\n{{ m.checklist((brief.tasks.phase_2"
    },
}


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    template = snapshot(tmp_path / "groundplan")
    release(template, "v1.1.0", NEWER)
    return template


def checked(shop: Path, *more: str) -> str:
    return groundplan(shop, "check", *TODAY, *more).output.splitlines()[-1]


def mark(shop: Path, status: str, *more: str) -> Ended:
    ended = groundplan(shop, "mark", SLUG, status, *TODAY, *more)
    commit(shop, status)
    return ended


def codes(text: str) -> set[str]:
    return set(re.findall(r"\b(?:error|warning|note) (GP\d+) ", text))


def tick(shop: Path, section: str) -> None:
    plan = shop / PLAN
    text = plan.read_text("utf-8")
    part = documents.section(text, section)
    plan.write_text(text.replace(part, part.replace("- [ ]", "- [x]")), "utf-8")


def test_from_draft_to_archived_with_a_newer_template_in_between(versions: Path, tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    brief = tmp_path / "brief.yml"
    brief.write_text(yaml.safe_dump({**ANSWERS, **BRIEF, "supporting_docs": []}, allow_unicode=True), "utf-8")

    # Draft: nobody is nagged.
    assert groundplan(shop, "new", "--brief", brief, "--template", versions, "--ref", "v1.0.0").status == 0
    commit(shop, "Plan")
    assert checked(shop).startswith("1 plan checked: 0 errors, 0 warnings")

    # Approved: not before its checklist is ticked; then its guidance goes.
    refused = mark(shop, "approved", "--strip-guidance")
    assert (refused.status, codes(refused.output)) == (1, {"GP601"})
    tick(shop, "## Acceptance Checklist")
    assert mark(shop, "approved", "--strip-guidance").status == 0
    assert checked(shop, "--strict") == "1 plan checked: 0 errors, 0 warnings, 0 notes"
    assert groundplan(shop, "diff", SLUG).output.endswith(": nothing changed\n")

    # In progress: people change their minds, and are told so.
    assert mark(shop, "in-progress").status == 0
    edit(shop, "- Time-based codes", "- Time-based codes\n- Recovery codes", PLAN)
    edit(shop, "| Everyone | 2026-05-01 |", "| Everyone | 2026-06-01 |", PLAN)
    edit(shop, "- [ ] Verify codes (G1) @jane", "- [x] Verify codes (G1) @jane\n- [ ] Print codes @li", PLAN)
    assert codes(groundplan(shop, "check", *TODAY, "--notes").output) == {"GP608"}
    changed = groundplan(shop, "diff", SLUG).output
    assert [line.strip() for line in changed.splitlines()[1:]] == [
        "In scope",
        "added: Recovery codes",
        "Milestones",
        "moved: Everyone 2026-05-01 → Everyone 2026-06-01",
        "Tasks",
        "added: Print codes @li",
    ]
    commit(shop, "Work")

    # A newer template: what it asks for is no error in what was agreed on, and no change by people.
    updated = groundplan(shop, "update", "--all")
    assert updated.status == 0, updated.output + updated.errors
    commit(shop, "Update")
    text = (shop / PLAN).read_text("utf-8")
    assert "[Cost of running]" in text and "- [ ] The budget is known" in text and "- [ ] Ask for money" in text
    assert checked(shop, "--strict").startswith("1 plan checked: 0 errors, 0 warnings")
    assert codes(groundplan(shop, "check", *TODAY, "--notes").output) == {"GP201", "GP601", "GP608"}
    assert groundplan(shop, "diff", SLUG).output == changed

    # Released: with everything done, and what the template asks for answered.
    refused = mark(shop, "released")
    assert (refused.status, codes(refused.output)) == (1, {"GP201", "GP601", "GP602", "GP603"})
    edit(shop, "[Cost of running]", "40 € a month", PLAN)
    edit(shop, "| Customers lose their phone | high | medium |", "| Customers lose their phone | high | low |", PLAN)
    tick(shop, "## Acceptance Checklist")
    tick(shop, "## Implementation Plan")
    assert mark(shop, "released").status == 0
    assert checked(shop, "--strict").startswith("1 plan checked: 0 errors, 0 warnings")

    # Archived: history, which no command changes.
    assert mark(shop, "archived").status == 0
    release(versions, "v1.2.0", {"partials/18-acceptance.jinja": {"The budget": "Its budget"}})
    assert checked(shop).startswith("0 plans checked")
    assert groundplan(shop, "status", "--json").document == {"features": []}
    assert groundplan(shop, "update", "--all", "--json").document["features"] == []
    assert git("-C", shop, "status", "--porcelain") == ""
    assert documents.front_matter((shop / PLAN).read_text("utf-8"))["status"] == "archived"
