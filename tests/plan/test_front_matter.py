"""Front matter is read strictly, and the published schema says what the code says."""

from __future__ import annotations

import datetime
import itertools
import json
from typing import Any

import pytest
import yaml
from groundplan.plan.front_matter import Accepted, Fault, read_front_matter
from groundplan.plan.outline import OUTLINES
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from support.rendering import ROOT

SCHEMA = json.loads((ROOT / "docs/reference/plan-front-matter.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())

GOOD: dict[str, Any] = {
    "title": "Shop – Sign-in Feature Plan",
    "labels": ["plan"],
    "assignees": ["jane"],
    "schema": 1,
    "feature": "Sign-in",
    "slug": "sign-in",
    "owner": "jane",
    "status": "draft",
    "created": "2026-01-15",
    "branch": "feature/sign-in",
    "ticket": "",
    "issue": "https://example.com/issues/7",
    "approved": {"commit": "0a1b2c3", "date": "2026-01-31", "by": "Jane"},
    "depth": "full",
    "stack": "python",
    "layers": ["domain"],
    "milestones": ["Beta"],
    "depends_on": ["orders"],
    "accepted": [{"path": "src/a.py", "commit": "0a1b2c3", "reason": "Not needed"}],
}
# Each value may stand at each key: some are right there, most are wrong.
VALUES: tuple[Any, ...] = (
    *GOOD.values(),
    *("", " ", "\u00a0", "\n", "a", "A b", "x" * 51, "x" * 257, "a--b", "1a", "a" * 41, "2026-02-30", "2026-1-1"),
    # Not 1.0, which is 1 to JSON Schema.
    *(0, 1, -1, 1.5, True, None, 2026, {}, {"a": 1}),
    *([], [""], ["a", 1], [["a"]], [{}], ["x" * 51], ["domain", "x"]),
    [{"path": "a", "commit": "123456", "reason": "b"}],
    [{"path": "a", "commit": 1234567, "reason": "b"}],
    [{"path": "a", "commit": "1234567", "reason": ""}],
    [{"path": "a", "commit": "1234567"}],
    [{"rule": "GP603", "commit": "1234567", "reason": "b"}],
    *({"date": "2026-01-31", "by": "a"}, {"by": "a"}, {"date": "soon", "by": "a"}, {"date": "2026-01-31", "by": ""}),
    *({"date": "2026-01-31", "by": "a", "commit": ""}, {"date": "2026-01-31", "by": "a", "at": "b"}),
    [{"rule": "GP101", "commit": "1234567", "reason": "b"}],
    [{"rule": "GP603", "path": "a", "commit": "1234567", "reason": "b"}],
    [{"path": "a", "commit": "1234567", "reason": "b", "by": "c"}],
    *("approved", "in-progress", "released", "archived", "done", "standard", "lite", "go", "none"),
)


def read(values: dict[str, Any]) -> Any:
    return read_front_matter(yaml.safe_dump(values, allow_unicode=True, sort_keys=False))


def agree(values: dict[str, Any]) -> None:
    # Whether this groundplan knows the schema's number is for the checks, by the outline (GP106).
    by_code = not read(values).problems and values.get("schema") in OUTLINES
    assert by_code == VALIDATOR.is_valid(values)


def test_the_published_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_good_front_matter_is_read_whole() -> None:
    matter = read(GOOD)

    assert matter.problems == ()
    assert VALIDATOR.is_valid(GOOD)
    assert (matter.title, matter.labels, matter.created) == (GOOD["title"], ("plan",), "2026-01-15")
    assert matter.accepted == (Accepted("0a1b2c3", "Not needed", path="src/a.py"),)
    assert matter.lines["status"] == 2 + yaml.safe_dump(GOOD, sort_keys=False).splitlines().index("status: draft")


@pytest.mark.parametrize("key", GOOD)
def test_code_and_schema_agree_on_every_value(key: str) -> None:
    for value in VALUES:
        agree({**GOOD, key: value})


@given(st.sets(st.sampled_from(sorted(GOOD))), st.dictionaries(st.sampled_from(sorted(GOOD)), st.sampled_from(VALUES)))
@settings(deadline=None)
def test_code_and_schema_agree_on_missing_keys_and_several_wrong_values(
    missing: set[str], wrong: dict[str, Any]
) -> None:
    agree({key: value for key, value in {**GOOD, **wrong}.items() if key not in missing})


def test_code_and_schema_agree_on_an_unknown_key() -> None:
    agree({**GOOD, "state": "draft"})


def test_a_date_needs_no_quotes() -> None:
    assert read({**GOOD, "created": datetime.date(2026, 1, 15)}).created == "2026-01-15"


def test_a_wrong_value_stands_at_its_default() -> None:
    matter = read({**GOOD, "status": "started", "depth": 7})

    assert (matter.status, matter.depth) == ("draft", "full")
    assert [problem.fault for problem in matter.problems] == [Fault.VALUE, Fault.VALUE]


@given(st.text())
@settings(deadline=None)
def test_any_text_is_read_without_an_exception(text: str) -> None:
    assert read_front_matter(text).problems


@pytest.mark.parametrize("nested", ["a: " + "[" * 99_999, "{a: " * 99_999, "a:\n" + "- " * 99_999, "? " * 99_999])
def test_nesting_beyond_reason_is_a_problem_and_not_a_crash(nested: str) -> None:
    assert [problem.fault for problem in read_front_matter(nested).problems] == [Fault.SYNTAX]


def test_a_value_of_aliases_that_would_fill_the_memory_is_shown_short() -> None:
    names = "abcdefghijk"
    doubled = (f"{new}: &{new} [*{old}, *{old}, *{old}, *{old}]\n" for old, new in itertools.pairwise(names))

    problems = read_front_matter(f"a: &a [x]\n{''.join(doubled)}status: *k\n").problems

    assert all(len(problem.message) < 400 for problem in problems)
