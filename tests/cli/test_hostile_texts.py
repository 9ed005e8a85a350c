"""No text of a repository's or a brief's reaches a terminal or a log as anything but text, whatever is run."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from groundplan.cli.app import Groundplan
from support.commands import COMMAND, brief
from support.finished_plans import PLAN, copy_of
from support.rendering import commit, git, repository

# A title of the window, a link (OSC 8), colour by C0 and by C1, what turns a line round, a command of a workflow.
HOSTILE = "x\x1b]0;owned\x07\x1b]8;;https://example.com\x1b\\y\x1b[31m\x9b31m\u202ez\u2066\n::error::forged"
SLUG = "user-profile-2fa"
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
FOLDER = "a\x1b[31m\u202eb"
COMMANDS: dict[str, list[list[str]]] = {
    "adopt": [[PLAN, "-n"], [PLAN, "-n", "--json"], [PLAN, "--brief-only"], ["spec.md", "--brief-only"], [HOSTILE]],
    "check": [[], ["--json"], ["--format", "sarif"], ["--format", "github"], ["--all", "--notes"], [HOSTILE]],
    "status": [
        [],
        ["--json"],
        ["--history"],
        ["--history", "--json"],
        ["--format", "markdown"],
        ["--format", "markdown", "--output", f"{FOLDER}.md"],
        ["--check-page", f"{FOLDER}.md"],
        ["--check-template"],
        ["--archived"],
        [HOSTILE],
    ],
    "diff": [[SLUG, "--since", "HEAD~1"], [SLUG, "--since", "HEAD~1", "--json"], [HOSTILE], [FOLDER]],
    "mark": [[SLUG, "released", "-n"], [SLUG, "released", "-n", "--json"], [FOLDER, "draft", "-n"], [SLUG, HOSTILE]],
    "merge": [["-p", "-L", HOSTILE, "a.md", "a.md", "b.md"], ["c.md", "a.md", "b.md"], [HOSTILE, "a.md", "b.md"]],
    "new": [["brief.yml"], ["brief.yml", "--json"], [HOSTILE], ["-d", HOSTILE], ["brief.yml", "--template", HOSTILE]],
    "update": [["--all", "-n"], ["--all", "-n", "--json"], [HOSTILE], [SLUG, "-d", f"owner={HOSTILE}"], [FOLDER]],
    "scaffold": [[SLUG, "-n", "-d", f"stack={HOSTILE}"], [FOLDER], [HOSTILE]],
    "remove": [[SLUG, "-n"], [SLUG, "-n", "--json"], [FOLDER], [HOSTILE]],
    "publish": [[SLUG, "-n"], [HOSTILE], ["--all", "--repo", HOSTILE], ["--all", "-n", "--json"]],
    "schema": [["--template", HOSTILE]],
    "explain": [[HOSTILE]],
}


@pytest.fixture(scope="module")
def hostile(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which every text that a command could print is hostile. Nothing here writes into it for good."""
    root = tmp_path_factory.mktemp("hostile") / FOLDER
    repository(copy_of(finished, root))
    git("-C", root, "remote", "add", "origin", f"https://example.com/{FOLDER}/x.git")
    plan = root / PLAN
    quoted = json.dumps(HOSTILE)
    text = plan.read_text("utf-8")
    text = re.sub("^(title|owner|feature_slug): .*$", lambda found: f"{found[1]}: {quoted}", text, flags=re.M)
    shown = HOSTILE.partition("\n")[0]
    text = re.sub(r"^(#+ |- |- \[.\] |\| )(?=\w)", lambda found: f"{found[1]}{shown} ", text, flags=re.M)
    plan.write_text(f"{text}\n## {shown}\n\n[{shown}](missing-{shown}.md) [Placeholder {shown}]\n", "utf-8")
    (plan.parent / f"{shown.replace('/', '_')}.md").write_text(f"# {shown}\n\n[a](b{shown}.md)\n", "utf-8")
    other = root / "docs/plan_docs" / FOLDER / "feature-plan.md"
    other.parent.mkdir()
    other.write_text(plan.read_text("utf-8"), "utf-8")
    answers = {"_commit": HOSTILE, "_src_path": HOSTILE, "feature_slug": HOSTILE, "tree": {"paths": [HOSTILE]}}
    (other.parent / ".copier-answers.yml").write_text(yaml.safe_dump(answers), "utf-8")
    commit(root, HOSTILE)
    (root / "spec.md").write_text(f"# {shown}\n\n## Goals\n\n- {shown}\n\n## {shown}\n\n{shown}\n", "utf-8")
    for name, word in (("a", "base"), ("b", "theirs"), ("c", "ours")):
        (root / f"{name}.md").write_text(f"# {shown}\n\n## {shown}\n\n- [ ] {word} {shown}\n", "utf-8")
    brief(root / "brief.yml", feature_name=HOSTILE, owner=HOSTILE, **{HOSTILE: HOSTILE})
    return root


def test_every_subcommand_is_tried() -> None:
    prefix = "_subcommand_"  # plumbum's
    assert set(COMMANDS) == {name.removeprefix(prefix) for name in vars(Groundplan) if name.startswith(prefix)}


@pytest.mark.parametrize(
    ("command", "arguments"),
    [(command, arguments) for command, tried in COMMANDS.items() for arguments in tried],
    ids=lambda value: value if isinstance(value, str) else ascii(" ".join(value))[:40],
)
def test_hostile_text_is_shown_not_obeyed(hostile: Path, command: str, arguments: list[str]) -> None:
    ended = subprocess.run([COMMAND, command, *arguments], cwd=hostile, capture_output=True, check=False)
    output, errors = ended.stdout.decode("utf-8"), ended.stderr.decode("utf-8")
    # A merge prints the document itself.
    written = errors if arguments[:1] == ["-p"] else output + errors
    assert CONTROLS.findall(written) == []
    assert not [line for line in written.splitlines() if line.startswith("::error::forged")]
    assert "Traceback" not in errors
