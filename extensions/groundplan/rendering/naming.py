"""Names derived from answers: the slug and its forms, reserved forms per stack, branch names.

Copier loads this file by its path, afresh for every render, so it is self-contained: the standard library, Jinja and
installed packages only, never a neighbour (see ``docs/decisions/0004-self-contained-extensions.md``).
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension
from slugify import slugify as transliterate

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
SLUG_LENGTH = range(2, 41)
ADR_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NAME_LENGTH = 100
SUMMARY_LENGTH = 300
TICKET = re.compile(r"#?[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
OWNER = re.compile(r"@?[A-Za-z0-9](?:[A-Za-z0-9._+-]*[A-Za-z0-9])?(?:[/@][A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)?")
BRANCH_BYTES = 244
# A part of a module path neither begins nor ends with a dot.
GO_MODULE = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9._~-]*[A-Za-z0-9_~-])?(/[A-Za-z0-9_~-]([A-Za-z0-9._~-]*[A-Za-z0-9_~-])?)*"
)
PYTHON_PACKAGE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
JAVA_GROUP = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
# A part that begins in lower case has a capital, so that it is not a keyword: eShop.
DOTNET_NAMESPACE = re.compile(r"{0}(\.{0})*".format(r"([A-Z][A-Za-z0-9_]*|[a-z][a-z0-9]*[A-Z][A-Za-z0-9]*)"))

OLDEST_DOTNET = 8

# https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions
WINDOWS_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
)


@dataclass(frozen=True)
class Reserved:
    """Values that one derived form of a slug must not take in one stack, and why."""

    form: str
    names: frozenset[str]
    why: str


# A name is plain text: what looks like a character reference of HTML is none.
transliterated = partial(transliterate, entities=False, decimal=False, hexadecimal=False)


def slugify(name: str) -> str:
    """Make a feature's slug from its name.

    Args:
        name: What a person calls the feature, in any script.

    Returns:
        Lower-case ASCII words joined by hyphens, cut after a word so as to fit 40 characters. It may be no valid slug
        (empty, or beginning with a digit); ``slug_problem`` says so.
    """
    return transliterated(str(name), max_length=SLUG_LENGTH.stop - 1, word_boundary=True, save_order=True)


def snake(slug: str) -> str:
    """Return ``user_profile_2fa`` for ``user-profile-2fa``."""
    return str(slug).replace("-", "_")


def flat(slug: str) -> str:
    """Return ``userprofile2fa`` for ``user-profile-2fa``."""
    return str(slug).replace("-", "")


def pascal(slug: str) -> str:
    """Return ``UserProfile2fa`` for ``user-profile-2fa``."""
    return "".join(word.capitalize() for word in str(slug).split("-"))


def camel(slug: str) -> str:
    """Return ``userProfile2fa`` for ``user-profile-2fa``."""
    form = pascal(slug)
    return form[:1].lower() + form[1:]


def upper(slug: str) -> str:
    """Return ``USER_PROFILE_2FA`` for ``user-profile-2fa``."""
    return snake(slug).upper()


def words(slug: str) -> str:
    """Return ``User profile 2fa`` for ``user-profile-2fa``."""
    return str(slug).replace("-", " ").capitalize()


FORMS: dict[str, Callable[[str], str]] = {
    "slug": str,
    "snake": snake,
    "flat": flat,
    "pascal": pascal,
    "camel": camel,
}

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


def name_problem(name: object, what: str = "name") -> str:
    """Return what is wrong with a name that a person typed, or an empty string.

    Args:
        name: The answer.
        what: What the name is called in the message, such as ``feature name``.
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
    """Say which character of a one-line text cannot be written safely into YAML, Markdown and a terminal, if any.

    Control characters and line separators end a YAML string or a terminal line; bidirectional overrides make a text
    read differently from what it is (https://trojansource.codes).
    """
    for character in text:
        unsafe = unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in "\ufeff\ufffe\uffff"
        if unsafe or character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
            return f"Remove U+{ord(character):04X}: the {what} may not hold control characters."
    return ""


def _shown(value: object) -> str:
    # Quoted on one line, whatever control characters it holds, and not longer than helps.
    text = repr(str(value))[1:-1]
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"


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
            f"Try “{suggestion(slug)}”: the slug {_shown(slug)}{origin} must begin with a letter and hold only a–z, "
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
        f"Use a–z, 0–9 and single hyphens: {_shown(slug)} cannot name a decision record as use-redis can (at most 40)."
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


