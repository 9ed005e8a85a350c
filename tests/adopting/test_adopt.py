"""Adopting documents: the command as a person runs it, on a plan copied by hand from the first template."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import groundplan, host
from support.documents import section
from support.rendering import git

DOCUMENT = """\
>Title: Corner Library – Night returns Feature Plan

>Labels: plan, lending

>Assignees: ada, ben

---

# Corner Library – Night returns Feature Plan

## Overview
Readers bring books back at night. About 40 a week ask for it.

## Current State Assessment
- Existing functionality summary
  - The desk takes books until six
- Key services/APIs/modules involved today: `lending`
- Relevant usage metrics or telemetry

## Feature Goals & Objectives
- A book that is thrown in counts as returned the same day
- [Goal 2]

## Scope Definition
### In Scope
- The flap at the door

### Out of Scope / Deferred
- [Item]

## Implementation Plan

### Phase 0: Discovery & Alignment
- [x] Ask three branches
- [ ] Confirm success metrics and rollout guardrails

### Phase 2: Core Feature Development
- [ ] Read the tag
    - [x] while the flap is shut
    - [ ] twice

## Risk Management
| Risk | Impact | Likelihood | Mitigation | Owner |
|------|--------|------------|------------|-------|
| Books get wet | High | Low | a roof | ben |

## Rollout Plan
- Launch phases: one branch
- Rollback strategy and automation: lock the flap

## Cats
- The cat of the branch is not to be returned.

## Success Metrics & KPIs
- Fines under 5 a week

## Repository Branch & Milestones
- Target implementation branch: feature/night-returns
- Milestone(s): Trial 2026-03-01, Everywhere 2026-06-01

## Acceptance Checklist
- [x] Feature requirements and constraints documented
- [ ] Stakeholder approval confirmed
"""


@pytest.fixture(scope="module")
def lite(template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The plan of depth lite that the document became."""
    folder = tmp_path_factory.mktemp("lite")
    (folder / "library.md").write_text(DOCUMENT, "utf-8")
    root = host(folder / "shop")
    ended = groundplan(root, "adopt", folder / "library.md", "--template", template, "-d", "depth=lite")
    assert ended.status == 0, ended.errors
    return (root / "docs/plan_docs/night-returns/feature-plan.md").read_text("utf-8")


