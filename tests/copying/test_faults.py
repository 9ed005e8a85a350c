"""Runs that are killed, interrupted or refused by the system, with real processes and real signals."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest
from groundplan.copying import transaction
from support.commands import COMMAND, brief, contents, groundplan, host, index_of
from support.processes import parents_of_all, processes_below, wait_until, wait_until_gone, workers_of
from support.rendering import commit, git, snapshot

# Runs the command, and kills it with a real SIGKILL just before it makes a certain change to the repository.
KILLED = """
import os, signal, sys
from groundplan.copying.transaction import Transaction

makes, left = Transaction._make, [int(sys.argv.pop(1))]

def make_or_die(self, change):
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    makes(self, change)

Transaction._make = make_or_die
from groundplan.cli.app import main
main()
"""
ANSWERS = "docs/plan_docs/{}/.copier-answers.yml"


def killed(shop: Path, changes: int, *arguments: str | Path) -> None:
    """Run the command in a process that is killed after some changes."""
    command = [sys.executable, "-c", KILLED, str(changes), "-C", str(shop), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def command_line(shop: Path, *arguments: str | Path) -> list[str]:
    """Write out the command for a process of one's own."""
    return [str(COMMAND), "-C", str(shop), *map(str, arguments)]


# What a run has got to, each with how that is seen.
REACHED: dict[str, Callable[[Path, int], object]] = {
    "the lock": lambda shop, _: (shop / ".git/groundplan/lock").exists(),
    "a worker": lambda _, pid: workers_of(pid),
    "a feature": lambda shop, _: any(scratch_of(shop, "feature-*/*/docs")),
}


def scratch_of(shop: Path, pattern: str) -> Iterator[Path]:
    """Find something among what the runs in a repository render."""
    for run in (shop / ".git/groundplan").glob("run-*"):
        for place in transaction._scratch_places(run):
            yield from place.glob(pattern)


@pytest.fixture
def briefs(tmp_path: Path) -> Path:
    """Three briefs; the features have three, two and two files."""
    brief(tmp_path / "briefs" / "a.yml", feature_name="Saved carts", supporting_docs=["runbook"])
    brief(tmp_path / "briefs" / "b.yml", feature_name="Gift cards")
    brief(tmp_path / "briefs" / "c.yml", feature_name="Wish list")
    return tmp_path / "briefs"


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory, template: Path) -> dict[str, tuple[int, bytes]]:
    """What the three briefs make when nothing goes wrong."""
    folder = tmp_path_factory.mktemp("whole")
    brief(folder / "briefs" / "a.yml", feature_name="Saved carts", supporting_docs=["runbook"])
    brief(folder / "briefs" / "b.yml", feature_name="Gift cards")
    brief(folder / "briefs" / "c.yml", feature_name="Wish list")
    shop = host(folder / "shop")
    groundplan(shop, "new", "--brief", folder / "briefs", "--template", template)
    return contents(shop)


@pytest.mark.parametrize("changes", [0, 1, 2, 3, 5])
def test_killed_between_two_files_and_the_same_command_again_ends_as_if_never_killed(
    tmp_path: Path, template: Path, briefs: Path, whole: dict[str, tuple[int, bytes]], changes: int
) -> None:
    shop = host(tmp_path / "shop")
    arguments = ("new", "--brief", briefs, "--template", template, "--jobs", "1")
    killed(shop, changes, *arguments)
    left = contents(shop)
    assert len(left) == changes
    for path in left:
        slug = path.split("/")[2]
        if ANSWERS.format(slug) in left:
            assert {other for other in whole if f"/{slug}/" in other} <= set(left)
    assert groundplan(shop, *arguments).status == 0
    assert contents(shop) == whole
    assert [path.name for path in (shop / ".git/groundplan").iterdir()] == ["lock"]


