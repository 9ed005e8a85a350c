"""Features for the tests of the stacks: of every shape and with every kind of name, many in one repository."""

from __future__ import annotations

import filecmp
import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from groundplan.rendering.naming import flat, slug_problem
from groundplan.rendering.reserved import reserved_problem
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.rendering import ROOT, copy_project, files_of, git, repository

LAYER_CHOICES = (
    ("domain",),
    ("domain", "application"),
    ("domain", "application", "api"),
    ("domain", "ui"),
    ("domain", "application", "ui"),
    ("domain", "application", "api", "ui"),
)
ALL_LAYERS = LAYER_CHOICES[-1]
SHORTEST = "ab"
LONGEST = "reconciliation-of-2-supplier-statements2"
# What broke a stack of an early design, tried with real compilers; each stack refuses some of them.
HAZARDS = tuple(
    "task exception uri http-client promise import internal vendor testdata x-test user-windows pay-arm64 build-js "
    "class package switch string optional map self option result".split()
)
ALPHABET = "abcdefghijklmnopqrstuvwxyz234579"
# Drawn as booleans: into texts and numbers hypothesis mixes constants of whatever modules are loaded, and slugs that
# change from run to run could not be kept built.
LETTERS = st.tuples(*[st.booleans()] * 5).map(lambda bits: ALPHABET[sum(bit << n for n, bit in enumerate(bits))])
SLUGS = (
    st.lists(st.lists(LETTERS, min_size=1, max_size=12).map("".join), min_size=1, max_size=5)
    .map("-".join)
    .filter(lambda slug: not slug_problem(slug))
)


@dataclass(frozen=True)
class Feature:
    """A feature to plant: its slug, its layers, and what else its stack asks."""

    slug: str
    layers: tuple[str, ...] = ALL_LAYERS
    answers: Mapping[str, str] = field(default_factory=dict)


def cache(stack: str) -> Path:
    """Return the folder where a stack's tools keep what they built, from run to run."""
    folder = ROOT / ".cache" / "stacks" / stack
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def matrix(stack: str) -> list[Feature]:
    """Return features of every layer choice, with the shortest, the longest, hazardous and thirty random slugs."""
    shapes = [Feature(f"shape-{number}", layers) for number, layers in enumerate(LAYER_CHOICES)]
    names = [SHORTEST, LONGEST, "user-profile-2fa", *allowed_hazards(stack), *random_slugs(stack, 30)]
    return [*shapes, *map(Feature, names)]


def allowed_hazards(stack: str) -> list[str]:
    """List the hazardous slugs that a stack must cope with, since its table does not refuse them."""
    return [slug for slug in HAZARDS if not reserved_problem(slug, stack)]


def random_slugs(stack: str, count: int) -> list[str]:
    """Draw distinct slugs that a stack allows; the same ones every time, so that built code can be kept."""
    drawn: dict[str, str] = {}

    @settings(
        derandomize=True,
        database=None,
        max_examples=10 * count,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(SLUGS)
    def draw(slug: str) -> None:
        if len(drawn) < count and not reserved_problem(slug, stack):
            drawn.setdefault(flat(slug), slug)

    draw()
    return list(drawn.values())


def plant(template: Path, root: Path, stack: str, features: Iterable[Feature]) -> None:
    """Add features to a repository with real Copier, each with the shortest plan there is."""
    for feature in features:
        copy_project(
            template,
            root,
            stack=stack,
            feature_name=feature.slug,
            layers=list(feature.layers),
            depth="lite",
            supporting_docs=[],
            **feature.answers,
        )


def workspace(stack: str, features: Sequence[Feature], scratch: Path) -> Path:
    """Return a repository with the features, kept from run to run and rendered again only when the template changed.

    Only one test of a stack may use it, since tests run side by side.

    Args:
        stack: The stack of all features.
        features: What to plant.
        scratch: An empty folder.

    Returns:
        A folder in the stack's cache; files that did not change are left alone, so that build tools see no change.
    """
    template = stack_template(stack, scratch / "template")
    place, stamp = cache(stack) / "workspace", cache(stack) / "workspace.sha256"
    state = digest(template, repr(features) + version("copier"))
    if not stamp.exists() or stamp.read_text() != state:
        plant(template, scratch / "rendered", stack, features)
        stamp.unlink(missing_ok=True)
        _replace_changed(scratch / "rendered", place)
        stamp.write_text(state)
    return place


def stack_template(stack: str, destination: Path) -> Path:
    """Copy the part of the template that decides a stack's tree: without documents and history it renders faster."""
    shutil.copytree(ROOT / "template", destination / "template", ignore=shutil.ignore_patterns("{{ plan_dir }}"))
    shutil.copytree(ROOT / "stacks" / stack, destination / "stacks" / stack)
    shutil.copytree(ROOT / "partials", destination / "partials")
    configuration = (ROOT / "copier.yml").read_text("utf-8")
    for path in ["copier.yml", *re.findall(r"(extensions/\S+\.py):", configuration)]:
        (destination / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, destination / path)
    # What is tagged is cloned and compiled once for all features.
    repository(destination)
    git("-C", destination, "tag", "v1.0.0")
    return destination


def digest(folder: Path, more: str) -> str:
    """Return one hash for the names and contents of a folder's files and some text."""
    state = hashlib.sha256(more.encode())
    for path in files_of(folder):
        state.update(f"{path}\0".encode() + (folder / path).read_bytes() + b"\0")
    return state.hexdigest()


def _replace_changed(source: Path, destination: Path) -> None:
    wanted = set(files_of(source))
    # What stands beside the rendered folders is the build tools' own.
    roots = {path.split("/")[0] for path in wanted}
    for path in files_of(destination):
        if path.split("/")[0] in roots and path not in wanted:
            _remove(destination / path)
    for path in wanted:
        target = destination / path
        if not target.exists() or not filecmp.cmp(source / path, target, shallow=False):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / path, target)


def _remove(path: Path) -> None:
    """Remove a file and the folders that it leaves empty; a bare folder may break a build."""
    path.unlink()
    for folder in path.parents:
        if any(folder.iterdir()):
            return
        folder.rmdir()
