"""Briefs: YAML answers to the questionnaire, read from files and judged against a template's `copier.yml`.

Copier ignores a key that it does not know. A brief is written by hand or by a script, so here it is refused.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from groundplan.errors import UserError
from groundplan.rendering.answers import shape_problem
from groundplan.rendering.defaults import FROM_DEFAULTS, TeamQuestion, choice_problem, key_problem, team_questions
from groundplan.rendering.shapes import SHAPES
from groundplan.text.yaml_mapping import SAFE_LOADER, YamlMappingError, load_mapping

STANDARD_INPUT = "-"
# Where a feature lives and what was generated follow from the other answers; they are not for a brief to say.
NOT_FOR_BRIEFS = frozenset({"plan_dir", "tree", "locked", FROM_DEFAULTS})

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class BriefProblem:
    """What is wrong with a brief.

    Attributes:
        path: The brief's file, or what else it came from.
        line: The line, from 1; 0 where there is none.
        message: What is wrong, and what to do.
    """

    path: str
    line: int
    message: str

    @property
    def place(self) -> str:
        """The place as compilers write it, so that editors find it."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def __str__(self) -> str:
        """Return the place and what is wrong."""
        return f"{self.place}: {self.message}"


class BriefError(UserError):
    """Briefs that cannot be used.

    Attributes:
        problems: Everything that is wrong with them.
    """

    status = 1

    def __init__(self, problems: Iterable[BriefProblem]) -> None:
        """Keep the problems beside the message."""
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Brief:
    """The answers for one feature.

    Attributes:
        answers: By question name, as YAML gives them.
        path: The file they came from, or another name to call them by in messages.
        line: Where they begin in it, from 1; 0 where there is no file.
        lines: The line of each key.
    """

    answers: Mapping[str, Any]
    path: str = "brief"
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """One question of a template's `copier.yml` (https://copier.readthedocs.io/en/stable/configuring/#questions).

    Attributes:
        name: The key of its answer.
        kind: Copier's type: `str`, `bool` or `yaml`.
        text: What a person is asked; empty where nobody is.
        choices: The answers allowed, by the label that a person sees; empty where any is.
        several: Whether several of the choices may be given.
        computed: Whether it is not a question but a value that follows from others.
        conditional: Whether it is only asked, and its answer only stored, when others are answered in a certain way.
    """

    name: str
    kind: str = "str"
    text: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    several: bool = False
    computed: bool = False
    conditional: bool = False

    @property
    def is_for_briefs(self) -> bool:
        """Whether a brief may answer it."""
        return not self.computed and self.name not in NOT_FOR_BRIEFS


@dataclass(frozen=True)
class Questionnaire:
    """What a template's `copier.yml` asks, and what its features share.

    Attributes:
        questions: By name, in their order; computed values too.
        shared_files: Root manifests, which the first feature brings and later ones leave alone.
        team: The questions that a team's defaults may answer.
    """

    questions: Mapping[str, Question]
    shared_files: frozenset[str]
    team: Mapping[str, TeamQuestion]


def read_briefs(sources: Iterable[str | Path]) -> list[Brief]:
    """Read briefs.

    Args:
        sources: YAML files with one or more documents, folders of such files, or `-` for standard input.

    Returns:
        The briefs, in the order of the sources, files of a folder by name.

    Raises:
        BriefError: A file cannot be read or holds no YAML mapping, or a folder holds no brief.
    """
    problems: list[BriefProblem] = []
    briefs: list[Brief] = []
    for source in sources:
        try:
            for path, text in _texts(source):
                briefs.extend(_briefs(path, text))
        except BriefError as error:
            problems.extend(error.problems)
    if problems:
        raise BriefError(problems)
    return briefs


def _texts(source: str | Path) -> Iterator[tuple[str, str]]:
    if source == STANDARD_INPUT:
        yield "standard input", _standard_input()
        return
    place = Path(source)
    files = sorted([*place.glob("*.yml"), *place.glob("*.yaml")]) if place.is_dir() else [place]
    if not files:
        raise BriefError([BriefProblem(str(place), 0, "The folder holds no .yml or .yaml file.")])
    for file in files:
        try:
            yield str(file), file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise BriefError([BriefProblem(str(file), 0, f"The brief cannot be read: {reason}.")]) from error


def _standard_input() -> str:
    if sys.stdin is None:
        raise BriefError([BriefProblem("standard input", 0, "It is closed.")])
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BriefError([BriefProblem("standard input", 0, "The brief cannot be read: it is not UTF-8.")]) from error


def _briefs(path: str, text: str) -> Iterator[Brief]:
    for above, document in _documents(path, text):
        try:
            mapping = load_mapping(document)
        except YamlMappingError as error:
            raise BriefError([BriefProblem(path, above + error.line, f"The brief is {error.message}.")]) from error
        lines = {name: above + line for name, line in mapping.keys}
        if len(lines) < len(mapping.keys):
            names = [name for name, _ in mapping.keys]
            twice = next(name for name in names if names.count(name) > 1)
            raise BriefError([BriefProblem(path, lines[twice], f"{twice} is answered twice. Keep one of the answers.")])
        yield Brief(mapping.values, path, min(lines.values(), default=above + 1), lines)


