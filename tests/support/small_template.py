"""A small template with a file of every kind, whose second version changes each."""

from __future__ import annotations

import shutil
from pathlib import Path

import copier
from support.rendering import ROOT, commit, git, repository

QUESTIONNAIRE = """\
_subdirectory: template
_answers_file: "{{ plan_dir }}/.copier-answers.yml"
_preserve_symlinks: true
_skip_if_exists: [/docs/plan_docs/*/kept.txt]
_migrations:
  - - "{{ _copier_python }}"
    - "{{ _copier_conf.src_path }}/extensions/settle.py"
    - "{{ _copier_conf.answers_file }}"
feature_slug:
  type: str
plan_dir:
  type: str
  when: false
  default: "docs/plan_docs/{{ feature_slug }}"
owner:
  type: str
  default: jane
"""
PLAN = """\
# Plan of {{ feature_slug }}

Owner: {{ owner }}

## Goals

- [ ] Be quick
- [ ] Be right

## Risks

| Risk | Owner |
| --- | --- |
| Fire | jane |

## Words

Some words of the template.
"""
LINES = "".join(f"line {number}\n" for number in range(1, 21))
FILES = {
    "feature-plan.md.jinja": PLAN,
    "notes.md": "# Notes\n\nNothing yet.\n",
    "dropped.md": "# Dropped\n\nIt goes with the next version.\n",
    "data.txt": LINES,
    "kept.txt": "yours\n",
    "run.sh": "#!/bin/sh\necho one\n",
}
SECOND = {
    "feature-plan.md.jinja": PLAN.replace("## Goals", "## What it is for")
    .replace("Be quick", "Be quick and small")
    .replace("| Risk | Owner |", "| Risk | Owned by |"),
    "data.txt": LINES.replace("line 3\n", "line three\n"),
    "kept.txt": "yours, version two\n",
    "run.sh": "#!/bin/sh\necho two\n",
    "added.md": "# Added\n\nBy the second version.\n",
}


def template_of(folder: Path, questionnaire: str = QUESTIONNAIRE) -> Path:
    """Make the small template, with two versions."""
    for part in ("settle.py", "groundplan"):
        source = ROOT / "extensions" / part
        target = folder / "extensions" / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (folder / "copier.yml").write_text(questionnaire, "utf-8")
    place = folder / "template/{{ plan_dir }}"
    place.mkdir(parents=True)
    (folder / "template/{{ _copier_conf.answers_file }}.jinja").write_text("{{ _copier_answers | to_nice_yaml -}}\n")
    for name, content in FILES.items():
        (place / name).write_text(content, "utf-8")
    (place / "run.sh").chmod(0o755)
    (place / "link").symlink_to("notes.md")
    repository(folder)
    git("-C", folder, "tag", "v1.0.0")
    for name, content in SECOND.items():
        (place / name).write_text(content, "utf-8")
    (place / "dropped.md").unlink()
    (place / "link").unlink()
    (place / "link").symlink_to("feature-plan.md")
    commit(folder)
    git("-C", folder, "tag", "v2.0.0")
    return folder


def feature(root: Path, template: Path, slug: str) -> Path:
    """Make a feature of the small template's first version; return its plan folder."""
    copier.run_copy(
        str(template), root, data={"feature_slug": slug}, vcs_ref="v1.0.0", defaults=True, unsafe=True, quiet=True
    )
    return root / "docs/plan_docs" / slug
