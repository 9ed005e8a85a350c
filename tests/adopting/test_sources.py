"""What can be adopted is read whole and in order, and what cannot is refused in one line."""

import json
import os
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from groundplan.adopting.adopt import read_document
from groundplan.adopting.sources import Source, read_sources
from groundplan.features.brief import BriefError
from groundplan.text.markdown import parse

SPEC = "# Feature Specification: Swap\n\n## Requirements\n\n- **FR-001**: It MUST swap\n"
ISSUE = {
    "title": "Swap shifts",
    "body": "## Goals\r\n\r\n- Swap\r\n",
    "labels": [{"name": "plan", "color": "ededed"}, {"name": "rota"}],
    "assignees": [{"login": "mira", "name": "Mira"}],
    "milestone": {"title": "Pilot", "dueOn": "2026-10-01T00:00:00Z", "number": 1},
}


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


def one(argument: Path) -> Source:
    (source,) = read_sources(str(argument))
    return source


def titles(source: Source) -> list[str]:
    return [section.title for section in parse(source.text).root.walk() if section.heading]


def test_spec_kit_feature_is_one_text_in_the_order_of_its_work(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "specs/004-swap",
        {
            "tasks.md": "---\n\ndescription: x\n---\n\n# Tasks: Swap\n\n## Phase 1: Setup\n\n- [x] T001 Do\n",
            "plan.md": "# Implementation Plan: Swap\n\n## Summary\n\nSwap. See [spec](./spec.md).\n",
            "spec.md": SPEC,
            "research.md": "# Research: Swap\n\n## Decision 1\n\nText.\n",
            "contracts/api.md": "## Offers\n\nSee [the spec](../spec.md).\n",
            "contracts/api.yaml": "openapi: 3.1.0\n",
            "notes.md": "",
        },
    )
    source = one(folder)
    assert (source.kind, source.name, source.folder) == ("spec-kit", "004-swap", folder)
    assert titles(source) == [
        "Feature Specification: Swap",
        "Requirements",
        "Implementation Plan: Swap",
        "Summary",
        "Research: Swap",
        "Findings of research",
        "Decision 1",
        "Contracts",
        "Offers",
        "Tasks: Swap",
        "Phase 1: Setup",
        "Supporting documents",
    ]
    assert "See [the spec](spec.md)." in source.text
    assert "- [contracts/api.yaml](<contracts/api.yaml>)" in source.text
    assert source.text.startswith("---\n\ndescription: x\n---\n")


def test_openspec_change_tells_the_capability_and_the_tasks(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "add-swap",
        {
            ".openspec.yaml": "schema: spec-driven\n",
            "proposal.md": "## Why\n\nText.\n",
            "tasks.md": "## 1. Setup\n\n- [x] 1.1 Do\n",
            "specs/rota/swap/spec.md": "## ADDED Requirements\n\n### Requirement: Swap\n\n#### Scenario: Two\n",
        },
    )
    source = one(folder)
    assert source.kind == "openspec"
    assert source.text.endswith(
        "## Requirements: rota/swap\n\n### ADDED Requirements\n\n#### Requirement: Swap\n\n##### Scenario: Two\n\n"
        "## Tasks\n\n### 1. Setup\n\n- [x] 1.1 Do\n"
    )


def test_enhancement_proposal_has_its_metadata_as_front_matter(tmp_path: Path) -> None:
    folder = write(tmp_path / "1440-swap", {"kep.yaml": "title: Swap\n", "README.md": "# KEP-1440: Swap\n\nText.\n"})
    source = one(folder)
    assert (source.kind, source.text) == ("kep", "---\ntitle: Swap\n---\n\n# KEP-1440: Swap\n\nText.\n")


def test_line_of_the_text_is_told_as_a_line_of_its_file(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "004-swap",
        {"spec.md": SPEC, "tasks.md": "---\ndescription: x\n---\n\n\n# Tasks: Swap\n\n- [x] T001 Do\n"},
    )
    source = one(folder)
    lines = source.text.splitlines()
    for text in ("# Feature Specification: Swap", "- **FR-001**: It MUST swap", "- [x] T001 Do", "description: x"):
        file, _, line = source.place(lines.index(text) + 1).rpartition(":")
        assert Path(file).read_text("utf-8").splitlines()[int(line) - 1] == text


def test_folder_of_plans_is_one_feature_each_without_indexes(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "README.md": "# Plans\n",
            "b.md": "# B\n",
            "a.markdown": "# A\n",
            "specs.txt": "",
            "001-x/spec.md": SPEC,
            "archive/proposal.md": "## Why\n",
            ".hidden/spec.md": SPEC,
        },
    )
    assert [(source.kind, source.name) for source in read_sources(str(tmp_path))] == [
        ("spec-kit", "001-x"),
        ("document", "a"),
        ("document", "b"),
    ]


