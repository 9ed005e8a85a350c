"""Every document that the template renders: its form, its contract, and the brief's data in its place."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from groundplan.rendering import quoting
from groundplan.rendering.branches import handles
from groundplan.rendering.shapes import SHAPES, TEAM_SHAPES, ListOf, Record
from support import documents
from support.rendering import ROOT, answers_of, contents_of, copy_project, files_of
from support.renders import AVERAGE, DOCUMENTS, EXAMPLE, MARKDOWN, MARKUP, SUPPORTED

Rendered = Callable[[str], Path]
every_render = pytest.mark.parametrize("name", SUPPORTED)

MATTER_KEYS = (
    "status owner ticket issue branch title labels assignees depends_on accepted "
    "feature slug created depth stack layers schema".split()
)
# The contract of the plan document; H3 stand below their H2. People, checks and later versions rely on it.
HEADINGS = {
    "Overview": [],
    "Current State Assessment": [],
    "Feature Goals & Objectives": [],
    "Scope Definition": ["In Scope", "Out of Scope / Deferred"],
    "Dependencies & Integration Points": [],
    "Architecture & Design Deltas": [
        "High-Level Changes",
        "Component & Service Impact",
        "Data Model & Storage Updates",
        "Communication & Contracts",
    ],
    "Project Structure Impact (Planned)": [],
    "Implementation Plan": [
        "Phase 0: Discovery & Alignment",
        "Phase 1: Foundation & Enablers",
        "Phase 2: Core Feature Development",
        "Phase 3: Experience & Integration",
        "Phase 4: Validation & Hardening",
        "Phase 5: Rollout & Monitoring",
    ],
    "Testing & Quality Strategy": [],
    "Documentation & Communication": [],
    "Operational Readiness": [],
    "Risk Management": [],
    "Regression Impact Log": [],
    "Rollout Plan": [],
    "Success Metrics & KPIs": [],
    "Supporting Artifacts": [],
    "Repository Branch & Milestones": [],
    "Acceptance Checklist": [],
    "Implementation Notes": [],
}
COLUMNS = {
    "Dependencies & Integration Points": ["Flag", "Owner", "Kill switch", "Remove by"],
    "Architecture & Design Deltas": ["Component", "Current Responsibility", "Planned Change", "Notes"],
    "Operational Readiness": ["SLI", "Target", "Window"],
    "Risk Management": ["Risk", "Impact", "Likelihood", "Mitigation", "Owner"],
    "Success Metrics & KPIs": ["KPI", "Baseline", "Target", "Source"],
    "Repository Branch & Milestones": ["Milestone", "Date"],
}
LITE = [
    "Overview",
    "Feature Goals & Objectives",
    "Scope Definition",
    "Project Structure Impact (Planned)",
    "Implementation Plan",
    "Risk Management",
    "Rollout Plan",
    "Repository Branch & Milestones",
    "Acceptance Checklist",
]
# What a standard plan leaves out, unless the brief answers this key.
ANSWERED_BY = {
    "Current State Assessment": "current_state",
    "Documentation & Communication": "documentation",
    "Regression Impact Log": "regressions",
}


def expected_headings(depth: str, brief: Any) -> list[str]:
    """List a plan's headings below its title, as the contract has them for a depth."""
    wanted = LITE if depth == "lite" else list(HEADINGS)
    if depth == "standard":
        wanted = [name for name in wanted if name not in ANSWERED_BY or ANSWERED_BY[name] in brief]
    below = {**HEADINGS, "Implementation Plan": []} if depth == "lite" else HEADINGS
    return [line for name in wanted for line in [f"## {name}", *(f"### {sub}" for sub in below[name])]]


def plan_of(folder: Path) -> str:
    return (folder / "feature-plan.md").read_text("utf-8")


