"""The folders in which tools and teams keep what belongs to one feature: which files there are, and in which order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

MARKDOWN = (".md", ".markdown")
Kind = Literal["document", "spec-kit", "openspec", "kep", "issue"]

# What shows that a folder is one feature of a tool's, and in which order its documents are read; `*` is all others.
# github/spec-kit, templates/plan-template.md, “Documentation”; Fission-AI/OpenSpec, schemas/spec-driven/schema.yaml;
# kubernetes/enhancements, keps/NNNN-kep-template.
_TOOLS: tuple[tuple[Kind, frozenset[str], tuple[str, ...]], ...] = (
    ("openspec", frozenset({"proposal.md"}), ("proposal.md", "specs/", "design.md", "*", "tasks.md")),
    (
        "spec-kit",
        frozenset({"spec.md"}),
        ("spec.md", "plan.md", "research.md", "data-model.md", "contracts/", "quickstart.md", "*", "tasks.md"),
    ),
    ("kep", frozenset({"kep.yaml", "readme.md"}), ("kep.yaml", "readme.md", "*")),
)
_HEADINGS: Mapping[Kind, Mapping[str, str]] = {
    "openspec": {"tasks.md": "Tasks"},
    "spec-kit": {
        "research.md": "Findings of research",
        "data-model.md": "Data model",
        "contracts/": "Contracts",
        "quickstart.md": "Quickstart",
        "checklists/": "Checklists",
    },
}
_INDEXES = frozenset({"readme.md", "index.md", "_index.md", "contents.md", "toc.md", "summary.md", "template.md"})
# OpenSpec keeps changes that are done there.
_DONE = "archive"
_MOST_FILES = 1000


@dataclass(frozen=True)
class FeatureFolder:
    """A feature's files, or the one file that it is.

    Attributes:
        kind: Whose form it has.
        path: The folder; the file where it is one.
        documents: The files to be read, relative to the folder, with `/`, in order.
        others: Its other files, such as contracts in YAML.
    """

    kind: Kind
    path: Path
    documents: tuple[str, ...]
    others: tuple[str, ...] = ()


def features_in(folder: Path) -> list[FeatureFolder]:
    """List the features of a folder.

    Args:
        folder: One feature of Spec Kit, OpenSpec or Kubernetes; or a folder of such, and of plans.

    Returns:
        The features by name: the folder itself, or else each plan in it that is not an index, and each feature below.

    Raises:
        OSError: It cannot be read.
    """
    if whole := _tool_folder(folder):
        return [whole]
    found: list[FeatureFolder] = []
    for entry in sorted(folder.iterdir()):
        is_plan = entry.name.lower().endswith(MARKDOWN) and entry.name.lower() not in _INDEXES
        if entry.name.startswith("."):
            continue
        if is_plan and not entry.is_dir():
            found.append(FeatureFolder("document", entry, (entry.name,)))
        elif entry.name != _DONE and entry.is_dir() and (whole := _tool_folder(entry)):
            found.append(whole)
    return found


def _tool_folder(folder: Path) -> FeatureFolder | None:
    names = {entry.name.lower() for entry in folder.iterdir()}
    for kind, marks, order in _TOOLS:
        if marks <= names:
            files = sorted(_files(folder))
            documents = [file for file in files if _is_read(file)]
            in_order = sorted(documents, key=lambda file: (_rank(file, order), file))
            return FeatureFolder(kind, folder, tuple(in_order), tuple(file for file in files if not _is_read(file)))
    return None


def _is_read(file: str) -> bool:
    return file.lower() == "kep.yaml" or file.lower().endswith(MARKDOWN)


def _files(folder: Path) -> Iterator[str]:
    for number, path in enumerate(folder.rglob("*")):
        relative = path.relative_to(folder)
        if number == _MOST_FILES:
            return
        if not path.is_dir() and not any(part.startswith(".") for part in relative.parts):
            yield relative.as_posix()


def _rank(file: str, order: Sequence[str]) -> int:
    for number, pattern in enumerate(order):
        if file.lower() == pattern or (pattern.endswith("/") and file.lower().startswith(pattern)):
            return number
    return order.index("*")


def heading_of(kind: Kind, file: str) -> str:
    """Return the heading that a document needs among others, since only its file tells what it says.

    Args:
        kind: Whose form its folder has.
        file: The file, relative to the folder.

    Returns:
        The heading; empty where the document's own headings say enough.
    """
    if kind == "openspec" and (found := re.fullmatch(r"specs/(.+)/spec\.md", file)):
        return f"Requirements: {found[1]}"
    folder = f"{file.partition('/')[0]}/"
    return _HEADINGS.get(kind, {}).get(folder if "/" in file else file, "")
