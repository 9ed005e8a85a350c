"""Features taken back: what the template made of them and nobody has changed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp

from groundplan.copying.pool import Workplace, do_all
from groundplan.copying.repository import Feature, find_repository
from groundplan.copying.tasks import CopyTask, Failed, Host, Rendered, copy_feature
from groundplan.copying.template import LocalTemplate, TemplateError, find_template
from groundplan.copying.transaction import InTheWayError, Planned, Run, digest, open_run
from groundplan.errors import told
from groundplan.features.brief import load_questionnaire
from groundplan.features.report import SILENCE, Listener, Outcome, Report, Status


def remove(
    slugs: Sequence[str],
    repository: Path | str = ".",
    *,
    dry_run: bool = False,
    listener: Listener = SILENCE,
) -> Report:
    """Delete features: exactly those of their files that still are what their version of the template renders.

    Whatever a person changed or added stays and is listed. Root manifests are never touched: other features and the
    host rely on them. The code was made with the feature and never updated, so where its template has changed since,
    it stays too.

    Args:
        slugs: The features.
        repository: A folder in the repository.
        dry_run: Whether only to say what would be deleted.
        listener: Hears how it goes on.

    Returns:
        One outcome for each feature: removed, with what was kept, or failed.

    Raises:
        OSError: The repository cannot be written at all.
        RepositoryError: There is no such repository or feature.
    """
    place = find_repository(repository)
    with open_run(place, listener.tell) as run:
        features = [place.feature(slug) for slug in dict.fromkeys(slugs)]
        outcomes = tuple(_remove(run, feature, dry_run=dry_run) for feature in features)
    return Report("remove", outcomes, dry_run)


def _remove(run: Run, feature: Feature, *, dry_run: bool) -> Outcome:
    version = feature.source[1]
    try:
        return _delete_unchanged(run, feature, dry_run=dry_run)
    except (InTheWayError, OSError, TemplateError) as error:
        return Outcome(feature.slug, Status.FAILED, told(error), version=version)


def _delete_unchanged(run: Run, feature: Feature, *, dry_run: bool) -> Outcome:
    url, version = feature.source
    template = find_template(url).fetch(Path(mkdtemp(prefix="template-", dir=run.scratch)))
    rendered = _render(run, feature, template)
    if isinstance(rendered, Failed):
        return Outcome(feature.slug, Status.FAILED, rendered.reason, version=version)
    shared = load_questionnaire(template.questionnaire(version)).shared_files
    own = [path for path in rendered.files if path not in shared]
    unchanged = [path for path in own if _is_same(feature.root / path, rendered.root / path)]
    kept = tuple(path for path in dict.fromkeys(_present(feature, own)) if path not in unchanged)
    if not unchanged:
        return Outcome(feature.slug, Status.SKIPPED, "Every file of it was changed.", kept=kept, version=version)
    if not dry_run:
        _delete(run, feature, {path: rendered.root / path for path in unchanged})
    return Outcome(feature.slug, Status.REMOVED, files=tuple(unchanged), kept=kept, version=version)


def _render(run: Run, feature: Feature, template: LocalTemplate) -> Rendered | Failed:
    # Without the stored tree the template renders it as if it were new.
    answers = {name: answer for name, answer in feature.answers.items() if name[0] != "_" and name != "tree"}
    url, version = feature.source
    task = CopyTask(run.scratch / f"remove-{feature.slug}", url, version, answers, Host(feature.root, ()))
    ((_, result),) = do_all(copy_feature, [task], Workplace(run.scratch, template.git_config(), jobs=1))
    return result


def _present(feature: Feature, rendered: Sequence[str]) -> Iterator[str]:
    """List the files that belong to a feature: its version's, its tree's as it was made, all in its plan folder."""
    stored = feature.answers.get("tree") or {}
    for path in (*rendered, *stored.get("paths", ())):
        if (feature.root / path).is_file():
            yield path
    for file in sorted((feature.root / feature.plan_dir).rglob("*")):
        if not file.is_dir():
            yield file.relative_to(feature.root).as_posix()


def _is_same(file: Path, rendered: Path) -> bool:
    return file.is_file() and not file.is_symlink() and file.read_bytes() == rendered.read_bytes()


def _delete(run: Run, feature: Feature, rendered: Mapping[str, Path]) -> None:
    # A feature is there as long as its answers file is, so that goes first; a killed run's rest goes with the next.
    ordered = sorted(rendered, key=lambda path: (path != feature.answers_file, path))
    planned = [Planned(path, None, digest(rendered[path])) for path in ordered]
    run.begin(feature.slug, planned, ordered[0]).carry_out()
