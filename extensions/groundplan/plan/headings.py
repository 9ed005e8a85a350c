"""Under which headings a plan says what: its outline's own, as its team renamed them, left some out and added others.

Rules and commands know a section by its heading in the outline, its key. What a plan's readers see is read from the
answers beside the plan, and translated in one place: here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from groundplan.plan.outline import PHASE, PHASES, HeadingPath, Outline, OutlineSection, expected, known
from groundplan.text.yaml_mapping import load_mapping

# The plan itself, among the documents that a team's sections can stand in.
_PLAN = "feature-plan"
# To look for the keys takes a small part of the time of reading YAML, and few teams have any of them.
_TEAM = ("headings", "phases", "leave_out", "extra_sections", "extra_tasks", "extra_acceptance")
_ANSWERED = re.compile(rf"^(?:{'|'.join(_TEAM)}):", re.MULTILINE)
_PHASE_NAME = re.compile(r"Phase \d: ")


class ExtraSection(NamedTuple):
    """A section that a team adds.

    Attributes:
        heading: Its heading.
        after: The key of the section that it comes after; empty where it comes last.
    """

    heading: str
    after: str


@dataclass(frozen=True)
class Headings:
    """What a team made of an outline's headings.

    Attributes:
        names: The team's names, by the outline's, where they differ.
        left_out: The sections that the team does without, by the outline's names.
        extra: The sections that the team adds to the plan.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    extra: tuple[ExtraSection, ...] = ()

    def key(self, title: str) -> str:
        """Return a heading as the outline has it; one that is in no outline, as it is.

        Args:
            title: The heading as it stands in the plan. The outline's own name is understood everywhere.
        """
        if title in self._keys:
            return self._keys[title]
        # People rename phases by hand, too; the number is what counts.
        return self._numbered.sub(f"{PHASE} ", title, count=1) if PHASE in self.names else title

    def shown(self, key: str) -> str:
        """Return a heading as the team wants to read it.

        Args:
            key: The heading as the outline has it.
        """
        return self.names.get(key, key)

    def expected(self, outline: Outline, depth: str) -> list[HeadingPath]:
        """List the headings that a plan of the team must have, as `plan.outline.expected` does.

        Args:
            outline: The outline of the plan's template.
            depth: `full`, `standard` or `lite`.
        """
        return [path for path in expected(self._extended(outline), depth) if self.left_out.isdisjoint(path)]

    def known(self, outline: Outline) -> list[HeadingPath]:
        """List all headings that a plan of the team can have, those that it does without too, in order."""
        return known(self._extended(outline))

    @cached_property
    def _keys(self) -> Mapping[str, str]:
        return {name: key for key, name in self.names.items()}

    @cached_property
    def _numbered(self) -> re.Pattern[str]:
        return re.compile(rf"^{re.escape(self.names[PHASE])} (?=\d\b)")

    def _extended(self, outline: Outline) -> Outline:
        return tuple(self._with_extra(outline)) if self.extra else outline

    def _with_extra(self, outline: Outline) -> Iterator[OutlineSection]:
        for section in outline:
            yield section
            yield from self._behind(section.title)
        yield from self._behind("")

    def _behind(self, key: str) -> Iterator[OutlineSection]:
        for section in self.extra:
            if section.after == key:
                yield OutlineSection(section.heading, lite=True)
                yield from self._behind(section.heading)


OUR_HEADINGS = Headings()


def team_answers(answers: str) -> Mapping[str, Any]:
    """Return what a team wants otherwise in its plans than the template does.

    Args:
        answers: The text of a feature's answers file.

    Raises:
        YamlMappingError: The text is not a YAML mapping.
    """
    values = load_mapping(answers).values if _ANSWERED.search(answers) else {}
    return {key: values[key] for key in _TEAM if key in values}


def headings_in(answers: str) -> Headings:
    """Read a team's headings from a feature's answers file.

    Args:
        answers: The file's text.

    Returns:
        The headings. The template judged them when they were answered; what is wrong with them since does not count.

    Raises:
        YamlMappingError: The text is not a YAML mapping.
    """
    values = team_answers(answers)
    if not values:
        return OUR_HEADINGS
    names = dict(_names(values))
    keys = {name: key for key, name in names.items()}
    extra = {section.heading: section for section in _extra(values.get("extra_sections"), keys)}
    return Headings(names, frozenset(_texts(values.get("leave_out"))), tuple(extra.values()))


def _names(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    renamed = values.get("headings")
    for key, name in renamed.items() if isinstance(renamed, dict) else ():
        if isinstance(key, str) and isinstance(name, str):
            yield key, name
    word = renamed.get(PHASE) if isinstance(renamed, dict) else None
    names = list(_texts(values.get("phases")))
    for number, key in enumerate(PHASES):
        name = names[number] if number < len(names) else _PHASE_NAME.sub("", key)
        shown = f"{word if isinstance(word, str) else PHASE} {number}: {name}"
        if shown != key:
            yield key, shown


def _extra(sections: Any, keys: Mapping[str, str]) -> Iterator[ExtraSection]:
    for section in sections if isinstance(sections, list) else ():
        if isinstance(section, dict) and section.get("document", _PLAN) == _PLAN:
            heading, after = section.get("heading"), section.get("after", "")
            if isinstance(heading, str) and isinstance(after, str):
                yield ExtraSection(heading, keys.get(after, after))


def _texts(values: Any) -> Iterable[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
