"""Features taken back: what the template made of them, where nobody has changed it since."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import mkdtemp

from groundplan.copying.mirror import look_at
from groundplan.copying.placing import InTheWayError, digest
from groundplan.copying.pool import Workplace, do_all
from groundplan.copying.repository import Feature, find_repository
from groundplan.copying.tasks import CopyTask, Failed, Rendered, copy_feature
from groundplan.copying.template import LocalTemplate, find_template
from groundplan.copying.transaction import Planned, Run, open_run
from groundplan.errors import UserError, told
from groundplan.features.brief import load_questionnaire
from groundplan.features.report import SILENCE, Listener, Outcome, Report, Status
from groundplan.git import git
from groundplan.plan.drawn_tree import is_named_for
from groundplan.plan.files import lies_inside

_NAMED = 5


def remove(  # noqa: PLR0913 - each is a keyword
    slugs: Sequence[str],
    repository: Path | str = ".",
    *,
    force: bool = False,
    trust: bool = False,
    dry_run: bool = False,
    listener: Listener = SILENCE,
) -> Report:
    """Delete features: their plan folders, and of their trees what the template had stored as theirs.

    A feature of which a person has changed or added a file is left whole and refused; with `force`, what git has
    committed of it is deleted too, since git can give it back. What is not committed is kept and listed in any case.
    Root manifests are never touched: other features and the host rely on them.

    Args:
        slugs: The features.
        repository: A folder in the repository.
        force: Delete what a person has changed, too, where it is committed. The template is not needed then.
        trust: Run the template's code although Copier's settings do not name it as trusted.
        dry_run: Only say what would be deleted.
        listener: Hears how it goes on.

    Returns:
        One outcome for each feature: removed, with what was kept, refused or failed.

    Raises:
        OSError: The repository cannot be written at all.
        RepositoryError: There is no such repository or feature.
    """
    place = find_repository(repository)
    with open_run(place, listener.tell) as run:
        features = [place.feature(slug) for slug in dict.fromkeys(slugs)]
        outcomes = tuple(_remove(run, feature, force=force, trust=trust, dry_run=dry_run) for feature in features)
    return Report("remove", outcomes, dry_run)


def _remove(run: Run, feature: Feature, *, force: bool, trust: bool, dry_run: bool) -> Outcome:
    version = ""
    try:
        version = feature.source[1]
        if problem := _identity_problem(feature):
            return Outcome(feature.slug, Status.REFUSED, problem, version=version)
        own = list(dict.fromkeys(_own_files(feature)))
        spare = _committed(run, own) if force else _as_rendered(run, feature, own, trust=trust)
        if isinstance(spare, Failed):
            return Outcome(feature.slug, Status.FAILED, spare.reason, version=version)
        kept = tuple(path for path in own if path not in spare)
        if kept and not force:
            return Outcome(feature.slug, Status.REFUSED, _edited(kept), kept=kept, version=version)
        if spare and not dry_run:
            _delete(run, feature, spare)
    except (InTheWayError, OSError, UserError) as error:
        return Outcome(feature.slug, Status.FAILED, told(error), version=version)
    if not spare:
        return Outcome(feature.slug, Status.SKIPPED, "git has nothing of it.", kept=kept, version=version)
    return Outcome(feature.slug, Status.REMOVED, files=tuple(spare), kept=kept, version=version)


def _identity_problem(feature: Feature) -> str:
    """Return why a folder is not the feature that it is named for; empty where it is.

    Whoever copies a plan folder, or writes an answers file, must not decide what else is deleted.
    """
    stored = feature.answers
    if (feature.root / feature.plan_dir).is_symlink():
        return f"{feature.plan_dir} is a link. Remove the link, or name the feature that it leads to."
    if (stored.get("feature_slug"), stored.get("plan_dir")) != (feature.slug, feature.plan_dir):
        return (
            f"{feature.answers_file} holds the answers of “{stored.get('feature_slug')}”, so this is a copy of that"
            " plan. Delete the folder by hand."
        )
    return ""


def _edited(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return (
        f"Nothing is deleted, since somebody has changed or added {', '.join(paths[:_NAMED])}{more}."
        " To delete what git has of them, too: --force"
    )


def _own_files(feature: Feature) -> Iterator[str]:
    """List the files of a feature: all in its plan folder, and of its stored tree those that bear its name."""
    for folder, below, names in os.walk(feature.root / feature.plan_dir):
        links = [name for name in below if Path(folder, name).is_symlink()]
        for name in sorted((*names, *links)):
            yield Path(folder, name).relative_to(feature.root).as_posix()
    for path in feature.tree_paths:
        is_inside = lies_inside(feature.root, str(Path(path).parent)) and is_named_for(path, feature.slug)
        if is_inside and os.path.lexists(feature.root / path):
            yield path


def _committed(run: Run, own: Sequence[str]) -> dict[str, str | None]:
    """Return the files that git can give back as they are, with their digests."""
    if not run.repository.is_git:
        raise UserError("--force deletes what git can give back, and there is no git repository here.")
    digests = {path: digest(run.repository.root / path) for path in own}
    tracked = run.repository.indexed(own)
    changed = {path for paths in run.repository.changed(own).values() for path in paths}
    return {path: digests[path] for path in own if path in tracked and path not in changed}


def _as_rendered(run: Run, feature: Feature, own: Sequence[str], *, trust: bool) -> dict[str, str | None] | Failed:
    """Return the files that are what the feature's version of the template renders, with their digests."""
    url, version = feature.source
    template = find_template(url).fetch(Path(mkdtemp(prefix="template-", dir=run.scratch)))
    rendered = _render(run, feature, template, trust=trust)
    if isinstance(rendered, Failed):
        return rendered
    if rendered.slug != feature.slug:
        return Failed(f"The template makes “{rendered.slug}” of its answers.")
    shared = load_questionnaire(template.questionnaire(version)).shared_files
    made = {path: rendered.root / path for path in rendered.files if path in own and path not in shared}
    digests = {path: digest(feature.root / path) for path in made}
    same = {path for path, file in made.items() if digests[path] == digest(file)}
    same |= _same_for_git(run, {path: file for path, file in made.items() if path not in same})
    return {path: digests[path] for path in own if path in same}