def test_next_command_undoes_what_a_killed_one_left_and_says_so(tmp_path: Path, template: Path, briefs: Path) -> None:
    shop = host(tmp_path / "shop")
    killed(shop, 4, "new", "--brief", briefs, "--template", template)
    (complete,) = {path.split("/")[2] for path in contents(shop) if path.endswith(".copier-answers.yml")}
    ended = groundplan(shop, "new", "--brief", brief(tmp_path / "d.yml", feature_name="Order history"), "--json")
    assert "An earlier run was killed" in ended.errors
    assert {path.split("/")[2] for path in contents(shop)} == {complete, "order-history"}


def test_file_written_after_the_kill_is_kept(tmp_path: Path, template: Path, briefs: Path) -> None:
    shop = host(tmp_path / "shop")
    killed(shop, 1, "new", "--brief", briefs, "--template", template)
    (left,) = contents(shop)
    (shop / left).write_text("mine\n", "utf-8")
    ended = groundplan(
        shop, "new", "--brief", brief(tmp_path / "d.yml", feature_name="Order history"), "--template", template
    )
    assert left in ended.errors
    assert (shop / left).read_text("utf-8") == "mine\n"


def test_killed_update_is_undone_and_can_be_made_again(tmp_path: Path, template: Path, briefs: Path) -> None:
    shop = host(tmp_path / "shop")
    groundplan(shop, "new", "--brief", briefs, "--template", template)
    commit(shop)
    before, index = contents(shop), index_of(shop)
    arguments = ("update", "saved-carts", "--data", "goals=[Faster]")
    killed(shop, 1, *arguments)
    assert contents(shop) != before
    ended = groundplan(shop, "update", "gift-cards", "--data", "owner=jane")
    assert "that is undone now" in ended.errors
    assert (contents(shop), index_of(shop)) == (before, index)
    assert groundplan(shop, *arguments).status == 0


def test_killed_update_in_conflict_gives_the_index_back(tmp_path: Path) -> None:
    template, shop = snapshot(tmp_path / "template"), host(tmp_path / "shop")
    path = brief(tmp_path / "brief.yml", feature_name="Saved carts")
    groundplan(shop, "new", "--brief", path, "--template", template)
    for file, word in (
        (shop / "docs/plan_docs/saved-carts/feature-plan.md", "Everybody"),
        (template / "partials/18-acceptance.jinja", "Reviewers"),
    ):
        file.write_text(file.read_text("utf-8").replace("Stakeholders approved", f"{word} approved"), "utf-8")
    commit(shop)
    commit(template)
    git("-C", template, "tag", "v2.0.0")
    before, index = contents(shop), index_of(shop)
    killed(shop, 1, "update", "saved-carts")
    assert index_of(shop) != index
    ended = groundplan(shop, "update", "saved-carts", "--ref", "v1.0.0")
    assert "that is undone now" in ended.errors
    assert (contents(shop), index_of(shop)) == (before, index)


def test_killed_removal_is_finished(tmp_path: Path, template: Path, briefs: Path) -> None:
    shop = host(tmp_path / "shop")
    groundplan(shop, "new", "--brief", briefs, "--template", template)
    killed(shop, 1, "remove", "saved-carts")
    assert ANSWERS.format("saved-carts") not in contents(shop)
    assert (shop / "docs/plan_docs/saved-carts/feature-plan.md").exists()
    ended = groundplan(shop, "update", "gift-cards", "--data", "owner=jane", "--json")
    assert "that is finished now" in ended.errors, ended.errors
    assert not (shop / "docs/plan_docs/saved-carts").exists()


