"""What stands above a document's first section: its title, front matter and fields such as `Assignees: mira`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from groundplan.adopting.headings import normal, topic_of
from groundplan.adopting.keeping import Keeper
from groundplan.adopting.reading import Claim, Piece
from groundplan.adopting.sources import Source
from groundplan.adopting.values import fits, label_and_rest
from groundplan.plan.placeholders import is_unanswered
from groundplan.plan.stage import find_status_line
from groundplan.rendering.answers import is_date
from groundplan.rendering.branches import branch_problem, owner_problem, ticket_problem
from groundplan.rendering.naming import name_problem
from groundplan.rendering.quoting import fence
from groundplan.text.blocks import Block, Document, FrontMatter, Item, List, Paragraph, Quote, Section
from groundplan.text.yaml_mapping import YamlMapping, YamlMappingError, load_mapping

FIELDS: Mapping[str, tuple[str, ...]] = {
    "title": ("title",),
    "feature_name": ("feature name", "feature"),
    "project_name": ("project", "project name", "product"),
    "labels": ("labels", "label", "tags"),
    "assignees": ("assignees", "assignee", "authors", "author", "decision makers", "deciders"),
    "owner": ("owner", "owning team", "lead", "dri", "responsible"),
    "branch": ("branch", "feature branch", "target branch", "target implementation branch"),
    "ticket": ("ticket", "issue", "jira", "tracking issue", "story"),
    "created": ("created", "creation date", "start date", "date"),
    "(status)": ("status", "state"),
    "(form)": ("about", "name", "spec"),
}
_FIELD_OF = {name: field for field, names in FIELDS.items() for name in names}
_KIND = re.compile(
    r"(?:feature specification|feature plan|implementation plan|feature|spec(?:ification)?|tasks|plan"
    r"|(?:change )?proposal|design(?: doc(?:ument)?)?|rfc|change|enhancement|kep|adr)\s*(?:#?\d+\s*)?[:–—]\s+",
    re.IGNORECASE,
)
# As Rust RFCs name features: `night_mode`.
_IDENTIFIER = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)+")
_TICKET = re.compile(r"([A-Z][A-Z0-9]*-\d+)\s*[:–—-]?\s+(?=\S)")
_SUFFIX = re.compile(r"\s+(?:feature plan|implementation plan)$", re.IGNORECASE)
_DASH = re.compile(r"\s+[–—-]\s+")
_SIGNS = re.compile(r"^[^\w(\[]+|[^\w)\].!?”’\"'%]+$")
NOTES = "Implementation Notes"
_OWN_KEYS = {"slug", "feature", "schema"}


@dataclass
class Head:
    """What stands above a document's first section.

    Attributes:
        sections: The outermost sections below the titles.
        blocks: Blocks above them that are no field.
        is_own: Whether the document has the front matter of a plan of ours.
    """

    sections: list[Section] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    is_own: bool = False


def read_head(source: Source, document: Document, keeper: Keeper) -> Head:
    """Read what stands above the first section.

    Args:
        source: The document with what is known beside it.
        document: Its text, parsed.
        keeper: Takes the answers.
    """
    reading = keeper.reading
    head = Head(blocks=list(document.root.blocks))
    titles = list(_titles(source, document, head))
    fields = _Fields(keeper)
    known = source.fields
    fields.take("title", known.title, 0, 0)
    fields.take("labels", list(known.labels), 0, 0)
    fields.take("assignees", list(known.assignees), 0, 0)
    if known.milestone and is_date(known.milestone_date):
        reading.add("milestones", {"milestone": known.milestone, "date": known.milestone_date}, 0)
    if document.front_matter:
        head.is_own = _read_front_matter(document.front_matter, fields)
        keeper.keep_lines(document.front_matter.start, document.front_matter.stop)
    if line := find_status_line(document):
        reading.claims.append(Claim("(status)", line.line - 1, line.line))
    head.blocks = [rest for block in head.blocks for rest in _without_fields(block, fields, line.line if line else 0)]
    _read_names(titles, fields, source)
    if "owner" not in reading.answers:
        handles = reading.answers.get("assignees", ())
        owner = next((name for name in handles if not owner_problem(name)), "")
        if owner:
            reading.answers["owner"] = owner
    return head


def _titles(source: Source, document: Document, head: Head) -> Iterator[Section]:
    """Yield the sections that are whole documents; their parts become the outermost sections."""
    starts = sorted(part.line for part in source.parts)
    for number, section in enumerate(document.root.sections):
        begins = any(
            start <= section.line and not any(start <= other.line < section.line for other in document.root.sections)
            for start in starts
        )
        is_title = number == 0 or begins or bool(_KIND.match(section.title))
        # Below “Tasks”, the title of Spec Kit's list of tasks, there is more than tasks.
        is_known = topic_of(section.title) is not None and source.kind != "spec-kit"
        if is_title and not is_known and section.level == 1:
            yield section
            head.blocks += section.blocks
            head.sections += section.sections
        else:
            head.sections.append(section)


class _Fields:
    """Fields as they are found; the first of a kind counts."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.reading = keeper.reading
        self.titles: list[str] = []

    def take(self, key: str, value: Any, start: int, stop: int) -> bool:
        """Take a field; return whether it is understood."""
        if value in (None, [], ()) or (isinstance(value, str) and _says_nothing(value)):
            return False
        if key == "title":
            self.titles.append(str(value))
        elif key in ("labels", "assignees"):
            texts = value if isinstance(value, list) else re.split(r"[,;]\s*", str(value))
            clean = [str(text).strip().strip("`*@\"'") for text in texts]
            clean = [text for text in clean if text]
            if not clean or not fits(clean, key) or (key in self.reading.answers and stop):
                return False
            self.reading.answers[key] = clean
            self.reading.lines[key] = start + 1
        elif not key.startswith("("):
            text = str(value).strip().strip("`*")
            if not text or not _is_answer(key, text):
                return False
            if key == "owner":
                text = text.removeprefix("@")
            elif key == "feature_name" and _IDENTIFIER.fullmatch(text):
                text = words_of(text)
            if key in self.reading.answers:
                # Each document of a feature has a date of its own; the plan keeps the first.
                is_told = key == "created" or self.reading.answers[key] == text
                return is_told and self._claim(key, start, stop)
            self.reading.answers[key] = text
            self.reading.lines[key] = start + 1
        return self._claim(key, start, stop)

    def _claim(self, key: str, start: int, stop: int) -> bool:
        if stop:
            self.reading.claims.append(Claim(key, start, stop))
        return True


