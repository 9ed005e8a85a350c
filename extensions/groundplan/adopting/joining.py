"""Several documents of one feature as one text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from groundplan.adopting.links import rewrite
from groundplan.text.blocks import Definition, Heading, is_blank
from groundplan.text.blocks import Document as Page
from groundplan.text.markdown import parse

_METADATA = (".yaml", ".yml")


class JoinError(Exception):
    """Documents that would mean something else as one text.

    Attributes:
        file: The one to be changed.
    """

    def __init__(self, file: str, message: str) -> None:
        """Keep the file beside the message."""
        super().__init__(message)
        self.file = file


class Start(NamedTuple):
    """Where lines of a file begin in the joined text; its front matter and its body stand apart.

    Attributes:
        file: The file; empty for what stands in none.
        line: The line of the text, from 1.
        file_line: The line of the file, from 1.
    """

    file: str
    line: int
    file_line: int


class Document(NamedTuple):
    """A document to be joined with others.

    Attributes:
        file: Its file, relative to the feature's folder.
        text: Its text.
        heading: The heading that it needs; empty where its own say enough.
    """

    file: str
    text: str
    heading: str = ""


class Joined(NamedTuple):
    """Documents as one text.

    Attributes:
        text: The text.
        starts: Which lines are whose, ascending.
    """

    text: str
    starts: tuple[Start, ...]


def join(documents: Sequence[Document], others: Sequence[str], folder: Path) -> Joined:
    """Join the documents of a feature.

    Their front matter and a metadata file come first, as one. Below a heading that a document needs, its own ones stand
    a level deeper. Files that are no documents, and that no document names, are linked at the end. Relative links start
    at the feature's folder then.

    Args:
        documents: The documents, in order.
        others: The folder's other files.
        folder: The folder; an absolute path.

    Raises:
        JoinError: A document ends inside a code block or a comment, or two define one label differently.
    """
    joiner = _Joiner()
    matters = [(document.file, *_matter(document)) for document in documents]
    if any(matter for _, matter, _ in matters):
        joiner.add("", "---\n")
        for file, matter, line in matters:
            joiner.add(file, matter, line)
        joiner.add("", "---\n\n")
    labels: dict[str, tuple[str, str]] = {}
    before = ""
    for document in documents:
        text, line = _body(document, folder)
        page = parse(text)
        _compare_labels(document.file, page.definitions, labels)
        title, rest = _title(page) if document.heading else ("", text)
        joiner.add(document.file, _closed(title), line)
        if document.heading and document.heading != before:
            joiner.add("", f"## {document.heading}\n\n")
        before = document.heading
        joiner.add(document.file, _closed(_deeper(rest) if document.heading else rest), line + title.count("\n"))
    named = " ".join(document.text for document in documents)
    if rest_of_files := [file for file in others if Path(file).name not in named]:
        links = "".join(f"- [{file}](<{file}>)\n" for file in rest_of_files)
        joiner.add("", f"## Supporting documents\n\n{links}")
    return joiner.joined()


class _Joiner:
    def __init__(self) -> None:
        self._text = ""
        self._starts: list[Start] = []
        # The lines that are headings of files' own.
        self._headings: list[Start] = []

    def add(self, file: str, text: str, file_line: int = 1) -> None:
        """Add a piece of a file.

        Args:
            file: The file; empty where it is our own words.
            text: The piece.
            file_line: Its first line in the file, from 1.
        """
        if not text.strip():
            return
        start = Start(file, self._text.count("\n") + 1, file_line)
        self._starts.append(start)
        if isinstance(next(iter(parse(text).blocks), None), Heading):
            self._headings.append(start)
        self._text += text

    def joined(self) -> Joined:
        """Return the text, unless a document has swallowed the heading that the next one begins with."""
        headings = {block.line for block in parse(self._text).blocks if isinstance(block, Heading)}
        for start in self._headings:
            if start.line not in headings:
                before = next(other.file for other in reversed(self._starts) if other.line < start.line and other.file)
                raise JoinError(before, "It ends inside a code block or a comment. Close that.")
        return Joined(self._text.rstrip("\n") + "\n", tuple(self._starts))


def _matter(document: Document) -> tuple[str, int]:
    """Return a document's front matter without its fences, and its first line."""
    if document.file.endswith(_METADATA):
        text = document.text.removeprefix("---\n")
        return text, 1 + (text != document.text)
    matter = parse(document.text).front_matter
    return (matter.content, 2) if matter else ("", 1)


def _body(document: Document, folder: Path) -> tuple[str, int]:
    """Return a document below its front matter, its links starting at the folder, and its first line."""
    if document.file.endswith(_METADATA):
        return "", 1
    text, _ = rewrite(document.text, (folder / document.file).parent, folder)
    page = parse(text)
    start = page.front_matter.end if page.front_matter else 0
    while start < len(page.lines) and is_blank(page.lines[start]):
        start += 1
    return "".join(page.lines[start:]), start + 1


def _closed(text: str) -> str:
    return text.rstrip("\n") + "\n\n"


def _title(page: Page) -> tuple[str, str]:
    """Cut a document behind the title that it begins with, if there is one."""
    first = next(iter(page.blocks), None)
    stop = first.end if isinstance(first, Heading) and first.level == 1 else 0
    return "".join(page.lines[:stop]), "".join(page.lines[stop:])


def _deeper(text: str) -> str:
    """Return a text with each heading one level deeper, as far as there are levels."""
    page = parse(text)
    headings = {block.start for block in page.blocks if isinstance(block, Heading) and block.level < 6}
    return "".join(
        line.replace("#", "##", 1) if number in headings and line.lstrip().startswith("#") else line
        for number, line in enumerate(page.lines)
    )


def _compare_labels(file: str, own: Mapping[str, Definition], labels: dict[str, tuple[str, str]]) -> None:
    for label, (target, _) in own.items():
        other, before = labels.setdefault(label, (file, target))
        if target != before:
            message = f"It defines [{label.lower()}] for another target than {other} does. Rename one of them."
            raise JoinError(file, message)
