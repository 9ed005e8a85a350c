"""Source and test trees for features that have a plan, and further layers for trees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from groundplan.copying.repository import Feature, find_repository
from groundplan.copying.transaction import put_in_order
from groundplan.errors import UserError
from groundplan.features.report import NO_DATA, SILENCE, Listener, Outcome, Report, Status
from groundplan.features.update import CURRENT, Options, run_updates
from groundplan.rendering.tree import LAYERS


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
    """Generate the source and test tree of features, or further layers of it. They keep their version.

    Only files that do not exist are written beside the plan.

    Args:
        slugs: The features.
        repository: A folder in the repository.
        layers: Layers to add to those that the features have.
        data: Further answers, such as a `stack`.
        jobs: How many features to work on at a time; one more than there are processors where it is 0.
        trust: Run the template's code although Copier's settings do not name it as trusted.
        dry_run: Whether only to say what would be generated.
        listener: Hears how it goes on.

    Returns:
        One outcome for each feature: updated, skipped where it has a tree, conflicts, refused or failed.

    Raises:
        RepositoryError, BriefError, WorkersError, OSError: As for `update`.
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
        report = run_updates("scaffold", group, place, Options(CURRENT, given, jobs, trust, dry_run, listener))
        done |= {outcome.slug: outcome for outcome in report.outcomes}
    return Report("scaffold", tuple(done[feature.slug] for feature in features), dry_run)


def _with_layers(feature: Feature, layers: Sequence[str]) -> tuple[str, ...]:
    """Return the layers that a feature has and gets, in the order of the question; none where none are added."""
    wanted = {*layers, *feature.answers.get("layers", ())} if layers else set()
    return tuple(sorted(wanted, key=lambda layer: (LAYERS.index(layer) if layer in LAYERS else len(LAYERS), layer)))


def _nothing_to_come(feature: Feature, layers: Sequence[str], data: Mapping[str, Any]) -> Outcome | None:
    """Return why a feature gets nothing; None where it does."""
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
