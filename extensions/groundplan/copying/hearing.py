"""What Copier says while it runs."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Said(io.StringIO):
    """What Copier says, each time it does."""

    def __init__(self) -> None:
        """Have heard nothing yet."""
        super().__init__()
        self._words: list[str] = []

    def write(self, text: str) -> int:
        """Keep what is said."""
        self._words.append(text)
        return len(text)

    def last_words(self) -> tuple[str, ...]:
        """Return what it said last in one go: the template's own message, since all else is a line for each file."""
        last = next((words for words in reversed(self._words) if words.strip()), "")
        return tuple(last.strip("\n").splitlines()) if "\n" in last.strip() else ()


@contextmanager
def heard_in(log: Path) -> Iterator[Path]:
    """Send what this process and its children print into a file; for a process that does nothing else.

    Args:
        log: The file.

    Yields:
        The same.
    """
    before = os.dup(1), os.dup(2)
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        yield log
    finally:
        sys.stderr.flush()
        for number, kept in zip((1, 2), before, strict=True):
            os.dup2(kept, number)
            os.close(kept)
