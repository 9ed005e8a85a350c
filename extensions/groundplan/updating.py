"""Features brought to another version of their template, each by itself."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from plumbum import local as machine

from groundplan.brief import Brief, load_questionnaire, settle
from groundplan.copier_runs import Failed, Updated, UpdateTask, update_feature
from groundplan.host_files import look_at
from groundplan.journal import InTheWayError, Planned, Run, open_run
from groundplan.outcomes import DEFAULTS, Options, Outcome, Report, Status
from groundplan.repository import PLAN_ROOT, Feature, Repository, RepositoryError, find_repository, git
from groundplan.template_source import find_template
from groundplan.workers import Workplace, do_all

# Copier's own name for the version that a feature has.
CURRENT = ":current:"
# Whose attributes apply to a plan folder's files.
_FOLDERS_ABOVE = ("", "docs/", f"{PLAN_ROOT}/")
_NO_ENTRY = f"0 {'0' * 40}"


@dataclass(frozen=True)
class _Target:
    """A version of a template, and the features that shall have it."""

    url: str
    version: str
    features: tuple[Feature, ...]


def update(slugs: Sequence[str] = (), repository: Path | str = ".", options: Options = DEFAULTS) -> Report:
    """Bring features to another version of their template, as ``copier update`` does.

    Each feature is updated in a git repository of its own that holds nothing else, and then copied back: the cost does
    not grow with the repository, only the plan folders concerned have to be committed, and a failure of one leaves that
    one as it was and does not stop the others. The template's code runs, as with ``copier update --trust``.

    Args:
        slugs: The features; all of them where there is none.
        repository: A folder in the repository.
        options: To which version, with which answers, and how; ``template`` is not used.

    Returns:
        One outcome for each feature: updated, current, conflicts or failed.

    Raises:
        BriefError: The data holds an unknown key or an answer that its question does not take.
        OSError: The repository cannot be written at all.
        RepositoryError: There is no such repository or feature, or git does not track it.
        TemplateError: A template cannot be reached, or has no such version.
        WorkersError: A worker process was killed.
    """
    place = find_repository(repository)
    features = [place.feature(slug) for slug in dict.fromkeys(slugs)] if slugs else place.features()
    return _run_updates("update", features, place, options)


def scaffold(slugs: Sequence[str], repository: Path | str = ".", options: Options = DEFAULTS) -> Report:
    """Give features their source and test tree, which were made without it. They keep their version.

    Args:
        slugs: The features.
        repository: A folder in the repository.
        options: With which further answers, such as a ``stack``, and how; ``template`` and ``ref`` are not used.

    Returns:
        One outcome for each feature: updated, skipped where it has a tree, conflicts, refused or failed.

    Raises:
        RepositoryError, TemplateError, BriefError, WorkersError, OSError: As for ``update``.
    """
    place = find_repository(repository)
    features = [place.feature(slug) for slug in dict.fromkeys(slugs)]
    settled = {feature.slug: _without_tree_to_come(feature, options) for feature in features}
    bare = [feature for feature in features if settled[feature.slug] is None]
    with_tree = replace(options, ref=CURRENT, data={**options.data, "scaffold": True})
    report = _run_updates("scaffold", bare, place, with_tree)
    done = {outcome.slug: outcome for outcome in report.outcomes}
    return replace(report, outcomes=tuple(settled[feature.slug] or done[feature.slug] for feature in features))


def _without_tree_to_come(feature: Feature, options: Options) -> Outcome | None:
    version = feature.source[1]
    if "tree" in feature.answers:
        return Outcome(feature.slug, Status.SKIPPED, "It has its tree already.", version=version)
    if (options.data.get("stack") or feature.answers.get("stack")) == "none":
        return Outcome(feature.slug, Status.REFUSED, "It has no stack. Choose one: --data stack=NAME.", version=version)
    return None


def _run_updates(command: str, features: Sequence[Feature], place: Repository, options: Options) -> Report:
    """Update features, and report it as a command's doing."""
    if not place.is_git:
        raise RepositoryError(f"{place.root} is no git repository, so nothing could be taken back: git init, commit.")
    targets = _targets(features, options)
    outcomes: dict[str, Outcome] = {}
    due = [target for target in targets if not _are_current(target, target.version, options)]
    if due:
        with open_run(place, options.listener.tell) as run:
            for target in due:
                outcomes |= _reach(run, target, options)
    done = (outcomes.get(feature.slug) or _current(feature) for feature in features)
    return Report(command, tuple(done), options.dry_run)


def _targets(features: Sequence[Feature], options: Options) -> list[_Target]:
    """Gather the features by template and by the version they shall have. Each template is asked once."""
    gathered: dict[tuple[str, str], list[Feature]] = {}
    newest: dict[str, str] = {}
    for feature in features:
        url, version = feature.source
        if not url or not version:
            raise RepositoryError(f"{feature.answers_file} names no template and version. Take it back from git.")
        if not options.ref and url not in newest:
            newest[url] = find_template(url).newest()
        wanted = version if options.ref == CURRENT else options.ref or newest[url]
        gathered.setdefault((url, wanted), []).append(feature)
    return [_Target(url, version, tuple(group)) for (url, version), group in gathered.items()]


