"""Existing plans become features: read, rendered from what was understood, and the rest set in where it belongs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from groundplan.adopting.briefs import write_brief
from groundplan.adopting.composing import compose
from groundplan.adopting.head import read_head
from groundplan.adopting.keeping import Keeper
from groundplan.adopting.links import Unresolved, rewrite
from groundplan.adopting.own import drop_drawn, read_own
from groundplan.adopting.reader import Reader
from groundplan.adopting.reading import Reading
from groundplan.adopting.report import Adopted, adopted
from groundplan.adopting.sources import Source, read_sources
from groundplan.adopting.template_text import template_of
from groundplan.checks.check import check
from groundplan.checks.reports import counted
from groundplan.checks.rules import Finding, Severity
from groundplan.copying.repository import find_repository
from groundplan.features.brief import Brief, BriefError, BriefProblem
from groundplan.features.new import new
from groundplan.features.report import FINE, NO_DATA, SILENCE, Listener, Outcome, Report, Status
from groundplan.git import git
from groundplan.layout import ANSWERS_NAME, PLAN_NAME, PLAN_ROOT
from groundplan.plan.files import plan_slugs
from groundplan.plan.headings import OUR_HEADINGS, Headings, headings_in
from groundplan.rendering.branches import owner_problem
from groundplan.rendering.defaults import TeamDefaultsError, read_team_defaults
from groundplan.rendering.naming import slugify
from groundplan.text.markdown import parse


@dataclass(frozen=True)
class Adoption:
    """A document that was read.

    Attributes:
        source: The document.
        reading: What was read from it.
        is_own: Whether it is a plan of ours, which stays as it is.
        base: The template that it was copied from, where a person gave it.
        links: The relative links that could not follow it to its new folder.
    """

    source: Source
    reading: Reading
    is_own: bool
    base: str = ""
    links: tuple[Unresolved, ...] = ()

    @property
    def brief(self) -> Brief:
        """What is asked of the template; source and tests only when somebody asks for them."""
        return Brief({"scaffold": False, **self.reading.answers}, self.source.parts[0].path)

    def slug(self, data: Mapping[str, Any]) -> str:
        """Return the feature's slug; empty where its name makes none.

        Args:
            data: Answers that override those of the document.
        """
        answers = {**self.reading.answers, **data}
        return str(answers.get("feature_slug") or slugify(str(answers.get("feature_name", ""))))

    def moved(self, folder: Path) -> Adoption:
        """Return the same document, its relative links written for another folder.

        Args:
            folder: The plan folder that it goes to.
        """
        if self.is_own:
            return self
        text, links = rewrite(self.source.text, self.source.folder, folder)
        base, _ = rewrite(self.base, self.source.folder, folder)
        return replace(read_document(replace(self.source, text=text), base), links=links)

    def plan(self, rendered: str, headings: Headings = OUR_HEADINGS) -> str:
        """Return the plan: the rendered one with all that the brief could not hold.

        Args:
            rendered: The plan as rendered from the brief.
            headings: What the team calls its sections.
        """
        if self.is_own:
            return self.source.text
        return compose(rendered, self.reading, parse(self.source.text).lines, headings)


def read_document(source: Source, base: str = "") -> Adoption:
    """Read a document.

    Args:
        source: The document.
        base: The template that it was copied from, where it is known.
    """
    document = parse(source.text)
    keeper = Keeper(document, template_of(document, base))
    head = read_head(source, document, keeper)
    if head.is_own:
        read_own(document, keeper.reading)
    reading = Reader(keeper).read(head.blocks, head.sections)
    if head.is_own:
        drop_drawn(reading)
    return Adoption(source, reading, head.is_own, base)


def adopt(  # noqa: PLR0913 - each is a keyword
    documents: Sequence[str | Path],
    repository: Path | str = ".",
    *,
    base: str | Path = "",
    template: str = "",
    ref: str = "",
    data: Mapping[str, Any] = NO_DATA,
    jobs: int = 0,
    trust: bool = False,
    dry_run: bool = False,
    listener: Listener = SILENCE,
) -> Report:
    """Make features of plans that exist already: all of them, or none where one is refused.

    The documents are never touched. What a brief can hold of them fills the plan's sections; the rest stands in the
    plan as it stood in the document.

    Args:
        documents: Markdown files, folders, or `-` for standard input.
        repository: A folder in the repository.
        base: The template that the documents were copied from, whose text is nobody's answer.
        template: The address of the template to render; the one of the features that exist where it is empty.
        ref: Its version; the newest where it is empty.
        data: Answers that override those of the documents.
        jobs: As for `new`.
        trust: As for `new`.
        dry_run: Whether only to say what would be made.
        listener: Hears how it goes on.

    Returns:
        One outcome for each feature, an `Adopted` where it is made.

    Raises:
        BriefError: A document cannot be read.
        UserError: As `new` raises it.
    """
    adoptions = read_documents(documents, base)
    root = find_repository(repository).root
    there = set(plan_slugs(root))
    refused = [outcome for adoption in adoptions if (outcome := _refusal(adoption, adoption.slug(data), there))]
    if refused:
        return Report("adopt", tuple(refused), dry_run)
    adoptions = [adoption.moved(root / PLAN_ROOT / adoption.slug(data)) for adoption in adoptions]
    _name_owner([adoption.reading for adoption in adoptions], root, data)
    of_brief = {adoption.source.parts[0].path: adoption for adoption in adoptions}
    made: dict[str, Adopted] = {}

    def revise(brief: Brief, folder: Path) -> None:
        adoption = of_brief[brief.path]
        file = folder / PLAN_NAME
        headings = headings_in((folder / ANSWERS_NAME).read_text("utf-8"))
        file.write_bytes(adoption.plan(file.read_text("utf-8"), headings).encode())
        made[brief.path] = adopted(adoption.source, adoption.reading, adoption.links, folder)

    briefs = [adoption.brief for adoption in adoptions]
    report = new(
        briefs,
        root,
        template=template,
        ref=ref,
        data=data,
        jobs=jobs,
        trust=trust,
        dry_run=dry_run,
        listener=listener,
        revise=revise,
    )
    done = [outcome.slug for outcome in report.outcomes if outcome.status in FINE and not dry_run]
    findings = check(done, root).findings if done else ()
    outcomes = [_told(outcome, made, findings) for outcome in report.outcomes]
    return Report("adopt", tuple(outcomes), dry_run)


def read_documents(documents: Sequence[str | Path], base: str | Path = "") -> list[Adoption]:
    """Read documents, without a repository or a template.

    Args:
        documents: As for `adopt`.
        base: As for `adopt`.

    Raises:
        BriefError: One of them cannot be read.
    """
    text = read_sources(str(base))[0].text if base else ""
    sources: list[Source] = []
    problems: list[BriefProblem] = []
    for document in documents:
        try:
            sources += read_sources(str(document))
        except BriefError as error:
            problems += error.problems
    if problems:
        raise BriefError(problems)
    return [read_document(source, text) for source in sources]


def briefs_of(documents: Sequence[str | Path], base: str | Path = "") -> str:
    """Return what is understood of documents as briefs, each answer with its line.

    Args:
        documents: As for `adopt`.
        base: As for `adopt`.

    Raises:
        BriefError: One of them cannot be read.
    """
    adoptions = read_documents(documents, base)
    return "---\n".join(write_brief(adoption.reading, adoption.source.place) for adoption in adoptions)


def _name_owner(readings: Sequence[Reading], root: Path, data: Mapping[str, Any]) -> None:
    """Let whoever adopts documents own their features where neither these, nor `data`, nor the team names somebody."""
    nobodys = [reading for reading in readings if not {**reading.answers, **data}.get("owner")]
    try:
        if not nobodys or ("owner" not in data and read_team_defaults(root).answers.get("owner")):
            return
    except TeamDefaultsError:
        return  # Rendering refuses them, in its own words.
    email = git(root, "config", "--get", "user.email", fine=(0, 1)).strip()
    if email and not owner_problem(email):
        for reading in nobodys:
            reading.answers["owner"] = reading.adopter = email


def _refusal(adoption: Adoption, slug: str, there: Container[str]) -> Outcome | None:
    """Refuse what nothing names, and what has a plan folder already."""
    if "feature_name" not in adoption.reading.answers and not slug:
        reason = "Nothing names the feature. Name it: --data feature_name=NAME"
    elif slug in there:
        reason = f"{PLAN_ROOT}/{slug} exists already. If this is another feature, name it: --data feature_name=NAME"
    else:
        return None
    return Outcome(slug, Status.REFUSED, reason, brief=adoption.source.parts[0].path)


def _told(outcome: Outcome, made: Mapping[str, Adopted], findings: Sequence[Finding]) -> Outcome:
    if outcome.status not in FINE or outcome.brief not in made:
        return outcome
    told = made[outcome.brief]
    return replace(
        told,
        slug=outcome.slug,
        status=outcome.status,
        brief=outcome.brief,
        files=outcome.files,
        version=outcome.version,
        notes=(*told.notes, *outcome.notes, *_check_note(outcome.slug, findings)),
    )


def _check_note(slug: str, findings: Sequence[Finding]) -> Iterator[str]:
    found = Counter(finding.severity for finding in findings if finding.path.startswith(f"{PLAN_ROOT}/{slug}/"))
    counts = [
        counted(found[severity], severity.value) for severity in (Severity.ERROR, Severity.WARNING) if found[severity]
    ]
    if counts:
        yield f"groundplan check {slug}: {' and '.join(counts)}"
