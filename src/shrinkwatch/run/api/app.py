"""The HTTP application: every route that there is, and what holds for all of them."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from litestar import Litestar, Request, Response, asgi
from litestar.exceptions import HTTPException
from litestar.handlers import ASGIRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.types import ASGIApp, Receive, Scope, Send

from shrinkwatch.adapters.stores.doors import StoredKeys, StoredPeople
from shrinkwatch.ports import Clock
from shrinkwatch.records.access import SENDS
from shrinkwatch.records.deed import Actor, Deed
from shrinkwatch.records.trouble import Unreachable
from shrinkwatch.run.api.counts import Counts
from shrinkwatch.run.api.description import WholeDescription
from shrinkwatch.run.api.door import Door
from shrinkwatch.run.api.health import health_routes
from shrinkwatch.run.api.hook_routes import hook_routes
from shrinkwatch.run.api.keyring import Keyring
from shrinkwatch.run.api.pages import page_routes
from shrinkwatch.run.api.people_routes import door_routes, lead_routes, session_routes
from shrinkwatch.run.api.problem import MEDIA_TYPE, Problem, fault, later
from shrinkwatch.run.api.sessions import Sessions
from shrinkwatch.run.api.signature import Signatures
from shrinkwatch.run.api.takers import takers
from shrinkwatch.run.api.writer import Writer
from shrinkwatch.run.audit import audit_log
from shrinkwatch.run.live.port import Scores
from shrinkwatch.run.opened import Opened
from shrinkwatch.run.workspace import Workspace

_log = logging.getLogger(__name__)
_MOST_ASKED = 64 << 10
"""Bytes that the body of a request for people may have."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Server:
    """The application and what works behind it."""

    app: Litestar
    takes: Mapping[str, ASGIApp]
    writer: Writer
    desk: Opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request.

        Paths with records, plainly written, are not looked up by the framework, which has the same
        routes for them: it would take a quarter of the event loop's time for a receipt.
        """
        await self.takes.get(scope.get("path", ""), self.app)(scope, receive, send)

    def close(self) -> None:
        """Let go of the workspace's files."""
        self.desk.workspace.close()


def server(desk: Opened, *, scores: Scores | None = None, clock: Clock = _now) -> Server:
    """Return the server of this workspace, its writer started. scores: None: nothing scores."""
    workspace = desk.workspace
    keys, people = StoredKeys(workspace.database), StoredPeople(workspace.database)
    counts = Counts()
    writer = Writer(takers(workspace, desk.settings.defaults, clock))
    signatures = Signatures(Keyring(keys, workspace.key), lambda: clock().timestamp())
    door = Door(signatures, writer, counts, _noting(workspace, clock), scores)
    takes = {f"/v1/{kind}": door.route(kind) for kind in SENDS}
    sessions = Sessions(people, audit_log(workspace, clock), clock)

    def now_opened() -> Opened:
        return Opened(workspace, desk.settings, desk.names)

    app = Litestar(
        [
            *(_asgi_route(*one) for one in takes.items()),
            session_routes(sessions),
            lead_routes(sessions, now_opened, clock),
            door_routes(sessions, keys, people),
            *page_routes(sessions, now_opened, clock),
            *hook_routes(now_opened, writer, clock),
            *health_routes(writer, counts, scores, keys.all),
        ],
        openapi_config=OpenAPIConfig(
            title="Shrinkwatch",
            version=version("shrinkwatch"),
            description="Tills and feeds send; people look, and say what leads came to.",
            path="/schema",
            use_handler_docstrings=True,
            render_plugins=[WholeDescription(path="/openapi.json")],
        ),
        exception_handlers={Problem: _say, HTTPException: _say_http, Exception: _say_fault},
        request_max_body_size=_MOST_ASKED,
        logging_config=None,
        debug=False,
    )
    return Server(app, takes, writer, desk)


def _asgi_route(path: str, take: ASGIApp) -> ASGIRouteHandler:
    @asgi(path, opt={"signed": True}, copy_scope=False)
    async def knock(scope: Scope, receive: Receive, send: Send) -> None:
        await take(scope, receive, send)

    return knock


def _noting(workspace: Workspace, clock: Clock) -> Callable[[str, str], None]:
    """Return what writes into the audit log that a key spoke for a store that is not its own."""
    log = audit_log(workspace, clock)

    def note(key_id: str, path: str) -> None:
        try:
            log.write(Deed(Actor("key", key_id), "refused", path, {"why": "other-store"}))
        except Unreachable as trouble:
            _log.error("a refusal could not be noted: %s", trouble)

    return note


def _say(_: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    return Response(
        problem.raw, status_code=problem.status, media_type=MEDIA_TYPE, headers=problem.headers
    )


def _say_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    status = 422 if error.status_code == 400 and error.extra else error.status_code
    word = {404: "no-such-route", 405: "not-this-way", 413: "too-large"}.get(status, "not-read")
    said = error.detail
    if isinstance(error.extra, list):
        said = "; ".join(str(one.get("message", "")) for one in error.extra) or said
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return _say(request, Problem(status, word, said, headers))


def _say_fault(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    if isinstance(error, Unreachable):
        return _say(request, later("not-reachable", "the workspace's database is busy or full", 2))
    _log.error("a fault on %s", request.scope["path"], exc_info=error)
    return _say(request, fault())
