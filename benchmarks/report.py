"""The report that all benchmarks write, each between markers of its own."""

from __future__ import annotations

from pathlib import Path

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def write_part(name: str, title: str, content: str) -> None:
    """Put a benchmark's part between its markers; the rest of the report stays.

    Args:
        name: What the markers are called.
        title: The heading, where the part is new.
        content: The part.
    """
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    text = REPORT.read_text("utf-8") if REPORT.exists() else "# Benchmarks\n"
    if begin not in text:
        text += f"\n## {title}\n\n{begin}\n{end}\n"
    before, _, rest = text.partition(begin)
    REPORT.write_text(f"{before}{begin}\n\n{content}\n\n{end}{rest.partition(end)[2]}", "utf-8")
