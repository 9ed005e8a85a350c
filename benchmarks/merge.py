"""Merge real documents that people edited while their template changed, and compare.

    python benchmarks/merge.py [FOLDER]

FOLDER, or a folder in it, holds `index.json`, a list of objects with the paths `base`, `ours` and `theirs`: one family
of documents each. mergiraf is built with cargo if it is not there. Prints tables and writes them into
`docs/benchmarks.md`, between the markers `merge:begin` and `merge:end`.
"""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from groundplan.merging.merge import merge
from groundplan.text.alignment import likeness, words
from markdown_it import MarkdownIt
from report import write_part

ROOT = Path(__file__).parents[1]
MERGIRAF = "0.20.0"
GROWTH = (1_000, 2_000, 5_000, 10_000)


@dataclass(frozen=True)
class Triple:
    """Three versions of a document, as files and as texts."""

    paths: tuple[Path, Path, Path]

    @property
    def texts(self) -> tuple[str, str, str]:
        """Read base, ours and theirs."""
        base, ours, theirs = (path.read_bytes().decode() for path in self.paths)
        return base, ours, theirs


@dataclass
class Score:
    """What a tool made of all triples."""

    documents: int = 0
    conflicts: int = 0
    user_lines: int = 0
    user_lost: int = 0
    ticks_lost: int = 0
    repeated: int = 0
    back: int = 0
    template_lines: int = 0
    template_missing: int = 0


def load(folder: Path) -> list[Triple]:
    """Read a folder's index."""
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    return [Triple((folder / entry["base"], folder / entry["ours"], folder / entry["theirs"])) for entry in index]


def by_lines(triple: Triple) -> str:
    """Merge as git does."""
    base, ours, theirs = map(str, triple.paths)
    return output("git", "merge-file", "-p", ours, base, theirs)


def by_structure(triple: Triple) -> str:
    """Merge as this package does."""
    return merge(*triple.texts).text


def by_mergiraf(triple: Triple) -> str:
    """Merge as mergiraf does, by the syntax tree."""
    return output("mergiraf", "merge", *map(str, triple.paths))


def output(*command: str) -> str:
    """Run a command and return what it prints, whatever its status."""
    return subprocess.run(command, capture_output=True, check=False, encoding="utf-8").stdout


def tools() -> dict[str, Callable[[Triple], str]]:
    """Name the tools that are there."""
    found: dict[str, Callable[[Triple], str]] = {"`git merge-file`": by_lines, "`groundplan merge`": by_structure}
    if shutil.which("mergiraf") or build_mergiraf():
        found["`mergiraf merge`"] = by_mergiraf
    return found


@cache
def build_mergiraf() -> bool:
    """Build mergiraf where cargo is, and put it on the path of this process."""
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "groundplan-benchmarks"
    os.environ["PATH"] += f"{os.pathsep}{folder / 'bin'}"
    if shutil.which("mergiraf"):
        return True
    if not shutil.which("cargo"):
        print("NOT MEASURED: mergiraf, for there is no cargo to build it with", file=sys.stderr)
        return False
    command = ["cargo", "install", "--quiet", "--locked", "--root", str(folder), f"mergiraf@{MERGIRAF}"]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
    if done.returncode:
        print(f"NOT MEASURED: mergiraf, which cargo cannot build: {done.stderr.strip()[-300:]}", file=sys.stderr)
    return not done.returncode


def score(tool: Callable[[Triple], str], triples: Iterable[Triple]) -> Score:
    """Merge all triples with one tool and count."""
    total = Score()
    for triple in triples:
        base, ours, theirs = triple.texts
        merged = tool(triple)
        conflicts = len(re.findall(r"^<{7}( |$)", merged, re.MULTILINE))
        total.documents += bool(conflicts)
        total.conflicts += conflicts
        total.ticks_lost += ticks_lost(base, ours, merged)
        total.repeated += repeated(ours, theirs, as_ours(merged))
        total.back += brought_back(base, ours, as_ours(merged))
        written, added = new_lines(base, ours), new_lines(base, theirs)
        total.user_lines += len(written)
        total.user_lost += sum(not survives(line, base, merged) for line in missing(written, merged))
        total.template_lines += len(added)
        total.template_missing += len(missing(added, merged))
    return total


def as_ours(merged: str) -> str:
    """Read conflicts as the user's side."""
    return re.sub(r"(?ms)^<{7}[^\n]*\n(.*?)^(?:\|{7}.*?)?={7}\n.*?^>{7}[^\n]*\n", r"\1", merged)


def ticks(text: str) -> Counter[str]:
    """Count the ticked tasks by their words."""
    return Counter(map(plain, re.findall(r"^[ \t]*(?:[-*+]|\d+[.)])[ \t]+\[[xX]\][ \t]+(.*)", text, re.MULTILINE)))


def ticks_lost(base: str, ours: str, merged: str) -> int:
    """Count the user's ticks whose task, reworded or not, is not ticked in the result."""
    kept = ticks(merged)
    others = [words(text) for text in kept - ticks(ours)]
    gone = (ticks(ours) - ticks(base) - kept).elements()
    return sum(all(likeness(words(text), other) < 0.5 for other in others) for text in gone)


