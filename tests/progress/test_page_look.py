"""The portfolio page as a browser draws it; the picture stays in `.cache/portfolio.png`."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import pytest
from groundplan.progress.page import portfolio
from groundplan.progress.status import Due, FeatureStatus, OpenRisk, Progress
from markdown_it import MarkdownIt
from plumbum import local
from support.rendering import ROOT

MERMAID = ROOT / ".tools/node/node_modules/mermaid/dist/mermaid.min.js"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HTML = """<!doctype html><meta charset="utf-8"><style>
body {{ font: 16px/1.5 sans-serif; width: 980px; margin: 2em }} td, th {{ border: 1px solid #ccc; padding: 4px 10px }}
table {{ border-collapse: collapse }}</style>{body}<script src="{mermaid}"></script>
<script>mermaid.run({{ querySelector: "code.language-mermaid" }})</script>"""


def features() -> list[FeatureStatus]:
    """Four features that are differently far."""
    beta, everyone = Due(datetime.date(2026, 3, 1), "Beta"), Due(datetime.date(2026, 5, 1), "Everyone has it")
    risk = OpenRisk("Customers lose their phone", "Recovery codes", "jane", is_high=True)
    half = (Progress(3, 3), Progress(3, 3), Progress(2, 4), Progress(1, 4), Progress(0, 4), Progress(0, 4))

    def feature(slug: str, name: str, status: str, **more: object) -> FeatureStatus:
        path = f"docs/plan_docs/{slug}/feature-plan.md"
        return FeatureStatus(slug, name, path, status, **more)  # type: ignore[arg-type]

    return [
        feature(
            "second-factor",
            "Second factor",
            "in-progress",
            owner="jane",
            progress=Progress(9, 22),
            phases=half,
            risks=(risk,),
            milestones=(beta, everyone),
            next_milestone=beta,
        ),
        feature(
            "saved-carts",
            "Saved carts",
            "approved",
            owner="acme/checkout",
            progress=Progress(0, 22),
            phases=half[4:] * 3,
        ),
        feature("gift-cards", "Gift cards; a | b: #1", "draft", owner="tom", milestones=(everyone,)),
        feature("search", "Suche über alles", "released", owner="li", progress=Progress(6, 6)),
    ]


@pytest.mark.slow
def test_a_browser_draws_the_page(tmp_path: Path) -> None:
    if not CHROMIUM or not MERMAID.exists():
        pytest.skip("chromium or mermaid is missing: the page is not looked at")
    body = MarkdownIt("commonmark").enable("table").render(portfolio(features()))
    page = tmp_path / "page.html"
    page.write_text(HTML.format(body=body, mermaid=MERMAID.as_uri()), "utf-8")
    browser = local[CHROMIUM][
        "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--window-size=1060,1100"
    ]
    picture = ROOT / ".cache/portfolio.png"
    picture.parent.mkdir(exist_ok=True)

    browser(f"--screenshot={picture}", page.as_uri())
    drawn = browser("--dump-dom", page.as_uri())

    assert picture.stat().st_size > 10_000
    assert "<svg" in drawn
    assert "Syntax error" not in drawn
    assert drawn.count("<tr>") == 7