@pytest.mark.parametrize("event", REACHED)
def test_killed_at_any_time_and_the_same_command_again_ends_as_if_never_killed(
    tmp_path: Path, template: Path, briefs: Path, whole: dict[str, tuple[int, bytes]], event: str
) -> None:
    shop = host(tmp_path / "shop")
    arguments = ["new", "--brief", str(briefs), "--template", str(template), "--jobs", "2"]
    process = subprocess.Popen(command_line(shop, *arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: REACHED[event](shop, process.pid) or process.poll() is not None)
    workers = processes_below(process.pid)
    process.kill()
    process.wait()
    wait_until_gone(workers)
    assert groundplan(shop, *arguments).status == 0
    assert contents(shop) == whole
    assert [path.name for path in (shop / ".git/groundplan").iterdir()] == ["lock"]


def test_two_runs_at_once_go_one_after_the_other(
    tmp_path: Path, template: Path, briefs: Path, whole: dict[str, tuple[int, bytes]]
) -> None:
    shop = host(tmp_path / "shop")
    command = command_line(shop, "new", "--brief", briefs, "--template", template, "--json")
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ended = [(run.communicate()[0], run.returncode) for run in runs]
    assert [status for _, status in ended] == [0, 0]
    assert sorted(output.count('"status": "made"') for output, _ in ended) == [0, 3]
    assert contents(shop) == whole


def heed_interrupts() -> None:
    """Let this process be interrupted: a shell that starts the tests in its background has them ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(("jobs", "event"), [("1", "a feature"), *(("2", event) for event in REACHED)])
def test_interrupt_ends_with_130_without_traceback_files_or_processes(
    tmp_path: Path, template: Path, jobs: str, event: str
) -> None:
    shop = host(tmp_path / "shop")
    # Enough work that it is under way when it is interrupted.
    for letter in "abcdefghijklmnopqrstuvwxyz":
        brief(tmp_path / "briefs" / f"{letter}.yml", feature_name=f"Feature {letter}")
    arguments = ["-C", str(shop), "new", "-b", str(tmp_path / "briefs"), "--template", str(template), "-j", jobs]
    # A terminal sends the signal to all processes, as a person's Ctrl-C does.
    terminal = pexpect.spawn(
        str(COMMAND),
        arguments,
        encoding="utf-8",
        codec_errors="replace",  # an interrupt drops what the terminal has not shown yet, in the middle of a character
        timeout=60,
        env={**os.environ, "TERM": "xterm"},
        preexec_fn=heed_interrupts,
    )
    pid = terminal.pid
    assert pid
    shown = terminal.logfile_read = io.StringIO()
    terminal.expect("Making")
    while not REACHED[event](shop, pid):
        # A terminal that nobody reads holds up whoever writes into it.
        terminal.expect([pexpect.TIMEOUT, "."], timeout=0.01)
    started = processes_below(pid)
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert (terminal.exitstatus, "Traceback" in shown.getvalue()) == (130, False), shown.getvalue()
    wait_until_gone([pid, *started])
    assert contents(shop) == {}


def test_killed_worker_is_one_line(tmp_path: Path, template: Path) -> None:
    shop = host(tmp_path / "shop")
    # Enough work that the workers are still there when they are looked for.
    for letter in "abcdefghijklmnopqrst":
        brief(tmp_path / "briefs" / f"{letter}.yml", feature_name=f"Feature {letter}", depth="full")
    command = command_line(shop, "new", "--brief", tmp_path / "briefs", "--template", template, "--jobs", "2")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # What was seen is kept: a second look may come while one worker makes way for another.
    workers: list[int] = []
    wait_until(lambda: workers or workers.extend(workers_of(process.pid)))  # type: ignore[func-returns-value]
    os.kill(workers[-1], signal.SIGKILL)
    _, errors = process.communicate()
    assert (process.returncode, errors.splitlines()[-1]) == (
        1,
        "groundplan: A worker process was killed. Run the command again.",
    )
    assert contents(shop) == {}


@pytest.mark.parametrize("whose", ["worker", "command"])
def test_killed_worker_of_one_update_is_one_line_and_none_outlives_its_command(
    tmp_path: Path, template: Path, briefs: Path, whose: str
) -> None:
    shop = host(tmp_path / "shop")
    assert groundplan(shop, "new", "--brief", briefs, "--template", template, "--ref", "v1.0.0").status == 0
    commit(shop)
    before = contents(shop)
    command = command_line(shop, "update", "gift-cards", "--data", "owner=jane")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: any(scratch_of(shop, "update-*")))
    (worker,) = (child for child, parent in parents_of_all().items() if parent == process.pid)
    os.kill(worker if whose == "worker" else process.pid, signal.SIGKILL)
    _, errors = process.communicate()
    wait_until_gone([worker])
    line = "groundplan: A worker process was killed. Run the command again."
    expected = {"worker": (1, [line]), "command": (-signal.SIGKILL, [])}
    assert (process.returncode, errors.splitlines()) == expected[whose]
    assert contents(shop) == before


def without_rights(script: str, *arguments: str | Path) -> list[str]:
    """Write out a shell script that may mount file systems, without being anybody."""
    return ["unshare", "--mount", "--map-root-user", "sh", "-ec", script, "sh", *map(str, arguments)]


def test_full_disk_leaves_the_repository_as_it_was(tmp_path: Path, template: Path) -> None:
    for letter in "abcdefghijklmnopqrst":
        brief(tmp_path / "briefs" / f"{letter}.yml", feature_name=f"Feature {letter}", depth="full")
    place = tmp_path / "small"
    place.mkdir()
    mount = 'mount -t tmpfs -o size=200k tmpfs "$1" && cd "$1" && git init -q --template= .'
    if subprocess.run(without_rights(mount, place), capture_output=True, check=False).returncode:
        pytest.skip("unshare cannot mount a file system here")
    script = f'{mount}; shift; status=0; "$@" || status=$?; ls -A; exit $status'
    command = command_line(place, "new", "--brief", tmp_path / "briefs", "--template", template, "--json")
    ended = subprocess.run(without_rights(script, place, *command), capture_output=True, text=True, check=False)
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False), ended.stderr
    assert "No space left on device" in ended.stdout
    assert ended.stdout.splitlines()[-2:] == ["}", ".git"]


def test_read_only_folder_leaves_the_repository_as_it_was(tmp_path: Path, template: Path, briefs: Path) -> None:
    shop = host(tmp_path / "shop", {"docs/plan_docs/readme.md": "x\n"})
    folder = shop / "docs/plan_docs"
    # Not by mode bits: the super-user may write everywhere else.
    mount = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"'
    if subprocess.run(without_rights(mount, folder), capture_output=True, check=False).returncode:
        pytest.skip("unshare cannot mount read-only here")
    before = contents(shop)
    command = command_line(shop, "new", "--brief", briefs, "--template", template, "--json")
    script = f'{mount} && shift && exec "$@"'
    ended = subprocess.run(without_rights(script, folder, *command), capture_output=True, text=True, check=False)
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False), ended.stderr
    assert "Read-only file system" in ended.stdout
    assert contents(shop) == before


# Commands that change a repository.
CHANGING: dict[str, tuple[str, ...]] = {
    "update": ("update", "saved-carts", "-d", "goals=[Faster]"),
    "scaffold": ("scaffold", "saved-carts", "-d", "stack=go"),
    "remove": ("remove", "saved-carts"),
    "mark": ("mark", "saved-carts", "approved", "--anyway"),
    "page": ("status", "--format", "markdown", "--output", "page.md"),
    "merge": ("merge", "page.md", "base.md", "other.md"),
}
# What a person wrote above the portfolio, more than a page of memory.
WORDS = "# Portfolio\n\n" + "Words that nobody else has.\n" * 400
PAGE = f"{WORDS}\n<!-- groundplan:begin -->\n<!-- groundplan:end -->\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Path:
    """A repository with two features, committed, and a page to write into. Do not write into it."""
    folder = tmp_path_factory.mktemp("made")
    for name in ("Saved carts", "Gift cards"):
        brief(folder / "briefs" / f"{name}.yml", feature_name=name)
    shop = host(folder / "shop", {"page.md": PAGE, "base.md": PAGE, "other.md": f"{PAGE}\n## More\n\nWords.\n"})
    assert groundplan(shop, "new", folder / "briefs", "--template", template).status == 0
    commit(shop)
    return shop


@pytest.mark.parametrize("command", CHANGING)
@pytest.mark.parametrize(
    "state",
    [
        # Not by mode bits: the super-user may write everywhere. Each ends in the folder of the repository.
        'mount -t tmpfs -o size=4m tmpfs "$1" && cp -a "$2" "$1/shop" && cd "$1/shop"; cat /dev/zero >../rest || true',
        'mount --bind "$2" "$1" && mount -o remount,ro,bind "$1" && cd "$1"',
    ],
    ids=["full", "read-only"],
)
def test_disk_that_takes_nothing_is_a_line_and_leaves_all_as_it_was(
    tmp_path: Path, made: Path, state: str, command: str
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    if subprocess.run(without_rights("mount -t tmpfs tmpfs $1", place), capture_output=True, check=False).returncode:
        pytest.skip("unshare cannot mount a file system here")
    script = f'{state}; shift 2; status=0; "$@" || status=$?; '
    script += 'git --no-optional-locks status --porcelain >"$CHANGES"; exit $status'

    ended = subprocess.run(
        without_rights(script, place, made, COMMAND, *CHANGING[command]),
        env={**os.environ, "CHANGES": str(tmp_path / "changes")},
        capture_output=True,
        text=True,
        check=False,
    )

    # A merge has git's own status for what could not be tried.
    assert ended.returncode == (255 if command == "merge" else 1), ended.stderr
    assert "Traceback" not in ended.stderr
    assert re.search(
        "groundplan: .*(No space|Read-only)|(failed|refused) .*(No space|Read-only)", ended.stdout + ended.stderr
    )
    assert (tmp_path / "changes").read_text() == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("new", "../other.yml"), ("new", "../another.yml")),
        (("new", "../other.yml"), CHANGING["update"]),
        (CHANGING["remove"], CHANGING["update"]),
        (CHANGING["mark"], CHANGING["update"]),
    ],
    ids=["new and new", "new and update", "remove and update", "mark and update"],
)
def test_two_commands_at_once_are_two_in_a_row(
    tmp_path: Path, made: Path, one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    brief(tmp_path / "other.yml", feature_name="Order history")
    brief(tmp_path / "another.yml", feature_name="Returns")
    in_a_row = []
    for number, commands in enumerate([(one, other), (other, one)]):
        shop = Path(shutil.copytree(made, tmp_path / f"row-{number}", symlinks=True))
        statuses = [bool(groundplan(shop, *command).status) for command in commands]
        in_a_row.append((statuses if number == 0 else statuses[::-1], contents(shop)))

    shop = Path(shutil.copytree(made, tmp_path / "shop", symlinks=True))
    runs = [
        subprocess.Popen(command_line(shop, *command), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for command in (one, other)
    ]
    said = [run.communicate()[1] for run in runs]

    assert ([bool(run.returncode) for run in runs], contents(shop)) in in_a_row, said
    assert "Traceback" not in "".join(said)


def test_repository_that_cannot_be_written_is_one_line(tmp_path: Path, template: Path, briefs: Path) -> None:
    shop = host(tmp_path / "shop")
    (shop / ".git/groundplan").write_text("a file where the folder should be\n", "utf-8")
    ended = groundplan(shop, "new", "--brief", briefs, "--template", template)
    assert (ended.status, ended.errors.count("\n"), "Traceback" in ended.errors) == (1, 1, False), ended.errors


def test_template_that_vanishes_is_a_reason_and_changes_nothing(tmp_path: Path, template: Path, briefs: Path) -> None:
    gone = Path(shutil.copytree(template, tmp_path / "gone"))
    shop = host(tmp_path / "shop")
    groundplan(shop, "new", "--brief", briefs, "--template", gone)
    commit(shop)
    shutil.rmtree(gone)
    before = contents(shop)
    for arguments in (("update", "--all"), ("remove", "saved-carts"), ("scaffold", "saved-carts", "-d", "stack=go")):
        ended = groundplan(shop, *arguments, "--json")
        assert (ended.status, set(ended.statuses().values())) == (1, {"failed"}), ended.output
    assert (contents(shop), git("-C", shop, "status", "--porcelain")) == (before, "")
