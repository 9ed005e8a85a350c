"""Twenty defects of plans, in the form of each of three tools, and which of the tools find them.

Each tool gets a plan in its own form that it finds nothing wrong with. Then one defect at a time is put into it, in the
words and places of that tool. It counts as found when the tool says or does something else than before.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
TOOLS = ROOT / ".cache" / "bench"
OPENSPEC, SPEC_KIT = "1.13.2", "1.2.3"

# The plan's dates are still to come on this day.
CHECK = [BIN / "groundplan", "check", "--today", "2026-02-01"]
PLAN = "docs/plan_docs/user-profile-2fa/feature-plan.md"
CHANGE = "openspec/changes/second-factor"
SPEC = "specs/001-second-factor"

Edit = Callable[[Path], None]


@dataclass(frozen=True)
class Tool:
    """A tool that looks at plans.

    Attributes:
        name: What it is called in the table.
        model: A repository with a plan that it finds nothing wrong with.
        look: Says what the tool makes of a repository: its exit status and its report.
        edits: How each defect gets into its documents; None where they have no place for it.
    """

    name: str
    model: Path
    look: Callable[[Path], tuple[int, str]]
    edits: Mapping[str, Edit | None]

    def finds(self, defect: str) -> bool | None:
        """Put a defect into a copy of the model and look; None where its documents have no place for it."""
        edit = self.edits[defect]
        if edit is None:
            return None
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place, "shop")
            shutil.copytree(self.model, folder)
            before = self.look(folder)
            if before[0]:
                raise SystemExit(f"{self.name} finds fault with its model:\n{before[1]}")
            edit(folder)
            return self.look(folder) != before


def run(command: Sequence[str | Path], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command and keep what it says."""
    # OpenSpec sends statistics home unless it is told not to.
    variables = {**os.environ, "OPENSPEC_TELEMETRY": "0", "NO_COLOR": "1", **environment}
    return subprocess.run([*map(str, command)], cwd=folder, env=variables, capture_output=True, text=True, check=False)


def repository(folder: Path, day: str = "") -> None:
    """Commit everything, if wanted on a day in the past."""
    date = {"GIT_COMMITTER_DATE": day, "GIT_AUTHOR_DATE": day} if day else {}
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "State"]):
        user = ["-c", "user.name=Bench", "-c", "user.email=bench@example.com"]
        run(["git", *user, *words], folder, **date).check_returncode()


def stale(folder: Path) -> None:
    """Let the last change be years ago."""
    repository(folder, "2020-01-01T00:00:00Z")


def replace(file: str, old: str, new: str) -> Edit:
    """Make an edit that replaces the first place of a text."""

    def edit(folder: Path) -> None:
        text = (folder / file).read_text("utf-8")
        if old not in text:
            raise SystemExit(f"{file} holds no {old!r}")
        (folder / file).write_text(text.replace(old, new, 1), "utf-8")

    return edit


def copy_over(source: Path, place: str) -> Edit:
    """Make an edit that writes files over those of the same name."""

    def edit(folder: Path) -> None:
        for file in source.glob("*.md"):
            shutil.copy(file, folder / place)

    return edit


def remove(place: str) -> Edit:
    """Make an edit that removes a file or a folder."""

    def edit(folder: Path) -> None:
        path = folder / place
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return edit


def in_turn(*edits: Edit) -> Edit:
    """Make one edit of several."""

    def edit(folder: Path) -> None:
        for step in edits:
            step(folder)

    return edit


def twice(place: str, other: str, *edits: Edit) -> Edit:
    """Make an edit that puts a copy of a folder beside it, and changes the copy."""

    def copy(folder: Path) -> None:
        shutil.copytree(folder / place, (folder / place).parent / other)

    return in_turn(copy, *edits)


def conflict(ours: str, theirs: str) -> str:
    """Write what a merge leaves where two sides disagree."""
    return f"<<<<<<< ours\n{ours}\n=======\n{theirs}\n>>>>>>> theirs"