@pytest.mark.parametrize("as_file", [True, False])
def test_issue_is_read_with_its_fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_file: bool) -> None:
    source = read(tmp_path, monkeypatch, json.dumps(ISSUE).encode(), as_file=as_file)
    assert (source.kind, source.text, source.folder) == ("issue", "## Goals\n\n- Swap\n", None)
    fields = source.fields
    assert (fields.title, fields.labels, fields.assignees) == ("Swap shifts", ("plan", "rota"), ("mira",))
    assert (fields.milestone, fields.milestone_date) == ("Pilot", "2026-10-01")


def test_issue_may_lack_all_but_title_and_body(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps({"title": "T", "body": "# A\n", "labels": None, "milestone": None}).encode()
    assert read(tmp_path, monkeypatch, text, as_file=False).fields.labels == ()


def test_markdown_comes_through_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = read(tmp_path, monkeypatch, "\ufeff# É\r\n\rText".encode(), as_file=False)
    assert (source.kind, source.text) == ("document", "# É\n\nText\n")


def read(folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, *, as_file: bool) -> Source:
    if as_file:
        (folder / "issue.json").write_bytes(content)
        return one(folder / "issue.json")
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(content)))
    (source,) = read_sources("-")
    return source


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"no heading here\n", "has no heading"),
        (b"# A\n\xff\xfe\n", "x.md:2: It is not text in UTF-8"),
        (b"# A\0\n", "binary"),
        (b"\x89PNG\r\n\x1a\n\0\0", "UTF-8"),
        (b"# A\n" + b"a" * 1_000_000, "1,000,000 bytes"),
        (b"{", "whole JSON"),
        (b'{"title": 1}', "gh issue view"),
        (b'{"title": "T", "body": ""}', "has no text"),
        (b'{"title": "T", "body": "text"}', "has no heading"),
        (b"[" * 100_000, "has no heading"),
        (b"{" + b'"a":[' * 100_000, "whole JSON"),
    ],
)
def test_file_that_is_no_plan_is_refused_in_one_line(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "x.md").write_bytes(content)
    assert_refused(tmp_path / "x.md", told)


def assert_refused(argument: Path, told: str) -> None:
    with pytest.raises(BriefError) as error:
        read_sources(str(argument))
    message = str(error.value)
    assert told in message
    assert message.startswith(str(argument))
    assert "\n" not in message


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    assert_refused(tmp_path / "nope.md", "no such file")


def test_pipe_and_device_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert_refused(tmp_path / "pipe.md", "not a regular file")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "folder/pipe.md")
    with pytest.raises(BriefError, match="not a regular file"):
        read_sources(str(tmp_path / "folder"))


@pytest.mark.parametrize("name", ["plans/a.md", "feature/plan.md", "feature/contracts"])
def test_link_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"secret/plan.md": "# Secret\n", "feature/spec.md": SPEC})
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).symlink_to(tmp_path / "secret" if name.endswith("contracts") else tmp_path / "secret/plan.md")
    try:
        sources: Any = read_sources(str((tmp_path / name).parent))
    except BriefError as error:
        assert "link that leads out" in str(error)
    else:
        assert "Secret" not in sources[0].text


def test_folder_without_a_plan_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"README.md": "# Index\n", "a.txt": "x"})
    assert_refused(tmp_path, "holds no plan")


def test_document_that_swallows_the_next_one_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "f", {"spec.md": f"{SPEC}\n```text\ncode\n", "plan.md": "# Plan\n"})
    with pytest.raises(BriefError, match=r"f/spec\.md: It ends inside a code block"):
        read_sources(str(tmp_path / "f"))


def test_label_that_would_change_its_target_is_refused(tmp_path: Path) -> None:
    write(
        tmp_path / "f", {"spec.md": f"{SPEC}\n[1]: https://a.example\n", "plan.md": "# P\n\n[1]: https://b.example\n"}
    )
    with pytest.raises(BriefError, match=r"f/plan\.md: It defines \[1\] for another target than spec\.md"):
        read_sources(str(tmp_path / "f"))


def test_feature_is_named_by_its_first_document_or_else_its_folder(tmp_path: Path) -> None:
    files = {"proposal.md": "## Why\n\nText.\n", "specs/rota/spec.md": "# Delta for rota\n\n## ADDED Requirements\n"}
    (source,) = read_sources(str(write(tmp_path / "2026-03-02-add-swap", files)))
    assert read_document(source).reading.answers["feature_name"] == "Add swap"
    write(tmp_path / "2026-03-02-add-swap", {"proposal.md": "# Change Proposal: Swap shifts\n\n## Why\n\nText.\n"})
    (source,) = read_sources(str(tmp_path / "2026-03-02-add-swap"))
    assert read_document(source).reading.answers["feature_name"] == "Swap shifts"


def test_only_the_phases_of_spec_kit_are_tasks(tmp_path: Path) -> None:
    tasks = """\
# Tasks

## Phase 1: Setup

- [x] T001 Do

## Dependencies & Execution Order

- Setup goes first
"""
    (source,) = read_sources(str(write(tmp_path / "004-swap", {"spec.md": SPEC, "tasks.md": tasks})))
    reading = read_document(source).reading
    assert reading.answers["tasks"] == {"phase_1": ["[x] T001 Do"]}
    assert any("Setup goes first" in piece.text for piece in reading.pieces)
