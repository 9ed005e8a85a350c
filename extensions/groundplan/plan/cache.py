"""Plans as they were read, kept in the user's cache folder until their files change."""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import markdown_it
import yaml
from platformdirs import user_cache_path

from groundplan.layout import ANSWERS_NAME, PLAN_ROOT
from groundplan.plan.files import document_files
from groundplan.plan.model import Plan


class PlanCache:
    """What earlier runs read of a repository's plans.

    To take a plan from here costs a twentieth of reading it. One counts only while every byte that was read of its
    folder, and the code that read it, are what they were. Whoever deletes the cache loses time and nothing else.
    """

    def __init__(self, root: Path) -> None:
        """Load what is kept of a repository: nothing where there is no cache, or none that can be read.

        Args:
            root: The folder that holds `docs/plan_docs`.
        """
        self._root = root
        self._file = _file_of(root)
        self._code = _code()
        self._kept: dict[str, tuple[str, bytes]] = {}
        self._digests: dict[str, str] = {}
        # A file that is cut off, or of another version, may raise anything.
        with suppress(Exception):
            code, kept = pickle.loads(self._file.read_bytes() if self._file else b"")  # noqa: S301 - the user's own
            self._kept = kept if code == self._code else {}

    def plan(self, slug: str) -> Plan | None:
        """Give a plan as it was read from the very files that are there now; None where it has to be read."""
        self._digests[slug] = digest = _digest(self._root, slug)
        known, pickled = self._kept.get(slug, ("", b""))
        if not digest or digest != known:
            return None
        plan: Plan = pickle.loads(pickled)  # noqa: S301 - the user's own
        return plan

    def keep(self, plan: Plan) -> None:
        """Keep a plan that was read after `plan` had not known it, unless its files changed meanwhile."""
        digest = self._digests[plan.slug]
        if digest and digest == _digest(self._root, plan.slug):
            self._kept[plan.slug] = digest, pickle.dumps(plan, pickle.HIGHEST_PROTOCOL)

    def save(self, slugs: Iterable[str]) -> None:
        """Write the cache for later runs, if it can be written.

        Args:
            slugs: The plans that there are; what is kept of others goes.
        """
        if not self._file:
            return
        kept = {slug: self._kept[slug] for slug in slugs if slug in self._kept}
        unfinished = self._file.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                unfinished.write_bytes(pickle.dumps((self._code, kept), pickle.HIGHEST_PROTOCOL))
                unfinished.replace(self._file)
            finally:
                unfinished.unlink(missing_ok=True)


def _file_of(root: Path) -> Path | None:
    """Name the file that is kept for a repository, or None for a user without a home."""
    name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()
    file = user_cache_path("groundplan", appauthor=False) / f"{name}.pickle"
    # A relative one would lie in the repository, where anybody can put a pickle.
    return file if file.is_absolute() else None


def _digest(root: Path, slug: str) -> str:
    """Give a digest of all that `read_plan` reads; empty where some of it cannot be read."""
    folder = root / PLAN_ROOT / slug
    answers = folder / ANSWERS_NAME
    digest = hashlib.sha256()
    try:
        for file in [*([answers] if answers.exists() else []), *document_files(folder)]:
            content = file.read_bytes()
            digest.update(os.fsencode(file.relative_to(folder)) + b"\0%d\0" % len(content) + content)
    except OSError:
        return ""
    return digest.hexdigest()


def _code() -> str:
    """Identify the code that reads plans, whether it was installed anew or edited in place."""
    modules = sorted(os.scandir(Path(__file__).parent), key=lambda entry: entry.name)
    states = [(entry.name, entry.stat().st_mtime_ns, entry.stat().st_size) for entry in modules if entry.is_file()]
    return repr((sys.version, markdown_it.__version__, yaml.__version__, states))
