"""Slugs, their forms, what each stack reserves, and branch names as git accepts them."""

from __future__ import annotations

import keyword
import re
import subprocess

import pytest
from groundplan.rendering.branches import (
    BRANCH_BYTES,
    branch_name,
    branch_pattern_problem,
    branch_problem,
    handles,
    owner_problem,
    ticket_problem,
)
from groundplan.rendering.naming import (
    FORMS,
    WINDOWS_DEVICES,
    adr_slug_problem,
    camel,
    name_problem,
    pascal,
    slug_problem,
    slugify,
    suggestion,
    summary_problem,
    upper,
    words,
)
from groundplan.rendering.reserved import RESERVED, feature_name_problem, reserved_problem
from groundplan.rendering.stack_names import (
    dotnet_namespace,
    dotnet_namespace_problem,
    go_module_problem,
    java_group_problem,
    java_package,
    python_package,
    python_package_problem,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.planting import SLUGS

RULE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
NAMES = st.text(max_size=120)
# What patterns, tickets and owners are made of, and what git refuses or looks at closely.
PARTS = st.sampled_from(
    [*"/-_.@~^:?*[\\ a{}\t\x7fé商", "{slug}", "{ticket}", "{owner}", "..", "@{", "//", ".lock", "HEAD", "x" * 60]
)
PATTERNS = st.lists(PARTS, max_size=8).map("".join) | st.lists(PARTS, max_size=6).map(
    lambda parts: "".join(["{slug}", *parts])
)
TICKETS = st.from_regex(r"#?[A-Za-z0-9]+(-[A-Za-z0-9]+)*", fullmatch=True).filter(lambda ticket: len(ticket) <= 32)
OWNERS = st.sampled_from(["jane", "@jane", "acme/checkout", "jane.doe@example.com", "j_d", "a+b@c.d", "X1"])


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("User profile 2FA", "user-profile-2fa"),
        ("Añadir búsqueda", "anadir-busqueda"),
        ("Straße & Übergröße", "strasse-ubergrosse"),
        ("../../etc/passwd", "etc-passwd"),
        ("-leading dash", "leading-dash"),
        ("a: b", "a-b"),
        ('say "hi" \\ back', "say-hi-back"),
        ("<b>bold</b> &amp;", "b-bold-b-amp"),
        ("Don't stop", "don-t-stop"),
        ("x" * 60, "x" * 40),
    ],
)
def test_a_name_gives_a_slug(name: str, slug: str) -> None:
    assert slugify(name) == slug
    assert feature_name_problem(name, "none") == ""


@pytest.mark.parametrize(
    "name",
    [
        "Προφίλ χρήστη",
        "Поиск заказов",
        "用户资料",
        "プロフィール",
        "사용자 프로필",
        "مرحبا بالعالم",
        "חיפוש הזמנות",
        "ไทยแลนด์",
        "हिन्दी",
    ],
)
def test_a_name_of_any_script_is_transliterated(name: str) -> None:
    assert feature_name_problem(name, "none") == ""
    assert slugify(name).count("-") >= name.count(" ")


@given(NAMES)
@example("🚀")
@example("2FA")
@example("con")
@settings(max_examples=500)
def test_a_slug_follows_the_rule_or_the_name_is_refused(name: str) -> None:
    slug = slugify(name)
    if not feature_name_problem(name, "none"):
        assert RULE.fullmatch(slug)
        assert 2 <= len(slug) <= 40
        assert slug not in WINDOWS_DEVICES
        # Nothing that a person would read is dropped without a word: each word leaves something.
        assert all(slugify(word) for word in name.split() if any(character.isalnum() for character in word))


@given(SLUGS)
def test_a_slug_is_its_own_slug(slug: str) -> None:
    assert slugify(slug) == slug


@given(st.text(max_size=60))
def test_a_refused_slug_comes_with_one_that_works(text: str) -> None:
    if slug_problem(text) and text:
        assert slug_problem(suggestion(text)) == ""