def released(folder: Path) -> None:
    """Release Groundplan's plan as it should be."""
    plan = folder / PLAN
    text = plan.read_text("utf-8").replace("- [ ]", "- [x]").replace("| high | medium |", "| high | low |")
    text = text.replace('status: "in-progress"', 'status: "released"').replace("**In progress**", "**Released**")
    plan.write_text(text, "utf-8")


def groundplan(finished: Path, raw: Path) -> Tool:
    """Set up Groundplan.

    Args:
        finished: A repository with a finished plan in progress.
        raw: The documents of the same plan as the template leaves them when nobody answered anything.
    """
    other = "docs/plan_docs/other/feature-plan.md"
    edits = {
        "raw template": in_turn(copy_over(raw, str(Path(PLAN).parent)), replace(PLAN, '"draft"', '"approved"')),
        "empty tasks": replace(PLAN, "- [ ] Verify codes (G1) @jane", "- [ ]"),
        "false tick": in_turn(
            replace(PLAN, "- [ ] Draw the page", "- [x] Draw the page"),
            remove("src/acme_shop/user_profile_2fa/ui/page.py"),
        ),
        "bad status": replace(PLAN, 'status: "in-progress"', 'status: "started"'),
        "repeated id": replace(PLAN, "- **G2**", "- **G1** Nobody is locked out\n- **G2**"),
        "dead link": replace(PLAN, "](tech-stack.md)", "](stack.md)"),
        "goal without task": replace(PLAN, "- **G2**", "- **G3** Nobody is locked out\n- **G2**"),
        "two plans on one component": twice(
            str(Path(PLAN).parent),
            "other",
            replace(other, 'slug: "user-profile-2fa"', 'slug: "other"'),
            replace(other, "├── src/", "├── source/"),
            replace(other, "└── tests/", "└── checks/"),
        ),
        "oversized body": replace(PLAN, "- Codes before keys", f"- Codes {'x' * 70_000}"),
        "stale plan": in_turn(remove(".git"), stale),
        "approved, not accepted": replace(PLAN, "- [x] Stakeholders", "- [ ] Stakeholders"),
        "released with open tasks": in_turn(released, replace(PLAN, "- [x] Roll out", "- [ ] Roll out")),
        "released at a high risk": in_turn(released, replace(PLAN, "| high | low |", "| high | high |")),
        "flag past its removal day": replace(PLAN, "2099-12-31", "2025-12-31"),
        "milestone past and not reached": replace(PLAN, "| Beta | 2026-03-01 |", "| Beta | 2026-01-01 |"),
        "risk of an unknown level": replace(PLAN, "| high | medium |", "| critical | medium |"),
        "task for a goal that is not there": replace(PLAN, "Verify codes (G1)", "Verify codes (G1, G7)"),
        "renamed heading": replace(PLAN, "## Risk Management", "## Risks"),
        "conflict markers": replace(PLAN, "- Time-based codes", conflict("- Time-based codes", "- Codes")),
        "anchor that leads nowhere": replace(PLAN, "](tech-stack.md)", "](tech-stack.md#gone)"),
    }

    def look(folder: Path) -> tuple[int, str]:
        ended = run([*CHECK, "--strict"], folder)
        return ended.returncode, ended.stdout

    repository(finished)
    return Tool("Groundplan", finished, look, edits)


PROPOSAL = """## Why

Stolen passwords are used to take accounts over, forty times a week in the last quarter.

## What Changes

- Ask for a second factor when somebody signs in, as [the law](law.md) wants it.

## Capabilities

### New Capabilities

- `sign-in`: signing in with a second factor

## Impact

- The sign-in service
"""
REQUIREMENT = """### Requirement: Second factor
The system SHALL ask for a code when somebody signs in.

#### Scenario: Right code
- **WHEN** the code is right
- **THEN** a session opens
"""
CHANGE_FILES = {
    "proposal.md": PROPOSAL,
    "law.md": "# The law\n",
    "tasks.md": "## 1. Core\n\n- [ ] 1.1 Verify codes in src/codes.py\n- [ ] 1.2 Draw the page in src/page.py\n",
    "specs/sign-in/spec.md": f"## ADDED Requirements\n\n{REQUIREMENT}",
}


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write files and their folders."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def openspec_command() -> Path:
    """Install OpenSpec where it is missing."""
    command = TOOLS / "openspec" / "node_modules" / ".bin" / "openspec"
    if not command.exists():
        command.parents[2].mkdir(parents=True, exist_ok=True)
        package = f"@fission-ai/openspec@{OPENSPEC}"
        run(["npm", "install", "--no-audit", "--no-fund", "--prefix", ".", package], command.parents[2])
    return command


