"""Names that break careless templates: each stands literally in the documents, and none in code."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from groundplan.rendering.naming import name_problem, slugify, summary_problem
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support import documents
from support.rendering import ROOT, copy_by_command, copy_project, files_of

# What ends or begins something in Markdown, YAML, Jinja, a shell, HTML or a path, and letters that are easily lost.
CHARACTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
SIGNS = "`*_[]()<>#+-.!|~\\&;:/@\"'{}%=,?^$ \u00a0\u200b\u200d\u0301\u05d0\u0645\u5546\U0001f680"
WORDS = "--- ... {{ }} {% %} {# #} ${ &amp; <!-- --> ]]> !! ../ null yes 1e3 0o7 |".split()
SPECIAL = st.sampled_from([*SIGNS, *WORDS, "- ", ": ", " #"])
NAMES = (
    (st.text(CHARACTERS, min_size=1, max_size=40) | st.lists(SPECIAL, min_size=1, max_size=12).map("".join))
    .map(str.strip)
    .filter(lambda name: not name_problem(name))
)
# By name: the slug that it gives, or None where a person must give one.
LITERAL = {
    'Say "hi" \\ back': "say-hi-back",
    "It's {{ 7*7 }} {% raw %} {# no #}": "it-s-7-7-raw-no",
    "../../etc/passwd": "etc-passwd",
    "Carts: saved": "carts-saved",
    "-leading dash": "leading-dash",
    "- [ ] yes | no # & *x* !tag %a @b `c`": "yes-no-x-tag-a-b-c",
    "<b>bold</b> &amp; ]]> <!-- x -->": "b-bold-b-amp-x",
    "Προφίλ χρήστη": None,
    "Поиск заказов": None,
    "用户资料": None,
    "مرحبا بالعالم": None,
    "חיפוש הזמנות": None,
    "null": "null",
    "Ready 👩‍💻 set": "ready-set",
}


@cache
def distinct_names(count: int) -> list[str]:
    """Draw hostile names, the same ones every time."""
    drawn: dict[str, None] = {}

    @settings(
        derandomize=True,
        database=None,
        max_examples=4 * count,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(NAMES)
    def draw(name: str) -> None:
        if len(drawn) < count:
            drawn[name] = None

    draw()
    return list(drawn)


def render(template: Path, root: Path, names: list[str]) -> dict[str, tuple[str, str]]:
    """Add a feature for each pair of names, of a project and of a feature; return the pairs by their plans' folders."""
    pairs = dict(enumerate(zip(names[::2], names[1::2], strict=True)))
    for number, (project, feature) in pairs.items():
        copy_project(
            template,
            root,
            project_name=project,
            feature_name=feature,
            feature_slug=f"hostile-{number}",
            summary=feature,
            depth="lite",
            supporting_docs=["feature-brief"],
        )
    return {f"docs/plan_docs/hostile-{number}": pair for number, pair in pairs.items()}


@pytest.mark.parametrize("quarter", range(4))
def test_two_hundred_generated_names_read_literally(template: Path, tmp_path: Path, quarter: int) -> None:
    names = distinct_names(200)[quarter * 50 :][:50]
    assert len(names) == 50
    for folder, (project, feature) in render(template, tmp_path, names).items():
        plan = (tmp_path / folder / "feature-plan.md").read_text("utf-8")
        matter = documents.front_matter(plan)
        assert (matter["feature"], matter["slug"]) == (feature, folder.rpartition("/")[2])
        assert matter["title"] == f"{project} – {feature} Feature Plan"

        heading = documents.tokens(plan)[1].children or []
        assert {child.type for child in heading} <= {"text", "text_special"}
        assert "".join(child.content for child in heading) == " ".join(matter["title"].split())
        assert documents.headings(plan)[1] == "## Overview"
        assert documents.drawn_paths(plan) == [f"{folder}/feature-brief.md", f"{folder}/feature-plan.md"]


def test_documents_of_generated_names_pass_markdownlint(template: Path, tmp_path: Path) -> None:
    linter = ROOT / ".tools/node/node_modules/.bin/markdownlint-cli2"
    if not linter.exists() or not shutil.which("node"):
        pytest.skip("markdownlint-cli2 is missing: make setup installs it where npm is")
    render(template, tmp_path, distinct_names(60))
    shutil.copy(ROOT / ".markdownlint-cli2.yaml", tmp_path)
    run = subprocess.run([linter, "**/*.md"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Linting: 60 file(s)" in run.stdout
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("name", LITERAL)
def test_a_name_stands_literally_in_documents_and_never_in_code(template: Path, tmp_path: Path, name: str) -> None:
    folder = copy_project(
        template, tmp_path / "acme", feature_name=name, project_name=name, stack="python", depth="lite"
    )
    assert summary_problem(name) == ""
    assert folder.name == (LITERAL[name] or slugify(name))
    assert documents.front_matter((folder / "feature-plan.md").read_text("utf-8"))["feature"] == name
    code = [tmp_path / "acme" / path for path in files_of(tmp_path / "acme") if path.startswith(("src/", "tests/"))]
    assert code
    if name != "null":
        assert [path.name for path in code if name in path.read_text("utf-8")] == []


def test_the_command_takes_such_a_name_too(template: Path, tmp_path: Path) -> None:
    name = 'It\'s {{ 7*7 }} "of" <b> & 用户'
    run = copy_by_command(template, tmp_path / "acme", tmp_path, feature_name=name, stack="python")
    assert run.returncode == 0, run.stderr
    (plan,) = tmp_path.glob("acme/docs/plan_docs/*/feature-plan.md")
    assert documents.front_matter(plan.read_text("utf-8"))["feature"] == name
