"""Which answers of a feature nobody gave, so that they may follow the team's defaults later.

An answer is the feature's own where its brief, `--data` or a person at the prompt gave it. All others came from the
team's defaults, or from a default of the template that is the same for everybody; their names are stored.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from jinja2 import Environment, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

from .defaults import FROM_DEFAULTS, read_team_defaults, team_questions
from .guards import questions_of, stored_answers
from .manifests import destination
from .quoting import shown


@pass_context
def answers_from_defaults(context: Context) -> object:
    """Return the names of a new feature's answers that nobody gave; nothing for a feature that exists.

    Args:
        context: The render context, with all answers settled.
    """
    if "locked" in context:
        # It was made before this was stored: whatever it answers is its own.
        return context["UNSET"]
    configuration, answers = context["_copier_conf"], context["_copier_answers"]
    given = {*configuration["data"], *configuration["settings"].defaults}
    team = read_team_defaults(destination(context)).answers
    questions = questions_of(context.environment)
    return sorted(
        name
        for name, question in team_questions(questions).items()
        if name in answers.keys() - given
        and question.follows
        and (question.is_fixed or name in team)
        and _is_default(context, answers[name], questions[name])
    )


def _is_default(context: Context, answer: object, question: Mapping[str, Any]) -> bool:
    """Return whether an answer is what was suggested, so that whoever was asked has no other."""
    if question.get("ask") is False:
        return True
    suggested = context.environment.from_string(question["default"]).render(context.get_all())
    if isinstance(answer, str):
        return answer == suggested
    # Copier gives several choices in the question's order.
    return isinstance(answer, list) and set(answer) == set(yaml.safe_load(suggested))


@pass_context
def still_from_defaults(context: Context) -> dict[str, list[str]]:
    """Return the names of a feature's answers that nobody gave, without those that somebody gives now.

    Args:
        context: The render context of an update.

    Returns:
        What is to be stored anew; nothing where that is settled already.
    """
    data, listed = context["_copier_conf"]["data"], context.get(FROM_DEFAULTS)
    before = stored_answers(context)
    if not isinstance(listed, list) or FROM_DEFAULTS in data or not before:
        return {}
    now = context["_copier_answers"]
    return {FROM_DEFAULTS: [name for name in listed if name not in data and now.get(name) == before.get(name)]}


def from_defaults_problem(names: object) -> str:
    """Return that something is not a list of names, or an empty string."""
    is_fine = isinstance(names, list) and all(isinstance(name, str) for name in names)
    return "" if is_fine else f"{FROM_DEFAULTS} must be a list of questions, not {shown(names)}."


class ProvenanceExtension(Extension):
    """Registers what came from defaults as Jinja globals, and its check as a filter."""

    def __init__(self, environment: Environment) -> None:
        """Add both to an environment."""
        super().__init__(environment)
        environment.globals["answers_from_defaults"] = answers_from_defaults
        environment.globals["still_from_defaults"] = still_from_defaults
        environment.filters["from_defaults_problem"] = from_defaults_problem
