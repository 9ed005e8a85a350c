"""Whether features follow the newest version of their template: the one question of status that asks git."""

from collections.abc import Sequence
from dataclasses import replace

from groundplan.copying.template import TemplateError, find_template
from groundplan.progress.status import FeatureStatus


def with_newest(features: Sequence[FeatureStatus]) -> tuple[list[FeatureStatus], list[str]]:
    """Add the newest version of each feature's template.

    Args:
        features: How far they are.

    Returns:
        The same with the newest version where it could be found out, and why it could not elsewhere. Each template is
        asked once.
    """
    newest: dict[str, str] = {"": ""}
    problems: list[str] = []
    for source in sorted({feature.template for feature in features} - {""}):
        try:
            newest[source] = find_template(source).newest()
        except TemplateError as error:
            newest[source] = ""
            problems.append(str(error))
    return [replace(feature, newest=newest[feature.template]) for feature in features], problems