def _says_nothing(text: str) -> bool:
    return is_unanswered(text) or normal(text) in ("n a", "none", "tbd")


def _is_answer(key: str, text: str) -> bool:
    problems: Mapping[str, Callable[[str], str]] = {
        "branch": branch_problem,
        "ticket": ticket_problem,
        "owner": lambda name: owner_problem(name.removeprefix("@")),
    }
    return is_date(text) if key == "created" else not problems.get(key, name_problem)(text)


def _read_front_matter(matter: FrontMatter, fields: _Fields) -> bool:
    """Read front matter, keep what is not understood among the notes, and return whether it is a plan's of ours."""
    try:
        mapping = load_mapping(matter.content)
    except YamlMappingError:
        # Many write `@` without quotes, so what is not YAML is text.
        mapping = YamlMapping({}, ())
    if set(mapping.values) >= _OWN_KEYS:
        return True
    lines = matter.lines[1:-1]
    left = set(range(len(lines)))
    starts = [line - 1 for _, line in mapping.keys]
    for number, (key, _) in enumerate(mapping.keys):
        start, stop = starts[number], [*starts, len(lines)][number + 1]
        place = range(matter.start + 1 + start, matter.start + 1 + stop)
        if _read_key(key, mapping.values[key], place, lines[start:stop], fields):
            left -= set(range(start, stop))
    kept = "".join(lines[number] for number in sorted(left) if lines[number].strip())
    if kept:
        marks = fence(kept)
        text = f"{marks}yaml\n{kept}{marks}\n"
        fields.reading.pieces.append(Piece((NOTES,), text, matter.start, matter.stop))
    return False


def _read_key(key: str, value: object, lines: range, text: Sequence[str], fields: _Fields) -> bool:
    if all(map(fields.keeper.template.has_line, text)):
        return True
    if value in (None, "", []):
        fields.reading.claims.append(Claim("(nothing)", lines.start, lines.stop))
        return True
    name = _FIELD_OF.get(normal(key), "")
    return bool(name) and fields.take(name, value, lines.start, lines.stop)


