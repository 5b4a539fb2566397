"""The route on which vendors call: Webex with an answer, tills and payment services with records.

Who calls has no key of ours; the vendor's signature over the body is looked at before all else.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from shrinkwatch.ports import Clock
from shrinkwatch.records.access import SendingKey
from shrinkwatch.records.heard import Heard
from shrinkwatch.records.trouble import Forged, Misconfigured, Refused
from shrinkwatch.run.api.body import Cut
from shrinkwatch.run.api.problem import Problem
from shrinkwatch.run.api.submission import Outcome, Submission
from shrinkwatch.run.api.writer import Writer
from shrinkwatch.run.hooks import heard, record_disputes
from shrinkwatch.run.notify.answers import webex_answer
from shrinkwatch.run.opened import Opened
from shrinkwatch.run.settings import Hook

_log = logging.getLogger(__name__)

MOST_CALLED = 2 << 20
"""Bytes that a call may have; an order of a thousand lines has less than one million."""


class Called(Struct, frozen=True):
    """What became of a call. records: outcomes, in order. labels: how many were new."""

    records: tuple[Outcome, ...] = ()
    labels: int = 0


def hook_routes(
    desk: Callable[[], Opened], writer: Writer, clock: Clock
) -> tuple[HTTPRouteHandler, ...]:
    """Return the route on which vendors call."""

    @post(
        "/hooks/{name:str}",
        status_code=202,
        opt={"open": True},
        include_in_schema=False,
        request_max_body_size=MOST_CALLED,
    )
    async def call(request: Request[object, object, State], name: FromPath[str]) -> Response[Any]:
        """Take a vendor's call; its signature says whether it is one."""
        raw, headers = await request.body(), dict(request.headers)
        try:
            return Response(await _taken(desk(), name, headers, raw, writer, clock))
        except Forged as forged:
            raise Problem(401, "not-signed", str(forged)) from forged
        except Refused as refused:
            raise Problem(422, "refused", str(refused)) from refused
        except Misconfigured as wrong:
            _log.error("hook %s: %s", name, wrong)  # it names files, which callers need not know
            raise Problem(503, "not-set-up", "this hook is not set up; see the log") from wrong

    return (call,)


async def _taken(
    desk: Opened, name: str, headers: Mapping[str, str], raw: bytes, writer: Writer, clock: Clock
) -> Called:
    if any(route.name == name for route in desk.settings.notify):
        answered = await asyncio.to_thread(webex_answer, desk, name, headers, raw, clock)
        return Called(labels=int(answered.pressed is not None))
    hook = next((one for one in desk.settings.hook if one.name == name), None)
    if hook is None:
        raise Problem(404, "no-such-hook", "the settings name no hook like that")
    told = await asyncio.to_thread(heard, desk.workspace, hook, headers, raw, clock())
    outcomes = await _written(hook, told, writer, clock)
    labels = 0
    if told.disputes:
        labels = await asyncio.to_thread(record_disputes, desk.workspace, hook, told, clock())
    return Called(tuple(outcomes), labels)


async def _written(hook: Hook, told: Heard, writer: Writer, clock: Clock) -> list[Outcome]:
    """Return the outcomes of the call's records once they are on disk."""
    if not told.transactions:
        return []
    key = SendingKey(
        f"hook {hook.name}", hook.name, hook.stores or None, None, ("transactions",), 0, clock()
    )
    lines = [msgspec.json.encode(one) for one in told.transactions]

    return await writer.written(Submission("transactions", key, Cut(lines)))
