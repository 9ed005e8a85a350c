"""The portfolio page as a browser draws it; the pictures stay in `.cache/portfolio-*.png`."""

from __future__ import annotations

import datetime
import shutil

import pytest
from groundplan.checks.rules import Severity
from groundplan.progress.history import History, Point
from groundplan.progress.page import portfolio
from groundplan.progress.status import Due, FeatureStatus, OpenRisk, Progress
from markdown_it import MarkdownIt
from plumbum import local
from support.rendering import ROOT

MERMAID = ROOT / ".tools/node/node_modules/mermaid/dist/mermaid.min.js"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# The widths and the colours of GitHub's own page of a repository's file.
HTML = """<!doctype html><meta charset="utf-8"><style>
body {{ font: 16px/1.5 sans-serif; width: 980px; margin: 2em; background: {paper}; color: {ink} }}
td, th {{ border: 1px solid #8884; padding: 4px 10px }} a {{ color: #58f }}
table {{ border-collapse: collapse; display: block; max-width: 100%; overflow: auto }}</style>
{body}<script src="{mermaid}"></script><script>
mermaid.initialize({{ theme: "{theme}" }}); mermaid.run({{ querySelector: "code.language-mermaid" }})</script>"""
THEMES = {"light": ("#fff", "#1f2328", "default"), "dark": ("#0d1117", "#f0f6fc", "dark")}
TODAY = datetime.date(2026, 3, 2)
STATUSES = ("in-progress", "approved", "draft", "released", "archived")
NAMES = ("Second factor", "Saved carts", "Gift cards; a | b: #1", "Suche über alles", "Price alerts", "Bulk import")


def days(number: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=number)


def feature(number: int) -> FeatureStatus:
    """One of many features that are differently far."""
    status = STATUSES[number % len(STATUSES)]
    slug, done = f"feature-{number}", number * 5 % 23 if status == "in-progress" else 0
    next_due = Due(days(number % 40), "Beta")
    is_open = status in {"in-progress", "approved", "draft"}
    return FeatureStatus(
        slug,
        f"{NAMES[number % len(NAMES)]} {number}",
        f"docs/plan_docs/{slug}/feature-plan.md",
        status,
        owner=("jane", "acme/checkout")[number % 2],
        progress=Progress(done, 22),
        phases=tuple(Progress(min(4, max(0, done - 4 * phase)), 4) for phase in range(6)),
        risks=(OpenRisk("Customers lose their phone", "Recovery codes", "jane", is_high=number % 3 == 0),),
        milestones=(next_due, Due(days(150), "Everyone has it")),
        next_milestone=next_due if is_open else None,
        overdue=(Due(days(-number - 1), "Alpha"),) if status == "in-progress" else (),
        findings=((Severity.ERROR, number % 3), (Severity.WARNING, number % 2), (Severity.NOTE, 0)),
    )


def history(of: FeatureStatus) -> History:
    done, total = of.progress.done, of.progress.total
    past = (Point(days(-7 * week), Progress(done * (6 - week) // 6, total - week)) for week in range(6, 0, -1))
    return History((*past, Point(TODAY, of.progress)))


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("count", [3, 12, 60])
def test_a_browser_draws_the_page(tmp_path_factory: pytest.TempPathFactory, count: int, theme: str) -> None:
    if not CHROMIUM or not MERMAID.exists():
        pytest.skip("chromium or mermaid is missing: the page is not looked at")
    features = [feature(number) for number in range(count)]
    text = portfolio(features, TODAY, {feature.slug: history(feature) for feature in features})
    paper, ink, name = THEMES[theme]
    page = tmp_path_factory.mktemp("page") / "page.html"
    body = MarkdownIt("commonmark").enable("table").render(text)
    page.write_text(HTML.format(body=body, mermaid=MERMAID.as_uri(), paper=paper, ink=ink, theme=name), "utf-8")
    browser = local[CHROMIUM][
        "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000", "--window-size=1060,3000"
    ]
    picture = ROOT / f".cache/portfolio-{count}-{theme}.png"
    picture.parent.mkdir(exist_ok=True)

    browser(f"--screenshot={picture}", page.as_uri())
    drawn = browser("--dump-dom", page.as_uri())

    assert picture.stat().st_size > 10_000
    assert drawn.count("<svg") == text.count("```mermaid")
    assert "Syntax error" not in drawn
