"""Plans that people edit, under `copier update`: eight changes of the template, each against six kinds of edits.

Nobody disagrees in any of these pairs, so none may end in a conflict, and nothing that a person wrote may be lost.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from support.rendering import commit, copy_project, git, plan_folders, release, repository, snapshot, update_project

PLACEHOLDER = re.compile(r"\[[A-Z][^\]\n]*\](?!\()")
GUIDANCE = re.compile(r"<!--.*?-->\n\n", re.DOTALL)
PHASES = "partials/08-implementation.jinja"
RISKS = "partials/12-risks.jinja"


@dataclass(frozen=True)
class Change:
    """What a newer version of the template says: texts to replace, and what a plan then holds."""

    edits: Mapping[str, Mapping[str, str]]
    result: str


CHANGES = {
    "insert a task beside a ticked one": Change(
        {PHASES: {"'Build the domain logic',": "'Build the domain logic', 'Agree on names',"}}, "- [ ] Agree on names"
    ),
    "append a task": Change(
        {PHASES: {"'Connect the integrations',": "'Connect the integrations', 'Try it by hand',"}},
        "- [ ] Try it by hand",
    ),
    "reword a task": Change(
        {PHASES: {"Build the back end and the API": "Build the back end, then the API"}},
        "Build the back end, then the API",
    ),
    "reword the ticked task": Change(
        {PHASES: {"Build the domain logic": "Build the domain logic with its tests"}},
        "Build the domain logic with its tests",
    ),
    "new section": Change(
        {"partials/15-kpis.jinja": {"## Success": "## Cost Estimate\n\n- About a week\n\n## Success"}},
        "## Cost Estimate\n\n- About a week",
    ),
    "renamed heading": Change({"partials/14-rollout.jinja": {"## Rollout Plan": "## Release Plan"}}, "## Release Plan"),
    "reworded guidance": Change(
        {
            "partials/03-goals.jinja": {"List what the feature must achieve": "List what must be achieved"},
            RISKS: {"List what may go wrong": "Name what may go wrong"},
        },
        "<!--\nList what must be achieved",
    ),
    "new table column": Change(
        {
            RISKS: {
                "'owner': 'Owner'}": "'owner': 'Owner', 'sign': 'Sign'}",
                "'[Owner]'}": "'[Owner]', 'sign': '[Sign]'}",
            }
        },
        "| Owner | Sign |",
    ),
}


def tick_one(text: str) -> str:
    """Tick the task that the template's changes are near."""
    return text.replace("- [ ] Build the domain logic", "- [x] Build the domain logic")


def tick_many(text: str) -> str:
    """Tick every task of the plan's first four phases."""
    head, mark, tail = text.partition("### Phase 4")
    return head.replace("- [ ]", "- [x]") + mark + tail


def fill_prose(text: str) -> str:
    """Answer what is no table, in own words."""
    lines = text.splitlines(keepends=True)
    return "".join(
        line if line.startswith("|") else answered(line, f"mine{number}") for number, line in enumerate(lines)
    )


def fill_a_table(text: str) -> str:
    """Answer the table of risks, and add a row."""
    row = "| [Risk] | [Impact] | [Likelihood] | [Mitigation] | [Owner] |\n"
    return text.replace(row, "| mine1 | high | low | mine2 | mine3 |\n| mine4 | low | low | mine5 | mine6 |\n")


def add_own_tasks(text: str) -> str:
    """Add a task before and after the template's."""
    task = "- [ ] Build the domain logic\n"
    return text.replace(task, f"- [x] mine1 comes first\n{task}- [ ] mine2 comes next (G1) @jane\n")


def fill_everything(text: str) -> str:
    """Do all of it, and take the guidance out."""
    return fill_prose(add_own_tasks(fill_a_table(tick_many(GUIDANCE.sub("", text)))))


def answered(line: str, word: str) -> str:
    serials = count()
    return PLACEHOLDER.sub(lambda _: f"{word}x{next(serials)} in own words", line)


EDITS: tuple[Callable[[str], str], ...] = (
    tick_one,
    tick_many,
    fill_prose,
    fill_a_table,
    add_own_tasks,
    fill_everything,
)


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template with a first version, and one further version for each change."""
    template = snapshot(tmp_path_factory.mktemp("versions") / "groundplan")
    for number, change in enumerate(CHANGES.values(), start=1):
        release(template, f"v1.{number}.0", change.edits)
        git("-C", template, "checkout", "-q", "v1.0.0")
    return template


@pytest.fixture(scope="module")
def edited_project(versions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one feature for each kind of edit, made with the first version and edited."""
    root = repository(tmp_path_factory.mktemp("project") / "shop")
    for edit in EDITS:
        folder = copy_project(versions, root, "v1.0.0", feature_name=edit.__name__.replace("_", " "))
        plan = folder / "feature-plan.md"
        before = plan.read_text("utf-8")
        plan.write_text(edit(before), "utf-8")
        assert plan.read_text("utf-8") != before
    commit(root)
    return root


@pytest.mark.parametrize("number", range(1, len(CHANGES) + 1), ids=list(CHANGES))
def test_every_edit_survives_a_change_of_the_template(edited_project: Path, tmp_path: Path, number: int) -> None:
    root = tmp_path / "shop"
    shutil.copytree(edited_project, root, symlinks=True)
    change = list(CHANGES.values())[number - 1]
    for folder in plan_folders(root):
        before = (folder / "feature-plan.md").read_text("utf-8")
        update_project(folder, vcs_ref=f"v1.{number}.0")
        after = (folder / "feature-plan.md").read_text("utf-8")
        assert git("-C", root, "ls-files", "--unmerged") == "", folder.name
        assert not re.search(r"^(<<<<<<<|=======|>>>>>>>)", after, re.MULTILINE), folder.name
        assert re.findall(r"mine\w+", after) == re.findall(r"mine\w+", before), folder.name
        assert after.count("- [x]") == before.count("- [x]"), folder.name
        # Guidance that a person took out stays out.
        assert change.result in after or (change.result.startswith("<!--") and "<!--" not in before), folder.name
        commit(root)
