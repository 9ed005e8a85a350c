"""Which templates the features of a repository have, and whether one may take another's place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from groundplan.copying.repository import Feature, Repository
from groundplan.copying.template import LocalTemplate, TemplateError, TemplateSource, find_template, trusted_by_name
from groundplan.errors import UserError
from groundplan.text.yaml_mapping import YamlMappingError, load_mapping

# What every version of this template asks, and what is made from it. Copier knows no other mark of a template.
_OUR_QUESTIONS = {"feature_slug", "plan_dir"}


class NoTemplateError(UserError):
    """Nobody said which template to use, and the repository does not tell."""


def choose_template(repository: Repository, url: str) -> TemplateSource:
    """Find the template that is asked for, or else the one that the repository's features were made from.

    Args:
        repository: The repository.
        url: The template's address; empty where nobody asks for one.

    Raises:
        NoTemplateError: None is asked for, and there is no feature, or the features have several templates.
    """
    if url:
        return find_template(url)
    urls = sorted({template_of(feature) for feature in repository.features()} - {""})
    if not urls:
        raise NoTemplateError("No feature here tells the template. Name it: --template URL")
    if len(urls) > 1:
        raise NoTemplateError(f"The features here have several templates, {', '.join(urls)}. Name one: --template URL")
    return find_template(urls[0])


def template_of(feature: Feature) -> str:
    """Return the address of a feature's template; nothing where its answers file does not tell.

    What is wrong with that file is told when it is the feature's turn; it is not in the way of others.
    """
    try:
        return feature.source[0]
    except UserError:
        return ""


def foreign_templates(features: Sequence[Feature], wanted: str = "") -> dict[str, str]:
    """Return the features whose template is not that of the others, and is not named in Copier's settings.

    Who adds a plan with an address of their own must not have its code run for everybody.

    Args:
        features: All that are concerned.
        wanted: The template that a person has named for them, if any.

    Returns:
        The reason, by slug.
    """
    urls = Counter(url for feature in features if (url := template_of(feature)) and url != wanted)
    if len(urls) < 2:
        return {}
    (usual, most), (_, second) = urls.most_common(2)
    known = {wanted, *trusted_by_name(), *([usual] if most > second else [])}
    return {
        feature.slug: f"Its template, {url}, is not that of the other features. If you trust it, name it under `trust:`"
        " in Copier's settings, or update this feature by its slug."
        for feature in features
        if (url := template_of(feature)) and url not in known
    }


class Moves:
    """Features that move to another address of their template: whether what they have is there, too."""

    def __init__(self, template: LocalTemplate, wanted: str, scratch: Path) -> None:
        """Remember the template that they move to.

        Args:
            template: It.
            wanted: The version of it that they move to.
            scratch: Where the template that they have may be put.
        """
        self._template = template
        self._wanted = wanted
        self._scratch = scratch
        self._tree_before = cache(self._find_tree_before)

    def problem(self, feature: Feature) -> str:
        """Return why a feature cannot move, or an empty string."""
        before, version = feature.source
        url = self._template.source.url
        if before == url:
            return ""
        if (tree := _tree(self._template, version)) is None:
            return (
                f"{url} does not have {version}, the version that it was made from. Push that to it, "
                "or name a template that has it."
            )
        if not is_ours(self._template, version) or not is_ours(self._template, self._wanted):
            return f"{url} is not a template like this one: its copier.yml does not ask for feature_slug and plan_dir."
        if self._tree_before(before, version) not in {tree, None}:
            return f"{version} of {url} is not {version} of {before}, so an update could not tell the two apart."
        return ""

    def notes(self, feature: Feature) -> tuple[str, ...]:
        """Return what a person may want to know of a move; nothing where there is none."""
        before, version = feature.source
        if before == self._template.source.url:
            return ()
        told = f"from now on its template is {self._template.source.url}"
        if self._tree_before(before, version) is not None:
            return (told,)
        return (told, f"{before} cannot be read, so its {version} was not compared with the one there")

    def _find_tree_before(self, url: str, version: str) -> str | None:
        try:
            template = find_template(url).fetch(Path(mkdtemp(prefix="template-", dir=self._scratch)))
        except TemplateError:
            # A host that was renamed is gone.
            return None
        return _tree(template, version)


def _tree(template: LocalTemplate, version: str) -> str | None:
    try:
        return template.tree(version)
    except TemplateError:
        return None


def is_ours(template: LocalTemplate, version: str) -> bool:
    """Return whether a version of a template makes features as this one does."""
    try:
        questions = load_mapping(template.questionnaire(version)).values
    except (TemplateError, YamlMappingError):
        return False
    return questions.keys() >= _OUR_QUESTIONS