def reserved_problem(slug: str, stack: str) -> str:
    """Say which derived form of a slug a stack cannot build, why, and a slug that would work; empty if none.

    Args:
        slug: A valid slug.
        stack: A key of ``RESERVED``.
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


def ticket_problem(ticket: object) -> str:
    """Return why a text is not a ticket, or an empty string. No ticket at all is fine."""
    if ticket == "" or (isinstance(ticket, str) and len(ticket) <= 32 and TICKET.fullmatch(ticket)):
        return ""
    return f"Use letters, digits and hyphens: {_shown(ticket)} is not a ticket such as SHOP-142. It may be left empty."


def owner_problem(owner: object) -> str:
    """Return why a text is not a owner, or an empty string."""
    if isinstance(owner, str) and len(owner) <= 80 and OWNER.fullmatch(owner):
        return ""
    return (
        f"Use a handle, a team or an address: {_shown(owner)} is none, as jane, acme/checkout and jane@example.com are."
    )


def handles(people: Iterable[str]) -> list[str]:
    """Keep the people that an issue can be assigned to: handles without their ``@``, no teams and no addresses."""
    plain = (str(person).removeprefix("@") for person in people)
    return [person for person in plain if not {"@", "/"} & set(person)]


def branch_name(pattern: str, slug: str, ticket: str, owner: str) -> str:
    """Fill a branch pattern.

    Args:
        pattern: Text with ``{slug}`` and, if wanted, ``{ticket}`` and ``{owner}``. Without a ticket ``{ticket}``
            vanishes together with the one separator after it.
        slug: The feature's slug.
        ticket: The ticket, or an empty string.
        owner: The owner; what a branch cannot hold becomes a hyphen.
    """
    number = ticket.removeprefix("#")
    if not number:
        pattern = re.sub(r"\{ticket\}[-_/.]?", "", pattern)
    values = {"{slug}": slug, "{ticket}": number, "{owner}": transliterated(owner)}
    return re.sub(r"\{(?:slug|ticket|owner)\}", lambda match: values[match[0]], pattern)


def branch_pattern_problem(pattern: object) -> str:
    """Return why a text is not a branch pattern, or an empty string."""
    if not isinstance(pattern, str) or "{slug}" not in pattern:
        return "Put {slug} into it: a branch pattern is text such as feature/{slug} or {owner}/{ticket}-{slug}."
    unknown = re.sub(r"\{(?:slug|ticket|owner)\}", "", pattern)
    if "{" in unknown or "}" in unknown:
        return f"Use {{slug}}, {{ticket}}, {{owner}} alone: the branch pattern {_shown(pattern)} holds other braces."
    return branch_problem(branch_name(pattern, "slug", "T-1", "owner"))


def branch_problem(branch: str) -> str:
    """Return why git would refuse a branch name, or an empty string.

    The rules are those of ``git check-ref-format --branch`` (its manual page, items 1 to 10), and a length that still
    fits a file name with ``.lock`` beside it on common file systems.
    """
    broken = [reason for reason, found in _branch_rules(str(branch)) if found]
    return (
        f"Change branch_pattern or ticket: git would refuse the branch {_shown(branch)}, which {broken[0]}."
        if broken
        else ""
    )


def _branch_rules(branch: str) -> Iterator[tuple[str, bool]]:
    parts = branch.split("/")
    yield "is empty", not branch
    yield f"is longer than {BRANCH_BYTES} bytes", len(branch.encode("utf-8", "replace")) > BRANCH_BYTES
    yield "has an empty part between slashes", not all(parts)
    yield "has a part that begins with a dot", any(part.startswith(".") for part in parts)
    yield "has a part that ends in .lock", any(part.endswith(".lock") for part in parts)
    yield "holds two dots in a row", ".." in branch
    yield (
        "holds a space, a control character or one of ~ ^ : ? * [ \\",
        bool(re.search(r"[\x00-\x20\x7f~^:?*\[\\]", branch)),
    )
    yield "ends in a dot", branch.endswith(".")
    yield "holds @{", "@{" in branch
    yield "begins with a hyphen", branch.startswith("-")
    yield "is reserved", branch in {"@", "HEAD"}


def java_package(group: str, project_slug: str, host_package: str = "") -> str:
    """Return the package that features go below: the host's own, else the group and the project's name.

    The name stands in the package as its slug without hyphens, never as a reserved form or with a leading digit, and
    not a second time where the group ends in it.

    Args:
        group: The Java group.
        project_slug: The slug of the project's name.
        host_package: The package of the host's application, if it has one; another group than its own outweighs it.
    """
    if f"{host_package}.".startswith(f"{group}.") and not java_group_problem(host_package):
        return host_package
    part = flat(project_slug)
    if group.rsplit(".", maxsplit=1)[-1] == part:
        return group
    taken = {name for row in RESERVED["java"] for name in row.names}
    return f"{group}.app{part}" if not part[:1].isalpha() or part in taken else f"{group}.{part}"


def go_module_problem(module: object) -> str:
    """Return why a text is not a Go module path (https://go.dev/ref/mod#module-path), or an empty string."""
    if isinstance(module, str) and len(module) <= 200 and GO_MODULE.fullmatch(module):
        return "Leave “vendor” out: it cannot be part of a Go module path." if "vendor" in module.split("/") else ""
    return f"Use an address like example.com/shop: {_shown(module)} is not a Go module path."


def python_package_problem(package: object) -> str:
    """Return why a text cannot name a Python import package, or an empty string."""
    if not isinstance(package, str) or not PYTHON_PACKAGE.fullmatch(package) or len(package) > 40:
        return f"Use a–z, 0–9 and single underscores: {_shown(package)} is not an import package like acme_shop."
    if package in sys.stdlib_module_names:
        return f"Try “app_{package}”: “{package}” is a module of Python's standard library and hides ours."
    return reserved_problem(package.replace("_", "-"), "python")


def java_group_problem(group: object) -> str:
    """Return why a text is not a Java group, or an empty string."""
    if not isinstance(group, str) or not JAVA_GROUP.fullmatch(group) or len(group) > 100:
        return f"Use names like com.example: {_shown(group)} is not a Java group, lower-case names joined by dots."
    if group.split(".")[0] == "java":
        return f"Use names like com.example: {_shown(group)} is not a Java group; Java keeps those below java."
    return next(filter(None, (reserved_problem(part, "java") for part in group.split("."))), "")


def dotnet_namespace_problem(namespace: object) -> str:
    """Return why a text is not a .NET root namespace, or an empty string."""
    if not isinstance(namespace, str) or not DOTNET_NAMESPACE.fullmatch(namespace) or len(namespace) > 100:
        return f"Use names like Acme.Shop: {_shown(namespace)} is not a root namespace in Pascal case."
    for row in RESERVED["dotnet"]:
        for part in namespace.split("."):
            if part in row.names:
                return f"Try “{part}App”: “{part}” cannot be part of a root namespace, since {row.why}."
    return ""


def dotnet_target_framework_problem(framework: object) -> str:
    """Return why the .NET tree cannot be built for a target framework, or an empty string."""
    match = re.fullmatch(r"net([1-9][0-9]?)\.0", framework) if isinstance(framework, str) else None
    if match and int(match[1]) >= OLDEST_DOTNET:
        return ""
    return f"Use net{OLDEST_DOTNET}.0 or a later one: {_shown(framework)} is not a target framework of the .NET tree."


def python_package(project_slug: str) -> str:
    """Return the import package a project's name suggests."""
    part = snake(project_slug)[:36].rstrip("_")
    return f"app_{part}".rstrip("_") if not part[:1].isalpha() or python_package_problem(part) else part


def dotnet_namespace(project_name: str) -> str:
    """Return the root namespace a project's or a solution's name suggests: its dotted words joined, capitals kept."""
    words_by_part = (transliterated(part, lowercase=False).split("-") for part in str(project_name).split("."))
    parts = ["".join(word[:1].upper() + word[1:] for word in part) for part in words_by_part]
    kept = [part if part[0].isalpha() else f"App{part}" for part in parts if part]
    taken = {name for row in RESERVED["dotnet"] for name in row.names}
    return ".".join(f"{part}App" if part in taken else part for part in kept)[:100].rstrip(".") or "App"


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
            "reserved_problem": reserved_problem,
            "feature_name_problem": feature_name_problem,
            "ticket_problem": ticket_problem,
            "owner_problem": owner_problem,
            "handles": handles,
            "branch_name": branch_name,
            "branch_problem": branch_problem,
            "branch_pattern_problem": branch_pattern_problem,
            "go_module_problem": go_module_problem,
            "python_package_problem": python_package_problem,
            "java_group_problem": java_group_problem,
            "dotnet_namespace_problem": dotnet_namespace_problem,
            "dotnet_target_framework_problem": dotnet_target_framework_problem,
            "java_package_name": java_package,
            "python_package_name": python_package,
            "dotnet_namespace_name": dotnet_namespace,
        }
        environment.filters.update(filters)
