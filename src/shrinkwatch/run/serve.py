"""Runs the server: opens the workspace, opens the doors, and closes both in order."""

import asyncio
import gc
import logging
import signal
from pathlib import Path

import uvloop
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server as Embedded

from shrinkwatch.run.api.app import server
from shrinkwatch.run.live.line import ScoringAt
from shrinkwatch.run.live.port import Scores
from shrinkwatch.run.log_lines import log_to_stderr
from shrinkwatch.run.opened import opened

_SLOWEST_HEADERS_MS = 10_000
_BACKLOG = 1024

GARBAGE_AFTER = (50_000, 20, 50)
"""When Python looks for garbage in cycles, of which requests leave little: by default it does so
every few requests, for a sixth of their time and pauses of 15 ms (one-off runs)."""

_log = logging.getLogger(__name__)


def serve(
    folder: Path,
    host: str,
    port: int,
    *,
    certificate: Path | None = None,
    certificate_key: Path | None = None,
    scores: Scores | None = None,
) -> None:
    """Serve this workspace until the process is told to end (SIGTERM, SIGINT).

    certificate, certificate_key: for TLS, PEM; None: a proxy before this one does that. scores:
    what answers for live scoring; None: `shrinkwatch live` of this workspace, when it runs.
    Raises: Misconfigured, Unreachable; OSError when the port is taken.
    """
    desk = opened(folder)
    log_to_stderr(desk.workspace.key)
    line = ScoringAt(desk.workspace.state / "live")
    behind = server(desk, scores=line if scores is None else scores)
    embedded = Embedded(
        behind,
        host,
        port,
        interface=Interfaces.ASGI,
        websockets=False,
        backlog=_BACKLOG,
        http1_settings=HTTP1Settings(header_read_timeout=_SLOWEST_HEADERS_MS),
        log_enabled=False,
        ssl_cert=certificate,
        ssl_key=certificate_key,
    )
    embedded.on_startup(lambda: _log.info("ready on %s port %s", host, port))
    gc.freeze()
    gc.set_threshold(*GARBAGE_AFTER)
    try:
        uvloop.run(_until_told(embedded))
    finally:
        behind.close()
        _log.info("ended; everything that was taken is on disk")


async def _until_told(embedded: Embedded) -> None:
    loop = asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, embedded.stop)
    await embedded.serve()
