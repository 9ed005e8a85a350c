"""docs/how-to/team.md keeps its word: its files and commands, in their order, make the template a team's own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt
from support.commands import groundplan, host
from support.rendering import REWORDED, ROOT, commit, git, release, snapshot

PLAN = "docs/plan_docs/saved-carts/feature-plan.md"
DEFAULTS = "docs/plan_docs/defaults.yml"
IDENTITY = ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL")
SECTION = "partials/20-data-protection.jinja"


class Team:
    """Somebody who follows the how-to, with a repository, a template that we release, and an empty fork."""

    def __init__(self, folder: Path) -> None:
        """Make what the how-to takes for granted."""
        self.template = snapshot(folder / "groundplan")
        brief = "feature_name: Saved carts\nstack: none\n"
        self.shop = host(folder / "shop", {"briefs/saved-carts.yml": brief})
        self.folder, self.fork = folder, folder / "fork.git"
        git("init", "--quiet", "--bare", self.fork)
        fences = [token for token in MarkdownIt().parse(text()) if token.type == "fence"]
        self._blocks: Iterator[tuple[str, str]] = iter([(fence.info, fence.content) for fence in fences])

    def code(self, language: str) -> str:
        """Return the next block of the how-to, which is in a language."""
        found, content = next(self._blocks)
        assert found == language
        return content

    def run(self, folder: Path) -> str:
        """Run the next block of the how-to in a folder."""
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "GROUNDPLAN": str(self.template),
            "VERSION": "v1.0.0",
            "NEWER": "v1.1.0",
            "FORK": str(self.fork),
            **{
                f"GIT_{who}_{what}": "team@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
            },
        }
        command = ["bash", "-eu", "-c", self.code("shell")]
        ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def plan(self) -> str:
        """Read the plan."""
        return (self.shop / PLAN).read_text("utf-8")


def text() -> str:
    """Read the how-to."""
    return (ROOT / "docs/how-to/team.md").read_text("utf-8")


def headings(plan: str) -> Sequence[str]:
    """List a plan's headings of the second level."""
    return [line.removeprefix("## ") for line in plan.splitlines() if line.startswith("## ")]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """A team that has followed the how-to up to the fork."""
    team = Team(tmp_path_factory.mktemp("team"))
    (team.shop / DEFAULTS).parent.mkdir(parents=True)
    (team.shop / DEFAULTS).write_text(team.code("yaml"), "utf-8")
    team.run(team.shop)
    made = headings(team.plan())
    assert made[made.index("Risiken") + 1] == "Datenschutz"
    assert "Einführung" in made
    assert not {"Risk Management", "Regression Impact Log"} & {*made}
    assert "- [ ] Der Datenschutz ist geklärt" in team.plan()
    return team


@pytest.fixture(scope="module")
def followed(answered: Team) -> Team:
    """The same after another owner and another word for a heading."""
    defaults = (answered.shop / DEFAULTS).read_text("utf-8")
    (answered.shop / DEFAULTS).write_text(
        defaults.replace("owner: acme/checkout", "owner: acme/web").replace("Einführung", "Freigabe"), "utf-8"
    )
    told = answered.run(answered.shop)
    assert "changed answers: headings, owner" in told
    return answered


@pytest.fixture(scope="module")
def forked(followed: Team) -> Team:
    """The same with a fork, which has a section of the team's own."""
    followed.code("yaml")
    assert "1 plan checked" in followed.run(followed.shop)
    followed.run(followed.folder)
    clone = followed.folder / "acme-plans"
    (clone / SECTION).write_text(followed.code("jinja"), "utf-8")
    followed.run(clone)
    followed.run(followed.shop)
    return followed


def test_features_follow_the_defaults(followed: Team) -> None:
    assert 'owner: "acme/web"' in followed.plan()
    assert "Freigabe" in headings(followed.plan())


def test_placeholders_of_the_fork_and_of_the_team_are_found(forked: Team) -> None:
    there = headings(forked.plan())
    assert there[there.index("Risiken") + 1 : there.index("Risiken") + 3] == ["Datenschutz", "Data Protection"]
    plan = forked.shop / PLAN
    plan.write_text(forked.plan().replace('status: "draft"', 'status: "approved"', 1), "utf-8")
    ended = groundplan(forked.shop, "check", "--select", "GP201,GP101", "--all", "--json")
    git("-C", forked.shop, "checkout", "--quiet", "--", PLAN)
    told = [finding["message"] for finding in ended.document["findings"]]
    for placeholder in ("Personal data", "Retention period", "Answer"):
        assert any(f"[{placeholder}]" in message for message in told), told
    assert not any("GP101" in str(finding) for finding in ended.document["findings"])


def test_features_get_our_changes_through_the_fork(forked: Team) -> None:
    release(forked.template, "v1.1.0", REWORDED)
    forked.run(forked.folder / "acme-plans")
    forked.run(forked.shop)
    assert "Reviewers approved" in forked.plan()
    assert {"Datenschutz", "Data Protection", "Risiken"} <= {*headings(forked.plan())}
    answers = yaml.safe_load((forked.shop / PLAN).with_name(".copier-answers.yml").read_text("utf-8"))
    assert (answers["_src_path"], answers["_commit"]) == (str(forked.fork), "v1.1.0+acme.1")
    commit(forked.shop)
    assert groundplan(forked.shop, "update", "--all", "--json").statuses() == {"saved-carts": "current"}