def _are_current(target: _Target, version: str, options: Options) -> bool:
    return not options.data and all(feature.source[1] == version for feature in target.features)


def _current(feature: Feature) -> Outcome:
    return Outcome(feature.slug, Status.CURRENT, version=feature.source[1])


def _reach(run: Run, target: _Target, options: Options) -> dict[str, Outcome]:
    """Bring features to their version."""
    folder = Path(mkdtemp(prefix="template-", dir=run.scratch))
    template = find_template(target.url).fetch(folder)
    # A branch is not called what Copier stores, so it takes the template itself to see who is there already.
    stored = template.describe(target.version)
    questions = load_questionnaire(template.questionnaire(target.version)).questions
    answers = settle(Brief({}, "--data"), questions, options.data)
    features = [feature for feature in target.features if answers or feature.source[1] != stored]
    dirty = run.repository.changed(feature.plan_dir for feature in features) if features else {}
    outcomes = {
        feature.slug: _dirty(feature, dirty[feature.plan_dir]) for feature in features if feature.plan_dir in dirty
    }
    clean = [feature for feature in features if feature.slug not in outcomes]
    tasks = _tasks(run, clean, target.version, answers)
    workplace = Workplace(run.scratch, template.environment(), options.jobs, is_apart=True)
    for done, (number, result) in enumerate(do_all(update_feature, tasks, workplace), start=1):
        outcomes[clean[number].slug] = _settled(run, clean[number], tasks[number], result, options)
        options.listener.step(done, len(tasks), clean[number].slug)
    return outcomes


def _dirty(feature: Feature, paths: Sequence[str]) -> Outcome:
    reason = f"Commit its changes first, or the update could not be told from them: {', '.join(paths)}."
    return Outcome(feature.slug, Status.FAILED, reason, version=feature.source[1])


def _tasks(run: Run, features: Sequence[Feature], version: str, answers: Mapping[str, Any]) -> list[UpdateTask]:
    host = look_at(run.repository)
    attributes = tuple(f"{folder}.gitattributes" for folder in _FOLDERS_ABOVE)
    files: dict[str, list[str]] = {feature.plan_dir: [] for feature in features}
    for path in run.repository.tracked(files) if files else ():
        files["/".join(path.split("/")[:3])].append(path)
    return [
        UpdateTask(
            run.scratch / f"update-{feature.slug}",
            feature.slug,
            version,
            answers,
            (*attributes, *files[feature.plan_dir]),
            host,
        )
        for feature in features
    ]


def _settled(run: Run, feature: Feature, task: UpdateTask, result: Updated | Failed, options: Options) -> Outcome:
    """Copy an updated feature back, whole or not at all."""
    if isinstance(result, Failed):
        return Outcome(feature.slug, Status.FAILED, result.reason, version=feature.source[1])
    try:
        outcome = _outcome(result)
        new = [path for path in result.written if path not in task.files]
        if problems := list(run.repository.path_problems(new)):
            return Outcome(feature.slug, Status.FAILED, " ".join(problems), version=feature.source[1])
        if outcome.files and not options.dry_run:
            _copy_back(run, feature, result)
    except (OSError, InTheWayError) as error:
        return Outcome(feature.slug, Status.FAILED, str(error), version=feature.source[1])
    finally:
        shutil.rmtree(task.place, ignore_errors=True)
    return outcome


def _outcome(result: Updated) -> Outcome:
    conflicts = tuple(dict.fromkeys(line.partition("\t")[2] for line in result.unmerged))
    files = (*result.deleted, *result.written)
    status = Status.CONFLICTS if conflicts else Status.UPDATED if files else Status.CURRENT
    version = Feature(result.slug, result.root).source[1]
    return Outcome(result.slug, status, files=files, conflicts=conflicts, notes=result.notes, version=version)


def _copy_back(run: Run, feature: Feature, result: Updated) -> None:
    # The answers file says which version the feature has, so it is the commit point and comes last.
    written = sorted(result.written, key=lambda path: (path == feature.answers_file, path))
    planned = [Planned(path, None) for path in result.deleted] + [Planned(path, result.root / path) for path in written]
    transaction = run.begin(feature.slug, planned, planned[-1].path, _stages(run.repository, result))
    try:
        transaction.apply()
    except BaseException:
        transaction.undo()
        raise
    finally:
        transaction.close()


def _stages(place: Repository, result: Updated) -> tuple[Sequence[str], Sequence[str]]:
    """Give the index's entries of unmerged paths, as they are and as they shall be; bring their contents over."""
    if not result.unmerged:
        return (), ()
    contents = {line.split()[1] for line in result.unmerged}
    pack = machine["git"]["-C", str(result.root), "pack-objects", "--quiet", "--stdout"] << "\n".join(contents)
    (pack | machine["git"]["-C", str(place.root), "unpack-objects", "-q"])()
    paths = list(dict.fromkeys(line.partition("\t")[2] for line in result.unmerged))
    before = git(place.root, "ls-files", "--stage", "-z", "--", *paths).split("\0")
    return [line for line in before if line], [*(f"{_NO_ENTRY}\t{path}" for path in paths), *result.unmerged]
