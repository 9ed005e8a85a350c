"""Slugs that a stack cannot build, found with its compiler.

Copier loads this file by its path; `rendering/__init__.py` says what it may import.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension

from .naming import FORMS, lost_word, name_problem, slug_problem, slugify, suggestion


@dataclass(frozen=True)
class Reserved:
    """Values that one derived form of a slug must not take in one stack, and why."""

    form: str
    names: frozenset[str]
    why: str


# Each row was found with the stack's own compiler; docs/reference/stacks.md explains it to users.
RESERVED: dict[str, tuple[Reserved, ...]] = {
    "dotnet": (
        Reserved(
            "pascal",
            frozenset(
                # What the generated code uses; then what people use next. A namespace never hides a generic type
                # (C# specification, 7.8.1), so List, Queue and the like are free.
                "Assert CancellationToken EditorRequired Encoding Exception Fact Guid HtmlRenderer HttpClient "
                "HttpClientHandler HttpStatusCode IConfiguration IEndpointConventionBuilder IEndpointRouteBuilder "
                "IServiceCollection InlineData MediaTypeNames NotFound NullLoggerFactory Parameter ParameterView "
                "ProblemHttpResult RequestSizeLimitAttribute ServiceCollection StatusCodes StringComparison "
                "StringContent Task TestContext Theory TypedResults Uri WebApplication "
                "Action ArgumentException Console Convert DateTime DateTimeOffset Directory Enum Environment File "
                "HttpRequest IResult InvalidOperationException JsonException JsonSerializer JsonSerializerOptions Math "
                "Microsoft Object Path Random Results Stream String System Thread TimeProvider TimeSpan Type".split()
            ),
            "a namespace of that name hides the framework's own",
        ),
    ),
    "python": (
        Reserved(
            "snake",
            frozenset(
                # The hard keywords of the Python language reference, 2.3.1, that are lower-case.
                "and as assert async await break class continue def del elif else except finally for from global if "
                "import in is lambda nonlocal not or pass raise return try while with yield".split()
            ),
            "it is a Python keyword and cannot be imported",
        ),
        Reserved(
            "snake",
            # https://docs.pytest.org/en/stable/reference/reference.html#confval-norecursedirs
            frozenset({"build", "dist", "node_modules", "venv"}),
            "pytest passes over the tests below a folder of that name",
        ),
    ),
    "typescript": (
        Reserved(
            "slug",
            frozenset({"cypress", "dist"}),
            "vitest before version 4 silently skips tests in folders of that name",
        ),
    ),
    "go": (
        Reserved(
            "flat",
            frozenset({"internal", "vendor", "testdata"}),
            "the go command gives folders of that name a meaning of their own",
        ),
    ),
    "java": (
        Reserved(
            "flat",
            frozenset(
                # The reserved keywords and literals of the Java Language Specification, 3.9 and 3.10.
                "abstract assert boolean break byte case catch char class const continue default do double else enum "
                "extends final finally float for goto if implements import instanceof int interface long native new "
                "package private protected public return short static strictfp super switch synchronized this throw "
                "throws transient try void volatile while true false null".split()
            ),
            "it is a Java keyword and cannot name a package",
        ),
        Reserved(
            "flat",
            # Maven, Gradle, Eclipse and IntelliJ IDEA build into these, at any depth for https://github.com/github/gitignore
            frozenset({"target", "build", "bin", "out"}),
            "the usual .gitignore of a Java repository hides folders of that name",
        ),
    ),
    "rust": (),
    "none": (),
}


def reserved_problem(slug: str, stack: str) -> str:
    """Return which form of a slug a stack cannot build, why, and a slug that would work; empty if none.

    Args:
        slug: A valid slug.
        stack: A key of `RESERVED`.
    """
    for row in RESERVED.get(stack, ()):
        form = FORMS[row.form](slug)
        if form in row.names:
            return (
                f"Try “{suggestion(slug)}”: “{slug}” cannot be built in a {stack} tree, since its {row.form} form is "
                f"“{form}”, and {row.why}."
            )
    return ""


def feature_name_problem(name: object, stack: str, slug: str | None = None) -> str:
    """Return why a feature's name cannot be used with a stack, or an empty string.

    Args:
        name: What a person typed.
        stack: The chosen stack.
        slug: A slug that is already settled and makes the name's own irrelevant.
    """
    if problem := name_problem(name, "feature name"):
        return problem
    if slug:
        return ""
    if word := lost_word(str(name)):
        return f"Use another word: “{word}” has no transliteration to Latin letters. Or give feature_slug yourself."
    derived = slugify(str(name))
    return slug_problem(derived, name) or reserved_problem(derived, stack)


class ReservedExtension(Extension):
    """Registers this module's functions as Jinja filters."""

    def __init__(self, environment: Environment) -> None:
        """Add the filters to an environment."""
        super().__init__(environment)
        filters: dict[str, Callable[..., Any]] = {
            "reserved_problem": reserved_problem,
            "feature_name_problem": feature_name_problem,
        }
        environment.filters.update(filters)
