"""A small GitLab on loopback: what python-gitlab asks for when one plan is published."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class FakeGitLab:
    """The state, and the methods of the calls that were made."""

    url: str = ""
    token: str = "nobody"
    labels: list[dict[str, Any]] = field(default_factory=list)
    milestones: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    people: dict[str, int] = field(default_factory=lambda: {"jane": 7})
    changes: list[str] = field(default_factory=list)

    def answer(self, method: str, target: str, values: Any, token: str) -> tuple[int, Any]:
        """Carry out a call."""
        if token != self.token:
            return 401, {"message": "401 Unauthorized"}
        url = urlsplit(target)
        if method != "GET":
            self.changes.append(method)
        if url.path == "/api/v4/users":
            (name,) = parse_qs(url.query)["username"]
            return 200, [{"id": self.people[name], "username": name}] if name in self.people else []
        return self._of_project(method, url.path, values)

    def _of_project(self, method: str, url: str, values: Any) -> tuple[int, Any]:
        path = unquote(url).removeprefix("/api/v4/projects/acme/shop/")
        kind, _, number = path.partition("/")
        kept: list[dict[str, Any]] | None = getattr(self, kind, None)
        if kept is None or not re.fullmatch(r"\d*", number):
            return 404, {"message": "404 Not Found"}
        if method == "POST":
            kept.append(self._made(kind, len(kept) + 1, values))
            return 201, kept[-1]
        if not number:
            return 200, kept
        if not 0 < int(number) <= len(kept):
            return 404, {"message": "404 Not Found"}
        return 200, self._changed(kept[int(number) - 1], values or {})

    def _made(self, kind: str, number: int, values: Any) -> dict[str, Any]:
        if kind != "issues":
            return {"id": number, **values}
        page = f"{self.url}/acme/shop/-/issues/{number}"
        issue = {"id": 100 + number, "iid": number, "state": "opened", "web_url": page, "labels": [], "assignees": []}
        return self._changed(issue, values)

    def _changed(self, thing: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        names = {number: name for name, number in self.people.items()}
        for name, value in values.items():
            if name == "assignee_ids":
                thing["assignees"] = [{"id": number, "username": names[number]} for number in value]
            elif name == "milestone_id":
                thing["milestone"] = self.milestones[value - 1]
            else:
                thing[name] = value
        return thing


@contextmanager
def serve_gitlab(forge: FakeGitLab) -> Iterator[None]:
    """Let a fake answer on loopback, and tell it its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            return

        def _handle(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = self.headers.get("PRIVATE-TOKEN", "")
            status, body = forge.answer(self.command, self.path, json.loads(content) if content else None, token)
            answer = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = _handle  # noqa: N815

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        forge.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