def openspec(work: Path) -> Tool:
    """Set up OpenSpec: `openspec validate --all --strict` on a change."""
    command = openspec_command()
    model = work / "openspec"
    model.mkdir()
    run([command, "init", "--tools", "none", "."], model).check_returncode()
    write_files(model / CHANGE, CHANGE_FILES)
    templates = command.parents[1] / "@fission-ai/openspec/schemas/spec-driven/templates"
    tasks, proposal, spec = (f"{CHANGE}/{name}" for name in ("tasks.md", "proposal.md", "specs/sign-in/spec.md"))
    second = REQUIREMENT.replace("Second factor", "Recovery")

    def archived(folder: Path) -> None:
        (folder / CHANGE).rename(folder / "openspec/changes/archive/2026-01-31-second-factor")

    def raw_spec(folder: Path) -> None:
        (folder / CHANGE / "spec.md").replace(folder / spec)

    edits = {
        "raw template": in_turn(copy_over(templates, CHANGE), raw_spec),
        "empty tasks": replace(tasks, "- [ ] 1.1 Verify codes in src/codes.py", "- [ ]"),
        "false tick": replace(tasks, "- [ ] 1.2", "- [x] 1.2"),
        "bad status": None,
        "repeated id": replace(spec, REQUIREMENT, f"{REQUIREMENT}\n{REQUIREMENT}"),
        "dead link": replace(proposal, "(law.md)", "(laws.md)"),
        "goal without task": replace(spec, REQUIREMENT, f"{REQUIREMENT}\n{second}"),
        "two plans on one component": twice(CHANGE, "two-factors"),
        "oversized body": replace(proposal, "- The sign-in service", f"- The sign-in service {'x' * 70_000}"),
        "stale plan": stale,
        "approved, not accepted": None,
        "released with open tasks": archived,
        "released at a high risk": None,
        "flag past its removal day": None,
        "milestone past and not reached": None,
        "risk of an unknown level": None,
        "task for a goal that is not there": None,
        "renamed heading": replace(proposal, "## What Changes", "## Changes"),
        "conflict markers": replace(tasks, "- [ ] 1.2 Draw", conflict("- [ ] 1.2 Draw it", "- [ ] 1.2 Draw")),
        "anchor that leads nowhere": replace(proposal, "(law.md)", "(law.md#gone)"),
    }

    def look(folder: Path) -> tuple[int, str]:
        ended = run([command, "validate", "--all", "--strict", "--no-interactive"], folder)
        # How many items there are is no finding.
        said = [line for line in ended.stderr.splitlines() + ended.stdout.splitlines() if "✗" in line or "[" in line]
        return ended.returncode, "\n".join(said)

    return Tool(f"OpenSpec {OPENSPEC}", model, look, edits)


SPEC_FILES = {
    "spec.md": """# Feature Specification: Second factor

**Feature Branch**: `001-second-factor`

**Created**: 2026-01-15

**Status**: Draft

## User Scenarios & Testing

### User Story 1 - Sign in with a code (Priority: P1)

Somebody signs in with a password and a code, as [the law](law.md) wants it.

**Independent Test**: Sign in with a wrong code; no session opens.

## Requirements

- **FR-001**: System MUST ask for a code when somebody signs in.

## Success Criteria

- **SC-001**: A password alone opens no account.
""",
    "law.md": "# The law\n",
    "checklists/requirements.md": "# Specification Quality Checklist\n\n- [x] All mandatory sections completed\n",
    "plan.md": "# Implementation Plan: Second factor\n\n## Summary\n\nA step between password and session.\n",
    "tasks.md": """# Tasks: Second factor

## Phase 1: Core

- [ ] T001 [US1] Verify codes (FR-001) in src/codes.py
- [ ] T002 [US1] Draw the page in src/page.py
""",
}


