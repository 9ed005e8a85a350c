"""New features from briefs, all or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from groundplan.copying.mirror import look_at
from groundplan.copying.placing import InTheWayError
from groundplan.copying.pool import Workplace, do_all
from groundplan.copying.repository import AnswersError, Feature, Repository, find_repository
from groundplan.copying.tasks import NOT_TRUSTED, CopyTask, Failed, Rendered, copy_feature
from groundplan.copying.template import LocalTemplate
from groundplan.copying.transaction import Planned, Run, Transaction, open_run
from groundplan.errors import UserError, told
from groundplan.features.brief import (
    Brief,
    BriefError,
    Question,
    Questionnaire,
    load_questionnaire,
    settle,
)
from groundplan.features.following import judged_defaults
from groundplan.features.report import FINE, NO_DATA, SILENCE, Listener, Outcome, Report, Status
from groundplan.features.shadows import shadow_judge
from groundplan.features.templates import choose_template
from groundplan.layout import ANSWERS_NAME, PLAN_ROOT
from groundplan.plan.files import plan_slugs
from groundplan.rendering.naming import flat, slugify


class NotTrustedError(UserError):
    """The template runs code, and the person has not said that it may."""

    status = 1


@dataclass(frozen=True)
class TemplateVersion:
    """A version of a template.

    Attributes:
        template: The template.
        name: A tag, a branch or a commit.
        questionnaire: What it asks.
    """

    template: LocalTemplate
    name: str
    questionnaire: Questionnaire


def load_version(template: LocalTemplate, name: str) -> TemplateVersion:
    """Read a version of a template.

    Args:
        template: The template.
        name: The version, as git names it.

    Raises:
        TemplateError: There is no such version.
    """
    return TemplateVersion(template, name, load_questionnaire(template.questionnaire(name)))


@dataclass(frozen=True)
class _Wanted:
    """A feature that a brief asks for."""

    brief: Brief
    slug: str
    answers: Mapping[str, Any]

    def outcome(self, status: Status, reason: str = "") -> Outcome:
        return Outcome(self.slug, status, reason, brief=_place_of(self.brief))


@dataclass(frozen=True)
class _Rendering:
    """A feature that is rendered and may take its place."""

    wanted: _Wanted
    root: Path
    files: tuple[str, ...]
    version: str
    notes: tuple[str, ...] = ()

    def outcome(self, status: Status, reason: str = "") -> Outcome:
        outcome = self.wanted.outcome(status, reason)
        if status is not Status.MADE:
            return outcome
        return replace(outcome, files=self.files, version=self.version, notes=self.notes)


_State = _Wanted | _Rendering | Outcome
# Gets a brief and the plan folder rendered from it, before that takes its place.
Revise = Callable[[Brief, Path], None]


def new(  # noqa: PLR0913 - each is a keyword
    briefs: Sequence[Brief],
    repository: Path | str = ".",
    *,
    template: str = "",
    ref: str = "",
    data: Mapping[str, Any] = NO_DATA,
    jobs: int = 0,
    trust: bool = False,
    asks: bool = False,
    dry_run: bool = False,
    listener: Listener = SILENCE,
    revise: Revise | None = None,
) -> Report:
    """Make features from briefs: all of them, or none where one is refused.

    A brief whose feature exists already with the same answers is skipped, so the same call can be made again. The
    template's code runs where Copier's settings or `trust` allow it. Several features are made by several processes,
    so a program calls this only below `if __name__ == "__main__"`.

    Args:
        briefs: The answers for each feature.
        repository: A folder in the repository.
        template: The template's address; the one of the features that exist where it is empty.
        ref: The template's version; the newest where it is empty.
        data: Answers that override those of the briefs.
        jobs: How many features to work on at a time; one more than there are processors where it is 0.
        trust: Run the template's code although Copier's settings do not name it as trusted.
        asks: Whether a person at the terminal is asked what the briefs leave open.
        dry_run: Whether only to say what would be made.
        listener: Hears how it goes on.
        revise: Changes what was rendered before it takes its place.

    Returns:
        One outcome for each brief: made, skipped, refused, failed, or withheld because of another.

    Raises:
        BriefError: The team's defaults hold an unknown key.
        NoTemplateError: No template is given and no feature tells one.
        NotTrustedError: The template runs code, and nobody has said that it may.
        OSError: The repository cannot be written at all.
        RepositoryError: There is no such repository.
        TemplateError: The template cannot be reached, or has no such version.
        WorkersError: A worker process was killed.
    """
    place = find_repository(repository)
    source = choose_template(place, template)
    with open_run(place, listener.tell) as run:
        version = load_version(source.fetch(run.scratch), ref or source.newest())
        questionnaire = version.questionnaire
        judged_defaults(place, questionnaire)
        states: list[_State] = [_judge(brief, questionnaire, data, asks=asks) for brief in briefs]
        states = _judge_doubles(states, place, questionnaire)
        if not _has_trouble(states):
            states = _render(states, run, version, jobs, listener, trust=trust, asks=asks)
            states = _judge_places(states, place, questionnaire)
            states = _add_notes(states, place)
            for state in states:
                if revise and isinstance(state, _Rendering):
                    revise(state.wanted.brief, state.root / PLAN_ROOT / state.wanted.slug)
        if not _has_trouble(states):
            states = _mark_made(states) if dry_run else _put_in_place(states, run)
    return Report("new", tuple(_outcome(state) for state in states), dry_run)


def refuse_all(error: BriefError, *, dry_run: bool, command: str = "new") -> Report:
    """Report what cannot be read as briefs.

    Args:
        error: What is wrong with them.
        dry_run: Whether nothing was to be made anyway.
        command: The subcommand that the briefs were for.

    Returns:
        One outcome for each problem.
    """
    outcomes = (Outcome("", Status.REFUSED, problem.message, brief=problem.place) for problem in error.problems)
    return Report(command, tuple(outcomes), dry_run)


def _place_of(brief: Brief) -> str:
    return f"{brief.path}:{brief.line}" if brief.line else brief.path


def _has_trouble(states: Sequence[_State]) -> bool:
    return any(isinstance(state, Outcome) and state.status not in FINE for state in states)


def _outcome(state: _State) -> Outcome:
    if isinstance(state, Outcome):
        return state
    return state.outcome(Status.WITHHELD, "Another feature could not be made, so none was.")


def _judge(brief: Brief, questionnaire: Questionnaire, data: Mapping[str, Any], *, asks: bool) -> _Wanted | Outcome:
    try:
        answers = settle(brief, questionnaire.questions, data)
    except BriefError as error:
        reason = " ".join(problem.message for problem in error.problems)
        return Outcome("", Status.REFUSED, reason, brief=error.problems[0].place)
    if "feature_name" not in answers and asks:
        return _Wanted(brief, "", answers)
    if "feature_name" not in answers:
        return Outcome("", Status.REFUSED, "The brief has no feature_name. Answer it.", brief=_place_of(brief))
    # A name without a slug is for the template to refuse, which knows why.
    return _Wanted(brief, str(answers.get("feature_slug") or slugify(answers["feature_name"])), answers)


def _judge_doubles(states: Sequence[_State], place: Repository, questionnaire: Questionnaire) -> list[_State]:
    """Skip what exists already as it is asked for, and refuse what exists otherwise or is asked for twice."""
    existing = {feature.slug: feature for feature in place.features()}
    first: dict[str, _Wanted] = {}
    checked: list[_State] = []
    for state in states:
        if not isinstance(state, _Wanted):
            checked.append(state)
        elif state.slug in existing:
            checked.append(_judge_existing(state, existing[state.slug], questionnaire))
        elif state.slug and (other := first.setdefault(flat(state.slug), state)) is not state:
            reason = f"Its slug is too like “{other.slug}” of {_place_of(other.brief)}. Give one another name."
            checked.append(state.outcome(Status.REFUSED, reason))
        else:
            checked.append(state)
    return checked


def _judge_existing(wanted: _Wanted, feature: Feature, questionnaire: Questionnaire) -> Outcome:
    try:
        stored = feature.answers
    except AnswersError as error:
        return wanted.outcome(Status.REFUSED, f"It exists already. {error}")
    different = [
        name for name, answer in wanted.answers.items() if not _is_stored(questionnaire.questions[name], answer, stored)
    ]
    if not different:
        return wanted.outcome(Status.SKIPPED, "It exists already, with these answers.")
    command = f"groundplan update {feature.slug} --data KEY=VALUE"
    reason = f"It exists already, with other answers to {', '.join(different)}. To change it: {command}"
    return wanted.outcome(Status.REFUSED, reason)


def _is_stored(question: Question, answer: Any, stored: Mapping[str, Any]) -> bool:
    if question.name not in stored:
        # Copier stores no answer to a question that the other answers rule out.
        return question.conditional
    there = stored[question.name]
    if question.several and isinstance(answer, list) and isinstance(there, list):
        return set(map(repr, answer)) == set(map(repr, there))
    return bool(answer == there)


def _render(  # noqa: PLR0913
    states: Sequence[_State],
    run: Run,
    version: TemplateVersion,
    jobs: int,
    listener: Listener,
    *,
    trust: bool,
    asks: bool,
) -> list[_State]:
    """Render what is wanted, side by side."""
    host = look_at(run.repository)
    wanted = [(number, state) for number, state in enumerate(states) if isinstance(state, _Wanted)]
    alike: dict[str, list[str]] = {}
    for slug in plan_slugs(run.repository.root):
        alike.setdefault(flat(slug), []).append(slug)
    tasks = [
        CopyTask(
            place=run.scratch / f"feature-{number}",
            url=version.template.source.url,
            version=version.name,
            answers=state.answers,
            host=host,
            like=tuple(alike.get(flat(state.slug), ())) if state.slug else tuple(plan_slugs(run.repository.root)),
            trust=trust,
            asks=asks,
            # Of many features, nobody reads it.
            tells=len(wanted) == 1,
        )
        for number, state in wanted
    ]
    rendered = list(states)
    workplace = Workplace(run.scratch, version.template.git_config(), jobs)
    for done, (position, result) in enumerate(do_all(copy_feature, tasks, workplace), start=1):
        number, state = wanted[position]
        rendered[number] = _receive(state, result)
        listener.step(done, len(tasks), state.slug)
    return rendered


def _receive(wanted: _Wanted, result: Rendered | Failed) -> _Rendering | Outcome:
    if isinstance(result, Failed) and result.reason == NOT_TRUSTED:
        # It is so for all of them, and to be said once.
        raise NotTrustedError(NOT_TRUSTED)
    if isinstance(result, Failed):
        return wanted.outcome(Status.REFUSED, result.reason)
    # The answers file is the commit point, so it comes last.
    files = sorted(result.files, key=lambda path: (path.endswith(f"/{ANSWERS_NAME}"), path))
    version = Feature(result.slug, result.root).source[1]
    return _Rendering(replace(wanted, slug=result.slug), result.root, tuple(files), version, result.notes)


def _judge_places(states: Sequence[_State], place: Repository, questionnaire: Questionnaire) -> list[_State]:
    """Check every path against the repository and against the other features."""
    owners: dict[str, str] = {}
    shadowed = shadow_judge(place.root)
    checked: list[_State] = []
    for state in states:
        if not isinstance(state, _Rendering):
            checked.append(state)
            continue
        slug = state.wanted.slug
        files = tuple(path for path in state.files if not (path in owners and path in questionnaire.shared_files))
        taken = [f"{path} would be a file of “{owners[path]}” too." for path in files if path in owners]
        if problems := [*taken, *place.path_problems(files), *shadowed(Feature(slug, state.root))]:
            checked.append(state.outcome(Status.REFUSED, " ".join(problems)))
        else:
            owners |= dict.fromkeys(files, slug)
            checked.append(replace(state, files=files))
    return checked


def _add_notes(states: Sequence[_State], place: Repository) -> list[_State]:
    """Note the files that git would not see, so that nobody misses them in the commit."""
    ignored = place.ignored(path for state in states if isinstance(state, _Rendering) for path in state.files)
    return [
        replace(state, notes=(*_notes(state, ignored), *state.notes)) if isinstance(state, _Rendering) else state
        for state in states
    ]


def _notes(state: _Rendering, ignored: set[str]) -> tuple[str, ...]:
    hidden = [path for path in state.files if path in ignored]
    if not hidden:
        return ()
    why = f"See why: git check-ignore -v {hidden[0]}"
    return (f"git ignores {len(hidden)} of the files, such as {hidden[0]}. {why}",)


def _mark_made(states: Sequence[_State]) -> list[_State]:
    return [state.outcome(Status.MADE) if isinstance(state, _Rendering) else state for state in states]


def _put_in_place(states: Sequence[_State], run: Run) -> list[_State]:
    """Move everything into place, or nothing."""
    renderings = [state for state in states if isinstance(state, _Rendering)]
    begun: list[Transaction] = []
    done = 0
    try:
        for state in renderings:
            planned = [Planned(path, state.root / path, expected=None) for path in state.files]
            begun.append(run.begin(state.wanted.slug, planned, state.files[-1]))
        for transaction in begun:
            transaction.apply()
            done += 1
    except BaseException as error:
        for transaction in reversed(begun):
            transaction.undo()
        if not isinstance(error, OSError | InTheWayError):
            raise
        failed = renderings[done if len(begun) == len(renderings) else len(begun)]
        return [state.outcome(Status.FAILED, told(error)) if state is failed else state for state in states]
    for transaction in begun:
        transaction.close()
    return _mark_made(states)