@given(NAMES)
def test_no_message_holds_a_control_character(name: str) -> None:
    for problem in (slug_problem(name), ticket_problem(name), owner_problem(name), branch_problem(name)):
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", problem)


@pytest.mark.parametrize("slug", ["", "a", "A", "2fa", "a--b", "-a", "a-", "a_b", "a.b", "x" * 41, "con", "lpt1", "ä"])
def test_a_text_that_is_no_slug_is_refused_with_a_way_out(slug: str) -> None:
    assert re.search(r"(Use|Try) ", slug_problem(slug))


@pytest.mark.parametrize("slug", [None, 5, ["a"]])
def test_a_slug_that_is_no_text_is_refused(slug: object) -> None:
    assert slug_problem(slug)


def test_the_forms_of_a_slug() -> None:
    assert {name: form("user-profile-2fa") for name, form in FORMS.items()} == {
        "slug": "user-profile-2fa",
        "snake": "user_profile_2fa",
        "flat": "userprofile2fa",
        "pascal": "UserProfile2fa",
        "camel": "userProfile2fa",
    }
    assert upper("user-profile-2fa") == "USER_PROFILE_2FA"
    assert words("user-profile-2fa") == "User profile 2fa"


@given(SLUGS)
def test_every_form_is_an_identifier_where_it_is_used_as_one(slug: str) -> None:
    assert all(FORMS[form](slug).isidentifier() for form in ("snake", "flat", "pascal", "camel"))
    assert pascal(slug)[0].isupper()
    assert camel(slug)[0].islower()


# ------------------------------------------------------------------------------------------------------- reserved forms


@pytest.mark.parametrize(
    ("stack", "slug"),
    [
        *(("dotnet", slug) for slug in "task exception uri http-client".split()),
        *(("python", word) for word in keyword.kwlist if word.islower() and len(word) > 1),
        *(("go", slug) for slug in "internal vendor testdata".split()),
        *(("java", slug) for slug in "class package switch".split()),
    ],
)
def test_a_form_that_a_stack_cannot_build_is_named_with_one_that_it_can(stack: str, slug: str) -> None:
    problem = reserved_problem(slug, stack)
    assert slug in problem
    proposal = re.match("Try “([^”]+)”: ", problem)
    assert proposal
    assert reserved_problem(proposal[1], stack) == ""
    assert slug_problem(proposal[1]) == ""
    assert feature_name_problem(slug.replace("-", " "), stack)


def test_another_stack_may_bear_the_name() -> None:
    assert feature_name_problem("Class", "python")
    assert feature_name_problem("Class", "none") == ""


def test_a_settled_slug_makes_a_names_own_irrelevant() -> None:
    assert feature_name_problem("🚀", "python", "rocket") == ""
    assert feature_name_problem("Class", "python", "school-class") == ""
    assert feature_name_problem("", "python", "rocket")


def test_every_reserved_name_is_one_that_a_slug_can_take() -> None:
    # Another would stand in the table for nothing.
    for rows in RESERVED.values():
        for row in rows:
            for name in row.names:
                slug = re.sub(r"(?<!^)(?=[A-Z])|_", "-", name).lower()
                assert FORMS[row.form](slug) == name or not RULE.fullmatch(slug)


@pytest.mark.parametrize("name", ["ゑ 𐌰𐌱", "carts 🜀abc", "𒀀 carts"])
def test_a_word_without_transliteration_is_refused_rather_than_dropped(name: str) -> None:
    problem = feature_name_problem(name, "none")
    assert problem == "" or "transliteration" in problem or "No slug" in problem


# ----------------------------------------------------------------------------------------------- names, people, tickets


@pytest.mark.parametrize(
    "name", ["", "  ", " a", "a ", "x" * 101, "a\nb", "a\x00", "a\u2028b", "\u202eab", "\ufeffa", None, 3]
)
def test_bad_names_are_refused_by_the_rule_they_break(name: object) -> None:
    assert re.search("^(Write|Remove|Use at most)", name_problem(name, "feature name"))


