"""Answers as data: how a text is written into Markdown, YAML, Mermaid and a shell line without becoming code there.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import yaml
from jinja2 import Environment
from jinja2.ext import Extension

# libyaml writes seven times as fast; not every build of PyYAML has it.
_DUMPER: type[yaml.SafeDumper] = cast("type[yaml.SafeDumper]", getattr(yaml, "CSafeDumper", yaml.SafeDumper))

# Characters that begin inline markup (CommonMark 0.31, 6; GFM's tables and strikethrough).
_INLINE_MARKUP = re.compile(r"[\\`*_\[\]<>|~]")
# A character reference such as &amp; (CommonMark 0.31, 2.5).
_ENTITY = re.compile(r"&(?=#?[A-Za-z0-9]+;)")
# A block's first characters (CommonMark 0.31, 4 and 5): a heading's or a list's mark.
_BLOCK_START = re.compile(r"^(\d{0,9})(?=[#+.)-])")
# What begins a list, a fence, a quotation, a heading or a table rather than a sentence (CommonMark 0.31, 4 and 5).
_BLOCK_MARK = re.compile(r"(?:[-*+]|\d{1,9}[.)]|#{1,6})(?:\s|$)|```|~~~|>|\|")
# GFM's extended autolinks, 6.9: schemes, www and e-mail addresses.
_AUTOLINK = re.compile(r"(?<=[A-Za-z])(:)(?=//)|(?<=[Ww]{3})(\.)|(?<=[A-Za-z0-9._+-])(@)(?=[A-Za-z0-9])")


def plain(text: str) -> str:
    """Write plain text into Markdown so that it reads literally, on one line."""
    escaped = _INLINE_MARKUP.sub(r"\\\g<0>", one_line(text))
    escaped = _ENTITY.sub(r"\\&", escaped)
    escaped = _AUTOLINK.sub(r"\\\g<0>", escaped)
    return _BLOCK_START.sub(r"\1\\", escaped)


def one_line(text: object) -> str:
    """Fold a text's white space, line breaks too, into single spaces."""
    return " ".join(str(text).split())


def cell(text: object) -> str:
    """Write Markdown text into a table's cell: one line, with `|` escaped where it is not yet (GFM, 4.10)."""
    return re.sub(r"(?<!\\)((?:\\\\)*)\|", r"\1\\|", one_line(text))


def block(text: object, indent: int = 0) -> str:
    """Write Markdown text as blocks: trimmed, LF line ends, later lines indented by a number of spaces."""
    lines = [line.rstrip() for line in str(text).strip().splitlines()]
    return "\n".join(" " * indent + line if line and number else line for number, line in enumerate(lines))


def after_label(text: object) -> str:
    """Write Markdown text behind a list item's label: on its line, or below it where it is a list."""
    written = block(text, 2)
    return f"\n\n  {written}" if _BLOCK_MARK.match(written) else f" {written}"


def fence(text: str) -> str:
    """Return a code fence's line of backticks, longer than any run of them in the text (CommonMark 0.31, 4.5)."""
    longest = max((len(run) for run in re.findall("`+", str(text))), default=0)
    return "`" * max(3, longest + 1)


def yaml_string(text: object) -> str:
    """Write a text as a double-quoted YAML scalar on one line (JSON is YAML 1.2 but for these line separators)."""
    quoted = json.dumps(str(text), ensure_ascii=False)
    return "".join(
        f"\\u{ord(character):04x}" if character in "\x7f\x85\u2028\u2029\ufeff" else character for character in quoted
    )


def yaml_list(texts: Iterable[object]) -> str:
    """Write texts as a YAML flow sequence of double-quoted scalars on one line."""
    return f"[{', '.join(map(yaml_string, texts))}]"


def yaml_mapping(values: Mapping[str, Any]) -> str:
    """Write a mapping as a YAML document, its keys sorted, every character readable."""
    text = _yaml(values, _DUMPER)
    # libyaml escapes what lies beyond the Basic Multilingual Plane, such as emoji.
    return _yaml(values, yaml.SafeDumper) if "\\U" in text else text


def _yaml(values: Mapping[str, Any], dumper: type[yaml.SafeDumper]) -> str:
    return str(yaml.dump(dict(values), Dumper=dumper, indent=4, allow_unicode=True))


def mermaid_label(text: object) -> str:
    """Write a text into a quoted Mermaid label; what has a meaning there becomes Mermaid's entity codes."""
    return re.sub(r"[#\"<>`\\;]", lambda match: f"#{ord(match[0])};", one_line(text))


def shell_quote(text: object) -> str:
    """Write a text as one word of a POSIX shell."""
    return shlex.quote(str(text))


def shown(value: object) -> str:
    """Quote a value in a message: on one line, whatever control characters it holds, and not longer than helps."""
    text = repr(str(value))[1:-1]
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"


def sorted_imports(text: str) -> str:
    """Sort lines that import, whatever names the answers put into them, as formatters do: by name, not by case."""
    lines = sorted(text.splitlines(), key=lambda line: line.rstrip(";").casefold())
    return "".join(f"{line}\n" for line in lines)


class QuotingExtension(Extension):
    """Registers this module's functions as Jinja filters."""

    def __init__(self, environment: Environment) -> None:
        """Add the filters to an environment."""
        super().__init__(environment)
        filters: dict[str, Callable[..., str]] = {
            "plain": plain,
            "one_line": one_line,
            "cell": cell,
            "block": block,
            "after_label": after_label,
            "fence": fence,
            "yaml_string": yaml_string,
            "yaml_list": yaml_list,
            "yaml_mapping": yaml_mapping,
            "mermaid_label": mermaid_label,
            "shell_quote": shell_quote,
            "sorted_imports": sorted_imports,
        }
        environment.filters.update(filters)
