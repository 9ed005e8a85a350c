"""Answers that the template must cope with, by name; each is rendered once for all tests that look at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from support.rendering import ROOT

DOCUMENTS = ("feature-brief", "tech-stack", "architecture", "adr", "ux-flows", "runbook")
STACKS = ("dotnet", "python", "typescript", "go", "java", "rust")
DEPTHS = ("full", "standard", "lite")

# A brief that answers everything there is to answer.
EXAMPLE: Mapping[str, Any] = yaml.safe_load((ROOT / "example-brief.yml").read_text("utf-8"))

# What a team knows on the day it decides to plan a feature.
AVERAGE: Mapping[str, Any] = {
    "summary": "Signed-in shoppers find their cart again on every device.",
    "problem": "A cart lives in the browser that filled it, so a third of them are filled again elsewhere.",
    "outcome": "A shopper who signs in sees the cart they left.",
    "goals": ["A cart is there on another device within five seconds", "No line is lost when two carts meet"],
    "in_scope": ["Saving the cart with every change", "Merging two carts at sign-in"],
    "out_of_scope": ["Several named carts", "Sharing a cart"],
    "tasks": {
        "phase_2": ["Write the merge of two carts (G2) @tom", "Build the store and its API (G1) @jane"],
        "phase_3": ["Build the page that shows the cart @lena"],
        "phase_4": ["Test sign-in on two devices (G1) @lena"],
    },
    "risks": [
        {"risk": "Two devices change a cart at once", "impact": "high", "likelihood": "medium", "owner": "tom"},
        {"risk": "The store is slow on a sales day", "impact": "high", "likelihood": "low"},
    ],
    "rollout": {"phases": "staff, then everybody", "rollback": "the flag"},
    "milestones": [
        {"milestone": "Plan approved", "date": "2026-03-20"},
        {"milestone": "Released", "date": "2026-07-03"},
    ],
}

# Texts of a brief are Markdown, and some people write a lot of it.
MARKDOWN: Mapping[str, Any] = {
    "problem": "Shoppers **lose** carts.\n\nSee [the study](https://example.com/study), and:\n\n- `a`\n- `b`",
    "outcome": "A cart that stays:\n\n```text\nGET /carts | 200\n```\n\nfor everybody.",
    "high_level": "The cart moves.\n\n1. First the table\n2. Then the cookie\n\n> A quotation.",
    "goals": ["One *goal*\nover two lines", "Another\n\n- with a nested\n- list"],
    "constraints": ["At most `a|b` of <https://example.com>", "**Law**: see [the text](https://example.com/law)"],
    "components": [
        {"component": 'Cart "store" | cache', "layer": "domain", "change": "a\nb", "notes": "`x|y`, a \\| b"},
        {"component": "Checkout; a < b > c", "responsibility": "reads\n\nthe cart"},
    ],
    "flags": [{"flag": "`A|B`", "kill_switch": "line one\nline two"}],
    "slos": [{"sli": "saves | reads", "target": "99 %"}],
    "risks": [{"risk": "Lost | found", "mitigation": "first\n\nsecond"}],
    "tasks": {
        "phase_2": ["A task\nover two lines (G1) @tom", "Another, with `code` and a [study](https://example.com)"]
    },
    "regressions": [{"area": "Check\nout", "impact": "an empty | cart", "mitigation": "a test"}],
}
MARKUP = "1. <x> `a` [b](c) *d* _e_ | {{ 7*7 }} {% f %} &amp; # https://g.h \\ \"i\" 'j'"

SUPPORTED: Mapping[str, Mapping[str, Any]] = {
    **{depth: {"depth": depth} for depth in DEPTHS},
    **{f"{depth}-example": {**EXAMPLE, "depth": depth} for depth in DEPTHS},
    **{stack: {"stack": stack, "supporting_docs": [*DOCUMENTS]} for stack in STACKS},
    "lite-average": {**AVERAGE, "depth": "lite", "stack": "python"},
    "lite-average-none": {**AVERAGE, "depth": "lite"},
    "plan-alone": {"supporting_docs": []},
    "tree-later": {"stack": "python", "scaffold": False},
    "domain-alone": {"stack": "go", "layers": ["domain"], "depth": "standard"},
    **{f"{depth}-markdown": {**MARKDOWN, "supporting_docs": [*DOCUMENTS], "depth": depth} for depth in DEPTHS},
    "markup": {
        "project_name": MARKUP,
        "feature_name": MARKUP,
        "feature_slug": "markup",
        "summary": MARKUP,
        "owner": "jane@example.com",
        "stack": "dotnet",
        "dotnet_namespace": "Acme",
        "supporting_docs": [*DOCUMENTS],
    },
    "unicode": {
        "project_name": "Магазин 商店",
        "feature_name": "Προφίλ χρήστη – مرحبا 🚀",
        "summary": "Ünïcödé, עברית, ไทย",
        "supporting_docs": [*DOCUMENTS],
    },
}
