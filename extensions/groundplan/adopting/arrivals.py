"""Where each heading and field of a known source arrives, as Markdown: `make adopting` writes it into the how-to."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from groundplan.adopting.head import FIELDS
from groundplan.adopting.headings import Topic, topics

_FAMILIES = {
    "spec-kit": "GitHub Spec Kit",
    "openspec": "OpenSpec",
    "kep": "Kubernetes enhancement proposal",
    "rfc": "Rust RFC",
    "madr": "MADR",
    "plan": "This template, and its first form",
    "common": "Forms of teams' own",
}


def arrivals() -> str:
    """Return a table of headings for each known source, and one each of labels and of fields."""
    parts = [f"### {title}\n\n{_headings(family)}" for family, title in _FAMILIES.items()]
    parts.append(f"### Labels in these sections\n\n{_labels()}")
    parts.append(f"### Fields above the first section\n\n{_fields()}")
    return "\n".join(parts)


def _headings(family: str) -> str:
    rows = [
        (_named(topic.headings[family]), " › ".join(topic.place), _key(topic))
        for topic in topics()
        if family in topic.headings
    ]
    return _table(("heading", "arrives in", "as"), rows)


def _key(topic: Topic) -> str:
    return f"`{topic.key}`" if topic.key else "text"


def _labels() -> str:
    rows = [
        (topic.place[-1], _named(names), f"`{key}`") for topic in topics() for key, names in topic.labels.items() if key
    ]
    return _table(("section", "label", "as"), rows)


def _fields() -> str:
    rows = [(_named(names), key.strip("()") if key.startswith("(") else f"`{key}`") for key, names in FIELDS.items()]
    return _table(("field", "as"), rows)


def _named(names: Iterable[str]) -> str:
    return "; ".join(name.replace("…", " …").replace("|", "\\|") for name in names)


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(_lines([header, ("---",) * len(header), *rows]))


def _lines(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in rows:
        yield f"| {' | '.join(row)} |\n"


if __name__ == "__main__":
    sys.stdout.write(arrivals())
