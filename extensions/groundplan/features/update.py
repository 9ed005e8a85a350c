"""Features brought to another version of their template, each by itself."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from groundplan.copying.mirror import look_at
from groundplan.copying.placing import digest
from groundplan.copying.pool import Workplace, do_all
from groundplan.copying.repository import Feature, Indexed, Repository, RepositoryError, find_repository
from groundplan.copying.tasks import Failed, Updated, UpdateTask, update_feature
from groundplan.copying.template import LocalTemplate, TemplateError, find_template, trusted_by_name
from groundplan.copying.transaction import Planned, Run, open_run, put_in_order
from groundplan.copying.two_renderings import OPERATION, Settings, file_settings, is_upgrade
from groundplan.errors import UserError, told
from groundplan.features.brief import Brief, load_questionnaire, settle
from groundplan.features.report import NO_DATA, SILENCE, Listener, Outcome, Report, Status
from groundplan.features.shadows import shadow_judge
from groundplan.git import git
from groundplan.plan.stage import is_archived
from groundplan.rendering.tree import LAYERS

# Copier's own name for the version that a feature has.
CURRENT = ":current:"


@dataclass(frozen=True)
class _Options:
    """What is asked for besides the features; the arguments of ``update``."""

    ref: str
    data: Mapping[str, Any]
    jobs: int
    trust: bool
    dry_run: bool
    listener: Listener


@dataclass(frozen=True)
class _Target:
    """A version of a template, and the features that shall have it."""

    url: str
    version: str
    features: tuple[Feature, ...]


def update(  # noqa: PLR0913 - each is a keyword
    slugs: Sequence[str] | None = None,
    repository: Path | str = ".",
    *,
    ref: str = "",
    data: Mapping[str, Any] = NO_DATA,
    jobs: int = 0,
    trust: bool = False,
    dry_run: bool = False,
    listener: Listener = SILENCE,
) -> Report:
    """Bring features to another version of their template, as ``copier update`` does.

    Each feature is updated in a git repository of its own that holds nothing else, and then copied back: the cost does
    not grow with the repository, only the plan folders concerned have to be committed, and a failure of one leaves that
    one as it was and does not stop the others. The template's code runs where Copier's settings or ``trust`` allow it.

    Args:
        slugs: The features; all of them but archived ones where it is None.
        repository: A folder in the repository.
        ref: The template's version; the newest where it is empty, each feature's own where it is ``:current:``.
        data: Answers that override the stored ones.
        jobs: How many features to work on at a time; one more than there are processors where it is 0.
        trust: Run the template's code although Copier's settings do not name it as trusted.
        dry_run: Whether only to say what would be updated.
        listener: Hears how it goes on.

    Returns:
        One outcome for each feature: updated, current, conflicts or failed.

    Raises:
        BriefError: The data holds an unknown key or an answer that its question does not take.
        OSError: The repository cannot be written at all.
        RepositoryError: There is no such repository or feature, or git does not track it.
        WorkersError: A worker process was killed.
    """
    place = find_repository(repository)
    put_in_order(place, listener.tell)
    options = _Options(ref, data, jobs, trust, dry_run, listener)
    if slugs is not None:
        return _run_updates("update", [place.feature(slug) for slug in dict.fromkeys(slugs)], place, options)
    features = _current_features(place)
    refused = _of_foreign_templates(features)
    report = _run_updates("update", [feature for feature in features if feature.slug not in refused], place, options)
    done = {outcome.slug: outcome for outcome in report.outcomes} | refused
    return replace(report, outcomes=tuple(done[feature.slug] for feature in features))


def _of_foreign_templates(features: Sequence[Feature]) -> dict[str, Outcome]:
    """Refuse features whose template is not the one of the others, unless Copier's settings trust it by its very name.

    Who adds a plan with an address of their own must not have its code run for everybody.
    """
    urls = Counter(url for feature in features if (url := _template_of(feature)))
    if len(urls) < 2:
        return {}
    (usual, most), (_, second) = urls.most_common(2)
    known = {*trusted_by_name(), *([usual] if most > second else [])}
    return {
        feature.slug: Outcome(feature.slug, Status.REFUSED, _foreign(url), version=feature.source[1])
        for feature in features
        if (url := _template_of(feature)) and url not in known
    }


def _template_of(feature: Feature) -> str:
    try:
        return feature.source[0]
    except UserError:
        # What is wrong with it is told when it is its turn.
        return ""


def _foreign(url: str) -> str:
    return (
        f"Its template, {url}, is not that of the other features. If you trust it, name it under `trust:` in Copier's"
        " settings, or update this feature by its slug."
    )


def _current_features(place: Repository) -> list[Feature]:
    """List the features that are not history."""
    return [feature for feature in place.features() if not is_archived(place.root, feature.slug)]


def scaffold(  # noqa: PLR0913 - each is a keyword
    slugs: Sequence[str],
    repository: Path | str = ".",
    *,
    layers: Sequence[str] = (),
    data: Mapping[str, Any] = NO_DATA,
    jobs: int = 0,
    trust: bool = False,
    dry_run: bool = False,
    listener: Listener = SILENCE,
) -> Report:
    """Give features their source and test tree, or further layers of it. They keep their version.

    Only files that do not exist are written beside the plan.

    Args:
        slugs: The features.
        repository: A folder in the repository.
        layers: Layers that the features shall have besides those that they have.
        data: Further answers, such as a ``stack``.
        jobs: How many features to work on at a time; one more than there are processors where it is 0.
        trust: Run the template's code although Copier's settings do not name it as trusted.
        dry_run: Whether only to say what would be generated.
        listener: Hears how it goes on.

    Returns:
        One outcome for each feature: updated, skipped where it has a tree, conflicts, refused or failed.

    Raises:
        RepositoryError, BriefError, WorkersError, OSError: As for ``update``.
    """
    place = find_repository(repository)
    put_in_order(place, listener.tell)
    features = [place.feature(slug) for slug in dict.fromkeys(slugs)]
    settled = {feature.slug: _nothing_to_come(feature, layers, data) for feature in features}
    done = {slug: outcome for slug, outcome in settled.items() if outcome}
    wanted = {feature.slug: _with_layers(feature, layers) for feature in features if feature.slug not in done}
    for chosen in dict.fromkeys(wanted.values()):
        group = [feature for feature in features if wanted.get(feature.slug) == chosen]
        given = {**data, "scaffold": True, **({"layers": list(chosen)} if chosen else {})}
        report = _run_updates("scaffold", group, place, _Options(CURRENT, given, jobs, trust, dry_run, listener))
        done |= {outcome.slug: outcome for outcome in report.outcomes}
    return Report("scaffold", tuple(done[feature.slug] for feature in features), dry_run)


def _with_layers(feature: Feature, layers: Sequence[str]) -> tuple[str, ...]:
    """Return the layers that a feature has and shall have, in the order of the question; none where none are added."""
    wanted = {*layers, *feature.answers.get("layers", ())} if layers else set()
    return tuple(sorted(wanted, key=lambda layer: (LAYERS.index(layer) if layer in LAYERS else len(LAYERS), layer)))


def _nothing_to_come(feature: Feature, layers: Sequence[str], data: Mapping[str, Any]) -> Outcome | None:
    """Say why a feature gets nothing; None where it does."""
    try:
        version = feature.source[1]
        answers = feature.answers
    except UserError as error:
        return Outcome(feature.slug, Status.FAILED, str(error))
    if "tree" in answers and {*layers} <= {*answers.get("layers", ())}:
        return Outcome(feature.slug, Status.SKIPPED, "It has its tree already.", version=version)
    if (data.get("stack") or answers.get("stack")) == "none":
        return Outcome(feature.slug, Status.REFUSED, "It has no stack. Choose one: --data stack=NAME.", version=version)
    return None


def _run_updates(command: str, features: Sequence[Feature], place: Repository, options: _Options) -> Report:
    """Update features, and report it as a command's doing."""
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