def _without_fields(block: Block, fields: _Fields, status_line: int) -> Iterator[Block]:
    """Yield what of a block is no field."""
    if block.line == status_line:
        return
    if isinstance(block, List):
        items = [item for item in block.items if not fields.keeper.skips(item)]
        items = [item for item in items if not _read_line(item.content, item, fields)]
        if items:
            yield block if len(items) == len(block.items) else _part(block, items)
        return
    if isinstance(block, Quote | Paragraph):
        left = [n for n in range(block.start, block.stop) if not _read_fields(block.source[n], n, fields)]
        if left:
            yield Paragraph(source=block.source, start=left[0], stop=left[-1] + 1, end=left[-1] + 1)
        return
    yield block


def _part(block: List, items: Sequence[Item]) -> List:
    return List(
        source=block.source,
        start=items[0].start,
        stop=items[-1].stop,
        end=block.end,
        ordered=block.ordered,
        items=tuple(items),
    )


def _read_line(text: str, item: Item, fields: _Fields) -> bool:
    label = label_and_rest(text)
    name = _FIELD_OF.get(normal(label[0]), "") if label else ""
    return bool(label and name and "\n" not in text and fields.take(name, label[1], item.start, item.stop))


def _read_fields(line: str, number: int, fields: _Fields) -> bool:
    """Read a line such as `>Labels: plan` or `**Branch**: x | **Date**: y`; return whether all is understood."""
    if not line.strip().lstrip(">").strip():
        return True
    if fields.keeper.template.has_line(line):
        fields.keeper.keep_lines(number, number + 1)
        return True
    pairs = [label_and_rest(part.strip()) for part in line.strip().lstrip("> ").split(" | ")]
    names = [_FIELD_OF.get(normal(pair[0]), "") if pair else "" for pair in pairs]
    if not all(names):
        return False
    taken = [
        bool(pair) and fields.take(name, pair[1].strip(), number, number + 1)
        for name, pair in zip(names, pairs, strict=True)
        if pair
    ]
    return all(taken)


def _read_names(titles: Sequence[Section], fields: _Fields, source: Source) -> None:
    """Name the feature and its project after the title, or else the file."""
    answers, lines = fields.reading.answers, fields.reading.lines
    titles = [section for section in titles if not fields.keeper.template.has_title(section)]
    for section in titles:
        if section.heading:
            fields.reading.claims.append(Claim("title", section.heading.start, section.heading.stop))
    shown = [section.title for section in titles[:1] if source.is_in_first(section.line)]
    for title in [*shown, *fields.titles]:
        project, name, ticket = split_title(title, fields.titles)
        line = titles[0].line if shown and title == shown[0] else 1
        for key, value in (("feature_name", name), ("project_name", project), ("ticket", ticket)):
            if value and key not in answers and (key != "ticket" or not ticket_problem(value)):
                answers[key] = value
                lines[key] = line
    if "feature_name" not in answers and (name := words_of(source.name)):
        answers["feature_name"] = name


def split_title(title: str, others: Sequence[str] = ()) -> tuple[str, str, str]:
    """Split a title into the project's name, the feature's, and a ticket; empty where it names none.

    Args:
        title: Such as “Harbor Desk – Shift swap Feature Plan” or “KEP-1440: kubectl events”.
        others: Other titles of the same document; what both begin with is the project.
    """
    text = re.sub(r"[*`]|<[^>]*>|!?\[([^\]]*)\]\([^)]*\)", lambda match: match[1] or "", title)
    text = _SIGNS.sub("", " ".join(text.split())).strip()
    ticket = ""
    if found := _TICKET.match(text):
        ticket, text = found[1], text[found.end() :]
    text = _KIND.sub("", text, count=1) if _KIND.match(text) else text
    shorter = _SUFFIX.sub("", text)
    parts = _DASH.split(shorter, maxsplit=1)
    is_project = len(parts) == 2 and (
        shorter != text or any(normal(other).startswith(normal(parts[0])) for other in others)
    )
    if is_project:
        return parts[0], parts[1], ticket
    return "", "" if normal(shorter) in _GENERIC else shorter, ticket


_GENERIC = {"", "feature plan", "plan", "feature", "proposal", "tasks", "design", "spec", "specification", "readme"}


def words_of(name: str) -> str:
    """Make a name of a file's or a folder's: “004-night-ferry” becomes “Night ferry”."""
    words = re.sub(r"[-_]+", " ", re.sub(r"^(?:\d+[-_ ]+)+", "", name)).strip()
    return words[:1].upper() + words[1:]