def spec_kit(work: Path) -> Tool:
    """Set up Spec Kit: `check-prerequisites.sh` as its commands call it before work begins."""
    command = TOOLS / "spec-kit" / "bin" / "specify"
    if not command.exists():
        run([sys.executable, "-m", "venv", command.parents[1]], ROOT).check_returncode()
        run([command.with_name("pip"), "install", "--quiet", f"specify-cli=={SPEC_KIT}"], ROOT).check_returncode()
    model = work / "spec-kit"
    model.mkdir()
    words = ["init", ".", "--force", "--ignore-agent-tools", "--non-interactive", "--script", "sh"]
    run([command, *words], model).check_returncode()
    write_files(model / SPEC, SPEC_FILES)
    spec, tasks = f"{SPEC}/spec.md", f"{SPEC}/tasks.md"

    def raw(folder: Path) -> None:
        for name in ("spec", "plan", "tasks"):
            shutil.copy(folder / f".specify/templates/{name}-template.md", folder / SPEC / f"{name}.md")

    edits = {
        "raw template": raw,
        "empty tasks": replace(tasks, "- [ ] T001 [US1] Verify codes (FR-001) in src/codes.py", "- [ ] T001"),
        "false tick": replace(tasks, "- [ ] T002", "- [x] T002"),
        "bad status": replace(spec, "**Status**: Draft", "**Status**: Begun"),
        "repeated id": replace(spec, "- **FR-001**", "- **FR-001**: System MUST lock nobody out.\n- **FR-001**"),
        "dead link": replace(spec, "(law.md)", "(laws.md)"),
        "goal without task": replace(spec, "- **FR-001**", "- **FR-002**: System MUST lock nobody out.\n- **FR-001**"),
        "two plans on one component": twice(SPEC, "002-two-factors"),
        "oversized body": replace(spec, "- **SC-001**", f"- **SC-002**: {'x' * 70_000}\n- **SC-001**"),
        "stale plan": stale,
        "approved, not accepted": replace(f"{SPEC}/checklists/requirements.md", "- [x] All", "- [ ] All"),
        "released with open tasks": replace(spec, "**Status**: Draft", "**Status**: Released"),
        "released at a high risk": None,
        "flag past its removal day": None,
        "milestone past and not reached": None,
        "risk of an unknown level": None,
        "task for a goal that is not there": replace(tasks, "Verify codes (FR-001)", "Verify codes (FR-007)"),
        "renamed heading": replace(spec, "## Requirements", "## Demands"),
        "conflict markers": replace(tasks, "- [ ] T002 [US1] Draw", conflict("- [ ] T002 Draw it", "- [ ] T002 Draw")),
        "anchor that leads nowhere": replace(spec, "(law.md)", "(law.md#gone)"),
    }

    def look(folder: Path) -> tuple[int, str]:
        words = ["--json", "--require-spec", "--require-tasks", "--include-tasks"]
        script = ["bash", ".specify/scripts/bash/check-prerequisites.sh", *words]
        ended = run(script, folder, SPECIFY_FEATURE_DIRECTORY=SPEC)
        return ended.returncode, ended.stdout.replace(str(folder), "") + ended.stderr

    return Tool(f"Spec Kit {SPEC_KIT}", model, look, edits)


def table(tools: Sequence[Tool]) -> list[str]:
    """Try every defect on every tool."""
    marks = {True: "found", False: "–", None: "no place for it"}
    rows = [f"| Defect | {' | '.join(tool.name for tool in tools)} |", "| --- |" + " --- |" * len(tools)]
    for defect in tools[0].edits:
        rows.append(f"| {defect} | {' | '.join(marks[tool.finds(defect)] for tool in tools)} |")
    return rows
