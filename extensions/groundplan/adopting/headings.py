"""Which heading and which label of whose template answers what, as `headings.yml` lists it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files

import yaml

from groundplan.plan.outline import HeadingPath
from groundplan.text.yaml_mapping import SAFE_LOADER

# A heading of the plan's own form, or one that many teams write, is merely renamed; one of another template stays above
# text of it that has no place of its own.
_ORDER = {"plan": 0, "common": 1}
_LONGEST = 200
_ANY_MORE = "…"
_MARKUP = re.compile(r"[*_`~]+|<[^>]*>|!?\[([^\]]*)\]\([^)]*\)")
_NUMBER = re.compile(r"^\s*(?:\d+(?:\.\d+)*[.):]?|[A-Z][.)])\s+")
_ASIDE = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])\s*$")
_PHASE = re.compile(r"phase \w+ (?=\w)")


@dataclass(frozen=True)
class Topic:
    """Something that a plan tells.

    Attributes:
        place: Where it stands in a plan, as headings from the second level on.
        key: What text without a label answers, such as `rollout.phases`; empty where only labels answer anything.
        headings: What it is called, by the template that calls it so.
        labels: What a label in it answers: the labels by key, the plan's own first.
        columns: What the columns of a table in it hold, by the key that its rows answer; the plan's own name first, and
            a table needs the first column.
    """

    place: HeadingPath
    key: str = ""
    headings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """What a heading stands for.

    Attributes:
        topic: What it tells.
        is_renamed: Whether the plan's heading says the same, so that this one may go.
    """

    topic: Topic
    is_renamed: bool


@cache
def topics() -> tuple[Topic, ...]:
    """Return everything that a plan tells, in the order of the table."""
    text = files("groundplan.adopting").joinpath("headings.yml").read_text("utf-8")
    return tuple(
        Topic(
            tuple(entry["place"]),
            entry.get("key", ""),
            {family: tuple(names) for family, names in entry["headings"].items()},
            {key: tuple(names) for key, names in entry.get("labels", {}).items()},
            {
                key: {column: tuple(names) for column, names in columns.items()}
                for key, columns in entry.get("columns", {}).items()
            },
        )
        for entry in yaml.load(text, SAFE_LOADER)  # noqa: S506 - a safe loader
    )


@lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """Return a heading or a label without case, numbering, emoji, markup and what stands in brackets at its end.

    Args:
        name: Its Markdown.

    Returns:
        Its words with single spaces between them; `&` is “and”. Empty where it has none, and where it is too long to
        be a name.
    """
    if len(name) > _LONGEST:
        return ""
    text = _MARKUP.sub(lambda match: match[1] or "", name).replace("&", " and ")
    text = re.sub(r"^[^\w]+", "", text)
    text = _NUMBER.sub("", text)
    while (shorter := _ASIDE.sub("", text)) != text and shorter.strip():
        text = shorter
    return " ".join(re.findall(r"\w+", text.casefold()))


def topic_of(heading: str) -> Match | None:
    """Find what a heading stands for; None where no template that we know has it.

    Args:
        heading: Its Markdown. A phase is known by what it is called rather than by its number.
    """
    name = normal(heading)
    return _look_up(_PHASE.sub("phase ", name, count=1)) or _look_up(name)


def _look_up(name: str) -> Match | None:
    exact, beginnings = _index()
    if name in exact:
        return exact[name]
    return next((match for beginning, match in beginnings if name.startswith(beginning)), None)


@cache
def topic_at(place: HeadingPath) -> Topic:
    """Return the topic that a section of the plan itself has.

    Args:
        place: Its headings from the second level on; a section that has no topic gets an empty one.
    """
    return next((topic for topic in topics() if topic.place == place and "plan" in topic.headings), Topic(place))


@cache
def _index() -> tuple[Mapping[str, Match], tuple[tuple[str, Match], ...]]:
    exact: dict[str, Match] = {}
    beginnings: dict[str, Match] = {}
    # The plan's own names count before others that are the same.
    for topic, family, name in sorted(_names(), key=lambda entry: _ORDER.get(entry[1], len(_ORDER))):
        names = beginnings if name.endswith(_ANY_MORE) else exact
        names.setdefault(normal(name), Match(topic, family in _ORDER))
    # The longest beginning says most.
    return exact, tuple(sorted(beginnings.items(), key=lambda item: -len(item[0])))


def _names() -> Iterator[tuple[Topic, str, str]]:
    for topic in topics():
        for family, names in topic.headings.items():
            yield from ((topic, family, name) for name in names)


def key_of(label: str, topic: Topic) -> str | None:
    """Find what a label answers in a topic; None where it is not a label there."""
    name = normal(label)
    for key, labels in topic.labels.items():
        for known in labels:
            begins = known.endswith(_ANY_MORE) and name.startswith(normal(known))
            if name and (begins or name == normal(known)):
                return key
    return None
