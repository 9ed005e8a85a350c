"""A document's relative links when it moves to another folder: each leads to the same file as before."""

import html
import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from groundplan.plan.files import lies_inside
from groundplan.text.destinations import Destination, find_destinations, is_elsewhere, split_target

# What may stand in a path as it is, in Markdown and between an attribute's quotes; letters of all scripts, too.
_PLAIN = "/!$*+,;=:@~"


class Unresolved(NamedTuple):
    """A relative link that was left as it is.

    Attributes:
        line: Its line in the text, from 1.
        target: Where it leads, as written.
        reason: Why it cannot be rewritten.
    """

    line: int
    target: str
    reason: str


def rewrite(text: str, old_folder: Path | None, new_folder: Path) -> tuple[str, tuple[Unresolved, ...]]:
    """Rewrite a text's relative links for another folder.

    Links, images, definitions and HTML's `href` and `src` count, outside of code and comments. Anchors and addresses
    with a scheme or a host stay, and so does a path that begins with `/`: it starts at the repository.

    Args:
        text: Any Markdown.
        old_folder: The folder that the links start from; an absolute path, or None where nobody knows it.
        new_folder: The one that they shall start from; an absolute path, of a folder that need not be there yet.

    Returns:
        The text, in which nothing else is changed, and the links that lead nowhere, out of the repository of the new
        folder, or that are written in a way that cannot be told.
    """
    found = find_destinations(text)
    unresolved = [
        Unresolved(line, target, "it is written in an unusual way")
        for target, line in found.unplaced
        if (file := split_target(target)[0]) and not file.startswith("/")
    ]
    pieces: list[str] = []
    after = 0
    for place in found.placed:
        target = _moved(place, old_folder, new_folder)
        if isinstance(target, Unresolved):
            unresolved.append(target)
        else:
            pieces += text[after : place.start], target or text[place.start : place.stop]
            after = place.stop
    return "".join([*pieces, text[after:]]), tuple(sorted(unresolved))


def _moved(place: Destination, old_folder: Path | None, new_folder: Path) -> str | Unresolved:
    """Return how a destination is written from the new folder; empty where it stays as it is."""
    file, rest = split_target(place.target)
    if not file or file.startswith("/"):
        return ""
    if not old_folder:
        return Unresolved(place.line, place.target, "nobody knows which folder it starts from")
    old = os.path.normpath(old_folder / file)
    path = os.path.relpath(old, new_folder)
    if not lies_inside(new_folder, path):
        # Whether there is something is nobody's business: a document may come from anybody.
        return Unresolved(place.line, place.target, "it leads out of the repository")
    if not os.path.exists(old):  # noqa: PTH110 - pathlib's raises where a name is too long
        return Unresolved(place.line, place.target, "it leads nowhere")
    if old == os.path.normpath(new_folder / file):
        return ""
    file = path.replace(os.sep, "/") + "/" * file.endswith("/")
    return f"<{_written(file, rest, f'{_PLAIN} ')}>" if place.is_angled else _written(file, rest, _PLAIN)


def _written(path: str, rest: str, plain: str) -> str:
    target = _encoded(path, plain) + _encoded(rest, f"{plain}%#?&")
    if is_elsewhere(target):
        target = f"./{target}"
    return target if html.unescape(target) == target else html.escape(target)


def _encoded(text: str, plain: str) -> str:
    return "".join(character if character > "\x7f" else quote(character, safe=plain) for character in text)