def long_lines(text: str, least: int) -> Counter[str]:
    """Count the lines of so many words and more, without the marks of lists."""
    bare = re.sub(r"^[ \t]*(?:[-*+]|\d+[.)])[ \t]+(?:\[[ xX]\][ \t]+)?", "", text, flags=re.MULTILINE)
    return Counter(plain(line) for line in bare.splitlines() if len(words_in(line)) >= least)


def repeated(ours: str, theirs: str, merged: str) -> int:
    """Count the lines that stand more often in the result than in either version."""
    return (long_lines(merged, 3) - (long_lines(ours, 3) | long_lines(theirs, 3))).total()


def brought_back(base: str, ours: str, merged: str) -> int:
    """Count the lines of the base that the user took out and the result has."""
    known, lines = plain(ours), long_lines(base, 4)
    return sum(line in lines and line not in known for line in long_lines(merged, 4))


def plain(text: str) -> str:
    """Return a text's words on one line; neither case, punctuation nor line breaks count. A tick counts as an x."""
    return f" {' '.join(words_in(text))} "


def words_in(text: str) -> list[str]:
    """Return a text's words in order, without case and punctuation."""
    return re.findall(r"\w+", text.casefold())


def new_lines(base: str, side: str) -> list[str]:
    """Return the lines that one side wrote."""
    known = plain(base)
    return [line for line in side.splitlines() if words_in(line) and plain(line) not in known]


def missing(lines: Iterable[str], merged: str) -> list[str]:
    """Return the lines whose words do not stand in the result one after the other."""
    found = plain(merged)
    return [line for line in lines if plain(line) not in found]


def survives(line: str, base: str, merged: str) -> bool:
    """Return whether what the user changed in a line stands in its counterpart beside the template's words."""
    bag = words(line)
    origin = max(map(words, base.splitlines()), key=lambda other: likeness(bag, other))
    own = bag - origin if likeness(bag, origin) >= 0.5 else bag
    counterparts = (other for other in map(words, merged.splitlines()) if likeness(bag, other) >= 0.5)
    return any(own <= other for other in counterparts)


def seconds(action: Callable[[], object]) -> float:
    """Time an action on the processor, the best of three: what else runs on the machine does not count."""
    times: list[float] = []
    for _ in range(3):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def timing(texts: Sequence[tuple[str, str, str]]) -> tuple[float, float]:
    """Time parsing all versions with markdown-it-py as for rendering, and merging them."""
    parser = MarkdownIt("commonmark").enable("table")
    parsing = seconds(lambda: [parser.parse(text) for versions in texts for text in versions])
    return parsing, seconds(lambda: [merge(*versions) for versions in texts])


def grown(texts: tuple[str, str, str], lines: int) -> tuple[str, str, str]:
    """Repeat a document under numbered headings until the user's version has so many lines."""
    times = max(1, round(lines / len(texts[1].splitlines())))
    base, ours, theirs = (
        "".join(re.sub("^(#+ )", rf"\g<1>{number} ", text, flags=re.MULTILINE) + "\n" for number in range(times))
        for text in texts
    )
    return base, ours, theirs


def family_rows(name: str, triples: Sequence[Triple]) -> Iterator[str]:
    """Measure each tool on one family."""
    for tool_name, tool in tools().items():
        s = score(tool, triples)
        yield (
            f"| {name} | {tool_name} | {s.documents} of {len(triples)} | {s.conflicts} "
            f"| {s.user_lost} of {s.user_lines} | {s.ticks_lost} | {s.repeated} | {s.back} "
            f"| {s.template_missing} of {s.template_lines} |"
        )


def report(families: Mapping[str, Sequence[Triple]]) -> str:
    """Write all tables."""
    triples = [triple for family in families.values() for triple in family]
    rows = [
        "| Family | Tool | Documents in conflict | Conflicts | User lines lost | Ticks lost | Lines repeated "
        "| Taken-out lines back | Template lines missing |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(row for name, family in families.items() for row in family_rows(name, family)),
    ]
    parsing, merging = timing([triple.texts for triple in triples])
    rows += [
        "",
        "Template lines are missing where the user took out or answered the guidance that they reword.",
        "",
        f"Merging takes {merging / parsing:.1f} times as long as markdown-it-py takes to parse the three versions.",
        "",
        "| Lines | Parse (s) | Merge (s) | Ratio | Merge, per 1,000 lines (s) |",
        "| ---: | ---: | ---: | ---: | ---: |",
        *(growth_row(triples[0], lines) for lines in GROWTH),
    ]
    versions = f"Python {platform.python_version()}, {output('git', '--version').strip()}"
    if "`mergiraf merge`" in tools():
        versions += f", {output('mergiraf', '--version').strip()}"
    return "\n".join([f"{len(triples)} documents; {versions}.", "", *rows])


def growth_row(triple: Triple, lines: int) -> str:
    """Time one size."""
    versions = grown(triple.texts, lines)
    actual = len(versions[1].splitlines())
    parsing, merging = timing([versions])
    return f"| {actual:,} | {parsing:.2f} | {merging:.2f} | {merging / parsing:.1f} | {1000 * merging / actual:.3f} |"


def main() -> None:
    """Run the benchmark."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "data"
    families = {index.parent.name: load(index.parent) for index in sorted(folder.rglob("index.json"))}
    if not families:
        sys.exit(f"{folder} has no index.json; give a folder of triples")
    section = report(families)
    print(section)
    write_part("merge", "Merge", section)


if __name__ == "__main__":
    main()
