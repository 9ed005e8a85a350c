"""Features taken back: what the template made of them and nobody has changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import mkdtemp

from groundplan.brief import load_questionnaire
from groundplan.copier_runs import CopyTask, Failed, Host, Rendered, copy_feature
from groundplan.journal import InTheWayError, Planned, Run, open_run
from groundplan.outcomes import DEFAULTS, Options, Outcome, Report, Status
from groundplan.repository import Feature, find_repository
from groundplan.template_source import LocalTemplate, find_template
from groundplan.workers import Workplace, do_all


def remove(slugs: Sequence[str], repository: Path | str = ".", options: Options = DEFAULTS) -> Report:
    """Delete features: exactly those of their files that still are what their version of the template renders.

    Whatever a person changed or added stays and is listed. Root manifests are never touched: other features and the
    host rely on them. The code was made with the feature and never updated, so where its template has changed since,
    it stays too.

    Args:
        slugs: The features.
        repository: A folder in the repository.
        options: Whether only to say what would be deleted, and who hears how it goes on.

    Returns:
        One outcome for each feature: removed, with what was kept, or failed.

    Raises:
        OSError: The repository cannot be written at all.
        RepositoryError: There is no such repository or feature.
        TemplateError: A template cannot be reached.
    """
    place = find_repository(repository)
    features = [place.feature(slug) for slug in dict.fromkeys(slugs)]
    with open_run(place, options.listener.tell) as run:
        outcomes = tuple(_removed(run, feature, options) for feature in features)
    return Report("remove", outcomes, options.dry_run)


def _removed(run: Run, feature: Feature, options: Options) -> Outcome:
    url, version = feature.source
    template = find_template(url).fetch(Path(mkdtemp(prefix="template-", dir=run.scratch)))
    rendered = _rendered(run, feature, template)
    if isinstance(rendered, Failed):
        return Outcome(feature.slug, Status.FAILED, rendered.reason, version=version)
    shared = load_questionnaire(template.questionnaire(version)).shared_files
    own = [path for path in rendered.files if path not in shared]
    unchanged = [path for path in own if _is_same(feature.root / path, rendered.root / path)]
    kept = tuple(path for path in dict.fromkeys(_present(feature, own)) if path not in unchanged)
    outcome = Outcome(feature.slug, Status.REMOVED, files=tuple(unchanged), kept=kept, version=version)
    if not unchanged:
        return Outcome(feature.slug, Status.SKIPPED, "Every file of it was changed.", kept=kept, version=version)
    try:
        if not options.dry_run:
            _delete(run, feature, unchanged)
    except (OSError, InTheWayError) as error:
        return Outcome(feature.slug, Status.FAILED, str(error), version=version)
    return outcome


def _rendered(run: Run, feature: Feature, template: LocalTemplate) -> Rendered | Failed:
    # Without the stored tree the template renders it as if it were new.
    answers = {name: answer for name, answer in feature.answers.items() if name[0] != "_" and name != "tree"}
    url, version = feature.source
    task = CopyTask(run.scratch / f"remove-{feature.slug}", url, version, answers, Host(feature.root, (), ()))
    ((_, result),) = do_all(copy_feature, [task], Workplace(run.scratch, template.environment(), jobs=1))
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


def _delete(run: Run, feature: Feature, paths: Sequence[str]) -> None:
    # A feature is there as long as its answers file is, so that goes first; a killed run's rest goes with the next.
    planned = [Planned(path, None) for path in sorted(paths, key=lambda path: (path != feature.answers_file, path))]
    transaction = run.begin(feature.slug, planned, planned[0].path)
    try:
        transaction.apply()
    except BaseException:
        transaction.undo()
        raise
    finally:
        transaction.close()
