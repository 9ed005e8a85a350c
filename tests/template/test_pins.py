"""Versions that a tree pins stand in one place each, where Renovate finds them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from support.rendering import ROOT

SETTINGS: dict[str, Any] = json.loads((ROOT / ".github/renovate.json").read_text("utf-8"))
TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for part in ("partials", "stacks")
    for path in (ROOT / part).rglob("*.jinja")
}


def found() -> dict[str, str]:
    """Return what Renovate's own settings find in the template: versions by the names of what they are of."""
    pins: dict[str, str] = {}
    for manager in SETTINGS["customManagers"]:
        files = [re.compile(pattern.strip("/")) for pattern in manager["managerFilePatterns"]]
        rules = [re.compile(rule.replace("(?<", "(?P<")) for rule in manager["matchStrings"]]
        texts = [text for path, text in TEXTS.items() if any(pattern.search(path) for pattern in files)]
        matches = [match for text in texts for rule in rules for match in rule.finditer(text)]
        pins |= {match["depName"]: match["currentValue"] for match in matches}
    return pins


@pytest.mark.parametrize(
    "name",
    [
        "go",
        "axum",
        "serde",
        "org.springframework.boot:spring-boot-starter-parent",
        "Microsoft.NET.Test.Sdk",
        "xunit.runner.visualstudio",
        "xunit.v3.mtp-off",
        "xunit.v3.mtp-v2",
    ],
)
def test_a_pin_is_found_and_stands_in_one_place(name: str) -> None:
    assert re.fullmatch(r"\d+(\.\d+)+", found()[name])
    assert [path for path, text in TEXTS.items() if re.search(rf'(Include="|depName=){re.escape(name)}["\s]', text)][
        1:
    ] == []


def test_every_comment_for_renovate_stands_above_a_version() -> None:
    named = [name for text in TEXTS.values() for name in re.findall(r"\{# renovate: .*?depName=(\S+)", text)]
    assert set(named) <= found().keys()