@pytest.fixture(scope="module")
def plan(template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The plan that the document became."""
    folder = tmp_path_factory.mktemp("adopted")
    (folder / "library.md").write_text(DOCUMENT, "utf-8")
    root = host(folder / "shop")
    ended = groundplan(root, "adopt", folder / "library.md", "--template", template)
    assert ended.status == 0, ended.errors
    assert (folder / "library.md").read_text("utf-8") == DOCUMENT
    return (root / "docs/plan_docs/night-returns/feature-plan.md").read_text("utf-8")


def test_goals_get_ids_and_placeholders_are_no_goals(plan: str) -> None:
    goals = section(plan, "## Feature Goals & Objectives")
    assert "- **G1** A book that is thrown in counts as returned the same day\n" in goals
    assert "G2" not in goals


def test_ticks_stand_where_they_stood_nested_ones_too(plan: str) -> None:
    tasks = section(plan, "## Implementation Plan")
    assert "- [x] Ask three branches\n- [ ] Confirm success metrics and rollout guardrails\n" in tasks
    assert "- [ ] Read the tag\n    - [x] while the flap is shut\n    - [ ] twice\n" in tasks


def test_rows_of_a_table_stay_rows(plan: str) -> None:
    assert "| Books get wet | high | low | a roof | ben |\n" in section(plan, "## Risk Management")


def test_a_list_of_kpis_becomes_rows(plan: str) -> None:
    assert "| Fines under 5 a week | – | – | – |\n" in section(plan, "## Success Metrics & KPIs")


def test_no_placeholder_stands_beside_the_answer_to_it(plan: str) -> None:
    rollout = section(plan, "## Rollout Plan")
    assert "- **Rollback:** lock the flap\n" in rollout
    assert "[Rollback]" not in rollout
    assert "[Objective]" not in plan


def test_milestones_of_one_line_become_rows(plan: str) -> None:
    branch = section(plan, "## Repository Branch & Milestones")
    assert "| Trial | 2026-03-01 |\n| Everywhere | 2026-06-01 |\n" in branch
    assert "- **Target branch:** `feature/night-returns`\n" in branch


def test_a_section_of_ones_own_stands_behind_the_one_that_it_followed(plan: str) -> None:
    assert plan.index("## Rollout Plan") < plan.index("## Cats") < plan.index("## Success Metrics & KPIs")


def test_a_plan_with_ticked_tasks_is_in_progress(plan: str) -> None:
    assert 'status: "in-progress"' in plan
    assert "**In progress** · ada" in plan


def test_a_lite_plan_gets_the_sections_that_the_document_answers(lite: str) -> None:
    assert "- Fines under 5 a week\n" in section(lite, "## Success Metrics & KPIs")
    state = section(lite, "## Current State Assessment")
    assert "- Existing functionality summary\n  - The desk takes books until six\n" in state


def test_a_lite_plan_has_one_checklist_with_each_task_once(lite: str) -> None:
    tasks = section(lite, "## Implementation Plan")
    assert tasks.count("Ask three branches") == 1
    assert "- [ ] Read the tag\n    - [x] while the flap is shut\n" in tasks


def test_a_brief_alone_makes_the_same_feature_but_for_what_it_cannot_hold(template: Path, tmp_path: Path) -> None:
    (tmp_path / "library.md").write_text(DOCUMENT, "utf-8")
    root = host(tmp_path / "shop")
    printed = groundplan(root, "adopt", tmp_path / "library.md", "--brief-only")
    assert printed.status == 0
    line = DOCUMENT.splitlines().index("- A book that is thrown in counts as returned the same day") + 1
    assert f"# {tmp_path / 'library.md'}:{line}\n" in printed.output
    assert "Cats" in printed.output.rpartition("# No answer holds these lines")[2]
    made = groundplan(root, "new", "-", "--template", template, text=printed.output)
    assert made.status == 0, made.output
    made_plan = (root / "docs/plan_docs/night-returns/feature-plan.md").read_text("utf-8")
    assert "- [x] Ask three branches\n" in made_plan
    assert "| Trial | 2026-03-01 |\n" in made_plan


def test_text_of_another_template_is_nobodys_answer(template: Path, tmp_path: Path) -> None:
    (tmp_path / "form.md").write_text("# Plan\n\n## Goals\n\n- Write a goal here\n\n## Risks\n\nNone known.\n", "utf-8")
    (tmp_path / "bells.md").write_text(
        "# Bells\n\n## Goals\n\n- Write a goal here\n- Ring at noon\n\n## Risks\n\nNone known.\n", "utf-8"
    )
    root = host(tmp_path / "shop")
    arguments = ("--base", tmp_path / "form.md", "--template", template, "-d", "owner=ada")
    assert groundplan(root, "adopt", tmp_path / "bells.md", *arguments).status == 0
    plan = (root / "docs/plan_docs/bells/feature-plan.md").read_text("utf-8")
    assert "- **G1** Ring at noon\n" in plan
    assert "Write a goal here" not in plan
    assert "None known" not in plan


def adopted(template: Path, folder: Path, text: str, defaults: str = "") -> str:
    """Adopt a text; return the plan that it became."""
    (folder / "document.md").write_text(text, "utf-8")
    root = host(folder / "shop", {"docs/plan_docs/defaults.yml": defaults} if defaults else {})
    ended = groundplan(root, "adopt", folder / "document.md", "--template", template, "-d", "owner=ada")
    assert ended.status == 0, ended.output
    (plan,) = root.glob("docs/plan_docs/*/feature-plan.md")
    return plan.read_text("utf-8")


def test_a_teams_own_headings_and_tasks_are_kept(template: Path, tmp_path: Path) -> None:
    defaults = "headings: {Risk Management: Risiken}\nextra_tasks:\n  phase_2: [Ask the works council]\n"
    plan = adopted(template, tmp_path, DOCUMENT, defaults)
    assert "| Books get wet | high | low | a roof | ben |\n" in section(plan, "## Risiken")
    assert "## Risk Management" not in plan
    tasks = section(plan, "### Phase 2: Core Feature Development")
    assert "- [ ] Read the tag\n    - [x] while the flap is shut\n" in tasks
    assert "- [ ] Ask the works council\n" in tasks


FORM = """\
# Lamp Works – Dimming Feature Plan

## Feature Goals & Objectives
- G1: Dim in a hundred steps
- G3: No flicker

## Architecture & Design Deltas
### High-Level Changes
- Summary of how the feature modifies existing architecture
- A dimmer service

### Component & Service Impact
| Component | Current Responsibility | Planned Change | Notes | Team |
|-----------|------------------------|----------------|-------|------|
| lamps | on and off | a level | | Core |
| [Module]  | [Description]          | [Change]       | [Notes] | |

## Rollout Plan
- Launch phases (staff, then all)
- Environment sequencing (dev → staging → prod)
- Rollback strategy and automation — set the level to 100

## Repository Branch & Milestones
- Milestone(s): Beta, October

## Implementation Notes
Key assumptions, trade-offs, open questions, and references to decision logs or ADRs. Capture follow-up actions and \
ownership for outstanding items.
Open question: do we need a certificate?
"""


@pytest.fixture(scope="module")
def lamps(template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The plan of a form that was filled in between its own lines."""
    return adopted(template, tmp_path_factory.mktemp("lamps"), FORM)


def test_goals_keep_the_ids_that_they_have(lamps: str) -> None:
    assert "- **G1** Dim in a hundred steps\n- **G3** No flicker\n" in lamps


def test_what_a_form_says_is_not_taken_for_an_answer(lamps: str) -> None:
    assert "Summary of how the feature" not in lamps
    assert "Key assumptions" not in lamps
    assert "[Module]" not in lamps
    assert "dev → staging" not in lamps


def test_answers_written_over_examples_and_behind_dashes_are_found(lamps: str) -> None:
    assert "- **Phases:** staff, then all\n" in lamps
    assert "- **Rollback:** set the level to 100\n" in lamps
    assert "  - do we need a certificate?\n" in lamps


def test_a_column_that_no_plan_has_stays(lamps: str) -> None:
    assert "| Component | Current Responsibility | Planned Change | Notes | Team |\n" in lamps
    assert "| lamps | on and off | a level | | Core |\n" in lamps


def test_a_milestone_without_a_day_stays_and_no_empty_row_beside_it(lamps: str) -> None:
    assert "- Milestone(s): Beta, October\n" in lamps
    assert "[Milestone]" not in lamps


def test_who_adopts_owns_what_names_nobody(template: Path, tmp_path: Path) -> None:
    (tmp_path / "bells.md").write_text("# Bells\n\n## Goals\n\n- Ring\n", "utf-8")
    root = host(tmp_path / "shop")
    git("-C", root, "config", "user.email", "mira@harbor.example")

    ended = groundplan(root, "adopt", tmp_path / "bells.md", "--template", template)

    assert ended.status == 0, ended.output
    assert "owner: mira@harbor.example, who adopts it" in ended.output + ended.errors
    assert 'owner: "mira@harbor.example"' in (root / "docs/plan_docs/bells/feature-plan.md").read_text("utf-8")
