"""Names derived from answers: the slug and its forms.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension
from slugify import slugify as transliterate

from .quoting import shown

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
SLUG_LENGTH = range(2, 41)
ADR_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NAME_LENGTH = 100
SUMMARY_LENGTH = 300
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions
WINDOWS_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
)
# A name is plain text: what looks like a character reference of HTML is not one.
transliterated = partial(transliterate, entities=False, decimal=False, hexadecimal=False)


def slugify(name: str) -> str:
    """Make a feature's slug from its name.

    Args:
        name: What a person calls the feature, in any script.

    Returns:
        Lower-case ASCII words joined by hyphens, cut after a word so as to fit 40 characters. It may be no valid slug
        (empty, or beginning with a digit); `slug_problem` says so.
    """
    return transliterated(str(name), max_length=SLUG_LENGTH.stop - 1, word_boundary=True, save_order=True)


def snake(slug: str) -> str:
    """Return `user_profile_2fa` for `user-profile-2fa`."""
    return str(slug).replace("-", "_")


def flat(slug: str) -> str:
    """Return `userprofile2fa` for `user-profile-2fa`."""
    return str(slug).replace("-", "")


def pascal(slug: str) -> str:
    """Return `UserProfile2fa` for `user-profile-2fa`."""
    return "".join(word.capitalize() for word in str(slug).split("-"))


def camel(slug: str) -> str:
    """Return `userProfile2fa` for `user-profile-2fa`."""
    form = pascal(slug)
    return form[:1].lower() + form[1:]


def upper(slug: str) -> str:
    """Return `USER_PROFILE_2FA` for `user-profile-2fa`."""
    return snake(slug).upper()


def words(slug: str) -> str:
    """Return `User profile 2fa` for `user-profile-2fa`."""
    return str(slug).replace("-", " ").capitalize()


FORMS: dict[str, Callable[[str], str]] = {
    "slug": str,
    "snake": snake,
    "flat": flat,
    "pascal": pascal,
    "camel": camel,
}


def name_problem(name: object, what: str = "name") -> str:
    """Return what is wrong with a name that a person typed, or an empty string.

    Args:
        name: The answer.
        what: What the name is called in the message, such as `feature name`.
    """
    if not isinstance(name, str):
        return f"Write the {what} as text, in quotes: YAML read something else."
    if not name.strip():
        return f"Write a few words: the {what} is empty."
    if name != name.strip():
        return f"Remove white space at its ends: the {what} begins or ends with some."
    if len(name) > NAME_LENGTH:
        return f"Use at most {NAME_LENGTH} characters: the {what} has {len(name)}."
    return text_problem(name, what)


def summary_problem(summary: object) -> str:
    """Return what is wrong with a summary, or an empty string. No summary yet is fine."""
    if not isinstance(summary, str):
        return "Write the summary as text, in quotes: YAML read something else."
    if len(summary) > SUMMARY_LENGTH:
        return (
            f"Use at most {SUMMARY_LENGTH} characters: the summary has {len(summary)}, and the plan has room for more."
        )
    return text_problem(summary, "summary")


def text_problem(text: str, what: str) -> str:
    """Return which character of a one-line text cannot be written safely into YAML, Markdown and a terminal, if any.

    Control characters and line separators end a YAML string or a terminal line; bidirectional overrides make a text
    read differently from what it is (https://trojansource.codes).
    """
    for character in text:
        unsafe = unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in "\ufeff\ufffe\uffff"
        if unsafe or character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
            return f"Remove U+{ord(character):04X}: the {what} may not hold control characters."
    return ""


def slug_problem(slug: object, name: object = None) -> str:
    """Return why a text cannot be a feature's slug, or an empty string.

    Args:
        slug: The slug, as computed or as given.
        name: The feature's name, when the slug came from it.
    """
    origin = "" if name is None else f" (from “{name}”)"
    if not isinstance(slug, str) or not slug:
        return f"Use letters or digits: no slug can be made{origin}. Or give feature_slug yourself."
    if not SLUG.fullmatch(slug):
        return (
            f"Try “{suggestion(slug)}”: the slug {shown(slug)}{origin} must begin with a letter and hold only a–z, "
            "0–9 and single hyphens."
        )
    if len(slug) not in SLUG_LENGTH:
        return f"Use 2 to 40 characters: the slug “{slug}”{origin} has {len(slug)}."
    if slug in WINDOWS_DEVICES:
        return f"Try “{suggestion(slug)}”: the slug “{slug}”{origin} is a device name on Windows."
    return ""


def adr_slug_problem(slug: object) -> str:
    """Return why a text cannot be part of a decision record's path, or an empty string."""
    if isinstance(slug, str) and len(slug) < SLUG_LENGTH.stop and ADR_SLUG.fullmatch(slug):
        return ""
    return (
        f"Use a–z, 0–9 and single hyphens: {shown(slug)} cannot name a decision record as use-redis can (at most 40)."
    )


def suggestion(slug: str) -> str:
    """Propose a valid slug near an unusable one."""
    words_of = [word for word in transliterated(slug).split("-") if word]
    if not words_of or not words_of[0][0].isalpha():
        words_of.insert(0, "feature")
    else:
        words_of.append("feature")
    return slugify(" ".join(words_of))


def lost_word(name: str) -> str:
    """Return the first word of a name whose letters have no transliteration at all, or an empty string."""
    lost = (word for word in str(name).split() if not transliterated(word))
    return next((word for word in lost if any(character.isalnum() for character in word)), "")


class NamingExtension(Extension):
    """Registers this module's functions as Jinja filters."""

    def __init__(self, environment: Environment) -> None:
        """Add the filters to an environment."""
        super().__init__(environment)
        filters: dict[str, Callable[..., Any]] = {
            "slugify": slugify,
            "snake": snake,
            "flat": flat,
            "pascal": pascal,
            "camel": camel,
            "upper_snake": upper,
            "words": words,
            "name_problem": name_problem,
            "summary_problem": summary_problem,
            "slug_problem": slug_problem,
            "adr_slug_problem": adr_slug_problem,
        }
        environment.filters.update(filters)
