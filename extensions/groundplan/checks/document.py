"""Rules over a plan as a document: its files, its front matter, its title, leftovers of merges, lengths (GP1xx)."""

import html
import re
from collections.abc import Iterator

from groundplan.checks.rules import Case, Defect, E, N, W, rule
from groundplan.plan.files import Unreadable
from groundplan.plan.front_matter import Fault
from groundplan.plan.model import Plan

BODY_LENGTH = 65_536  # GitHub refuses longer bodies of issues
LITE_LINES = 80

# A backslash escape, or a character reference (CommonMark 0.31, 2.4 and 2.5).
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])|&#?\w+;")


@rule("GP101", draft=E, later=E)
def plan_missing(file: Unreadable) -> Iterator[Defect]:
    """A plan folder has no plan.

    Why: A folder below `docs/plan_docs` is a feature's plan folder. Without `feature-plan.md` nobody can say what
    it is for.

    ```text
    docs/plan_docs/saved-carts/        (no feature-plan.md in it)
    ```

    Way out: Restore the plan from git, add the feature with `copier copy`, or remove the folder.
    """
    yield _unreadable(file)


@rule("GP102", draft=E, later=E)
def unreadable(file: Unreadable) -> Iterator[Defect]:
    """A file of the plan folder cannot be read.

    Why: An empty file, one that is not UTF-8 text, one of more than a million bytes or a link that leads back to
    itself holds no plan. The same goes for supporting documents and for the answers file, which Copier needs for
    updates.

    ```text
    docs/plan_docs/saved-carts/feature-plan.md: 0 bytes
    ```

    Way out: Restore the file from git: `git checkout -- <file>`.
    """
    yield _unreadable(file)


def _unreadable(file: Unreadable) -> Defect:
    return Defect(file.line, f"{file.path.rsplit('/', 1)[-1]} {file.message}", file.path)


@rule("GP103", draft=E, later=E)
def front_matter_broken(case: Case) -> Iterator[Defect]:
    """The front matter is missing or no YAML mapping.

    Why: Front matter says what state the feature is in, and all other rules depend on it.

    ```yaml
    ---
    status: draft
    labels: [plan
    ---
    ```

    Way out: Write one key a line between two lines of `---`, with texts in quotes.
    """
    yield from _problems(case.plan, Fault.SYNTAX)


@rule("GP104", draft=E, later=E)
def front_matter_key(case: Case) -> Iterator[Defect]:
    """The front matter has an unknown key.

    Why: An unknown key is most often a misspelt one, and what it says would silently not count.

    ```yaml
    statsu: approved
    ```

    Way out: Correct the key. [The schema](plan-front-matter.schema.json) lists all; what has no key belongs into
    the plan's text.
    """
    yield from _problems(case.plan, Fault.UNKNOWN_KEY)


@rule("GP105", draft=E, later=E)
def front_matter_value(case: Case) -> Iterator[Defect]:
    """A value of the front matter is missing or wrong.

    Why: Programs and people sort and count by these values. It is found too when a key stands twice, and when the
    slug is not the folder's name.

    ```yaml
    status: started
    ```

    Way out: Use what the message asks for. Point your editor to [the schema](plan-front-matter.schema.json) to see
    it while typing.
    """
    yield from _problems(case.plan, Fault.VALUE)
    plan, matter = case.plan, case.plan.front_matter
    if matter.slug and matter.slug != plan.slug:
        message = f"The slug is “{matter.slug}” but the folder is “{plan.slug}”. A slug never changes: make them equal."
        yield Defect(matter.lines["slug"], message)


def _problems(plan: Plan, fault: Fault) -> Iterator[Defect]:
    for problem in plan.front_matter.problems:
        if problem.fault is fault:
            yield Defect(problem.line, problem.message)


@rule("GP112", draft=W, later=W)
def title(case: Case) -> Iterator[Defect]:
    """The plan's first heading is not its title.

    Why: The one heading of the first level is the title that readers see; an issue made from the plan has the one
    in the front matter.

    ```markdown
    ---
    title: "Shop – Saved carts Feature Plan"
    ---

    # Saved carts
    ```

    Way out: Make both equal, and make further headings of the first level sections.
    """
    plan = case.plan
    wanted = " ".join(plan.front_matter.title.split())
    if not wanted:
        return
    if not plan.titles:
        yield Defect(1, f"The heading “# {wanted}” is missing below the front matter.")
        return
    heading, line = plan.titles[0]
    if " ".join(_ESCAPE.sub(lambda match: match[1] or html.unescape(match[0]), heading).split()) != wanted:
        yield Defect(line, f"The heading differs from the title in the front matter, “{wanted}”. Make them equal.")
    for heading, line in plan.titles[1:]:
        yield Defect(line, f"“{heading}” is a second heading of the first level. Make it a section: “## {heading}”.")


