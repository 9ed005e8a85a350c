"""`groundplan new` without a brief: answers at a terminal, or by `-d` alone."""

from __future__ import annotations

import os
from pathlib import Path

import pexpect
from support.commands import COMMAND, groundplan
from support.rendering import answers_of, repository

ENTER, ERASE = "\r", "\x15"


def test_a_person_is_asked_what_copier_asks_and_told_what_it_tells(template: Path, tmp_path: Path) -> None:
    root = repository(tmp_path / "acme")
    (root / "go.mod").write_text("module example.com/acme/shop\n\ngo 1.24\n")
    arguments = ["-C", str(root), "new", "--trust", "--template", str(template), "-d", "depth=lite"]
    environment = {**os.environ, "PROMPT_TOOLKIT_NO_CPR": "1", "NO_COLOR": "1", "TERM": "xterm"}
    child = pexpect.spawn(str(COMMAND), arguments, env=environment, encoding="utf-8", timeout=120, dimensions=(50, 160))
    child.delaybeforesend = 0.2

    for question, answer in (
        ("What is the project called?", "Acme Shop"),
        ("Which stack", ""),
        ("What is the feature called?", "Saved carts"),
        ("Short name for folders and code?", ""),
        ("What does it do", "Carts stay."),
        ("Who owns it?", "jane"),
        ("Which ticket", ""),
        ("Which layers?", ""),
        ("What is the Go module path?", ""),
        ("Generate source and tests now?", ""),
        ("Which supporting documents", ""),
    ):
        child.expect_exact(question)
        child.send((ERASE + answer if answer else "") + ENTER)
    child.expect_exact("git switch -c feature/saved-carts")
    child.expect_exact("groundplan publish saved-carts")
    child.expect(pexpect.EOF)
    child.close()

    assert child.exitstatus == 0
    answers = answers_of(root / "docs/plan_docs/saved-carts")
    assert (answers["stack"], answers["depth"], answers["owner"]) == ("go", "lite", "jane")
    assert (root / "internal/savedcarts/httpapi/handler.go").is_file()


def test_answers_alone_make_a_feature(template: Path, tmp_path: Path) -> None:
    root = repository(tmp_path / "acme")
    answers = ("feature_name=Saved carts", "owner=jane", "project_name=Acme", "stack=none", "depth=lite")

    ended = groundplan(root, "new", "--trust", "--template", template, *(f"-d{answer}" for answer in answers))

    assert ended.status == 0, ended.output + ended.errors
    assert "git switch -c feature/saved-carts" in ended.output
    assert (root / "docs/plan_docs/saved-carts/feature-plan.md").is_file()


def test_without_a_terminal_nobody_is_asked(template: Path, tmp_path: Path) -> None:
    ended = groundplan(repository(tmp_path / "acme"), "new", "--trust", "--template", template)

    assert ended.status == 2
    assert "-d feature_name=NAME" in ended.errors
