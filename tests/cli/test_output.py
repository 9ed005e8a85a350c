"""What the command reads and prints, whatever a machine's locale and wherever its streams lead."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from support.commands import COMMAND, SMALL, groundplan, host
from support.finished_plans import PLAN

# Python would read and write ASCII or Latin-1.
NOT_UTF_8 = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}


def run(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a shell's command line, in which `$0` is the real command."""
    return subprocess.run(
        ["sh", "-c", command, str(COMMAND)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("arguments", ["status", "status --json", "check"])
def test_output_is_utf_8_whatever_the_locale(project: Path, arguments: str, encoding: str) -> None:
    plan = project / PLAN
    plan.write_text(re.sub("^owner: .*$", 'owner: "überprüfung"', plan.read_text("utf-8"), flags=re.MULTILINE), "utf-8")

    ended = run(f'"$0" {arguments}', project, **{**NOT_UTF_8, "PYTHONIOENCODING": encoding})

    assert ended.returncode in (0, 1), ended.stderr
    assert ended.stdout.decode("utf-8")
    assert b"Traceback" not in ended.stderr


def test_brief_on_standard_input_is_utf_8_whatever_the_locale(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop")
    text = json.dumps({**SMALL, "feature_name": "Überprüfung"}, ensure_ascii=False)
    (tmp_path / "brief.yml").write_text(text, "utf-8")

    ended = run(f'"$0" new - --template "{template}" --dry-run --json < ../brief.yml', shop, **NOT_UTF_8)

    assert ended.returncode == 0, ended.stderr
    assert [feature["slug"] for feature in json.loads(ended.stdout)["features"]] == ["uberprufung"]


@pytest.mark.parametrize("output", ["/dev/full", "&-"])
@pytest.mark.parametrize("arguments", ["check", "status", "check --json", "--help"])
def test_output_that_cannot_be_written_is_one_line(project: Path, arguments: str, output: str) -> None:
    ended = run(f'"$0" {arguments} >{output}', project)

    assert ended.returncode == 1
    assert ended.stderr.decode().splitlines()[-1].startswith("groundplan: ")
    assert b"Traceback" not in ended.stderr


def test_briefs_are_named_as_they_are_or_with_their_switch(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop")
    for name in ("Saved carts", "Gift cards"):
        (tmp_path / f"{name}.yml").write_text(json.dumps({**SMALL, "feature_name": name}), "utf-8")

    ended = groundplan(
        shop, "new", tmp_path / "Saved carts.yml", "--brief", tmp_path / "Gift cards.yml", "--template", template, "-n"
    )

    assert (ended.status, ended.output.splitlines()[-1]) == (0, "2 made, nothing was written")


def test_no_brief_is_wrong_use(tmp_path: Path) -> None:
    ended = groundplan(host(tmp_path / "shop"), "new")

    assert (ended.status, ended.errors.count("\n")) == (2, 1)


def test_help_has_no_stop_before_a_semicolon(tmp_path: Path) -> None:
    assert ".;" not in groundplan(tmp_path, "--help-all").output


@pytest.mark.parametrize(("typed", "offered"), [("ch", "check"), ("sch", "schema")])
def test_bash_completes_subcommands(tmp_path: Path, typed: str, offered: str) -> None:
    script = f'source <("{COMMAND}" --completions bash); COMP_WORDS=(groundplan {typed}); COMP_CWORD=1'
    script += '; _groundplan_completion; echo "${COMPREPLY[@]}"'

    ended = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ended.stdout.split() == [offered]