def _same_for_git(run: Run, made: dict[str, Path]) -> set[str]:
    """Return the files that git has as they were made, and that differ by what a checkout does, such as line ends."""
    if not made or not run.repository.is_git:
        return set()
    changed = {path for paths in run.repository.changed(made).values() for path in paths}
    tracked = run.repository.indexed(path for path in made if path not in changed)
    given = "".join(f"{made[path]}\n" for path in tracked)
    blobs = git(run.repository.root, "hash-object", "--no-filters", "--stdin-paths", text=given).split()
    return {path for (path, entry), blob in zip(tracked.items(), blobs, strict=True) if entry.blob == blob}


def _render(run: Run, feature: Feature, template: LocalTemplate, *, trust: bool) -> Rendered | Failed:
    # Without the stored tree the template renders it as if it were new.
    answers = {name: answer for name, answer in feature.answers.items() if name[:1] != "_" and name != "tree"}
    url, version = feature.source
    host = look_at(run.repository)
    place = run.scratch / f"remove-{feature.slug}"
    task = CopyTask(place, url, version, answers, host, trust=trust, runs_tasks=False)
    ((_, result),) = do_all(copy_feature, [task], Workplace(run.scratch, template.git_config(), jobs=1))
    return result


def _delete(run: Run, feature: Feature, digests: dict[str, str | None]) -> None:
    # A feature is there as long as its answers file is, so that goes first; a killed run's rest goes with the next.
    ordered = sorted(digests, key=lambda path: (path != feature.answers_file, path))
    planned = [Planned(path, None, digests[path]) for path in ordered]
    run.begin(feature.slug, planned, ordered[0]).carry_out()
