"""How far features are, for tests of what is told of them."""

from __future__ import annotations

from groundplan.progress.status import FeatureStatus


def feature(slug: str = "sign-in", **values: object) -> FeatureStatus:
    """Make the status of a draft, with other values where they are given."""
    given: dict[str, object] = {
        "feature": "Sign-in",
        "path": f"docs/plan_docs/{slug}/feature-plan.md",
        "status": "draft",
    }
    return FeatureStatus(slug, **{**given, **values})  # type: ignore[arg-type]
