"""YAML mappings from files that anybody may have written: quickly, with lines, and never a crash."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

import yaml

# libyaml is several times faster; not every build of PyYAML has it.
SAFE_LOADER: type[yaml.SafeLoader] = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))


class _TextLoader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    """Takes every scalar for a text: what type it looks like takes half of the time to tell."""

    def resolve(self, kind: type[yaml.Node], value: object, implicit: object) -> str:
        """Take every scalar for text."""
        return ""

    def descend_resolver(self, current_node: object, current_index: object) -> None:
        """Keep no account of where a type would be decided by place."""

    def ascend_resolver(self) -> None:
        """Keep none."""


class YamlMappingError(Exception):
    """A text that is not a YAML mapping.

    Attributes:
        line: The line of the text, from 1.
        message: What is wrong, to follow “is”.
    """

    def __init__(self, line: int, message: str) -> None:
        """Keep the place beside the message."""
        super().__init__(message)
        self.line = line
        self.message = message


class YamlMapping(NamedTuple):
    """A mapping as loaded.

    Attributes:
        values: What it holds, by key.
        keys: Each key with its line, from 1, as written: repeated ones too.
    """

    values: Mapping[str, Any]
    keys: tuple[tuple[str, int], ...]


def load_mapping(text: str) -> YamlMapping:
    """Load a text that holds one YAML mapping, with PyYAML's safe types only.

    Args:
        text: Any text.

    Returns:
        The mapping; keys that are no texts are written as such.

    Raises:
        YamlMappingError: The text is not YAML, is nested beyond reason, or is something else than a mapping.
    """
    with _errors():
        node = _compose(text)
        keys = tuple((str(key.value), key.start_mark.line + 1) for key, _ in node.value)
        values = yaml.constructor.SafeConstructor().construct_document(node)
    return YamlMapping({str(key): value for key, value in values.items()}, keys)


def load_scalars(text: str) -> Mapping[str, str]:
    """Load the scalars at the top of a text that holds one YAML mapping, as they are written.

    It takes a third of the time of `load_mapping`, for files of which little matters.

    Args:
        text: Any text.

    Raises:
        YamlMappingError: As `load_mapping` raises it, but for values that cannot be what they look like.
    """
    with _errors():
        node = _compose(text, _TextLoader)
    return {key.value: value.value for key, value in node.value if isinstance(value, yaml.ScalarNode)}


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except yaml.MarkedYAMLError as error:
        # A bracket or a quote that nobody closes is noticed far below it.
        is_unclosed = any(word in (error.context or "") for word in ("flow", "quoted"))
        mark = error.context_mark if is_unclosed else error.problem_mark
        line = mark.line + 1 if mark else 1
        raise YamlMappingError(line, f"not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        # A ValueError is a date such as 2026-13-45.
        raise YamlMappingError(1, f"not valid YAML: {' '.join(str(error).split())}") from error
    except (ArithmeticError, AttributeError, LookupError, TypeError) as error:
        # PyYAML lets through whatever a wrong value causes, such as a KeyError for `!!bool maybe`.
        raise YamlMappingError(1, f"not valid YAML: a value is not of the type that its tag says ({error})") from error


def _compose(text: str, loader: Any = SAFE_LOADER) -> yaml.MappingNode:
    node = yaml.compose(text, loader)
    if not isinstance(node, yaml.MappingNode):
        raise YamlMappingError(1, "not a mapping of keys to values")
    return node
