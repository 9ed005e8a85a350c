"""Names of a repository's own code, for features that were rendered elsewhere, out of its sight."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from groundplan.copying.repository import Feature
from groundplan.rendering.shadows import host_names, shadow_problem


def shadow_judge(root: Path) -> Callable[[Feature], list[str]]:
    """Return a function that lists what of a repository's own code a rendered feature's tree would hide.

    The code is read once for all features that answered alike.

    Args:
        root: The repository.
    """

    @cache
    def names(answers: tuple[tuple[str, str], ...]) -> dict[str, str]:
        return host_names(root, dict(answers)["stack"], dict(answers))

    def problems(feature: Feature) -> list[str]:
        tree = feature.answers.get("tree")
        if not isinstance(tree, dict) or "stack" not in tree:
            return []
        answers = tuple(sorted((key, value) for key, value in tree.items() if isinstance(value, str)))
        return list(filter(None, [shadow_problem(feature.slug, tree["stack"], names(answers))]))

    return problems
