"""A small GitHub that tests start: it keeps labels, milestones, issues and sub-issues, and fails where it is told to.

The real `gh` talks to it over a unix socket, so nothing can leave the machine.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jsonschema import Draft202012Validator

# What each call takes, as https://docs.github.com/en/rest describes it: unknown keys are ours to avoid.
_TEXT, _TEXTS = {"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string"}}
_DUE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
_ISSUE = {"title": _TEXT, "body": _TEXT, "labels": _TEXTS, "assignees": _TEXTS, "milestone": {"type": "integer"}}


def _taking(properties: dict[str, Any], *required: str) -> Draft202012Validator:
    schema = {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
    return Draft202012Validator(schema)


_TAKEN = {
    ("POST", "labels"): _taking({"name": _TEXT}, "name"),
    ("POST", "milestones"): _taking({"title": _TEXT, "due_on": _DUE}, "title"),
    ("PATCH", "milestones"): _taking({"due_on": _DUE}),
    ("POST", "issues"): _taking(_ISSUE, "title"),
    ("PATCH", "issues"): _taking({**_ISSUE, "state": {"enum": ["open", "closed"]}}),
    ("POST", "sub_issues"): _taking({"sub_issue_id": {"type": "integer"}}, "sub_issue_id"),
}

HOST = "github.com"
REPOSITORY = "acme/shop"
Fault = Callable[["Call"], "Reply | None"]


@dataclass(frozen=True)
class Call:
    """A call, numbered from 1."""

    number: int
    method: str
    path: str
    query: dict[str, list[str]]
    values: Any

    @property
    def changes(self) -> bool:
        return self.method != "GET"


@dataclass(frozen=True)
class Reply:
    """An answer; with status 0 the connection is cut, with `after` set only once the call was carried out."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False


