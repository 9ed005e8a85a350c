"""The questionnaire as a person meets it: typed answers at a real prompt, on a pseudo-terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from support.rendering import COPIER, answers_of, commit, repository

ENTER = "\r"
DOWN = "\x1b[B"
SPACE = " "
ERASE = "\x15"
ANSWER_SECONDS = 60


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of a Go project."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme/go.mod").write_text("module example.com/acme/shop\n\ngo 1.22\n")
    return repository(tmp_path / "acme")


class Terminal:
    """Copier at a pseudo-terminal."""

    def __init__(self, *arguments: str | Path) -> None:
        # Without the variable Copier asks the terminal where its cursor is, and waits for an answer.
        environment = {**os.environ, "PROMPT_TOOLKIT_NO_CPR": "1", "NO_COLOR": "1", "TERM": "xterm"}
        self.child = pexpect.spawn(
            str(COPIER),
            [str(argument) for argument in arguments],
            cwd="/",
            env=environment,
            encoding="utf-8",
            timeout=ANSWER_SECONDS,
            dimensions=(50, 200),
        )
        # Keys that are sent before the prompt has taken over the terminal would be echoed and lost.
        self.child.delaybeforesend = 0.2

    def expect(self, text: str) -> None:
        """Wait until a text is shown."""
        self.child.expect_exact(text)

    def answer(self, question: str, *keys: str) -> None:
        """Wait for a question and press keys, then Enter."""
        self.expect(question)
        self.press(*keys, ENTER)

    def press(self, *keys: str) -> None:
        """Press keys."""
        for key in keys:
            self.child.send(key)

    def end(self) -> int | None:
        """Wait for the command's end and give its status; None where a signal ended it."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


@pytest.fixture
def terminal(template: Path, root: Path) -> Iterator[Terminal]:
    """`copier copy` of the template into the repository, waiting for its first answer."""
    opened = Terminal("copy", "--trust", template, root)
    yield opened
    opened.child.close(force=True)


def test_a_person_answers_and_corrects_a_refused_answer(terminal: Terminal, root: Path) -> None:
    terminal.answer("What is the project called?", ERASE, "Acme Shop")
    # The stack's default is detected from go.mod.
    terminal.answer("Which stack is the feature's code written in?")
    terminal.answer("What is the feature called?", "🚀")
    terminal.expect("Use letters or digits")
    terminal.press(ERASE, "Vendor", ENTER)
    # The terminal is sent only what differs from the line that stood there; that one was shorter.
    terminal.expect("of that name a meaning")
    terminal.press(ERASE, "Saved carts!", ENTER)
    terminal.answer("Short name for folders and code?", ERASE, "Carts")
    terminal.expect("and single hyphens")
    terminal.press(ERASE, "saved-carts", ENTER)
    terminal.answer("What does it do, in one sentence?", "Carts stay.")
    terminal.answer("Who owns it?", "Jane Doe")
    terminal.expect("Use a handle, a team or an address")
    terminal.press(ERASE, "jane", ENTER)
    terminal.answer("Which ticket is it tracked by?", "SHOP-482")
    terminal.answer("How much plan does it need?", DOWN, DOWN)
    # All four layers are chosen; the last one is taken away.
    terminal.answer("Which layers?", DOWN, DOWN, DOWN, SPACE)
    terminal.answer("What is the Go module path?")
    terminal.answer("Generate source and tests now?")
    terminal.answer("Which supporting documents does it need?")
    terminal.expect("docs/plan_docs/saved-carts holds the plan of “Saved carts!”")
    terminal.expect("git switch -c feature/SHOP-482-saved-carts")
    terminal.expect("groundplan publish saved-carts")
    assert terminal.end() == 0

    answers = answers_of(root / "docs/plan_docs/saved-carts")
    assert {key: answers[key] for key in ("project_name", "stack", "summary", "owner", "depth", "go_module")} == {
        "project_name": "Acme Shop",
        "stack": "go",
        "summary": "Carts stay.",
        "owner": "jane",
        "depth": "lite",
        "go_module": "example.com/acme/shop",
    }
    assert answers["layers"] == ["domain", "application", "api"]
    assert answers["supporting_docs"] == ["feature-brief", "tech-stack", "architecture"]
    # What was typed or chosen is the feature's own; a suggestion that was taken is not.
    assert "supporting_docs" in answers["from_defaults"]
    assert not {"project_name", "summary", "owner", "ticket", "depth"} & {*answers["from_defaults"]}
    assert (root / "internal/savedcarts/httpapi/handler.go").is_file()


def test_a_feature_that_exists_is_refused_as_soon_as_it_is_named(terminal: Terminal, root: Path) -> None:
    (root / "docs/plan_docs/saved-carts").mkdir(parents=True)
    (root / "docs/plan_docs/saved-carts/feature-plan.md").write_text("mine\n")
    commit(root)
    terminal.answer("What is the project called?")
    terminal.answer("Which stack is the feature's code written in?")
    terminal.answer("What is the feature called?", "Saved carts")
    terminal.answer("Short name for folders and code?")
    terminal.expect("docs/plan_docs/saved-carts exists already.")
    assert terminal.end() == 1
    assert (root / "docs/plan_docs/saved-carts/feature-plan.md").read_text() == "mine\n"
    assert not (root / "internal").exists()


def test_an_interrupted_questionnaire_writes_nothing(terminal: Terminal, root: Path) -> None:
    terminal.answer("What is the project called?")
    terminal.expect("Which stack is the feature's code written in?")
    terminal.press("\x03")
    assert terminal.end() != 0
    assert [path.name for path in root.iterdir() if path.name != ".git"] == ["go.mod"]
