"""A plan with every answer given and its guidance removed: what seeded defects are compared with."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from support.rendering import copy_project

PLAN = "docs/plan_docs/user-profile-2fa/feature-plan.md"

BRIEF: dict[str, Any] = {
    "summary": "Ask for a second factor when somebody signs in.",
    "problem": "Stolen passwords are used to take accounts over.",
    "outcome": "A password alone opens no account.",
    "users": ["Customers who want their account to be safe"],
    "constraints": ["No text messages"],
    "current_state": {
        "existing": "Passwords alone.",
        "limitations": "Support resets 40 accounts a week.",
        "modules": "`sign-in`.",
        "usage": "12,000 sign-ins a day.",
    },
    "goals": ["Half of all customers use a second factor.", "Signing in takes at most 5 seconds longer."],
    "in_scope": ["Time-based codes"],
    "out_of_scope": ["Hardware keys: in the next release"],
    "dependencies": [
        {"name": "`sign-in`", "kind": "internal", "owner": "platform"},
        {"name": "Mail relay", "kind": "external", "owner": "infra"},
        {"name": "pyotp", "kind": "library", "owner": "identity"},
    ],
    "flags": [{"flag": "second_factor", "owner": "jane", "kill_switch": "Set it to off", "remove_by": "2099-12-31"}],
    "high_level": "A step between password and session.",
    "components": [
        {
            "component": "Sign-in service",
            "layer": "application",
            "responsibility": "Opens sessions",
            "change": "Asks for a code",
            "notes": "Behind the flag",
        }
    ],
    "data_model": ["A table of secrets, encrypted"],
    "api_changes": ["`POST /sessions` may answer 202"],
    "events": ["`second-factor-enabled`"],
    "compatibility": ["Old clients see a page"],
    "stack_choices": [{"choice": "Python", "version": "3.12", "why": "It is there", "alternatives": "None"}],
    "tasks": {
        "phase_0": ["Review the flows with design @jane"],
        "phase_1": ["Add the flag @jane"],
        "phase_2": ["Verify codes (G1) @jane"],
        "phase_3": ["Draw the page (G1, G2) @li"],
        "phase_4": ["Test signing in (G2) @li"],
        "phase_5": ["Roll out to one percent @jane"],
    },
    "testing": {
        "coverage": "90 %",
        "scenarios": "A stolen password (G1).",
        "performance": "100 sign-ins a second (G2).",
        "security": "Replay of codes.",
        "automation": "On every push.",
    },
    "documentation": {
        "user_docs": "Help page.",
        "enablement": "Slides for support.",
        "api_reference": "Generated.",
        "cadence": "Every second Friday.",
    },
    "operations": {
        "monitoring": "Dashboard “Sign-in”.",
        "runbooks": "Codes refused.",
        "incident_response": "Platform on call.",
        "on_call": "Reviewed in March.",
    },
    "slos": [{"sli": "Sign-ins that succeed", "target": "99.9 %", "window": "30 days"}],
    "risks": [
        {
            "risk": "Customers lose their phone",
            "impact": "high",
            "likelihood": "medium",
            "mitigation": "Recovery codes",
            "owner": "jane",
        },
        {"risk": "Clocks drift", "impact": "low", "likelihood": "low", "mitigation": "Accept two steps", "owner": "li"},
    ],
    "regressions": [{"area": "Sign-in", "impact": "Sessions break", "mitigation": "End-to-end test"}],
    "rollout": {
        "phases": "Beta, then everyone.",
        "environments": "Staging, production.",
        "rollback": "Switch the flag off; rehearsed in January.",
        "checkpoints": "After one day, after one week.",
    },
    "kpis": [{"kpi": "Second factors in use (G1)", "baseline": "0 %", "target": "50 %", "source": "Warehouse"}],
    "milestones": [{"milestone": "Beta", "date": "2026-03-01"}, {"milestone": "Everyone", "date": "2026-05-01"}],
    "projects": ["[Board](https://example.com/board)"],
    "artifacts": ["[Sketches](https://example.com/sketches)"],
    "notes": {
        "assumptions": ["Phones have an authenticator"],
        "trade_offs": ["No text messages, to be cheap"],
        "open_questions": ["Which recovery?"],
        "decisions": ["Codes before keys"],
        "follow_ups": ["Hardware keys @li"],
    },
}


def finished_project(template: Path, destination: Path, **overrides: Any) -> Path:
    """Render a feature from a whole brief, drop its guidance, accept it, set it in progress; return the repository."""
    folder = copy_project(template, destination, **{"stack": "python", **BRIEF, **overrides})
    for document in folder.rglob("*.md"):
        text = re.sub(r"<!--.*?-->\n\n", "", document.read_text("utf-8"), flags=re.DOTALL)
        before, acceptance, after = text.partition("## Acceptance Checklist")
        text = before + acceptance + after.replace("- [ ]", "- [x]")
        text = text.replace('status: "draft"', 'status: "in-progress"').replace("**Draft** ·", "**In progress** ·")
        document.write_text(text, "utf-8")
    return destination


def copy_of(project: Path, destination: Path) -> Path:
    """Copy a project to a folder that does not exist yet."""
    shutil.copytree(project, destination)
    return destination


def edit(project: Path, old: str, new: str, path: str = PLAN) -> None:
    """Replace a text that stands exactly once in a file."""
    file = project / path
    text = file.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    file.write_text(text.replace(old, new), "utf-8")
