"""What makes Copier's runs quick changes no output, and can be turned off."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml
from groundplan.copying import speed_ups
from jinja2 import Environment
from support.commands import brief, contents, groundplan, host
from support.rendering import commit, git


def test_speed_ups_are_written_for_the_libraries_that_are_installed() -> None:
    assert speed_ups.are_on()


def test_features_are_the_same_without_speed_ups(tmp_path: Path, template: Path) -> None:
    for name in ("Saved carts", "Gift cards"):
        brief(tmp_path / "briefs" / f"{name}.yml", feature_name=name, stack="python")
    arguments = ("new", "--brief", tmp_path / "briefs", "--template", template, "--jobs", "1")
    quick, plain = host(tmp_path / "quick/shop"), host(tmp_path / "plain/shop")

    assert groundplan(quick, *arguments).status == 0
    assert groundplan(plain, *arguments, GROUNDPLAN_SPEED_UPS="off").status == 0

    assert contents(quick) == contents(plain)


def test_speed_ups_are_undone(tmp_path: Path) -> None:
    before = (Environment.compile, Environment.from_string, yaml.SafeLoader)

    undo = speed_ups.speed_up(tmp_path)
    assert Environment.compile is not before[0]
    undo()

    assert (Environment.compile, Environment.from_string, yaml.SafeLoader) == before


@pytest.mark.parametrize("turned_off_by", ["the switch", "another version"])
def test_speed_ups_that_are_off_replace_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, turned_off_by: str
) -> None:
    if turned_off_by == "the switch":
        monkeypatch.setenv(speed_ups.SWITCH, "off")
    else:
        monkeypatch.setattr(speed_ups, "WRITTEN_FOR", {**speed_ups.WRITTEN_FOR, "jinja2": "~=4.0"})
    before = (Environment.compile, Environment.from_string, yaml.SafeLoader)

    undo = speed_ups.speed_up(tmp_path)

    assert (Environment.compile, Environment.from_string, yaml.SafeLoader) == before
    undo()


@pytest.mark.parametrize("has_any", [False, True])
def test_submodules_are_looked_for_where_there_are_any(tmp_path: Path, template: Path, has_any: bool) -> None:
    trace, own = tmp_path / "trace", Path(shutil.copytree(template, tmp_path / "template"))
    if has_any:
        (own / ".gitmodules").touch()
        commit(own)
        git("-C", own, "tag", "v1.1.0")
    asked = brief(tmp_path / "carts.yml", feature_name="Saved carts")
    ended = groundplan(host(tmp_path / "shop"), "new", "-b", asked, "--template", own, GIT_TRACE=str(trace))
    assert ended.status == 0, ended.output
    assert bool(re.search("git[- ]submodule update", trace.read_text("utf-8"))) == has_any
