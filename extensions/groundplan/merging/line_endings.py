"""What surrounds a text: byte order mark, line endings, and how it ends."""

import re
from dataclasses import dataclass

from groundplan.merging.prose import three_way

_MARK = "\ufeff"
_ENDING = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A text's outer form, merged apart from its content.

    Attributes:
        mark: A byte order mark, or nothing.
        ending: The line ending used throughout; empty where endings are mixed and stay as they are.
        tail: The last line's ending and the blank lines behind it.
    """

    mark: str
    ending: str
    tail: str

    def wrap(self, content: str) -> str:
        """Put the content back into the outer form."""
        text = content.removesuffix("\n") + self.tail
        return self.mark + (text.replace("\n", self.ending) if self.ending else text)


def unwrap(base: str, ours: str, theirs: str) -> tuple[Envelope, tuple[str, str, str]]:
    r"""Take three versions out of their outer form.

    Args:
        base: The common ancestor.
        ours: The user's version.
        theirs: The template's version.

    Returns:
        The outer form of their merge, and the three contents: with `\n` for line endings unless a version mixes them,
        with one ending behind the last line, empty when there is nothing but white space.
    """
    texts = [text.removeprefix(_MARK) for text in (base, ours, theirs)]
    marks = [text[: len(text) - len(rest)] for text, rest in zip((base, ours, theirs), texts, strict=True)]
    endings = [set(_ENDING.findall(text)) if "\r" in text else set("\n" if "\n" in text else "") for text in texts]
    known = next((found for found in (endings[1], endings[2], endings[0]) if found), {"\n"})
    is_uniform = all(len(found) <= 1 for found in endings)
    if is_uniform:
        texts = [_ENDING.sub("\n", text) if "\r" in text else text for text in texts]
    contents = [text.rstrip(" \t\r\n") for text in texts]
    tails = [text[len(content) :] for text, content in zip(texts, contents, strict=True)]
    ending = _merge_field(*("".join(found or known) for found in endings)) if is_uniform else ""
    b, o, t = (content and content + "\n" for content in contents)
    return Envelope(_merge_field(*marks), ending, _merge_field(*tails)), (b, o, t)


def _merge_field(base: str, ours: str, theirs: str) -> str:
    merged = three_way(base, ours, theirs)
    return ours if merged is None else merged
