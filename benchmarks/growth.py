"""Measure each command beside more and more features: time and memory, and how both grow.

    python benchmarks/growth.py [--sizes 10 100 1000 5000]

Prints a table and writes it into `docs/benchmarks.md`, between the markers `growth:begin` and `growth:end`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from report import write_part
from scaffolding import (
    BIN,
    Cost,
    commit,
    groundplan_from,
    machine,
    names,
    repository,
    run,
    template,
    write_briefs,
)

COMMANDS = ("new", "status", "check", "check one", "update")


def costs(work: Path, source: Path, size: int) -> dict[str, Cost]:
    """Run every command in a repository with so many features."""
    features = names(size)
    briefs = write_briefs(work / f"briefs-{size}", features)
    folder = repository(work / f"shop-{size}")
    found = {"new": run(groundplan_from(briefs, source), folder)}
    commit(folder)
    one = features[size // 2].forms["slug"]
    for name, arguments in (
        ("status", ["status"]),
        ("check", ["check", "--ignore", "GP"]),
        ("check one", ["check", one, "--ignore", "GP"]),
        ("update", ["update", "--trust", "--all"]),
    ):
        found[name] = run([BIN / "groundplan", *arguments], folder)
    return found


def table(found: dict[int, dict[str, Cost]]) -> list[str]:
    """Write one line for each command, with a cell for each number of features."""
    sizes = list(found)
    lines = [
        f"| Command | {' | '.join(f'{size:,} features' for size in sizes)} |",
        f"| --- | {' | '.join('---:' for _ in sizes)} |",
    ]
    for command in COMMANDS:
        cells = [f"{cost.seconds:.1f} s, {cost.mebibytes:.0f} MiB" for cost in (found[size][command] for size in sizes)]
        lines.append(f"| `{command}` | {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000, 5000], help="how many features")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="groundplan-growth-") as folder:
        work = Path(folder)
        source = template(work / "template")
        found = {size: costs(work, source, size) for size in options.sizes}
    sizes = " ".join(map(str, options.sizes))
    lines = [
        f"{machine()}. `python growth.py --sizes {sizes}`, {time.strftime('%Y-%m-%d')}; load before it {load:.1f}. "
        "Memory is the command's own, without its workers.",
        "",
        *table(found),
    ]
    write_part("growth", "More and more features", "\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