@pytest.mark.parametrize(
    "name", ["Carts", "x" * 100, "a: b", "{{ 7*7 }}", "../x", "-x", "`*_<>&|\"'\\", "مرحبا", "👩‍💻 tools", "e\u0301"]
)
def test_any_other_name_is_fine(name: str) -> None:
    assert name_problem(name) == ""


@pytest.mark.parametrize("summary", ["", "One sentence.", "x" * 300])
def test_a_summary_may_be_left_out(summary: str) -> None:
    assert summary_problem(summary) == ""


@pytest.mark.parametrize("summary", ["x" * 301, "a\nb", None, ["a"]])
def test_a_summary_is_one_line_of_text(summary: object) -> None:
    assert summary_problem(summary)


@pytest.mark.parametrize("ticket", ["", "142", "#142", "SHOP-142", "a-b-c"])
def test_tickets(ticket: str) -> None:
    assert ticket_problem(ticket) == ""


@pytest.mark.parametrize("ticket", [" ", "a b", "a--b", "-1", "../1", "x" * 33, "1\n", "#", None, 142])
def test_what_is_no_ticket(ticket: object) -> None:
    assert "is not a ticket" in ticket_problem(ticket)


@pytest.mark.parametrize("owner", ["jane", "@jane", "acme/checkout", "@acme/checkout", "jane.doe@example.com", "j"])
def test_owners(owner: str) -> None:
    assert owner_problem(owner) == ""


@pytest.mark.parametrize(
    "owner", ["", " ", "Jane Doe", "@", "a/b/c", "-j", "j-", "x" * 81, "j\n", None, 1, "<j>", "j|k"]
)
def test_what_is_no_owner(owner: object) -> None:
    assert "Use a handle" in owner_problem(owner)


def test_only_people_with_a_handle_are_assigned() -> None:
    assert handles(["@jane", "tom", "acme/checkout", "lena@example.com"]) == ["jane", "tom"]


# ------------------------------------------------------------------------------------------------------------- branches


def accepted_by_git(branch: str) -> bool:
    """Ask git itself. It takes no text with a NUL, and reads `@{-1}` as a branch of before."""
    command = ["git", "check-ref-format", "--branch", branch]
    return subprocess.run(command, capture_output=True, cwd="/", check=False).returncode == 0


@given(PATTERNS, SLUGS, TICKETS | st.just(""), OWNERS)
@example("feature/{ticket}-{slug}", "carts", "", "jane")
@example("{slug}.lock", "carts", "", "jane")
@example("{slug}/.x", "carts", "", "jane")
@settings(max_examples=150, deadline=None)
def test_branches_are_judged_as_git_judges_them(pattern: str, slug: str, ticket: str, owner: str) -> None:
    branch = branch_name(pattern, slug, ticket, owner)
    fits = len(branch.encode()) <= BRANCH_BYTES
    # git reads a lone @ as HEAD, so it takes it, and no branch of that name can be made.
    assert (branch_problem(branch) == "") == (accepted_by_git(branch) and fits and branch != "@")


@given(PATTERNS.filter(lambda pattern: not branch_pattern_problem(pattern)), SLUGS, TICKETS | st.just(""), OWNERS)
@settings(max_examples=80, deadline=None)
def test_a_pattern_that_is_taken_gives_a_branch_with_the_slug(pattern: str, slug: str, ticket: str, owner: str) -> None:
    branch = branch_name(pattern, slug, ticket, owner)
    assert slug in branch
    assert not {"{", "}"} & set(branch)
    assert branch_problem(branch) == "" or not accepted_by_git(branch) or len(branch.encode()) > BRANCH_BYTES


