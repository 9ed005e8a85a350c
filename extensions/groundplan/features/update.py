"""Features brought to another version of their template, each by itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from groundplan.copying.mirror import look_at
from groundplan.copying.placing import digest
from groundplan.copying.pool import Workplace, do_all
from groundplan.copying.repository import Feature, Indexed, Repository, RepositoryError, find_repository
from groundplan.copying.tasks import Failed, UpdateTask, update_feature
from groundplan.copying.template import LocalTemplate, TemplateError, find_template
from groundplan.copying.transaction import Run, open_run, put_in_order
from groundplan.copying.two_renderings import OPERATION, Settings, file_settings, is_upgrade
from groundplan.errors import UserError
from groundplan.features.brief import Brief, Questionnaire, load_questionnaire, settle
from groundplan.features.copy_back import copy_back, failed
from groundplan.features.following import NOTHING, follow, judged_defaults
from groundplan.features.report import NO_DATA, SILENCE, Listener, Outcome, Report, Status
from groundplan.features.templates import Moves, foreign_templates
from groundplan.plan.stage import is_archived

# Copier's own name for the version that a feature has.
CURRENT = ":current:"


@dataclass(frozen=True)
class Options:
    """What is asked for besides the features; the arguments of `update`."""

    ref: str
    data: Mapping[str, Any]
    jobs: int
    trust: bool
    dry_run: bool
    listener: Listener
    template: str = ""
    defaults: bool = False


@dataclass(frozen=True)
class _Target:
    """A version of a template, and the features to bring to it."""

    url: str
    version: str
    features: tuple[Feature, ...]


@dataclass(frozen=True)
class _Change:
    """What changes of a feature besides the version of its template.

    Attributes:
        answers: New answers.
        dropped: Answers that nobody gives any more.
        url: The template that it moves to; empty where it keeps its own.
    """

    answers: Mapping[str, Any]
    dropped: frozenset[str] = frozenset()
    url: str = ""


def update(  # noqa: PLR0913 - each is a keyword
    slugs: Sequence[str] | None = None,
    repository: Path | str = ".",
    *,
    ref: str = "",
    template: str = "",
    data: Mapping[str, Any] = NO_DATA,
    defaults: bool = False,
    jobs: int = 0,
    trust: bool = False,
    dry_run: bool = False,
    listener: Listener = SILENCE,
) -> Report:
    """Bring features to another version of their template, as `copier update` does.

    Each feature is updated in a git repository of its own that holds nothing else, and then copied back: the cost does
    not grow with the repository, only the plan folders concerned have to be committed, and a failure of one leaves that
    one as it was and does not stop the others. The template's code runs where Copier's settings or `trust` allow it.

    Args:
        slugs: The features; all of them but archived ones where it is None.
        repository: A folder in the repository.
        ref: The template's version; the newest where it is empty, each feature's own where it is `:current:`.
        template: Another address of the template, which has the versions that the features have; each feature's own
            where it is empty.
        data: Answers that override the stored ones.
        defaults: Whether answers that nobody gave follow the team's defaults of today.
        jobs: How many features to work on at a time; one more than there are processors where it is 0.
        trust: Run the template's code although Copier's settings do not name it as trusted.
        dry_run: Whether only to say what would be updated.
        listener: Hears how it goes on.

    Returns:
        One outcome for each feature: updated, current, conflicts, refused or failed.

    Raises:
        BriefError: The data or the team's defaults hold an unknown key or an answer that its question does not take.
        OSError: The repository cannot be written at all.
        RepositoryError: There is no such repository or feature, or git does not track it.
        TemplateError: The other address is not one of a template.
        WorkersError: A worker process was killed.
    """
    place = find_repository(repository)
    put_in_order(place, listener.tell)
    url = find_template(template).url if template else ""
    options = Options(ref, data, jobs, trust, dry_run, listener, url, defaults)
    if slugs is not None:
        return run_updates("update", [place.feature(slug) for slug in dict.fromkeys(slugs)], place, options)
    features = _current_features(place)
    foreign = foreign_templates(features, options.template)
    report = run_updates("update", [feature for feature in features if feature.slug not in foreign], place, options)
    done = {outcome.slug: outcome for outcome in report.outcomes}
    outcomes = (done.get(feature.slug) or _refused(feature, foreign[feature.slug]) for feature in features)
    return replace(report, outcomes=tuple(outcomes))


def _current_features(place: Repository) -> list[Feature]:
    """List the features that are not history."""
    return [feature for feature in place.features() if not is_archived(place.root, feature.slug)]


def run_updates(command: str, features: Sequence[Feature], place: Repository, options: Options) -> Report:
    """Update features, and report it as a command's doing.

    Args:
        command: The subcommand that the report is for.
        features: What to update.
        place: Their repository.
        options: What was asked for.

    Raises:
        RepositoryError: The repository is not one of git.
    """
    if not place.is_git:
        raise RepositoryError(f"{place.root} is not a git repository, so nothing can be taken back: git init, commit.")
    unmerged = place.unmerged(feature.plan_dir for feature in features)
    targets, outcomes = _targets([feature for feature in features if feature.plan_dir not in unmerged], options)
    outcomes |= {f.slug: _unsettled(f, unmerged[f.plan_dir]) for f in features if f.plan_dir in unmerged}
    due = [target for target in targets if not _are_current(target, options)]
    if due:
        with open_run(place, options.listener.tell) as run:
            for target in due:
                outcomes |= _reach(run, target, options)
    done = (outcomes.get(feature.slug) or _current(feature) for feature in features)
    return Report(command, tuple(done), options.dry_run)


def _targets(features: Sequence[Feature], options: Options) -> tuple[list[_Target], dict[str, Outcome]]:
    """Gather the features by template and target version, and the outcomes of those where nobody can say."""
    ask = cache(lambda url: find_template(url).newest())
    gathered: dict[tuple[str, str], list[Feature]] = {}
    failed: dict[str, Outcome] = {}
    for feature in features:
        try:
            url, version = feature.source
            if not url or not version:
                raise RepositoryError(f"{feature.answers_file} names no template and version. Restore it from git.")
            url = options.template or url
            wanted = version if options.ref == CURRENT else options.ref or ask(url)
        except UserError as error:
            failed[feature.slug] = Outcome(feature.slug, Status.FAILED, str(error))
        else:
            gathered.setdefault((url, wanted), []).append(feature)
    return [_Target(url, version, tuple(group)) for (url, version), group in gathered.items()], failed


def _are_current(target: _Target, options: Options) -> bool:
    is_same = not options.data and not options.defaults
    return is_same and all(feature.source == (target.url, target.version) for feature in target.features)


def _current(feature: Feature) -> Outcome:
    return Outcome(feature.slug, Status.CURRENT, version=feature.source[1])


def _refused(feature: Feature, reason: str) -> Outcome:
    return Outcome(feature.slug, Status.REFUSED, reason, version=feature.source[1])


def _unsettled(feature: Feature, conflicts: Sequence[str]) -> Outcome:
    reason = "An earlier update or merge left conflicts. Settle them and git add the files."
    return Outcome(feature.slug, Status.CONFLICTS, reason, conflicts=tuple(conflicts))


def _reach(run: Run, target: _Target, options: Options) -> dict[str, Outcome]:
    """Bring features to their version."""
    try:
        template = find_template(target.url).fetch(Path(mkdtemp(prefix="template-", dir=run.scratch)))
        # A branch is not called what Copier stores, so it takes the template itself to see who is there already.
        stored = template.describe(target.version)
        moves = Moves(template, target.version, run.scratch)
        outcomes = {f.slug: _refused(f, problem) for f in target.features if (problem := moves.problem(f))}
        features = [feature for feature in target.features if feature.slug not in outcomes]
        questionnaire = load_questionnaire(template.questionnaire(target.version)) if features else None
    except TemplateError as error:
        return {feature.slug: failed(feature, str(error)) for feature in target.features}
    changes, unclear = _changes(run.repository, features, target, questionnaire, options) if questionnaire else ({}, {})
    due = [f for f in features if f.slug in changes and (changes[f.slug] != _Change({}) or f.source[1] != stored)]
    settings = cache(lambda since: _file_settings(template, since, target.version, stored))
    # Before git is asked whether they are committed: whoever changes one later is noticed.
    indexed = _indexed(run.repository, due)
    before = {path: digest(run.repository.root / path) for files in indexed.values() for path in files}
    dirty = run.repository.changed(feature.plan_dir for feature in due) if due else {}
    host = look_at(run.repository)
    tasks = {
        feature: UpdateTask(
            place=run.scratch / f"update-{feature.slug}",
            slug=feature.slug,
            since=feature.source[1],
            version=target.version,
            url=changes[feature.slug].url,
            answers=changes[feature.slug].answers,
            dropped=changes[feature.slug].dropped,
            indexed=indexed[feature.plan_dir],
            settings=settings(feature.source[1]),
            host=host,
            trust=options.trust,
        )
        for feature in due
        if feature.plan_dir not in dirty
    }
    outcomes |= unclear | {feature.slug: _dirty(feature, dirty) for feature in due if feature.plan_dir in dirty}
    for feature, outcome in _carry_out(run, template, tasks, before, options):
        moved = moves.notes(feature) if outcome.files else ()
        outcomes[feature.slug] = replace(outcome, notes=(*moved, *outcome.notes))
    return outcomes


def _carry_out(
    run: Run,
    template: LocalTemplate,
    tasks: Mapping[Feature, UpdateTask],
    before: Mapping[str, str | None],
    options: Options,
) -> Iterator[tuple[Feature, Outcome]]:
    """Update features side by side, and copy each back as it is done."""
    features = list(tasks)
    workplace = Workplace(run.scratch, template.git_config(), options.jobs, is_apart=True)
    for done, (number, result) in enumerate(do_all(update_feature, list(tasks.values()), workplace), start=1):
        feature = features[number]
        if isinstance(result, Failed):
            yield feature, failed(feature, result.reason)
        else:
            yield feature, copy_back(run, feature, result, before, dry_run=options.dry_run)
        shutil.rmtree(tasks[feature].place, ignore_errors=True)
        options.listener.step(done, len(tasks), feature.slug)


def _changes(
    place: Repository, features: Sequence[Feature], target: _Target, questionnaire: Questionnaire, options: Options
) -> tuple[dict[str, _Change], dict[str, Outcome]]:
    """Return what changes of each feature, and the outcomes of those where nobody can say."""
    given = settle(Brief({}, "--data"), questionnaire.questions, options.data)
    defaults = judged_defaults(place, questionnaire, are_needed=True) if options.defaults else None
    changes: dict[str, _Change] = {}
    unclear: dict[str, Outcome] = {}
    for feature in features:
        try:
            followed = follow(feature, defaults, questionnaire, given) if defaults else NOTHING
        except UserError as error:
            unclear[feature.slug] = failed(feature, str(error))
        else:
            url = target.url if feature.source[0] != target.url else ""
            changes[feature.slug] = _Change({**followed.answers, **given}, followed.dropped, url)
    return changes, unclear


def _dirty(feature: Feature, dirty: Mapping[str, Sequence[str]]) -> Outcome:
    paths = ", ".join(dirty[feature.plan_dir])
    return failed(feature, f"Commit its changes first, or the update could not be told from them: {paths}.")


def _file_settings(template: LocalTemplate, since: str, version: str, stored: str) -> Settings | None:
    """Read what a template says about files, where an update can be made of two renderings."""
    try:
        if not is_upgrade(since, stored) or template.mentions(version, OPERATION):
            return None
        return file_settings(template.questionnaire(since), template.questionnaire(version))
    except TemplateError:
        # Copier says what it makes of it.
        return None


def _indexed(place: Repository, features: Sequence[Feature]) -> dict[str, dict[str, Indexed]]:
    """Return the files that git tracks in each feature's plan folder."""
    found: dict[str, dict[str, Indexed]] = {feature.plan_dir: {} for feature in features}
    for path, entry in place.indexed(found).items() if found else ():
        found["/".join(path.split("/")[:3])][path] = entry
    return found
