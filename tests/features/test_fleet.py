"""What engines for fleets of repositories are given: valid for them, and doing what the documentation says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from plumbum import local
from support.commands import COMMAND, brief, groundplan, host
from support.rendering import COPIER, ROOT, commit, git, snapshot

WORKFLOW = ROOT / ".github/workflows/groundplan-update.yml"
RENOVATE = ROOT / "docs/how-to/renovate.json"


@pytest.mark.parametrize(
    ("schema", "file"),
    [("vendor.github-workflows", WORKFLOW), ("vendor.renovate", RENOVATE)],
    ids=["github", "renovate"],
)
def test_file_fits_its_engines_published_schema(schema: str, file: Path) -> None:
    check = Path(sys.executable).with_name("check-jsonschema")
    ended = subprocess.run([check, "--builtin-schema", schema, file], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


def step(name: str) -> str:
    """Give the script of a step of the workflow."""
    workflow: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    (script,) = [step["run"] for step in workflow["jobs"]["update"]["steps"] if step.get("name") == name]
    return str(script)


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """A repository with an origin and two features; of one the next version conflicts with an edit."""
    template = snapshot(tmp_path / "template")
    shop = host(tmp_path / "shop")
    for name in ("Saved carts", "Gift cards"):
        brief(tmp_path / "briefs" / f"{name}.yml", feature_name=name)
    assert groundplan(shop, "new", "--brief", tmp_path / "briefs", "--template", template).status == 0
    plan = shop / "docs/plan_docs/saved-carts/feature-plan.md"
    plan.write_text(plan.read_text("utf-8").replace("Stakeholders approved", "Everybody approved"), "utf-8")
    commit(shop)
    git("clone", "--quiet", "--bare", shop, tmp_path / "origin.git")
    git("-C", shop, "remote", "add", "origin", tmp_path / "origin.git")
    part = template / "partials/18-acceptance.jinja"
    part.write_text(part.read_text("utf-8").replace("Stakeholders approved", "Reviewers approved"), "utf-8")
    commit(template)
    git("-C", template, "tag", "v2.0.0")
    return shop


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is missing")
def test_workflow_pushes_what_was_updated_and_leaves_conflicts_to_a_person(fleet: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}",
        "REF": "",
        "BRANCH": "groundplan/update",
        "REPORT": str(fleet / ".git/groundplan-report.json"),
        "GITHUB_ENV": str(tmp_path / "github-env"),
    }
    for name in ("Update", "Push"):
        # As GitHub's runners call it.
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step(name)]
        ended = subprocess.run(shell, cwd=fleet, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
    changed = git("-C", tmp_path / "origin.git", "diff", "--name-only", "main", "groundplan/update").split()
    assert changed == [f"docs/plan_docs/gift-cards/{name}" for name in (".copier-answers.yml", "feature-plan.md")]
    assert (tmp_path / "github-env").read_text("utf-8") == "PUSHED=true\n"
    assert git("-C", fleet, "status", "--porcelain") == ""
    told = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step("Tell what needs a person")],
        cwd=fleet,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.startswith("::warning::saved-carts: conflicts docs/plan_docs/saved-carts/feature-plan.md")


def test_command_that_renovate_runs_updates_a_feature(fleet: Path) -> None:
    # Renovate, lib/modules/manager/copier/artifacts.ts
    answers = "docs/plan_docs/gift-cards/.copier-answers.yml"
    update = ("update", "--skip-answered", "--defaults", "--trust", "--answers-file", answers, "--vcs-ref", "v2.0.0")
    local[str(COPIER)].with_cwd(fleet)(*update)
    assert git("-C", fleet, "status", "--porcelain").split() == [
        "M",
        answers,
        "M",
        "docs/plan_docs/gift-cards/feature-plan.md",
    ]