@pytest.mark.parametrize(
    ("pattern", "ticket", "branch"),
    [
        ("feature/{ticket}-{slug}", "SHOP-1", "feature/SHOP-1-carts"),
        ("feature/{ticket}-{slug}", "#142", "feature/142-carts"),
        ("feature/{ticket}-{slug}", "", "feature/carts"),
        ("{owner}/{ticket}/{slug}", "", "jane-doe/carts"),
        ("{owner}/{ticket}/{slug}", "SHOP-1", "jane-doe/SHOP-1/carts"),
        ("{slug}-{slug}", "", "carts-carts"),
    ],
)
def test_a_pattern_is_filled(pattern: str, ticket: str, branch: str) -> None:
    assert branch_name(pattern, "carts", ticket, "jane.doe") == branch


def test_what_stands_in_an_answer_is_not_filled_again() -> None:
    assert branch_name("{ticket}/{slug}", "carts", "{owner}", "jane") == "{owner}/carts"


@pytest.mark.parametrize(
    "pattern", ["", "feature", "{{ slug }}", "{slug}{date}", "{slug} x", "{slug}..", None, 4, "{slug}}"]
)
def test_bad_patterns(pattern: object) -> None:
    assert branch_pattern_problem(pattern)


# ----------------------------------------------------------------------------------------- what a stack asks or derives


@given(NAMES)
def test_what_is_derived_from_a_project_name_can_be_built(name: str) -> None:
    slug = slugify(name)
    assert java_group_problem(java_package("com.example", slug or "app")) == ""
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", python_package(slug))
    assert not keyword.iskeyword(python_package(slug))
    assert re.fullmatch(r"[A-Z][A-Za-z0-9]*(\.[A-Z][A-Za-z0-9]*)*", dotnet_namespace(name))


@pytest.mark.parametrize("module", ["example.com/acme/shop", "shop", "a.b/c-d/v2", "github.com/a_b/~c"])
def test_go_modules(module: str) -> None:
    assert go_module_problem(module) == ""


@pytest.mark.parametrize(
    "module", ["", "a//b", "/a", "a/", "a/../b", "a/.b", "a./b", "https://a.b", "a b", "x" * 201, "a\n"]
)
def test_what_is_no_go_module(module: str) -> None:
    assert "is not a Go module path" in go_module_problem(module)


@pytest.mark.parametrize("package", ["", "Acme", "a-b", "_a", "a__b", "1a", "class", "x" * 41, "../x", "a.b", "a\n"])
def test_what_is_no_import_package(package: str) -> None:
    assert python_package_problem(package)
    assert python_package_problem("acme_shop2") == ""


@pytest.mark.parametrize("group", ["", "Com.acme", "com..acme", ".com", "com.", "com.class", "com.a-b", "1.a", "com\n"])
def test_what_is_no_java_group(group: str) -> None:
    assert java_group_problem(group)
    assert java_group_problem("com.example.shop_2") == ""


@pytest.mark.parametrize(
    "namespace", ["", "acme", "Acme..Shop", ".Acme", "Acme.", "Acme Shop", "Acme-Shop", "1A", "A\n"]
)
def test_what_is_no_namespace(namespace: str) -> None:
    assert dotnet_namespace_problem(namespace)
    assert dotnet_namespace_problem("Acme.Shop2") == ""


@pytest.mark.parametrize("slug", ["", "A", "a--b", "../x", "x" * 41, None])
def test_what_cannot_name_a_decision_record(slug: object) -> None:
    assert adr_slug_problem(slug)
    assert adr_slug_problem("2-phase-commit") == ""


def test_a_group_that_ends_in_the_projects_name_does_not_repeat_it() -> None:
    assert java_package("io.reflectoring.buckpal", "buckpal") == "io.reflectoring.buckpal"
    assert java_package("io.reflectoring", "buckpal") == "io.reflectoring.buckpal"


def test_the_java_runtime_keeps_its_own_packages() -> None:
    assert "java" in java_group_problem("java.shop")
    assert java_group_problem("javax.shop") == ""
