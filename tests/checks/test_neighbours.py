"""Checking one plan finds what checking all of them does, without parsing the rest."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from groundplan.checks.check import check
from support.finished_plans import copy_of

TODAY = datetime.date(2026, 1, 20)
SLUG = "user-profile-2fa"
PLAN = "feature-plan.md"


def beside(finished: Path, folder: Path, mine: str, other: str) -> Path:
    """Return a project of two plans with a component each, as their tables have them."""
    project = copy_of(finished, folder / "shop")
    plans = project / "docs/plan_docs"
    text = (plans / SLUG / PLAN).read_text("utf-8")
    (plans / SLUG / PLAN).write_text(text.replace("| Sign-in service |", f"| {mine} |"), "utf-8")
    text = text.replace(SLUG, "gift-cards").replace("user_profile_2fa", "gift_cards")
    (plans / "gift-cards").mkdir()
    (plans / "gift-cards" / PLAN).write_text(text.replace("| Sign-in service |", f"| {other} |"), "utf-8")
    return project


def overlaps(project: Path, *slugs: str) -> list[str]:
    """Return the messages about what two plans change."""
    report = check(slugs or None, project, today=TODAY, select=["GP501"])
    return [finding.message for finding in report.findings if SLUG in finding.path]


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        ("Checkout", "checkout"),
        ("Checkout", "**Check**out"),
        ("Checkout service", "`Checkout`  service"),
        ("Checkout service", "[Checkout](https://example.org/a) service"),
        ("[Checkout service](https://example.org/b)", "Checkout service"),
        ("Straße", "STRASSE"),
        ("Überweisung", "*Überweisung*"),
        ("注文", "`注文`"),
        ("snake_case", "snake\\_case"),
        ("src/shop/cart.py", "SRC/shop/cart.py"),
        ("C++ (core)", "C++ (core)"),
    ],
)
def test_a_name_is_found_however_it_is_written(finished: Path, tmp_path: Path, mine: str, other: str) -> None:
    project = beside(finished, tmp_path, mine, other)

    assert len(overlaps(project)) == 1
    assert overlaps(project, SLUG) == overlaps(project)


@pytest.mark.parametrize(
    ("mine", "other"),
    [("Service 3", "Service 30"), ("Service", "Web-Service"), ("Cart", "Discarte"), ("Straße", "Straßen")],
)
def test_a_name_within_another_is_not_the_same(finished: Path, tmp_path: Path, mine: str, other: str) -> None:
    project = beside(finished, tmp_path, mine, other)

    assert overlaps(project) == overlaps(project, SLUG) == []


def test_a_path_of_another_plans_tree_is_found(finished: Path, tmp_path: Path) -> None:
    project = beside(finished, tmp_path, "Checkout", "Cart")
    file = project / "docs/plan_docs/gift-cards" / PLAN
    file.write_text(file.read_text("utf-8").replace("gift_cards", "user_profile_2fa"), "utf-8")

    assert len(overlaps(project)) > 1
    assert overlaps(project, SLUG) == overlaps(project)
