"""A plan of the first schema follows the template to the second without a conflict, whatever people made of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from groundplan.plan.reader import read_plan
from support import documents
from support.rendering import commit, copy_project, git, repository, snapshot, update_by_command

FIRST = Path(__file__).parent / "schema_1"
PLACES = {
    "00-front-matter.jinja": "partials/00-front-matter.jinja",
    "feature-plan.md.jinja": "template/{{ plan_dir }}/feature-plan.md.jinja",
}
PLAN = "docs/plan_docs/saved-carts/feature-plan.md"
STATUSES = {"draft": "Draft", "approved": "Approved", "in-progress": "In progress", "released": "Released"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a plan of the first schema, whose template has a version of the second."""
    template = snapshot(tmp_path_factory.mktemp("template") / "groundplan", "v2.0.0")
    git("-C", template, "checkout", "-q", "--orphan", "first")
    for name, place in PLACES.items():
        shutil.copy(FIRST / name, template / place)
    commit(template, "v1.0.0")
    git("-C", template, "tag", "v1.0.0")
    git("-C", template, "checkout", "-q", "main")
    root = tmp_path_factory.mktemp("made") / "acme"
    milestones = [{"milestone": "Beta", "date": "2099-03-01"}]
    copy_project(template, root, "v1.0.0", feature_name="Saved carts", milestones=milestones)
    return repository(root)


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "acme", symlinks=True))


def rewrite(root: Path, edits: dict[str, str]) -> None:
    text = (root / PLAN).read_text("utf-8")
    for old, new in edits.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (root / PLAN).write_text(text, "utf-8")
    commit(root)


def test_the_first_schema_is_what_was_published(made: Path) -> None:
    plan = read_plan(made, "saved-carts")

    assert plan.front_matter.problems == ()
    assert (plan.front_matter.schema, plan.front_matter.milestones, plan.status_line) == (1, ("Beta",), None)


@pytest.mark.parametrize("status", STATUSES)
def test_a_plan_comes_to_the_second_schema_without_a_conflict(shop: Path, status: str) -> None:
    rewrite(
        shop,
        {
            'status: "draft"': f'status: "{status}"',
            'labels: ["plan", "feature", "documentation"]': 'labels: ["plan", "feature", "documentation", "ours"]',
            'ticket: ""': 'ticket: "SHOP-7"',
            "accepted: []": 'accepted:\n  - path: src/a.py\n    commit: "0a1b2c3"\n    reason: "Not needed"',
            "depends_on: []": 'depends_on: ["gift-cards"]',
        },
    )

    ended = update_by_command(shop, "saved-carts")

    assert ended.returncode == 0, ended.stderr
    assert git("-C", shop, "ls-files", "--unmerged") == ""
    plan = read_plan(shop, "saved-carts")
    text = (shop / PLAN).read_text("utf-8")
    matter = documents.front_matter(text)
    assert plan.page.conflicts == () and plan.front_matter.problems == ()
    assert (matter["schema"], matter["status"], matter["ticket"], matter["issue"]) == (2, status, "SHOP-7", "")
    assert (matter["labels"][-1], matter["depends_on"], "milestones" in matter) == ("ours", ["gift-cards"], False)
    assert matter["accepted"][0]["path"] == "src/a.py"
    assert list(matter)[:3] == ["status", "owner", "ticket"]
    assert plan.status_line and plan.status_line.status == status
    assert f"\n\n**{STATUSES[status]}** · jane · `feature/saved-carts`\n\n## Overview" in (shop / PLAN).read_text(
        "utf-8"
    )


def test_milestones_that_people_changed_stay_beside_the_table(shop: Path) -> None:
    rewrite(shop, {'milestones: ["Beta"]': 'milestones: ["Beta", "All"]', 'status: "draft"': 'status: "approved"'})

    update_by_command(shop, "saved-carts")

    matter = documents.front_matter((shop / PLAN).read_text("utf-8"))
    assert (matter["milestones"], matter["schema"]) == (["Beta", "All"], 2)
    assert git("-C", shop, "ls-files", "--unmerged") == ""
