"""What an update made of a feature, copied back into its repository whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from groundplan.copying.repository import Feature, Repository
from groundplan.copying.tasks import Updated
from groundplan.copying.transaction import Planned, Run
from groundplan.errors import told
from groundplan.features.brief import NOT_FOR_BRIEFS
from groundplan.features.report import Outcome, Status
from groundplan.features.shadows import shadow_judge
from groundplan.git import git


def copy_back(
    run: Run, feature: Feature, result: Updated, before: Mapping[str, str | None], *, dry_run: bool
) -> Outcome:
    """Copy an updated feature back.

    Args:
        run: The command's run.
        feature: The feature as it was.
        result: What became of it.
        before: What its files held, as `digest` tells, when git was asked whether they are committed.
        dry_run: Whether only to say what would be written.
    """
    if "tree" in feature.answers:
        result = _without_existing_code(run.repository, feature, result)
    new = [path for path in result.written if path not in before]
    problems = list(run.repository.path_problems(new))
    if any(not path.startswith(f"{feature.plan_dir}/") for path in new) and "tree" not in feature.answers:
        problems += shadow_judge(run.repository.root)(Feature(result.slug, result.root))
    if problems:
        return failed(feature, " ".join(problems))
    try:
        outcome = _outcome(feature, result)
        if outcome.files and not dry_run:
            _write(run, feature, result, before)
    except Exception as error:  # whatever it is, it ends this feature alone
        return failed(feature, told(error))
    return outcome


def failed(feature: Feature, reason: str) -> Outcome:
    """Return the outcome of a feature that stays as it was."""
    return Outcome(feature.slug, Status.FAILED, reason, version=feature.source[1])


def _without_existing_code(place: Repository, feature: Feature, result: Updated) -> Updated:
    """Leave code that stands where a further layer would bring some: it is somebody's."""
    code = (path for path in result.written if not path.startswith(f"{feature.plan_dir}/"))
    kept = [path for path in code if (place.root / path).is_file()]
    written = tuple(path for path in result.written if path not in kept)
    return replace(result, written=written, notes=(*result.notes, *(f"kept as it is: {path}" for path in kept)))


def _outcome(feature: Feature, result: Updated) -> Outcome:
    conflicts = tuple(dict.fromkeys(stage.path for stage in result.stages))
    files = (*result.deleted, *result.written)
    status = Status.CONFLICTS if conflicts else Status.UPDATED if files else Status.CURRENT
    # What was not written is as it was.
    now = Feature(result.slug, result.root) if feature.answers_file in result.written else feature
    answers = _changed_answers(feature, now)
    version = now.source[1]
    return Outcome(
        result.slug, status, files=files, conflicts=conflicts, answers=answers, notes=result.notes, version=version
    )


def _changed_answers(before: Feature, after: Feature) -> tuple[str, ...]:
    old, new = before.answers, after.answers
    names = sorted(name for name in {*old, *new} - NOT_FOR_BRIEFS if not name.startswith("_"))
    return tuple(name for name in names if old.get(name) != new.get(name))


def _write(run: Run, feature: Feature, result: Updated, before: Mapping[str, str | None]) -> None:
    # The answers file says which version the feature has, so it is the commit point and comes last.
    written = sorted(result.written, key=lambda path: (path == feature.answers_file, path))
    paths = [*result.deleted, *written]
    planned = [Planned(path, result.root / path if path in written else None, before.get(path)) for path in paths]
    run.begin(feature.slug, planned, paths[-1], _index_lines(run.repository, result)).carry_out()


def _index_lines(place: Repository, result: Updated) -> tuple[Sequence[str], Sequence[str]]:
    """Return the index's entries of paths in conflict, as they are and as they will be; bring their contents over."""
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