@rule("GP115", draft=E, later=E)
def conflict_markers(case: Case) -> Iterator[Defect]:
    """Conflict markers of a merge are left.

    Why: A plan with two versions of a fact has none. It is found in all documents of the plan folder.

    ```text
    <<<<<<< before updating
    - [x] Build the store
    =======
    - [ ] Build the store and its API
    >>>>>>> after updating
    ```

    Way out: Choose one side, or write a third, and remove the three marker lines.
    """
    for page in case.plan.pages:
        for line in page.conflicts:
            yield Defect(line, "A merge left a conflict here. Choose one side and remove the markers.", page.path)


@rule("GP116", draft=W, later=E)
def plan_too_long(case: Case) -> Iterator[Defect]:
    """The plan is longer than the body of a GitHub issue may be.

    Why: GitHub refuses an issue whose body has more than 65,536 characters, so `gh issue create --body-file` fails.

    ```text
    feature-plan.md: 70,112 characters
    ```

    Way out: Move details to the supporting documents and link them.
    """
    length = case.plan.length
    if length > BODY_LENGTH:
        message = f"The plan has {length:,} characters, GitHub takes {BODY_LENGTH:,}. Move details to other documents."
        yield Defect(1, message)


@rule("GP117", draft=E, later=E)
def title_too_long(case: Case) -> Iterator[Defect]:
    """The title is longer than GitHub takes.

    Why: GitHub refuses issue titles of more than 256 characters.

    ```yaml
    title: "Shop – A feature whose name goes on and on …"
    ```

    Way out: Shorten the title.
    """
    yield from _problems(case.plan, Fault.TITLE_LENGTH)


@rule("GP118", draft=E, later=E)
def label_too_long(case: Case) -> Iterator[Defect]:
    """A label is longer than GitHub takes.

    Why: GitHub refuses labels of more than 50 characters.

    ```yaml
    labels: ["everything that has to do with saving carts on all devices"]
    ```

    Way out: Shorten the label.
    """
    yield from _problems(case.plan, Fault.LABEL_LENGTH)


@rule("GP119", draft=N, later=N)
def lite_too_long(case: Case) -> Iterator[Defect]:
    """A plan of depth lite has more than 80 lines.

    Why: `lite` promises one page: at most 80 lines, front matter and the planned tree not counted.

    ```yaml
    depth: "lite"        # and 120 lines
    ```

    Way out: Shorten the plan, or let it grow: `copier update --trust --defaults -a <answers file> -r :current: -d
    depth=standard`.
    """
    plan = case.plan
    if plan.front_matter.depth == "lite" and plan.prose_lines > LITE_LINES:
        message = f"The plan has {plan.prose_lines} lines; lite means at most {LITE_LINES}. Shorten it, or go deeper."
        yield Defect(plan.front_matter.lines.get("depth", 1), message)


@rule("GP120", draft=W, later=W)
def status_line(case: Case) -> Iterator[Defect]:
    """The line of state below the title differs from the status in the front matter.

    Why: It is what readers see first. `groundplan mark` keeps both in step; an edit of one by hand does not.

    ```markdown
    ---
    status: "approved"
    ---

    # Shop – Saved carts Feature Plan

    **Draft** · jane · `feature/saved-carts`
    ```

    Way out: Set the status with `groundplan mark`, or correct the word in bold. A plan without such a line is fine.
    """
    line, matter = case.plan.status_line, case.plan.front_matter
    if line and matter.tells_status and line.status != matter.status:
        message = (
            f"The line below the title says {line.status}, the front matter {matter.status}. "
            f"Set it by `groundplan mark {case.plan.slug} {matter.status}`."
        )
        yield Defect(line.line, message)


RULES = (
    front_matter_broken,
    front_matter_key,
    front_matter_value,
    title,
    conflict_markers,
    plan_too_long,
    title_too_long,
    label_too_long,
    lite_too_long,
    status_line,
)
