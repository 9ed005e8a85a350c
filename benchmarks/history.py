"""Measure what the history of many plans costs: `status` with and without `--history`.

    python benchmarks/history.py [--plans 1000] [--commits 20]

Prints the times and writes them into `docs/benchmarks.md`, between the markers `history:begin` and `history:end`.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from report import write_part
from scaffolding import BIN, run

ROOT = Path(__file__).parents[1]
WEEK = 7 * 24 * 3600


def repository(folder: Path, plans: int, commits: int) -> Path:
    """Make a repository whose plans were changed by a commit each, one after the other, again and again."""
    subprocess.run(["git", "init", "--quiet", "-b", "main", str(folder)], check=True)
    stream = b"".join(history(plans, commits))
    subprocess.run(["git", "-C", str(folder), "fast-import", "--quiet"], input=stream, check=True)
    subprocess.run(["git", "-C", str(folder), "reset", "--quiet", "--hard", "main"], check=True)
    return folder


def history(plans: int, commits: int) -> Iterator[bytes]:
    """Yield the commits as `git fast-import` reads them: in each a plan has one task more ticked."""
    plan = (ROOT / "docs/example/feature-plan.md").read_text("utf-8").replace('"draft"', '"in-progress"')
    begin = int(time.time()) - commits * WEEK
    for ticked in range(commits):
        text = ticks(plan, ticked)
        for number in range(plans):
            slug = f"saved-carts-{number}"
            content = text.replace('slug: "saved-carts"', f'slug: "{slug}"').encode()
            when = begin + ticked * WEEK + number
            yield b"commit refs/heads/main\ncommitter Jane <jane@example.com> %d +0000\ndata 1\nx\n" % when
            yield b"M 100644 inline docs/plan_docs/%s/feature-plan.md\n" % slug.encode()
            yield b"data %d\n" % len(content) + content + b"\n"


def ticks(plan: str, count: int) -> str:
    """Return a plan with so many of its tasks ticked."""
    return re.sub(r"^- \[ \]", "- [x]", plan, count=count, flags=re.MULTILINE)


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--plans", type=int, default=1000, help="how many plans")
    parser.add_argument("--commits", type=int, default=20, help="how many commits each")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="groundplan-history-") as folder:
        place = repository(Path(folder, "shop"), options.plans, options.commits)
        without = run([BIN / "groundplan", "status", "--json"], place)
        with_history = run([BIN / "groundplan", "status", "--json", "--history"], place)
    lines = [
        f"{platform.system()}, {os.cpu_count()} processors, Python {platform.python_version()}. "
        f"{options.plans:,} plans, {options.plans * options.commits:,} commits, {time.strftime('%Y-%m-%d')}; "
        f"load before it {load:.1f}.",
        "",
        "| Command | Time (s) | Peak memory (MiB) |",
        "| --- | ---: | ---: |",
        f"| `groundplan status` | {without.seconds:.1f} | {without.mebibytes:.0f} |",
        f"| `groundplan status --history` | {with_history.seconds:.1f} | {with_history.mebibytes:.0f} |",
        "",
        f"With its history, status takes {with_history.seconds / without.seconds:.2f} times as long.",
    ]
    write_part("history", "History", "\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
