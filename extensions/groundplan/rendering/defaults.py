"""What a team answers once for all of its features, and which questions it may answer.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

import yaml
from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

from .host import TEAM_DEFAULTS
from .manifests import destination, upwards
from .quoting import shown

# Where the names of a feature's answers are stored that nobody gave.
FROM_DEFAULTS = "from_defaults"
_LOADER: type[yaml.SafeLoader] = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))
# What makes a question one that a team may answer: some default that asks for the team's.
_ASKS_TEAM = re.compile(r"team_default\(\s*['\"](\w+)['\"]")
# A default that is the team's or else the same for everybody, wherever and by whomever the feature is made.
_FIXED = re.compile(r"\{\{ team_default\('\w+'(?:, '([^']*)')?\) \}\}")


class TeamDefaultsError(ValueError):
    """A file of defaults that cannot be used.

    Attributes:
        line: The line, from 1; 0 where the whole file is meant.
        message: What is wrong and what to do; it follows the file's name.
    """

    def __init__(self, message: str, line: int = 0) -> None:
        """Keep the place beside the message."""
        super().__init__(f"{TEAM_DEFAULTS}:{line}: {message}" if line else f"{TEAM_DEFAULTS} {message}")
        self.line = line
        self.message = message


@dataclass(frozen=True)
class TeamDefaults:
    """A team's defaults.

    Attributes:
        answers: By question name; what is left empty is not among them.
        lines: The line of each key, from 1.
    """

    answers: Mapping[str, Any]
    lines: Mapping[str, int]


@dataclass(frozen=True)
class TeamQuestion:
    """A question that a team may answer.

    Attributes:
        follows: Whether the answer of a feature that exists may follow the team's later defaults. Neither the stack may
            nor what is asked only for some: code and paths are made of these.
        is_fixed: Whether the template's own default is the same for everybody, so that nothing is known by it of the
            repository or of the person.
        fallback: That default, as YAML; None where there is none.
    """

    follows: bool
    is_fixed: bool
    fallback: str | None = None


def read_team_defaults(root: Path) -> TeamDefaults:
    """Read a team's defaults.

    Args:
        root: The folder that holds `docs/plan_docs`.

    Returns:
        What the file says; nothing where there is none.

    Raises:
        TeamDefaultsError: It is not a regular file of the repository that holds one YAML mapping, or says a key twice.
    """
    if not os.path.lexists(root / TEAM_DEFAULTS):
        return TeamDefaults({}, {})
    node = _mapping_node(_text(root))
    names = [str(key.value) for key, _ in node.value] if node else []
    lines = [key.start_mark.line + 1 for key, _ in node.value] if node else []
    for number, name in enumerate(names):
        if name in names[:number]:
            raise TeamDefaultsError(f"{_told(name)} is answered twice. Keep one of the answers.", lines[number])
    answers = {str(key): value for key, value in _values(node).items() if value is not None} if node else {}
    return TeamDefaults(answers, dict(zip(names, lines, strict=True)))


def _text(root: Path) -> str:
    file = root / TEAM_DEFAULTS
    if not file.is_file():
        raise TeamDefaultsError("is not a regular file. Put one there, or remove it.")
    if not file.resolve().is_relative_to([*upwards(root)][-1]):
        raise TeamDefaultsError("is a link that leads out of the repository. Replace it by a file.")
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TeamDefaultsError("is not UTF-8 text. Save it as UTF-8.") from error
    except OSError as error:
        raise TeamDefaultsError(f"cannot be read: {error.strerror}.") from error


def _mapping_node(text: str) -> yaml.MappingNode | None:
    try:
        node = yaml.compose(text, _LOADER)
    except yaml.MarkedYAMLError as error:
        # A bracket or a quote that nobody closes is noticed far below it.
        mark = error.context_mark if "flow" in (error.context or "") or "quoted" in (error.context or "") else None
        place = mark or error.problem_mark
        raise TeamDefaultsError(f"This is not YAML: {error.problem}.", place.line + 1 if place else 1) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise TeamDefaultsError(f"is not YAML: {' '.join(str(error).split())}") from error
    if node is None or node.tag == "tag:yaml.org,2002:null":
        return None
    if not isinstance(node, yaml.MappingNode):
        raise TeamDefaultsError("must map question names to answers.")
    return node


def _values(node: yaml.MappingNode) -> dict[Any, Any]:
    values: dict[Any, Any] = {}
    # One by one, for the line.
    for pair in node.value:
        try:
            entry = yaml.constructor.SafeConstructor().construct_document(yaml.MappingNode(node.tag, [pair]))
            json.dumps(entry, default=str)
        except (yaml.YAMLError, ValueError, ArithmeticError, AttributeError, LookupError, TypeError, RecursionError):
            line = pair[0].start_mark.line + 1
            raise TeamDefaultsError("This value cannot be what it says that it is.", line) from None
        values |= entry
    return values


def team_questions(questions: Mapping[str, Any]) -> dict[str, TeamQuestion]:
    """Return which questions a team may answer.

    Args:
        questions: Those of `copier.yml`, and its settings or not.
    """
    known = {name: entry for name, entry in questions.items() if isinstance(entry, Mapping)}
    named = {name for entry in known.values() for name in _ASKS_TEAM.findall(str(entry.get("default")))}
    return {
        name: _team_question(name, entry)
        for name, entry in known.items()
        if name in named and entry.get("when") is not False
    }


def _team_question(name: str, entry: Mapping[str, Any]) -> TeamQuestion:
    fixed = _FIXED.fullmatch(str(entry.get("default")))
    return TeamQuestion("when" not in entry and name != "stack", fixed is not None, fixed[1] if fixed else None)


def key_problem(name: str, questions: Iterable[str], known: Iterable[str]) -> str:
    """Return why a team's defaults cannot have a key, with the nearest one that they can have, or an empty string.

    Args:
        name: The key.
        questions: All questions.
        known: Those that a team may answer.
    """
    known = list(known)
    if name in known:
        return ""
    if name in questions:
        return f"{name} is not the same for all features. Leave it out."
    nearest = get_close_matches(name, known, n=1)
    advice = f"Did you mean {nearest[0]}?" if nearest else "`groundplan schema` lists the keys."
    return f"{_told(name)} is not a question of this template. {advice}"


def _told(name: str) -> str:
    # A key may be any text, with control characters, too.
    return name if name.isidentifier() else shown(name)


def choice_problem(name: str, answer: Any, question: Mapping[str, Any]) -> str:
    """Return why a question does not take an answer, with the nearest of its choices, or an empty string.

    Args:
        name: The question's name.
        answer: One answer, or a list of them.
        question: What `copier.yml` says of it.
    """
    choices = question.get("choices") or ()
    known = [*(choices.values() if isinstance(choices, Mapping) else choices)]
    unknown = [entry for entry in (answer if isinstance(answer, list) else [answer]) if entry not in known]
    if not known or not unknown:
        return ""
    nearest = get_close_matches(str(unknown[0]), known, n=1)
    advice = f"Did you mean {nearest[0]}?" if nearest else f"Choose from {', '.join(known)}."
    return f"{name} has no choice {shown(unknown[0])}. {advice}"


class DefaultsExtension(Extension):
    """Registers the team's defaults as a Jinja global."""

    def __init__(self, environment: Environment) -> None:
        """Add it to an environment."""
        super().__init__(environment)
        self._answers: dict[Path, Mapping[str, Any]] = {}
        environment.globals["team_default"] = self._team_default

    @pass_context
    def _team_default(self, context: Context, key: str, *fallbacks: Any) -> object:
        """Return the team's default for a question as JSON, else the first fallback that is not empty, else nothing.

        A feature that exists already keeps the answers it was made with, so the team's later defaults do not reach it.
        """
        root = destination(context)
        if "locked" not in context:
            if root not in self._answers:
                self._answers[root] = read_team_defaults(root).answers
            if key in self._answers[root]:
                value = self._answers[root][key]
                return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        # Copier's name for "this question has no default".
        return next((fallback for fallback in fallbacks if fallback), fallbacks[-1] if fallbacks else context["UNSET"])
