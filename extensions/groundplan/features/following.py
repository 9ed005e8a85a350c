"""The team's defaults, and the answers of features that follow them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from groundplan.copying.repository import Feature, Repository
from groundplan.errors import UserError
from groundplan.features.brief import BriefError, BriefProblem, Question, Questionnaire, answer_problem, plain
from groundplan.rendering.defaults import (
    FROM_DEFAULTS,
    TeamDefaults,
    TeamDefaultsError,
    key_problem,
    read_team_defaults,
)
from groundplan.rendering.host import TEAM_DEFAULTS


@dataclass(frozen=True)
class Following:
    """What changes of a feature's answers when they follow the team's defaults.

    Attributes:
        answers: New answers.
        dropped: Answers that nobody gives any more, so that the template's own default counts.
    """

    answers: Mapping[str, Any]
    dropped: frozenset[str] = frozenset()


NOTHING = Following({})


class NotRecordedError(UserError):
    """A version of a template that does not store who gave an answer."""

    status = 1


def judged_defaults(place: Repository, questionnaire: Questionnaire, *, are_needed: bool = False) -> TeamDefaults:
    """Read a team's defaults, and judge them by a template's questionnaire.

    Args:
        place: The repository.
        questionnaire: What the template asks.
        are_needed: Whether it is wrong that there is no such file.

    Raises:
        BriefError: They hold an unknown key, or an answer that its question does not take.
    """
    try:
        if are_needed and not os.path.lexists(place.root / TEAM_DEFAULTS):
            raise TeamDefaultsError("does not exist. Write what the team answers there, or nothing to take all back.")
        defaults = read_team_defaults(place.root)
    except TeamDefaultsError as error:
        message = error.message if error.line else f"It {error.message}"
        raise BriefError([BriefProblem(TEAM_DEFAULTS, error.line, message)]) from error
    if problems := [*_problems(defaults, questionnaire)]:
        raise BriefError(problems)
    return defaults


def _problems(defaults: TeamDefaults, questionnaire: Questionnaire) -> Iterator[BriefProblem]:
    for name, line in defaults.lines.items():
        message = key_problem(name, questionnaire.questions, questionnaire.team)
        if not message and name in defaults.answers:
            question = questionnaire.questions[name]
            message = answer_problem(question, plain(question, defaults.answers[name]))
        if message:
            yield BriefProblem(TEAM_DEFAULTS, line, message)


def follow(
    feature: Feature, defaults: TeamDefaults, questionnaire: Questionnaire, given: Mapping[str, Any]
) -> Following:
    """Return how the answers that nobody gave to a feature change.

    What its brief, `--data` or a person gave stays, and so does whatever is stored where the answers file does not
    tell who gave it. An answer that the team no longer gives goes back to the template's own default, if that is the
    same for everybody.

    Args:
        feature: The feature.
        defaults: The team's defaults of today.
        questionnaire: That of the version that the feature moves to.
        given: Answers that a person gives now.

    Raises:
        AnswersError: Its answers file cannot be read.
        NotRecordedError: That version does not store who gave an answer.
    """
    if FROM_DEFAULTS not in questionnaire.questions:
        raise NotRecordedError("Its template's version does not store which answers it took from the team's defaults.")
    stored, listed = feature.answers, feature.answers.get(FROM_DEFAULTS)
    taken = {name for name in listed if isinstance(name, str)} - given.keys() if isinstance(listed, list) else set()
    answers: dict[str, Any] = {}
    dropped = set()
    for name, team in questionnaire.team.items():
        question = questionnaire.questions[name]
        if not team.follows or name in given or (name in stored and name not in taken):
            continue
        if name in defaults.answers:
            answer = _as_stored(question, defaults.answers[name], stored.get(name))
            answers |= {name: answer} if answer != stored.get(name) else {}
        elif name in stored and team.is_fixed and not question.several and stored[name] != team.fallback:
            dropped.add(name)
    if not answers and not dropped:
        return NOTHING
    return Following({**answers, FROM_DEFAULTS: sorted({*taken, *answers})}, frozenset(dropped))


def _as_stored(question: Question, answer: Any, before: Any) -> Any:
    """Return a team's answer as Copier stores it; of several choices, what a feature has stays."""
    if question.several:
        # A supporting document that is not wanted any more would be deleted with all that was written there.
        wanted = [*answer, *(before if isinstance(before, list) else ())]
        merged = [choice for choice in question.choices.values() if choice in wanted]
        return before if isinstance(before, list) and set(merged) == set(before) else merged
    value = json.loads(json.dumps(plain(question, answer), default=str))
    return str(value) if question.kind == "str" else value