def markdown_of(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.md"))


def normal(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\\|", "|"))


@every_render
def test_no_template_syntax_is_left_over(rendered: Rendered, name: str) -> None:
    root = rendered(name).parents[2]
    # Languages have double braces of their own, but none of these.
    syntax = re.compile(r"\{\{ ?[a-z_]+( \}\}|\||\.[a-z_]+ \}\})|\{%-? |\{# | #\}|\bUndefined\b|\bUNSET\b")
    left = [path for path in files_of(root) if syntax.search(path)]
    for path in files_of(root):
        text = (root / path).read_text("utf-8").replace("{% f %}", "")
        left += [f"{path}: {found[0]}" for found in syntax.finditer(text)]
    assert left == []


@every_render
def test_every_file_is_utf8_with_unix_line_ends_and_one_final_newline(rendered: Rendered, name: str) -> None:
    wrong = []
    for path, content in contents_of(rendered(name).parents[2]).items():
        text = content.decode("utf-8")
        # An empty file is a Python package's __init__.
        tidy = not text or (text.endswith("\n") and not text.endswith("\n\n") and not text.startswith("\ufeff"))
        if not tidy or "\r" in text:
            wrong.append(path)
    assert wrong == []


@every_render
def test_relative_links_resolve(rendered: Rendered, name: str) -> None:
    folder = rendered(name)
    assert {path.name: documents.broken_links(path) for path in markdown_of(folder)} == {
        path.name: [] for path in markdown_of(folder)
    }


@every_render
def test_the_plan_links_each_supporting_document_once_in_its_artifacts(rendered: Rendered, name: str) -> None:
    folder = rendered(name)
    others = [path.relative_to(folder).as_posix() for path in markdown_of(folder) if path.name != "feature-plan.md"]
    plan = plan_of(folder)
    heading = "## Overview" if answers_of(folder)["depth"] == "lite" else "## Supporting Artifacts"
    linked = [link for link in documents.links(documents.section(plan, heading)) if "://" not in link]
    assert sorted(linked) == sorted(others)


@every_render
def test_front_matter_holds_exactly_the_contracts_keys_in_order(rendered: Rendered, name: str) -> None:
    plan = plan_of(rendered(name))
    matter = documents.front_matter(plan)
    lines = documents.FRONT_MATTER.match(plan)[1].splitlines()  # type: ignore[index]
    assert [line.partition(":")[0] for line in lines] == MATTER_KEYS
    assert list(matter) == MATTER_KEYS


@every_render
def test_front_matter_says_what_was_answered(rendered: Rendered, name: str) -> None:
    folder = rendered(name)
    answers, matter = answers_of(folder), documents.front_matter(plan_of(folder))
    assert matter == {
        "title": f"{answers['project_name']} – {answers['feature_name']} Feature Plan",
        "labels": answers.get("labels", ["plan", "feature", "documentation"]),
        "assignees": answers.get("assignees", handles([answers["owner"]])),
        "schema": 2,
        "feature": answers["feature_name"],
        "slug": folder.name,
        "owner": answers["owner"],
        "status": "draft",
        "created": str(answers["created"]),
        "branch": answers["branch"],
        "ticket": answers["ticket"],
        "issue": "",
        "depth": answers["depth"],
        "stack": answers["stack"],
        "layers": answers.get("layers", []),
        "depends_on": answers.get("depends_on", []),
        "accepted": [],
    }


@every_render
def test_one_line_of_state_stands_below_the_title(rendered: Rendered, name: str) -> None:
    folder = rendered(name)
    title, state, overview, *_ = [block for block in documents.body(plan_of(folder)).split("\n\n") if block.strip()]
    assert title.strip().startswith("# ")
    assert state == f"**Draft** · {quoting.plain(answers_of(folder)['owner'])} · `{answers_of(folder)['branch']}`"
    assert overview == "## Overview"


ACCEPTANCE_NEEDS = {
    "testing strategy": "## Testing",
    "ocumentation": "## Documentation",
    "observability": "## Operational",
    "regressions": "## Regression",
    "Design deltas": "## Architecture",
    "Phases": "### Phase",
}


@every_render
def test_acceptance_lines_speak_of_sections_that_there_are(rendered: Rendered, name: str) -> None:
    plan = plan_of(rendered(name))
    lines = documents.section(plan, "## Acceptance Checklist")
    headings = documents.headings(plan)
    for word, heading in ACCEPTANCE_NEEDS.items():
        assert (word in lines) == any(line.startswith(heading) for line in headings), word
    assert len(set(lines.splitlines())) > 5


@every_render
def test_headings_and_their_order_follow_the_contract(rendered: Rendered, name: str) -> None:
    folder = rendered(name)
    title, *rest = documents.headings(plan_of(folder))
    assert title.startswith("# ")
    assert rest == expected_headings(answers_of(folder)["depth"], SUPPORTED[name])


@every_render
def test_tables_have_the_contracts_columns_and_no_ragged_row(rendered: Rendered, name: str) -> None:
    plan = plan_of(rendered(name))
    present = [name for name in COLUMNS if f"## {name}" in documents.headings(plan)]
    found = documents.tables(plan)
    assert [table[0] for table in found] == [COLUMNS[name] for name in present]
    assert all(len(row) == len(table[0]) for table in found for row in table)


def test_all_documents_pass_markdownlint(rendered: Rendered, tmp_path: Path) -> None:
    linter = ROOT / ".tools/node/node_modules/.bin/markdownlint-cli2"
    if not linter.exists() or not shutil.which("node"):
        pytest.skip("markdownlint-cli2 is missing: make setup installs it where npm is")
    for name in SUPPORTED:
        shutil.copytree(rendered(name), tmp_path / name)
    shutil.copy(ROOT / ".markdownlint-cli2.yaml", tmp_path)
    run = subprocess.run([linter, "**/*.md"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert f"Linting: {sum(1 for _ in tmp_path.rglob('*.md'))} file(s)" in run.stdout
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("name", ["lite", "lite-average", "lite-average-none"])
def test_a_lite_plan_has_at_most_80_lines(rendered: Rendered, name: str) -> None:
    lines = documents.body(plan_of(rendered(name))).strip("\n").splitlines()
    opened = lines.index("```text")
    tree = lines[opened : lines.index("```", opened) + 1]
    assert len(lines) - len(tree) <= 80


def test_a_standard_plan_has_at_most_one_line_of_guidance_a_heading(rendered: Rendered) -> None:
    comments = re.findall(r"<!--.*?-->", plan_of(rendered("standard")), re.DOTALL)
    assert comments
    assert all("\n" not in comment for comment in comments)


def test_a_lite_plan_has_no_guidance(rendered: Rendered) -> None:
    assert "<!--" not in plan_of(rendered("lite"))


# ---------------------------------------------------------------------------------------------- the brief in its place


def leaves(value: Any) -> Iterator[str]:
    """List the texts of a brief's answer."""
    if isinstance(value, dict):
        for below in value.values():
            yield from leaves(below)
    elif isinstance(value, list):
        for below in value:
            yield from leaves(below)
    else:
        yield str(value)


def test_the_example_brief_answers_everything() -> None:
    assert set(SHAPES) - set(TEAM_SHAPES) - set(EXAMPLE) == set()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        *(("full-example", key) for key in sorted(EXAMPLE.keys() & SHAPES.keys() - {"branch_pattern"})),
        *(("full-markdown", key) for key in MARKDOWN),
    ],
)
def test_every_text_of_a_brief_stands_in_the_documents(rendered: Rendered, name: str, key: str) -> None:
    everything = normal("\n".join(path.read_text("utf-8") for path in markdown_of(rendered(name))))
    texts = set(leaves(SUPPORTED[name][key]))
    # A component's layer is an edge of the diagram, a dependency's kind is the group it stands in.
    texts -= {"internal", "external", "library", "domain"}
    assert [text for text in texts if normal(text).strip() not in everything] == []


def test_a_full_brief_leaves_no_placeholder_in_the_plan(rendered: Rendered) -> None:
    assert documents.placeholders(plan_of(rendered("full-example"))) == []


@pytest.mark.parametrize("depth", ["full", "standard", "lite"])
def test_empty_answers_keep_the_placeholders(rendered: Rendered, template: Path, tmp_path: Path, depth: str) -> None:
    empty: dict[str, Any] = {key: [] for key, shape in SHAPES.items() if isinstance(shape, ListOf)}
    records: dict[str, Any] = {key: {} for key, shape in SHAPES.items() if isinstance(shape, Record)}
    folder = copy_project(template, tmp_path / "acme", depth=depth, **empty, **records)
    assert documents.placeholders(plan_of(folder))
    for path in markdown_of(folder):
        assert path.read_text("utf-8") == (rendered(depth) / path.name).read_text("utf-8")


def test_goals_are_numbered_in_their_order(rendered: Rendered) -> None:
    goals = documents.section(plan_of(rendered("full-example")), "## Feature Goals & Objectives")
    assert re.findall(r"^- \*\*(G\d+)\*\* (.*)$", goals, re.MULTILINE) == [
        (f"G{number}", goal) for number, goal in enumerate(EXAMPLE["goals"], start=1)
    ]


def test_a_goal_of_several_lines_stays_one_item(rendered: Rendered) -> None:
    goals = documents.section(plan_of(rendered("full-markdown")), "## Feature Goals & Objectives")
    kinds = [(token.type, token.level) for token in documents.tokens(goals)]
    assert kinds.count(("list_item_open", 1)) == len(MARKDOWN["goals"])
    assert kinds.count(("list_item_open", 3)) == 2, "the nested list"


def test_pipes_and_line_breaks_stay_inside_their_cell(rendered: Rendered) -> None:
    plan = plan_of(rendered("full-markdown"))
    components = next(table for table in documents.tables(plan) if table[0][0] == "Component")
    assert components[1:] == [
        ['Cart "store" | cache', "–", "a b", "`x|y`, a | b"],
        ["Checkout; a < b > c", "reads the cart", "–", "–"],
    ]


def test_each_task_stands_alone_on_its_line_under_its_phase(rendered: Rendered) -> None:
    plan = plan_of(rendered("full-markdown"))
    phase = documents.section(plan, "### Phase 2: Core Feature Development")
    assert [line for line in phase.splitlines() if line.startswith("- ")] == [
        "- [ ] A task over two lines (G1) @tom",
        "- [ ] Another, with `code` and a [study](https://example.com)",
    ]


def test_a_phase_without_tasks_keeps_its_usual_ones(rendered: Rendered) -> None:
    phase = "### Phase 4: Validation & Hardening"
    given, usual = (documents.section(plan_of(rendered(name)), phase) for name in ("full-markdown", "full"))
    assert given == usual


def test_a_lite_plan_puts_all_phases_into_one_checklist(rendered: Rendered) -> None:
    section = documents.section(plan_of(rendered("lite-average")), "## Implementation Plan")
    tasks = [task for phase in AVERAGE["tasks"].values() for task in phase]
    assert [line for line in section.splitlines() if line.startswith("- ")] == [f"- [ ] {task}" for task in tasks]


# ------------------------------------------------------------------------------------------------- names and diagrams


def test_names_read_literally_in_every_document(rendered: Rendered) -> None:
    folder = rendered("markup")
    for path in markdown_of(folder):
        if path.parent.name == "adr":
            continue
        heading = documents.tokens(path.read_text("utf-8"))[1]
        # Nothing but text: no code, no link, no emphasis, no HTML.
        assert {child.type for child in heading.children or ()} == {"text"}
        assert MARKUP in heading.content or MARKUP in "".join(child.content for child in heading.children or ())


def test_a_summary_reads_literally(rendered: Rendered) -> None:
    overview = documents.tokens(documents.section(plan_of(rendered("markup")), "## Overview"))
    objective = next(token for token in overview if token.type == "inline" and "Objective" in token.content)
    shown = "".join(child.content for child in objective.children or ())
    assert shown == f"Objective: {MARKUP}"


def test_names_never_enter_code(rendered: Rendered) -> None:
    root = rendered("markup").parents[2]
    code = {path: (root / path).read_text("utf-8") for path in files_of(root) if path.startswith(("src/", "tests/"))}
    assert code
    assert [path for path, text in code.items() if "7*7" in text or "<x>" in text] == []


@pytest.mark.parametrize("name", ["full-example", "full-markdown", "markup", *("dotnet", "go")])
def test_every_mermaid_label_is_quoted(rendered: Rendered, name: str) -> None:
    for document in ("feature-plan.md", "architecture.md"):
        diagram = documents.fence((rendered(name) / document).read_text("utf-8"), "mermaid")
        kind, *lines = diagram.splitlines()
        assert kind == "flowchart TD"
        form = re.compile(r'(subgraph )?\w+\["[^"<>`\\;]*(#\d+;[^"<>`\\;]*)*"\]|\w+ --> \w+|end')
        assert [line for line in lines if not form.fullmatch(line.strip())] == []


def test_no_diagram_without_content(rendered: Rendered) -> None:
    assert "```mermaid" not in plan_of(rendered("full"))


@pytest.mark.parametrize("name", ["full-example", "python"])
def test_documents_are_written_only_as_asked_for(rendered: Rendered, name: str) -> None:
    names = {
        re.sub(r"adr/0001-.*", "adr", path.relative_to(rendered(name)).as_posix())
        for path in markdown_of(rendered(name))
    }
    assert names == {"feature-plan.md", "adr", *(f"{document}.md" for document in DOCUMENTS if document != "adr")}


def test_a_plan_alone_has_no_supporting_document(rendered: Rendered) -> None:
    assert files_of(rendered("plan-alone")) == [".copier-answers.yml", "feature-plan.md"]
