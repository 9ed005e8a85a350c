"""What can be adopted, read into one Markdown text for each feature."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from groundplan.adopting.folders import MARKDOWN, FeatureFolder, Kind, features_in, heading_of
from groundplan.adopting.issues import NO_FIELDS, Fields, NoIssueError, read_issue
from groundplan.adopting.joining import Document, JoinError, join
from groundplan.features.brief import STANDARD_INPUT, BriefError, BriefProblem
from groundplan.layout import SIZE_LIMIT
from groundplan.plan.files import UnreadableFileError, read_bytes
from groundplan.text.markdown import parse

_STANDARD_INPUT = "standard input"


@dataclass(frozen=True)
class Part:
    """One of the files that a source's text was put together from.

    Attributes:
        path: The file, as messages name it.
        line: The line of the text that it begins at, from 1.
        file_line: The line of the file that stands there.
    """

    path: str
    line: int = 1
    file_line: int = 1


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
    fields: Fields = NO_FIELDS

    def place(self, line: int) -> str:
        """Return where a line of the text stands, as `file:line`."""
        part = next(part for part in reversed(self.parts) if part.line <= line)
        return f"{part.path}:{line - part.line + part.file_line}"

    def is_in_first(self, line: int) -> bool:
        """Return whether a line of the text stands in the first document, whose title is the feature's."""
        documents = [part for part in self.parts if part.path.lower().endswith(MARKDOWN)]
        return len(documents) < 2 or self.place(line).startswith(f"{documents[0].path}:")


def read_sources(argument: str) -> tuple[Source, ...]:
    """Read what is to be adopted.

    Args:
        argument: A file with Markdown or with an issue's JSON; a folder with one feature of Spec Kit, OpenSpec or
            Kubernetes, or with plans; `-` for standard input, which is read like a file.

    Returns:
        One source for each feature.

    Raises:
        BriefError: It cannot be read, is empty, is no text, or has no heading.
    """
    if argument == STANDARD_INPUT:
        if sys.stdin is None:
            raise _refusal(_STANDARD_INPUT, "It is closed.")
        return (_source(sys.stdin.buffer.read(SIZE_LIMIT + 1), _STANDARD_INPUT, "", None),)
    path = Path(argument)
    try:
        if not path.is_dir():
            return (_source(_content(path.parent, path.name, argument), argument, path.stem, path.parent.resolve()),)
        found = features_in(path)
    except (OSError, ValueError) as error:
        raise _refusal(argument, f"It cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if not found:
        raise _refusal(
            argument,
            "The folder holds no plan: no Markdown file that is not an index, and no feature of Spec Kit (spec.md), "
            "OpenSpec (proposal.md) or Kubernetes (kep.yaml). Name the folder that does.",
        )
    return tuple(source for folder in found for source in _sources(folder))


def _sources(found: FeatureFolder) -> tuple[Source, ...]:
    if found.kind == "document":
        content = _content(found.path.parent, found.path.name, str(found.path))
        return (_source(content, str(found.path), found.path.stem, found.path.parent.resolve()),)
    name = str(found.path)
    documents: list[Document] = []
    for file in found.documents:
        text = _text(_content(found.path, file, f"{name}/{file}"), f"{name}/{file}")
        # A document that somebody has not begun yet is none.
        if text.strip():
            documents.append(Document(file, text, heading_of(found.kind, file)))
    try:
        joined = join(documents, found.others, found.path.resolve())
    except JoinError as error:
        raise _refusal(f"{name}/{error.file}", str(error)) from error
    if len(joined.text) > SIZE_LIMIT:
        raise _refusal(name, f"Its documents have more than {SIZE_LIMIT:,} characters together. Split them.")
    parts = tuple(Part(f"{name}/{file}" if file else name, *lines) for file, *lines in joined.starts)
    _require_heading(joined.text, name)
    return (Source(found.kind, found.path.resolve().name, joined.text, parts, found.path.resolve()),)


def _source(content: bytes, path: str, name: str, folder: Path | None) -> Source:
    """Make a source of one file's content: an issue's JSON, or Markdown."""
    text = _text(content, path)
    if not text.strip():
        raise _refusal(path, "It is empty.")
    if not text.lstrip().startswith("{"):
        _require_heading(text, path)
        return Source("document", name, text, (Part(path),), folder)
    try:
        issue = read_issue(text)
    except NoIssueError as error:
        raise _refusal(path, str(error)) from error
    body = _lines(issue.body)
    if not body.strip():
        raise _refusal(path, "The issue has no text, so there is nothing to adopt.")
    _require_heading(body, path)
    # Its links start at the forge, wherever the JSON lies.
    return Source("issue", name, body, (Part(path),), None, issue.fields)


def _content(folder: Path, file: str, shown: str) -> bytes:
    # A pipe, a device and a link that leads away are refused by that.
    try:
        return read_bytes(folder, file)
    except UnreadableFileError as error:
        if error.unreadable.is_missing:
            raise _refusal(shown, "There is no such file or folder.") from error
        raise _refusal(shown, f"It {error.unreadable.message}") from error


def _text(content: bytes, path: str) -> str:
    """Read bytes as text with LF line endings, without a byte order mark."""
    if len(content) > SIZE_LIMIT:
        raise _refusal(path, f"It has more than {SIZE_LIMIT:,} bytes, too much for a plan. Split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _refusal(path, "It is not text in UTF-8. Save it as UTF-8.", line) from error
    if "\0" in text:
        raise _refusal(path, "It is not text but binary. Name a Markdown file.")
    return _lines(text)


def _lines(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") else f"{text}\n"


def _require_heading(text: str, path: str) -> None:
    if not parse(text).root.sections:
        raise _refusal(path, "It has no heading, so nothing tells what its parts are. Give it headings first.")


def _refusal(path: str, message: str, line: int = 0) -> BriefError:
    # A name that is not UTF-8 is shown, not repeated.
    return BriefError([BriefProblem(os.fsencode(path).decode("utf-8", "backslashreplace"), line, message)])
