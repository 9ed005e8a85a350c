"""No line of any kind of plan is lost: each stands in the plan or the brief, or is told as what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from groundplan.adopting.adopt import read_document
from groundplan.adopting.report import adopted
from groundplan.adopting.sources import Source, read_sources
from support.rendering import ROOT

SPEC_KIT = {
    "spec.md": """\
# Feature Specification: Tide tables

**Feature Branch**: `007-tide-tables`
**Status**: Draft
**Input**: "Show when the harbour falls dry"

## User Scenarios & Testing *(mandatory)*

### User Story 1 - Read the table (Priority: P1)

A skipper sees today's tides.

**Acceptance Scenarios**:

1. **Given** a harbour, **When** it is opened, **Then** four times show

### Edge Cases

- A day with three tides

## Requirements *(mandatory)*

### Functional Requirements

- **FR-001**: Times MUST be local
- **FR-002**: The table MUST [NEEDS CLARIFICATION: print?]

### Key Entities

- **Tide**: time and height

## Success Criteria

### Measurable Outcomes

- **SC-001**: Calls to the harbour office fall by half
""",
    "plan.md": """\
# Implementation Plan: Tide tables

**Branch**: `007-tide-tables` | **Date**: 2026-05-02 | **Spec**: [spec](./spec.md)

## Summary

Heights come from the survey's file.

## Technical Context

**Language/Version**: Python 3.12
**Storage**: files

## Constitution Check

- Simple: yes

## Complexity Tracking

| Violation | Why Needed |
|---|---|
| a second cache | the survey is slow |
""",
    "research.md": "# Research: Tide tables\n\n## Decision: nightly\n\nIt changes once a day.\n",
    "data-model.md": "# Data Model\n\n## Tide\n\n- time\n- height\n",
    "quickstart.md": "# Quickstart\n\n1. Open the harbour\n",
    "tasks.md": """\
---
description: "Tasks of the tide tables"
---

# Tasks: Tide tables

## Phase 1: Setup (Shared Infrastructure)

- [x] T001 Create src/tides/

## Phase 2: Foundational

- [ ] T002 [P] Read the survey in src/tides/survey.py

**Checkpoint**: Heights are there

## Phase 3: User Story 1 - Read the table (Priority: P1) 🎯 MVP

### Tests for User Story 1

- [ ] T003 [US1] Property of local times

## Phase N: Polish & Cross-Cutting Concerns

- [ ] T004 Write the help page

## Dependencies & Execution Order

- Survey before table
""",
}
OPENSPEC = {
    "proposal.md": """\
## Why

Masts are cut.

## What Changes

- **BREAKING** Bridges tell heights

## Impact

- Code: `map`
""",
    "design.md": """\
## Context

Bridges have names only.

## Goals / Non-Goals

**Goals:**
- A warning before each low bridge

**Non-Goals:**
- Locks

## Decisions

### Heights in centimetres

Feet are converted.

## Risks / Trade-offs

- [A height is wrong] → show its date

## Open Questions

- Who measures?
""",
    "specs/map/bridges/spec.md": """\
## ADDED Requirements

### Requirement: Warning

The system SHALL warn.

#### Scenario: Low bridge

- **WHEN** the mast is higher
- **THEN** a warning shows
""",
    "tasks.md": "## 1. Data\n\n- [x] 1.1 Add heights\n  - [ ] 1.1.1 Import\n\n## 2. Map\n\n- [ ] 2.1 Warn\n",
}
KEP = {
    "kep.yaml": 'title: Quiet restarts\nkep-number: 77\nauthors:\n  - "@mira"\nstatus: provisional\nstage: alpha\n',
    "README.md": """\
# KEP-77: Quiet restarts

## Summary

Restarts are not announced.

## Motivation

### Goals

- No page at night

### Non-Goals

- Upgrades

## Proposal

### User Stories

#### Story 1

An operator sleeps.

### Risks and Mitigations

A crash loop is overlooked; alerts stay for five in a row.

## Design Details

### Test Plan

##### Unit tests

- `restart`: 2026-03-02 - 81 %

### Graduation Criteria

#### Alpha

- Behind a gate

## Drawbacks

Less noise hides more.
""",
}
MADR = {
    "adr.md": """\
---
status: accepted
date: 2026-03-09
decision-makers: mira, tom
---

# Keep positions in a queue

## Context and Problem Statement

Positions are lost at sea.

## Considered Options

* A file
* A queue

## Decision Outcome

Chosen option: "A queue", because it survives.

### Consequences

* Bad, because one more thing runs

### Confirmation

A test pulls the plug.
"""
}
RFC = {
    "0042-dark.md": """\
- Feature Name: dark_mode
- Start Date: 2026-03-02
- RFC PR: [harbor/rfcs#42](https://example.org/42)

# Summary

Screens are dark at night.

# Guide-level explanation

Say `dark` once.

# Prior art

- Ships have red lamps

# Unresolved questions

- The printer?
"""
}
KINDS = {"Spec Kit": SPEC_KIT, "OpenSpec": OPENSPEC, "KEP": KEP, "MADR": MADR, "RFC": RFC}


def words(text: str) -> str:
    return " ".join(["", *re.findall(r"[^\W_]+", text.casefold()), ""])


@pytest.fixture(params=KINDS)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    folder = tmp_path / "007-tide-tables"
    for name, text in KINDS[request.param].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    (found,) = read_sources(str(folder))
    return found


def test_every_line_stands_in_the_plan_or_the_brief_or_is_told(source: Source) -> None:
    adoption = read_document(source)
    rendered = (ROOT / "docs/example/feature-plan.md").read_text("utf-8")
    result = words(adoption.plan(rendered)) + words(str(adoption.reading.answers))
    claims = [claim for claim in adoption.reading.claims if not claim.key.startswith(("tasks", "goals"))]
    told = {number for claim in claims for number in range(claim.start, claim.stop)}
    lines = enumerate(source.text.splitlines())
    assert [line for number, line in lines if words(line) not in result and number not in told] == []


def test_every_tick_stays_a_tick(source: Source) -> None:
    adoption = read_document(source)
    plan = adoption.plan((ROOT / "docs/example/feature-plan.md").read_text("utf-8"))
    text = plan + str(adoption.reading.answers)
    for ticked in re.findall(r"\[x\] [^\n]+", source.text):
        assert ticked in text


def test_documents_that_the_plan_links_to_are_not_to_be_deleted_yet(tmp_path: Path, source: Source) -> None:
    reading = read_document(source).reading
    plan = tmp_path / "plan" / "feature-plan.md"
    plan.parent.mkdir()
    notes = []
    for text in ("# Plan\n", f"# Plan\n\n[old](../..{source.parts[-1].path}#why)\n"):
        plan.write_text(text, "utf-8")
        notes.append(adopted(source, reading, (), plan.parent).notes[-1])
    assert [note.startswith("may be deleted now, once the plan's links to it are gone") for note in notes] == [
        False,
        True,
    ]
