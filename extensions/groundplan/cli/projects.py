"""The projects and plans that the words of a command line name, for the commands that only read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from groundplan.errors import UserError
from groundplan.git import GitMissingError, NoRepositoryError
from groundplan.layout import RUN_PREFIX
from groundplan.plan.files import plan_slugs
from groundplan.projects import all_roots, find_root, plan_at, top_of


@dataclass(frozen=True)
class Chosen:
    """A project, and which of its plans are meant.

    Attributes:
        root: The folder that holds `docs/plan_docs`.
        slugs: The plans; all of them where it is None.
        base: The folder that paths are told relative to: git's top where several projects are told apart.
    """

    root: Path
    slugs: list[str] | None
    base: Path

    @property
    def prefix(self) -> str:
        """What comes before the project's own paths."""
        is_below = self.root != self.base and self.root.is_relative_to(self.base)
        return f"{self.root.relative_to(self.base).as_posix()}/" if is_below else ""


def choose(plans: Sequence[str], *, everywhere: bool, from_top: bool = False) -> list[Chosen]:
    """Find the projects and plans that are meant.

    Args:
        plans: Slugs of the project that one stands in, or paths of any project; none for all plans of that project.
        everywhere: Whether all plans of all projects that git tracks are meant.
        from_top: Whether paths begin at git's top even where one project below it is meant.

    Raises:
        UserError: Plans are named although all are meant, or git knows no repository to look through.
    """
    here = find_root(Path.cwd())
    if everywhere and plans:
        raise UserError("name plans, or say --all-projects")
    roots = _all_roots(here) if everywhere else []
    slugs: dict[Path, list[str] | None] = dict.fromkeys(roots or ([] if plans else [here]))
    for root, slug in (plan_at(plan, here) for plan in plans):
        slugs[root] = [*(slugs.get(root) or []), slug]
    base = top_of(here) if everywhere or from_top or set(slugs) != {here} else here
    return [Chosen(root, names, base) for root, names in slugs.items()]


def _all_roots(here: Path) -> list[Path]:
    try:
        return all_roots(here)
    except (GitMissingError, NoRepositoryError):
        # A download has no history; there is one project then.
        return []


def are_empty(chosen: Sequence[Chosen]) -> bool:
    """Return whether no project has a plan: whoever asks for plans where there are none stands in the wrong place."""
    return not any(plan_slugs(one.root) for one in chosen)


def nothing_in() -> str:
    """Return the message that there is no plan where plans were asked for, and where there are some."""
    here = find_root(Path.cwd())
    try:
        others = [str(root) for root in _all_roots(here) if root != here]
    except UserError:
        others = []
    elsewhere = f" There are some in {', '.join(others[:3])}: go there, or say --all-projects." if others else ""
    return f"There is no plan in {here / 'docs/plan_docs'}.{elsewhere}"


def left_behind(chosen: Sequence[Chosen]) -> list[str]:
    """Return a notice for each project in which a killed run left something half done."""
    suspects = [project for project in chosen if _may_have_run(project.root)]
    if not suspects:
        return []
    from groundplan.copying.repository import find_repository  # noqa: PLC0415 - a tenth of a small check's time
    from groundplan.copying.transaction import killed_runs  # noqa: PLC0415

    notices = []
    for project in suspects:
        try:
            slugs = killed_runs(find_repository(project.root))
        except UserError:
            # What git refuses to tell is not a reason not to read plans.
            continue
        if slugs:
            named = ", ".join(f"“{project.prefix}{slug}”" for slug in slugs)
            notices.append(f"A run was killed and left {named} half done. The next new, update or remove mends it.")
    return notices


def _may_have_run(root: Path) -> bool:
    """Return whether a run may have left something: asking git takes longer, and only linked worktrees need it."""
    git_folder = top_of(root) / ".git"
    return not git_folder.is_dir() or any((git_folder / "groundplan").glob(f"**/{RUN_PREFIX}*"))
