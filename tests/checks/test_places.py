"""The places where checks run: the reference, the pre-commit hook, the GitHub action."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from groundplan.checks.catalogue import CODES
from groundplan.plan.placeholders import PLACEHOLDERS
from plumbum import local
from support.commands import COMMAND, groundplan
from support.finished_plans import PLAN, edit
from support.rendering import ROOT

REFERENCE = (ROOT / "docs/reference/checks.md").read_text("utf-8")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


def test_the_reference_is_fresh(tmp_path: Path) -> None:
    assert groundplan(tmp_path, "explain").output == REFERENCE, "run `make checks`"


def test_codes_are_explained_by_how_they_begin(tmp_path: Path) -> None:
    ended = groundplan(tmp_path, "explain", "gp20", "GP201", "GP603")

    assert re.findall(r"^### (\S+)$", ended.output, flags=re.MULTILINE) == [
        *(f"GP20{n}" for n in range(1, 10)),
        "GP603",
    ]
    assert groundplan(tmp_path, "explain", "GP9").status == 2


def test_the_reference_has_one_heading_for_each_code_in_order() -> None:
    assert re.findall(r"^### (\S+)$", REFERENCE, flags=re.MULTILINE) == list(CODES)


@pytest.mark.parametrize("code", CODES.values(), ids=list(CODES))
def test_the_reference_says_why_when_and_what_to_do(code: Any) -> None:
    text = REFERENCE.partition(f"### {code.id}\n\n")[2].partition("\n### GP")[0]

    levels = [level.value if level else "none" for level in (code.draft, code.later)]
    assert text.startswith(f"{code.title} (`{code.name}`). Draft: {levels[0]}. Later: {levels[1]}.\n")
    assert [part for part in ("\n\nWhy: ", "\n\n```", "\n\nWay out: ") if part not in text] == []


def test_the_reference_publishes_the_placeholders() -> None:
    assert set(re.findall(r"^- `\[(.+)\]`$", REFERENCE, flags=re.MULTILINE)) == PLACEHOLDERS


def test_the_hook_takes_the_files_of_plan_folders_and_nothing_else() -> None:
    pattern = re.compile(HOOK["files"])

    assert pattern.search(PLAN)
    assert pattern.search("docs/plan_docs/a/adr/0001-b.md")
    assert pattern.search("services/billing/docs/plan_docs/a/feature-plan.md")
    assert not pattern.search("docs/plan_docs/README.md")
    assert not pattern.search("src/docs.py")
    assert not pattern.search("mydocs/plan_docs/a/feature-plan.md")


def test_the_hook_checks_the_plans_of_the_files_it_is_given(project: Path) -> None:
    edit(project, "## Risk Management", "## Risks")
    program, *arguments = HOOK["entry"].split()

    ended = groundplan(project, *arguments, PLAN, "docs/plan_docs/user-profile-2fa/architecture.md")

    assert program == "groundplan"
    assert (ended.status, ended.output.count("GP109")) == (1, 1)


def run_action(project: Path, temporary: Path, **inputs: str) -> tuple[int, str]:
    """Run the action's own script as a runner does, with the installed command in the place where it installs it."""
    (temporary / "groundplan").mkdir(parents=True)
    (temporary / "groundplan/bin").symlink_to(Path(sys.executable).parent)
    step = ACTION["runs"]["steps"][1]
    given = {name: inputs.get(name, entry["default"]) for name, entry in ACTION["inputs"].items()}
    expression = re.compile(r"\$\{\{ inputs\.(\w+) \}\}")
    variables = {key: expression.sub(lambda match: given[match[1]], value) for key, value in step["env"].items()}
    # https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#defaultsrunshell
    shell = local["bash"]["--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    status, output, _ = shell.with_cwd(project).with_env(RUNNER_TEMP=str(temporary), **variables).run(retcode=None)
    return status, output


@pytest.mark.skipif(os.name == "nt", reason="the action runs on Linux and macOS")
def test_the_action_annotates_and_writes_sarif(project: Path, tmp_path: Path) -> None:
    edit(project, "| Accept two steps |", "| – |")
    edit(project, "## Risk Management", "## Risks")

    status, output = run_action(project, tmp_path / "1", sarif="plans.sarif", ignore="GP204,GP606")

    assert status == 1
    assert re.fullmatch(rf"::error file={PLAN},line=\d+,title=GP109 .+::“Risks” should be .+\n", output)
    assert '"GP109"' in (project / "plans.sarif").read_text("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="the action runs on Linux and macOS")
def test_the_action_fails_on_warnings_only_where_it_is_strict(project: Path, tmp_path: Path) -> None:
    edit(project, "| Accept two steps |", "| – |")

    assert run_action(project, tmp_path / "1")[0] == 0
    assert run_action(project, tmp_path / "2", strict="true", plans="user-profile-2fa\n")[0] == 1
    assert run_action(project, tmp_path / "3", strict="true", plans="; touch hacked")[0] == 2
    assert run_action(project, tmp_path / "4", sarif="x", plans="unknown")[0] == 1
    assert not (project / "hacked").exists()


def test_the_action_keeps_to_githubs_schema() -> None:
    # The schema comes with the program.
    validate = local[str(Path(sys.executable).with_name("check-jsonschema"))]

    validate("--builtin-schema", "vendor.github-actions", ROOT / "action.yml")


@pytest.mark.parametrize("command", ["check", "status"])
def test_a_folder_without_plans_is_told(tmp_path: Path, command: str) -> None:
    ended = groundplan(tmp_path, command)
    assert (ended.status, ended.errors) == (1, f"There is no plan in {tmp_path / 'docs/plan_docs'}.\n")


@pytest.mark.parametrize("command", ["check", "status"])
def test_a_folder_of_plans_that_cannot_be_read_is_no_success(tmp_path: Path, command: str) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/plan_docs").symlink_to("plan_docs")
    ended = groundplan(tmp_path, command)
    assert (ended.status, ended.errors.count("\n"), "docs/plan_docs" in ended.errors) == (1, 1, True), ended.errors


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_report_that_finds_no_room_is_one_line(project: Path) -> None:
    status, _, errors = (local[str(COMMAND)]["-C", str(project), "check"] > "/dev/full").run(retcode=None)
    assert (status, "Traceback" in errors) == (1, False)
    assert errors.endswith("groundplan: No space left on device\n")