def _documents(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Cut a YAML stream into its documents, each with the number of lines above it."""
    try:
        events = yaml.parse(text, SAFE_LOADER)
        starts = [event.start_mark.line for event in events if isinstance(event, yaml.DocumentStartEvent)]  # type: ignore[union-attr]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BriefError([BriefProblem(path, line, f"The brief is not valid YAML: {error.problem}.")]) from error
    except yaml.YAMLError as error:
        raise BriefError(
            [BriefProblem(path, 0, f"The brief is not valid YAML: {' '.join(str(error).split())}.")]
        ) from error
    if not starts:
        raise BriefError([BriefProblem(path, 0, "The brief is empty. Answer at least feature_name.")])
    lines = text.splitlines(keepends=True)
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield start, "".join(lines[start:end])


def load_questionnaire(copier_yml: str) -> Questionnaire:
    """Read a template's questionnaire.

    Args:
        copier_yml: The text of its `copier.yml`.
    """
    content: dict[str, Any] = yaml.load(copier_yml, SAFE_LOADER)  # noqa: S506 - a safe loader
    questions = {name: _question(name, entry) for name, entry in content.items() if not name.startswith("_")}
    shared_files = frozenset(path.lstrip("/") for path in content.get("_skip_if_exists", ()))
    return Questionnaire(questions, shared_files, team_questions(content))


def _question(name: str, entry: Mapping[str, Any]) -> Question:
    choices = entry.get("choices", {})
    labels = choices if isinstance(choices, dict) else {choice: choice for choice in choices}
    return Question(
        name=name,
        kind=entry.get("type", "yaml"),
        text=entry.get("help", ""),
        choices=labels,
        several=bool(entry.get("multiselect", False)),
        computed=entry.get("when") is False,
        conditional="when" in entry,
    )


def settle(brief: Brief, questions: Mapping[str, Question], data: Mapping[str, Any]) -> dict[str, Any]:
    """Judge a brief and give its answers as Copier takes them.

    The template's own validators still have the last word when it is rendered; what is found here is found for all
    briefs at once, with its line.

    Args:
        brief: What was read.
        questions: The questions of the template.
        data: Answers that override the brief's; texts are read as YAML where the question wants more than text.

    Raises:
        BriefError: The brief or the data holds an unknown key or an answer that its question does not take.
    """
    problems = list(_key_problems(brief, questions, data))
    if problems:
        raise BriefError(problems)
    given = {name: answer for name, answer in brief.answers.items() if answer is not None}
    given |= {name: _from_text(questions[name], value) for name, value in data.items()}
    answers = {name: plain(questions[name], answer) for name, answer in given.items()}
    for name, answer in answers.items():
        if message := answer_problem(questions[name], answer):
            problems.append(BriefProblem(brief.path, brief.lines.get(name, brief.line), message))
    if problems:
        raise BriefError(problems)
    return answers


def _key_problems(brief: Brief, questions: Mapping[str, Question], data: Mapping[str, Any]) -> Iterator[BriefProblem]:
    for name in brief.answers:
        if message := _key_problem(name, questions):
            yield BriefProblem(brief.path, brief.lines.get(name, brief.line), message)
    for name in data:
        if message := _key_problem(name, questions):
            yield BriefProblem("--data", 0, message)


def _key_problem(name: object, questions: Mapping[str, Question]) -> str:
    known = [question.name for question in questions.values() if question.is_for_briefs]
    if name in questions and name not in known:
        return f"{name} follows from the other answers. Leave it out."
    return key_problem(str(name), questions, known)


def _from_text(question: Question, value: Any) -> Any:
    """Read what a command line gave, which is always text."""
    if not isinstance(value, str) or (question.kind == "str" and not question.several):
        return value
    try:
        return yaml.load(value, SAFE_LOADER)  # noqa: S506 - a safe loader
    except yaml.YAMLError:
        return value


def plain(question: Question, answer: Any) -> Any:
    """Undo what YAML reads into a plain scalar: a date, where text is wanted; a word, where yes or no is.

    Args:
        question: The question that is answered.
        answer: The answer as YAML reads it.
    """
    if question.kind == "str" and type(answer) is datetime.date:
        return answer.isoformat()
    if question.kind == "bool" and isinstance(answer, str):
        return _BOOLEANS.get(answer.lower(), answer)
    return answer


def answer_problem(question: Question, answer: Any) -> str:
    """Return why a question does not take an answer, as far as that is known without its template; else nothing.

    Args:
        question: The question.
        answer: The answer, as `plain` returns it.
    """
    name = question.name
    if question.several and not isinstance(answer, list):
        return f"{name} must be a list of {', '.join(question.choices.values())}."
    if question.choices:
        return choice_problem(name, answer if question.several else [answer], {"choices": question.choices})
    if question.kind == "bool" and not isinstance(answer, bool):
        return f"{name} must be true or false, not “{answer}”."
    if name in SHAPES:
        return shape_problem(answer, name)
    if question.kind == "str" and not isinstance(answer, str):
        return f"{name} must be text. Put it in quotes."
    return ""