def _targets(features: Sequence[Feature], options: _Options) -> tuple[list[_Target], dict[str, Outcome]]:
    """Gather the features by template and by the version they shall have; say of which that cannot be told."""
    ask = cache(lambda url: find_template(url).newest())
    gathered: dict[tuple[str, str], list[Feature]] = {}
    failed: dict[str, Outcome] = {}
    for feature in features:
        try:
            url, version = feature.source
            if not url or not version:
                raise RepositoryError(f"{feature.answers_file} names no template and version. Restore it from git.")
            wanted = version if options.ref == CURRENT else options.ref or ask(url)
        except UserError as error:
            failed[feature.slug] = Outcome(feature.slug, Status.FAILED, str(error))
        else:
            gathered.setdefault((url, wanted), []).append(feature)
    return [_Target(url, version, tuple(group)) for (url, version), group in gathered.items()], failed


def _are_current(target: _Target, options: _Options) -> bool:
    return not options.data and all(feature.source[1] == target.version for feature in target.features)


def _current(feature: Feature) -> Outcome:
    return Outcome(feature.slug, Status.CURRENT, version=feature.source[1])


def _unsettled(feature: Feature, conflicts: Sequence[str]) -> Outcome:
    reason = "An earlier update or merge left conflicts. Settle them and git add the files."
    return Outcome(feature.slug, Status.CONFLICTS, reason, conflicts=tuple(conflicts))


