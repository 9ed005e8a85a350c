"""The lines of front matter as entries of a form: a key, its value, and comments, which are no part of the value.

Nothing is loaded as YAML: the lines stay as their writers left them, and a text that YAML would refuse is merged too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from groundplan.merging.nodes import flat
from groundplan.merging.placeholders import is_slot

_KEY = re.compile(r"""(?:"[^"\n]+"|'[^'\n]+'|[^\s#:"'\-\[{][^:\n]*|-[^\s:][^:\n]*):(?=\s|$)""")
_QUOTED = r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*\'"""
_INLINE = re.compile(rf"(?:{_QUOTED}|[^#\n]|(?<=\S)#)*")
_ELEMENT = re.compile(rf"{_QUOTED}|[^\s,\[\]{{}}\"'#]+(?:[ \t]+[^\s,\[\]{{}}\"'#]+)*")
_FLOW = re.compile(rf"\[[ \t]*(?:(?:{_ELEMENT.pattern})(?:[ \t]*,[ \t]*(?:{_ELEMENT.pattern}))*)?[ \t]*\]")
# What a form holds before anybody fills it in: nothing, a choice, a sample date, or anything in brackets.
_WAITING = re.compile(
    r"""(?:|~|null|-|TBD|TODO|FIXME|N/A|\?+|[^|\n]+(?:\|[^|\n]+)+|y{2,4}-m{2}-d{2}.*|\(.*\)|<.*>|\[[^,]*\]|\{.*\})""",
    re.IGNORECASE,
)

Form = Literal["empty", "scalar", "list", "mapping"]


def key_of(line: str) -> str:
    """Return the key that a line starts with, its indentation left aside; nothing where it starts with none."""
    key = _KEY.match(line.lstrip())
    return key[0][:-1].strip("\"'") if key else ""


def split_entries(lines: Sequence[str]) -> list[str]:
    """Cut the lines of a mapping before each of its keys, and before the comments that stand between them."""
    outermost = margin(lines)
    texts: list[str] = []
    for line in lines:
        is_outermost = bool(line.strip()) and len(line) - len(line.lstrip()) <= outermost
        is_comment = is_outermost and line.lstrip().startswith("#")
        in_comment = bool(texts) and texts[-1].lstrip().startswith("#")
        if not texts or (is_outermost and key_of(line)) or (is_comment and not in_comment):
            texts.append("")
        texts[-1] += line
    return texts


def margin(lines: Sequence[str]) -> int:
    """Return how far the keys of a mapping are indented."""
    return next((len(line) - len(line.lstrip()) for line in lines if key_of(line)), 0)


@dataclass(frozen=True)
class Value:
    """One entry.

    Attributes:
        text: All of its lines.
        key: The key with its colon and what stands before it.
        inline: What follows on the same line, without a comment.
        comment: The comment on that line, with the white space before it.
        body: The lines below.
    """

    text: str
    key: str
    inline: str
    comment: str
    body: Sequence[str]

    @cached_property
    def form(self) -> Form:
        """What the value is."""
        lines = [line.strip() for line in self.body if line.strip() and not line.lstrip().startswith("#")]
        if self.inline:
            return "list" if not lines and _FLOW.fullmatch(self.inline) else "scalar"
        if not lines:
            return "empty"
        if lines[0].startswith("-"):
            return "list"
        return "mapping" if key_of(lines[0]) else "scalar"

    @cached_property
    def elements(self) -> Sequence[str]:
        """The elements of a list: of one line as they stand there, of several with their lines; else nothing."""
        if self.form != "list":
            return ()
        if self.inline:
            return _ELEMENT.findall(self.inline)
        texts: list[str] = []
        outermost = next(len(line) - len(line.lstrip()) for line in self.body if line.lstrip().startswith("-"))
        for line in self.body:
            starts = line.lstrip().startswith("-") and len(line) - len(line.lstrip()) <= outermost
            if starts or not texts:
                texts.append("")
            texts[-1] += line
        return texts

    @cached_property
    def meaning(self) -> tuple[str, ...]:
        """What it says, whatever its comments, its quotation marks and its lines are."""
        if self.form == "list":
            return tuple(map(element_name, self.elements))
        lines = [self.inline, *self.body] if self.form != "mapping" else [_without_comment(line) for line in self.body]
        return tuple(said for line in lines if (said := flat(line).strip("\"'")))

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has filled it in: empty, TBD, a choice of values, or in brackets."""
        if self.form == "mapping":
            return all(read_value(entry).is_waiting for entry in split_entries(self.body) if key_of(entry))
        return all(_WAITING.fullmatch(said) or is_slot(said) for said in self.meaning)

    def with_comment(self, comment: str) -> str:
        """Return the lines with another comment behind the key."""
        if comment == self.comment:
            return self.text
        first, separator, rest = self.text.partition("\n")
        return first[: len(first.rstrip()) - len(self.comment.rstrip())].rstrip() + comment + separator + rest

    def with_elements(self, elements: Sequence[str]) -> str:
        """Return the lines with other elements, which may be written for a list of one line or of several."""
        if self.inline:
            names = [element_name(text, keep_quotes=True) for text in elements]
            return self.text.replace(self.inline, f"[{', '.join(names)}]", 1)
        model = next((line for line in self.body if line.lstrip().startswith("-")), "  - \n")
        indent = model[: len(model) - len(model.lstrip())]
        own = set(self.elements)
        first, separator, _ = self.text.partition("\n")
        return first + separator + "".join(text if text in own else _as_line(text, indent) for text in elements)


def _as_line(text: str, indent: str) -> str:
    first, *rest = text.splitlines() or [""]
    old = len(first) - len(first.lstrip())
    first = first.lstrip() if first.lstrip().startswith("-") else f"- {first.lstrip()}"
    return "".join(f"{indent}{line}\n" for line in (first, *(line[old:] for line in rest)))


def read_value(text: str) -> Value:
    """Read one entry, or an element of a list as if it stood behind a key."""
    first, _, rest = text.partition("\n")
    stripped = first.lstrip()
    key = _KEY.match(stripped)
    head = first[: len(first) - len(stripped)] + key[0] if key else ""
    inline, comment = _cut_comment(first.removeprefix(head))
    return Value(text, head, inline.strip(), comment, rest.splitlines(keepends=True))


def element_name(text: str, *, keep_quotes: bool = False) -> str:
    """Return what a list's element says, without its dash, its comments and its quotation marks."""
    lines = [_without_comment(line).strip() for line in text.split("\n")]
    name = " ".join(line for line in (lines[0].removeprefix("-").strip(), *lines[1:]) if line)
    return name if keep_quotes else name.strip("\"'")


def _without_comment(line: str) -> str:
    return _cut_comment(line)[0]


def _cut_comment(line: str) -> tuple[str, str]:
    inline = _INLINE.match(line)
    stop = inline.end() if inline else len(line)
    kept = line[:stop].rstrip() if stop < len(line) else line
    return kept, line[len(kept) :] if stop < len(line) else ""