@dataclass
class FakeGitHub:
    """The state, and what was asked for."""

    labels: dict[str, dict[str, Any]] = field(default_factory=dict)
    milestones: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    children: dict[int, list[int]] = field(default_factory=dict)
    boards: list[tuple[str, int]] = field(default_factory=list)
    people: set[str] = field(default_factory=lambda: {"jane", "li"})
    calls: list[Call] = field(default_factory=list)
    fault: Fault | None = None
    may_label: bool = True
    lock: threading.RLock = field(default_factory=threading.RLock)

    def answer(self, method: str, target: str, values: Any) -> Reply:
        """Carry out a call, or fail as told."""
        with self.lock:
            url = urlsplit(target)
            call = Call(len(self.calls) + 1, method, url.path, parse_qs(url.query), values)
            self.calls.append(call)
            fault = self.fault(call) if self.fault else None
            if fault and not fault.after:
                return fault
            reply = self._route(call)
            return fault or reply

    def _route(self, call: Call) -> Reply:
        if call.path == "/user":
            return Reply(200, {"login": "jane"})
        if board := re.fullmatch(r"/(?:orgs|users)/(\w+)/projectsV2/(\d+)/items", call.path):
            self.boards.append((board[1], call.values["id"]))
            return Reply(201, {})
        path = call.path.removeprefix(f"/repos/{REPOSITORY}/")
        if call.changes:
            _TAKEN[call.method, path.rstrip("/0123456789").rpartition("/")[2]].validate(call.values)
        for pattern, method, act in self._routes():
            if (found := re.fullmatch(pattern, path)) and method == call.method:
                return act(call, *found.groups())
        return Reply(404, {"message": "Not Found"})

    def _routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        return [
            (r"labels", "GET", lambda call: _page(call, list(self.labels.values()))),
            (r"labels", "POST", self._create_label),
            (r"milestones", "GET", lambda call: _page(call, self.milestones)),
            (r"milestones", "POST", self._create_milestone),
            (r"milestones/(\d+)", "PATCH", self._change_milestone),
            (r"assignees/(.+)", "GET", lambda _, name: Reply(204 if name in self.people else 404, None)),
            (r"issues", "GET", self._list),
            (r"issues", "POST", self._create),
            (r"issues/(\d+)", "GET", lambda _, number: self._found(number)),
            (r"issues/(\d+)", "PATCH", self._change),
            (r"issues/(\d+)/sub_issues", "GET", lambda call, n: _page(call, self._children(int(n)))),
            (r"issues/(\d+)/sub_issues", "POST", self._attach),
        ]

    def _create_label(self, call: Call) -> Reply:
        name = call.values["name"]
        if len(name) > 50 or name.lower() in map(str.lower, self.labels):
            return _unprocessable("Label", "name", "already_exists" if len(name) <= 50 else "too_long")
        if not self.may_label:
            return Reply(403, {"message": "Resource not accessible by integration"})
        self.labels[name] = {"name": name, "color": "ededed"}
        return Reply(201, self.labels[name])

    def _create_milestone(self, call: Call) -> Reply:
        if any(known["title"] == call.values["title"] for known in self.milestones):
            return _unprocessable("Milestone", "title", "already_exists")
        made = {"number": len(self.milestones) + 1, "title": call.values["title"], "due_on": _coast(call.values)}
        self.milestones.append(made)
        return Reply(201, made)

    def _change_milestone(self, call: Call, number: str) -> Reply:
        found = self.milestones[int(number) - 1]
        found["due_on"] = _coast(call.values)
        return Reply(200, found)

    def _list(self, call: Call) -> Reply:
        wanted = set(call.query.get("labels", []))
        creator = call.query.get("creator", [""])[0]
        found = [
            issue
            for issue in reversed(self.issues)
            if wanted <= {label["name"] for label in issue["labels"]} and (not creator or issue["user"] == creator)
        ]
        return _page(call, [_shown(issue) for issue in found if not issue.get("is_gone")])

    def _found(self, number: str) -> Reply:
        found = next((issue for issue in self.issues if issue["number"] == int(number)), None)
        if not found:
            return Reply(404, {"message": "Not Found"})
        if found.get("is_gone"):
            return Reply(410, {"message": "This issue was deleted"})
        return Reply(200, _shown(found))

    def _create(self, call: Call) -> Reply:
        number = len(self.issues) + 1
        issue = {
            "number": number,
            "id": 1000 + number,
            "state": "open",
            "labels": [],
            "assignees": [],
            "milestone": None,
            "user": "jane",
            "html_url": f"https://{HOST}/{REPOSITORY}/issues/{number}",
        }
        if refusal := self._set(issue, call.values):
            return refusal
        self.issues.append(issue)
        return Reply(201, _shown(issue))

    def _change(self, call: Call, number: str) -> Reply:
        issue = self.issues[int(number) - 1]
        return self._set(issue, call.values) or Reply(200, _shown(issue))

    def _set(self, issue: dict[str, Any], values: dict[str, Any]) -> Reply | None:
        for name, limit in (("title", 256), ("body", 65_536)):
            if len(values.get(name) or "") > limit:
                return _unprocessable("Issue", name, "too_long")
        if len(values.get("assignees", [])) > 10:
            return _unprocessable("Issue", "assignees", "too_many")
        for name in ("title", "body", "state"):
            if name in values:
                issue[name] = values[name]
        # Labels are dropped without a word where the author may not push.
        if "labels" in values and self.may_label:
            issue["labels"] = [{"name": label} for label in values["labels"]]
        if "assignees" in values:
            issue["assignees"] = [{"login": name} for name in values["assignees"]]
        if "milestone" in values:
            issue["milestone"] = values["milestone"]
        if issue["milestone"] and isinstance(issue["milestone"], int):
            issue["milestone"] = {"title": self.milestones[issue["milestone"] - 1]["title"]}
        return None

    def _children(self, number: int) -> list[dict[str, Any]]:
        return [_shown(self.issues[child - 1]) for child in self.children.get(number, [])]

    def _attach(self, call: Call, number: str) -> Reply:
        child = next((issue for issue in self.issues if issue["id"] == call.values["sub_issue_id"]), None)
        below = self.children.setdefault(int(number), [])
        if not child or child["number"] in below or len(below) >= 100:
            return _unprocessable("SubIssue", "sub_issue_id", "invalid")
        below.append(child["number"])
        return Reply(201, _shown(child))

    def state(self) -> Any:
        """What a person would see, to compare runs with."""
        return json.loads(
            json.dumps([self.labels, self.milestones, [_shown(issue) for issue in self.issues], self.children])
        )


def _page(call: Call, found: list[Any]) -> Reply:
    size, page = int(call.query.get("per_page", ["30"])[0]), int(call.query.get("page", ["1"])[0])
    return Reply(200, found[(page - 1) * size : page * size])


def _coast(values: dict[str, Any]) -> str | None:
    """GitHub keeps the day as midnight on its own coast."""
    return f"{values['due_on'][:10]}T08:00:00Z" if values.get("due_on") else None


def _shown(issue: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in issue.items() if name not in ("is_gone", "user")}


def _unprocessable(resource: str, name: str, code: str) -> Reply:
    error = {"resource": resource, "field": name, "code": code}
    return Reply(422, {"message": "Validation Failed", "errors": [error]})


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True


@contextmanager
def serve(forge: FakeGitHub, path: Path) -> Iterator[None]:
    """Let a fake answer at a unix socket."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def address_string(self) -> str:
            return "gh"

        def log_message(self, *_: object) -> None:
            return

        def _handle(self) -> None:
            reply = forge.answer(self.command, self.path, self._values())
            if not reply.status:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            content = b"" if reply.body is None else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _values(self) -> Any:
            if "chunked" in self.headers.get("Transfer-Encoding", ""):
                content = b""
                while size := int(self.rfile.readline().strip(), 16):
                    content += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            else:
                content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            return json.loads(content) if content else None

        do_GET = do_POST = do_PATCH = _handle  # noqa: N815

    with _Server(str(path), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