def _reach(run: Run, target: _Target, options: _Options) -> dict[str, Outcome]:
    """Bring features to their version."""
    try:
        template = find_template(target.url).fetch(Path(mkdtemp(prefix="template-", dir=run.scratch)))
        # A branch is not called what Copier stores, so it takes the template itself to see who is there already.
        stored = template.describe(target.version)
        questions = load_questionnaire(template.questionnaire(target.version)).questions
    except TemplateError as error:
        return {feature.slug: _failed(feature, str(error)) for feature in target.features}
    answers = settle(Brief({}, "--data"), questions, options.data)
    features = [feature for feature in target.features if answers or feature.source[1] != stored]
    # Before git is asked whether they are committed: whoever changes one later is noticed.
    indexed = _indexed(run.repository, features)
    before = {path: digest(run.repository.root / path) for files in indexed.values() for path in files}
    dirty = run.repository.changed(feature.plan_dir for feature in features) if features else {}
    outcomes = {feature.slug: _dirty(feature, dirty) for feature in features if feature.plan_dir in dirty}
    clean = [feature for feature in features if feature.slug not in outcomes]
    settings = cache(lambda since: _file_settings(template, since, target.version, stored))
    host = look_at(run.repository)
    tasks = [
        UpdateTask(
            place=run.scratch / f"update-{feature.slug}",
            slug=feature.slug,
            since=feature.source[1],
            version=target.version,
            answers=answers,
            indexed=indexed[feature.plan_dir],
            settings=settings(feature.source[1]),
            host=host,
            trust=options.trust,
        )
        for feature in clean
    ]
    workplace = Workplace(run.scratch, template.git_config(), options.jobs, is_apart=True)
    for done, (number, result) in enumerate(do_all(update_feature, tasks, workplace), start=1):
        feature = clean[number]
        outcomes[feature.slug] = _settled(run, feature, result, before, options)
        shutil.rmtree(tasks[number].place, ignore_errors=True)
        options.listener.step(done, len(tasks), feature.slug)
    return outcomes


def _failed(feature: Feature, reason: str) -> Outcome:
    return Outcome(feature.slug, Status.FAILED, reason, version=feature.source[1])


def _dirty(feature: Feature, dirty: Mapping[str, Sequence[str]]) -> Outcome:
    paths = ", ".join(dirty[feature.plan_dir])
    return _failed(feature, f"Commit its changes first, or the update could not be told from them: {paths}.")


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


def _settled(
    run: Run, feature: Feature, result: Updated | Failed, before: Mapping[str, str | None], options: _Options
) -> Outcome:
    """Copy an updated feature back, whole or not at all."""
    if isinstance(result, Failed):
        return _failed(feature, result.reason)
    if "tree" in feature.answers:
        result = _without_existing_code(run.repository, feature, result)
    new = [path for path in result.written if path not in before]
    problems = list(run.repository.path_problems(new))
    if any(not path.startswith(f"{feature.plan_dir}/") for path in new) and "tree" not in feature.answers:
        problems += shadow_judge(run.repository.root)(Feature(result.slug, result.root))
    if problems:
        return _failed(feature, " ".join(problems))
    try:
        outcome = _outcome(result)
        if outcome.files and not options.dry_run:
            _copy_back(run, feature, result, before)
    except Exception as error:  # whatever it is, it ends this feature alone
        return _failed(feature, told(error))
    return outcome


def _without_existing_code(place: Repository, feature: Feature, result: Updated) -> Updated:
    """Leave code that stands where a further layer would bring some: it is somebody's."""
    code = (path for path in result.written if not path.startswith(f"{feature.plan_dir}/"))
    kept = [path for path in code if (place.root / path).is_file()]
    written = tuple(path for path in result.written if path not in kept)
    return replace(result, written=written, notes=(*result.notes, *(f"kept as it is: {path}" for path in kept)))


def _outcome(result: Updated) -> Outcome:
    conflicts = tuple(dict.fromkeys(stage.path for stage in result.stages))
    files = (*result.deleted, *result.written)
    status = Status.CONFLICTS if conflicts else Status.UPDATED if files else Status.CURRENT
    version = Feature(result.slug, result.root).source[1]
    return Outcome(result.slug, status, files=files, conflicts=conflicts, notes=result.notes, version=version)


def _copy_back(run: Run, feature: Feature, result: Updated, before: Mapping[str, str | None]) -> None:
    # The answers file says which version the feature has, so it is the commit point and comes last.
    written = sorted(result.written, key=lambda path: (path == feature.answers_file, path))
    paths = [*result.deleted, *written]
    planned = [Planned(path, result.root / path if path in written else None, before.get(path)) for path in paths]
    run.begin(feature.slug, planned, paths[-1], _index_lines(run.repository, result)).carry_out()


def _index_lines(place: Repository, result: Updated) -> tuple[Sequence[str], Sequence[str]]:
    """Return the index's entries of paths in conflict, as they are and as they shall be; bring their contents over."""
    if not result.stages:
        return (), ()
    paths = list(dict.fromkeys(stage.path for stage in result.stages))
    before = [f"{entry.mode} {entry.blob} 0\t{path}" for path, entry in place.indexed(paths).items()]
    contents = "".join(f"{stage.content}\n" for stage in result.stages)
    blobs = git(place.root, "hash-object", "-w", "--no-filters", "--stdin-paths", text=contents).split()
    nothing = "0" * len(blobs[0])
    stages = [
        f"{stage.mode} {blob} {stage.number}\t{stage.path}" for stage, blob in zip(result.stages, blobs, strict=True)
    ]
    return before, [*(f"0 {nothing}\t{path}" for path in paths), *stages]
