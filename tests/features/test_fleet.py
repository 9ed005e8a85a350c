"""What engines for fleets of repositories are given: valid for them, and doing what the documentation says."""

from __future__ import annotations

import os
import re
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
    """Return the script of a step of the workflow."""
    workflow: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    (script,) = [step["run"] for step in steps if step.get("name") == name]
    return str(script)


def test_job_that_runs_foreign_code_has_no_token_and_the_one_with_a_token_runs_none() -> None:
    jobs: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]
    assert jobs["update"]["permissions"] == {"contents": "read"}
    (checkout,) = [step for step in jobs["update"]["steps"] if "checkout" in step.get("uses", "")]
    assert checkout["with"] == {"persist-credentials": False}
    scripts = " ".join(step.get("run", "") for step in jobs["propose"]["steps"])
    assert not re.search(r"groundplan update --|\bpip\b|\bpython", scripts)


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
    result = fleet / ".git/groundplan-update"
    environment = {
        **os.environ,
        "PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}",
        "REF": "",
        "BRANCH": "groundplan/update",
        "RESULT": str(result),
        "GITHUB_ENV": str(tmp_path / "github-env"),
        "GITHUB_OUTPUT": str(tmp_path / "github-output"),
    }

    def run(name: str, folder: Path, **variables: str) -> str:
        # As GitHub's runners call it.
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step(name)]
        ended = subprocess.run(
            shell, cwd=folder, env=environment | variables, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    run("Update", fleet)
    run("Make a patch", fleet)
    assert (tmp_path / "github-output").read_text("utf-8") == "is-changed=true\n"
    told = run("Tell what needs a person", fleet)
    assert told.startswith("::warning::saved-carts: conflicts docs/plan_docs/saved-carts/feature-plan.md")
    # The second job has a checkout of its own. What a patch holds beside plan folders goes nowhere.
    (fleet / ".github/workflows").mkdir(parents=True)
    (fleet / ".github/workflows/evil.yml").write_text("on: push\n", "utf-8")
    git("-C", fleet, "add", "--all")
    (result / "update.patch").write_text(git("-C", fleet, "diff", "--cached", "--binary"), "utf-8")
    git("clone", "--quiet", tmp_path / "origin.git", tmp_path / "second")
    run("Push", tmp_path / "second")
    changed = git("-C", tmp_path / "origin.git", "diff", "--name-only", "main", "groundplan/update").split()
    assert changed == [f"docs/plan_docs/gift-cards/{name}" for name in (".copier-answers.yml", "feature-plan.md")]
    assert (tmp_path / "github-env").read_text("utf-8") == "PUSHED=true\n"


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
