"""Rules over a plan's links (GP113, GP114)."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from groundplan.checks.rules import Case, Defect, E, W, rule
from groundplan.plan.document import Page
from groundplan.plan.files import UnreadableFileError, lies_inside
from groundplan.plan.reader import read_document
from groundplan.text.destinations import is_elsewhere, split_target

# Lines of a file's source, which GitHub shows for `?plain=1`.
_LINES = re.compile(r"L\d+(C\d+)?(-L\d+(C\d+)?)?")
# GitHub puts this before the anchors that it makes, and takes them with it and without.
_PREFIX = "user-content-"


class _Target(NamedTuple):
    """Where a relative link leads: a path of the repository and an anchor in it, if any."""

    path: str
    anchor: str
    line: int
    page: Page


@rule("GP113", draft=W, later=E)
def link_broken(case: Case) -> Iterator[Defect]:
    """A relative link leads nowhere.

    Why: A plan is read by clicking through it. Links to other sites are never followed.

    ```markdown
    [Runbook](run-book.md)
    ```

    Way out: Correct the path; it starts at the document's folder, or with `/` at the repository.
    """
    for target in _targets(case):
        if target.path == target.page.path:
            continue
        if not lies_inside(case.root, target.path):
            # Whether there is something is nobody's business: a plan may come from anybody.
            message = "The link leads out of the repository. Link to a file in it, or to a web address."
            yield Defect(target.line, message, target.page.path)
        elif not os.path.exists(case.root / target.path):  # noqa: PTH110 - pathlib's raises where a name is too long
            message = f"The link leads to {target.path}, which does not exist. Correct it or remove it."
            yield Defect(target.line, message, target.page.path)


@rule("GP114", draft=W, later=E)
def anchor_broken(case: Case) -> Iterator[Defect]:
    """A link's anchor does not exist.

    Why: A link to a heading that was renamed leads to the top of the page. Anchors follow GitHub's rule: lower
    case, hyphens for spaces, no punctuation.

    ```markdown
    [the risks](#risks)
    ```

    Way out: Use the heading's anchor: `#risk-management`.
    """
    pages: dict[str, Page | None] = {page.path: page for page in case.plan.pages}
    for target in _targets(case):
        if not target.anchor or not target.path.endswith(".md"):
            continue
        if target.path not in pages:
            pages[target.path] = _page(case.root, target.path)
        page = pages[target.path]
        if page and not _leads_somewhere(target.anchor, page):
            message = f"{target.path} has no heading for the anchor #{target.anchor}. Correct it."
            yield Defect(target.line, message, target.page.path)


def _targets(case: Case) -> Iterator[_Target]:
    for page in case.plan.pages:
        for link in page.links:
            if is_elsewhere(link.target):
                continue
            file, rest = split_target(link.target)
            anchor = rest.partition("#")[2]
            # GitHub takes a leading slash for the repository's root.
            base = "" if file.startswith("/") else page.path.rpartition("/")[0]
            path = os.path.normpath(f"{base}/{file}").replace(os.sep, "/").lstrip("/") if file else page.path
            yield _Target(path, unquote(anchor), link.line, page)


def _leads_somewhere(anchor: str, page: Page) -> bool:
    # Every page has a top (HTML, “Scrolling to a fragment”).
    is_top_or_lines = anchor.lower() == "top" or _LINES.fullmatch(anchor)
    return bool(is_top_or_lines) or anchor.removeprefix(_PREFIX) in page.anchors


def _page(root: Path, path: str) -> Page | None:
    try:
        return read_document(root, path)
    except UnreadableFileError:
        return None


RULES = (link_broken, anchor_broken)
