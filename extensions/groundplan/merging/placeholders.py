"""Text of a template that waits for a person's words, and what people made of it."""

import re
from collections import Counter

# The element names of HTML (https://html.spec.whatwg.org/#elements-3), and those of old that Markdown still carries.
# Whatever else stands in angle brackets waits to be replaced.
_ELEMENTS = """
    a abbr address area article aside audio b base bdi bdo big blockquote body br button canvas caption center cite code
    col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption figure font footer form
    h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map mark menu meta
    meter nav noscript object ol optgroup option output p param picture pre progress q rp rt ruby s samp script search
    section select slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot
    th thead time title tr track tt u ul var video wbr
""".split()
_TAG = rf"(?:{'|'.join(_ELEMENTS)})(?:\s+[\w:-]+\s*=[^<>\n]*|\s+[a-z]+|\s*/)?\s*>"
# `[Goal]`, `<package>`, `TBD`, `NNNN` wait to be replaced; links, footnotes, boxes, tags and addresses do not.
_PLACEHOLDER = re.compile(
    r"(?i:(?<![\]!\\])\[(?![x ]?\]|\^)[^\[\]\n]+\](?![(\[:])"
    rf"|<(?![/!?]|\w+:|{_TAG})[^<>@\n]+>|\bTBD\b)|\b(?:N{{3,}}|X{{3,}})\b"
)
_HEAD = re.compile(r"\s*(?:(?:[-+*>]|#{1,6}|[0-9]{1,9}[.)])\s+)*(?:\[[ xX]\]\s+)?")
_WORD = re.compile(r"\w+")
_LABEL = re.compile(r"[*_]*\w[\w ()/-]{0,40}:[*_]*\s+(?=\S)")
_MARKS = "\"'()[]*_`.,;:!?"
_STRUCK = re.compile(r"(?<!~)(~{1,2})(?![~\s])(.+?)(?<!~)\1(?!~)", re.DOTALL)


def has_placeholder(text: str) -> bool:
    """Return whether a text holds something in brackets that waits to be replaced."""
    return _PLACEHOLDER.search(text) is not None


def is_filled_in(base: str, ours: str) -> bool:
    """Return whether all the placeholders of a text were replaced by words."""
    if is_slot(base):
        return bool(ours.strip())
    waiting = set(_PLACEHOLDER.findall(base))
    return bool(waiting and ours.strip()) and not waiting.intersection(_PLACEHOLDER.findall(ours))


def is_slot(text: str) -> bool:
    """Return whether a text is nothing but placeholders, so that whatever stands there now answers it."""
    return has_placeholder(text) and not _WORD.search(_PLACEHOLDER.sub("", _HEAD.sub("", text, count=1)))


def is_rewritten(base: str, ours: str) -> bool:
    """Return whether the user took a text out by striking it through, wrote another in its place or answered it."""
    return is_struck_out(base, ours) or is_replaced(base, ours) or is_answered(base, ours)


def is_answered(base: str, ours: str) -> bool:
    """Return whether the user wrote an answer behind a question: it belongs to the question as it was asked."""
    *questions, rest = base.split("?")
    *_, answer = ours.split("?", len(questions))
    is_asked = bool(questions) and not _WORD.search(rest) and ours.count("?") >= len(questions)
    return is_asked and _WORD.search(answer) is not None


def is_struck_out(base: str, ours: str) -> bool:
    """Return whether the user struck a text through, which is how people take out what should stay to be read."""
    struck = " ".join(match[2] for match in _STRUCK.finditer(ours))
    said = _WORD.findall(_HEAD.sub("", base, count=1))
    return bool(struck) and 2 * (Counter(_WORD.findall(struck)) & Counter(said)).total() > len(said)


def is_replaced(base: str, ours: str) -> bool:
    """Return whether the user dropped more than half of a text's words and wrote others."""
    b, o = (Counter(_said(text)) for text in (base, ours))
    is_telling = b.total() > 1 or (b.total() == 1 and _label(base) != "" and _label(base) == _label(ours))
    return is_telling and bool(o - b) and 2 * (b & o).total() < b.total()


def _said(text: str) -> list[str]:
    """Return the words of a text without its marks, and without the label of a line such as `Status: draft`."""
    said = _HEAD.sub("", text, count=1).removeprefix(_label(text))
    return [word for part in said.casefold().split() if (word := part.strip(_MARKS))]


def _label(text: str) -> str:
    """Return what a line such as `- Status: draft` calls its value, with the colon."""
    label = _LABEL.match(_HEAD.sub("", text, count=1))
    return label[0] if label else ""
