"""What can be adopted, read into one Markdown text for each feature."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from groundplan.features.brief import STANDARD_INPUT, BriefError, BriefProblem
from groundplan.layout import SIZE_LIMIT
from groundplan.text.markdown import parse

Kind = Literal["document", "spec-kit", "openspec", "issue"]


@dataclass(frozen=True)
class Part:
    """One of the files that a source's text was put together from.

    Attributes:
        path: The file, as messages name it.
        line: The line of the text that it begins at, from 1.
    """

    path: str
    line: int = 1


@dataclass(frozen=True)
class Fields:
    """What is known of a feature beside its text, such as an issue's title; empty where nothing is."""

    title: str = ""
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: str = ""
    milestone_date: str = ""


@dataclass(frozen=True)
class Source:
    """A feature's plan as it exists today.

    Attributes:
        kind: What it is.
        name: The file's or the folder's name without its ending; names the feature where the text does not.
        text: Its Markdown with LF line endings; that of several documents one after the other.
        parts: The files that the text comes from, in order; one at least.
        folder: Where its relative links begin; None where nobody knows, as of standard input.
        fields: What is known beside the text.
    """

    kind: Kind
    name: str
    text: str
    parts: tuple[Part, ...]
    folder: Path | None = None
    fields: Fields = Fields()

    def place(self, line: int) -> str:
        """Return where a line of the text stands, as ``file:line``."""
        part = next(part for part in reversed(self.parts) if part.line <= line)
        return f"{part.path}:{line - part.line + 1}"


def read_sources(argument: str) -> tuple[Source, ...]:
    """Read what is to be adopted.

    Args:
        argument: A Markdown file, or ``-`` for Markdown on standard input.

    Returns:
        One source for each feature.

    Raises:
        BriefError: It cannot be read, is empty, is no text, or has no heading.
    """
    if argument == STANDARD_INPUT:
        if sys.stdin is None:
            raise _refusal("standard input", "It is closed.")
        content, path, folder = sys.stdin.buffer.read(SIZE_LIMIT + 1), "standard input", None
    else:
        content, path, folder = _content(Path(argument)), argument, Path(argument).resolve().parent
    text = decode(content, path)
    name = Path(argument).stem if folder else ""
    return (Source("document", name, text, (Part(path),), folder),)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise _refusal(str(path), f"It cannot be read: {error.strerror}.") from error


def decode(content: bytes, path: str) -> str:
    """Read a document's bytes as Markdown.

    Args:
        content: The bytes.
        path: The file, as messages name it.

    Returns:
        The text with LF line endings, without a byte order mark.

    Raises:
        BriefError: It is too long, empty, no text in UTF-8, or has no heading.
    """
    if len(content) > SIZE_LIMIT:
        raise _refusal(path, f"It is longer than {SIZE_LIMIT:,} bytes, so it is not a plan.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal(path, "It is not text in UTF-8.") from error
    if "\0" in text:
        raise _refusal(path, "It is not text in UTF-8.")
    if not text.strip():
        raise _refusal(path, "It is empty.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not parse(text).root.sections:
        raise _refusal(path, "It has no heading, so nothing tells what its parts are. Give it headings first.")
    return text if text.endswith("\n") else f"{text}\n"


def _refusal(path: str, message: str) -> BriefError:
    problems: Sequence[BriefProblem] = [BriefProblem(path, 0, message)]
    return BriefError(problems)
