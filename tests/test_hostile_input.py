"""Files of any content: each is its own plan's or feature's trouble, and stops nothing else."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest
from groundplan.checks.check import check
from groundplan.copying.repository import AnswersError, Feature, find_repository
from groundplan.features.brief import BriefError, read_briefs
from groundplan.plan.front_matter import read_front_matter
from groundplan.progress.status import status
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.commands import groundplan

TODAY = datetime.date(2026, 1, 20)
GOOD = "---\ntitle: Good\n---\n\n# Good\n"
VALUES = [
    "!!bool maybe",
    "!!timestamp maybe",
    "!!int maybe",
    "!!float maybe",
    "!!binary '###'",
    "!!set [a, b]",
    "!!omap [a]",
    "!!pairs 5",
    "!!python/object/apply:os.system [touch ran]",
    "!unknown x",
    "2026-13-45",
    "0x",
    "1_000__",
    "190:20:30",
    ".inf",
    ".nan",
    "1e400",
    "9" * 5000,
    "&a [*a]",
    "*nowhere",
    "[" * 200 + "]" * 200,
    "[" * 50_000,
    "{a: {b: [1, {c: 2}]}}",
    "|\n  text\n \ttab",
    "\u0085\u2028",
    "''",
    "~",
]
KEYS = [
    "? [a]\n: b",
    "? {a: b}\n: c",
    "<<: 5",
    "<<: [a]",
    "5: a",
    "~: a",
    "true: a",
    "- a",
    "a",
    "? !!set {a}\n: b",
    "\t",
]
TEXTS = [*(f"schema: {value}" for value in VALUES), *KEYS]


def plan(root: Path, name: str | bytes, text: str, answers: str = "") -> None:
    """Write a plan folder."""
    folder = Path(os.fsdecode(os.fsencode(root / "docs/plan_docs") + b"/" + os.fsencode(name)))
    folder.mkdir(parents=True)
    (folder / "feature-plan.md").write_text(text, "utf-8")
    if answers:
        (folder / ".copier-answers.yml").write_text(answers, "utf-8")


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:40]))
def test_front_matter_of_any_kind_stops_no_other_plan(tmp_path: Path, text: str) -> None:
    plan(tmp_path, "bad", f"---\n{text}\n---\n\n# Bad\n")
    plan(tmp_path, "good", GOOD)
    report = check(None, tmp_path, today=TODAY)
    assert report.slugs == ("bad", "good")
    assert "docs/plan_docs/bad/feature-plan.md" in {finding.path for finding in report.findings}
    assert not [finding.message for finding in report.findings if "error in groundplan" in finding.message]
    assert {feature.slug for feature in status(None, tmp_path, today=TODAY)} == {"bad", "good"}


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:40]))
def test_answers_of_any_kind_are_their_features_trouble(tmp_path: Path, text: str) -> None:
    plan(tmp_path, "bad", GOOD, f"_commit: v1\n_src_path: /x\n{text}\n")
    plan(tmp_path, "good", GOOD, "_commit: v1\n_src_path: /x\nfeature_slug: good\n")
    assert check(None, tmp_path, today=TODAY).slugs == ("bad", "good")
    bad, good = find_repository(tmp_path).features()
    assert good.answers["feature_slug"] == "good"
    try:
        assert isinstance(bad.answers, dict)
        assert isinstance(bad.tree_paths, tuple)
    except AnswersError as error:
        assert "docs/plan_docs/bad/.copier-answers.yml" in str(error)


@pytest.mark.parametrize(
    "tree", ["5", "[a]", "{paths: 5}", "{paths: {a: b}}", "{paths: [[a], 5]}", "text", "2026-01-01"]
)
def test_tree_that_is_none_is_told(tmp_path: Path, tree: str) -> None:
    plan(tmp_path, "bad", GOOD, f"_commit: v1\ntree: {tree}\n")
    with pytest.raises(AnswersError, match=r"bad/\.copier-answers\.yml"):
        _ = Feature("bad", tmp_path).tree_paths


@pytest.mark.parametrize(
    "name",
    [b"\xff\xfe", b"a\nb", b"::error::x", b"\x1b[31m", "\u202ea".encode(), b"x" * 200, b"a b", b"-rf", b"'\"`$(x)"],
    ids=ascii,
)
@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")
def test_folder_of_any_name_is_shown_and_stops_no_other(tmp_path: Path, name: bytes) -> None:
    plan(tmp_path, name, GOOD)
    plan(tmp_path, "good", GOOD)
    for arguments in (("check",), ("check", "--json"), ("check", "--format", "github"), ("status",)):
        ended = groundplan(tmp_path, *arguments)
        assert "good" in ended.output, ended.errors
        assert "Traceback" not in ended.errors
        written = f"{ended.output}{ended.errors}"
        assert not set("\x1b\x9b\u202e") & set(written)
        assert not [line for line in written.splitlines() if line.startswith("::error::x")]


MARKS = "abc:-?[]{}&*!|>'\"%@`#,\n \t~<=0123456789.\u0085\u2028\x00é"
YAML_LIKE = st.text(st.sampled_from(MARKS) | st.characters(codec="utf-8"), max_size=60)


@settings(deadline=None)
@given(YAML_LIKE)
def test_any_front_matter_is_read(text: str) -> None:
    read_front_matter(text)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=YAML_LIKE)
def test_any_answers_file_is_read_or_refused(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "docs/plan_docs/bad"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".copier-answers.yml").write_bytes(text.encode())
    feature = Feature("bad", tmp_path)
    for read in (lambda: feature.source, lambda: feature.answers, lambda: feature.tree_paths):
        try:
            read()
        except AnswersError as error:
            assert "bad/.copier-answers.yml" in str(error)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=YAML_LIKE)
def test_any_brief_is_read_or_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "brief.yml"
    file.write_bytes(text.encode())
    try:
        read_briefs([file])
    except BriefError as error:
        assert all("brief.yml" in problem.place for problem in error.problems)
