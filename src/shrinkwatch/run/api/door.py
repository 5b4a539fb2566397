"""The routes on which records come in: read, checked, written, answered.

They are plain ASGI, because here each microsecond counts: a chain's tills all knock at this door.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import parse_qs

import msgspec
from litestar.types import HTTPScope, Receive, Scope, Send

from shrinkwatch.records.trouble import Unreachable
from shrinkwatch.run.api.allowance import Allowance
from shrinkwatch.run.api.body import MOST_SENT, cut, plain, too_large
from shrinkwatch.run.api.counts import Counts
from shrinkwatch.run.api.keyring import Held
from shrinkwatch.run.api.problem import MEDIA_TYPE, Problem, fault, later
from shrinkwatch.run.api.signature import Signatures
from shrinkwatch.run.api.submission import Outcome, Receipt, Submission, receipt
from shrinkwatch.run.api.writer import Writer
from shrinkwatch.run.live.port import Scored, Scores

WAITS_FOR_SCORE_S = 5.0
"""How long a till may have to wait for a score before it is told to go on without one."""
_BURST_S = 5.0
_BY_HAND = 64 << 10
"""A body larger than this is unpacked and cut in another thread, so that others need not wait."""

_TAKEN = 202

Note = Callable[[str, str], None]
"""Notes that a key (its id) spoke for another store, on this path."""

_log = logging.getLogger(__name__)


class ScoredReceipt(Receipt, frozen=True, kw_only=True):
    """The answer to a request that waited for scores: per record, null where there was none."""

    scores: tuple[Scored | None, ...]


class Door:
    """Takes the requests of one event loop."""

    def __init__(
        self,
        signatures: Signatures,
        writer: Writer,
        counts: Counts,
        note: Note,
        scores: Scores | None,
    ) -> None:
        self._signatures = signatures
        self._writer = writer
        self._counts = counts
        self._note = note
        self._scores = scores
        self._allowance = Allowance(_BURST_S, "send several records in one request")

    def route(self, kind: str) -> Callable[[Scope, Receive, Send], Any]:
        """Return the ASGI application that takes records of this kind (of SENDS)."""

        async def knock(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                answer = await self._taken(kind, cast("HTTPScope", scope), receive)
            except Problem as problem:
                await self._refuse(kind, problem, send)
            except Unreachable as trouble:
                _log.error("keys cannot be looked up: %s", trouble)
                silent = later("not-durable", "the keys cannot be looked up now", 2)
                await self._refuse(kind, silent, send)
            except Exception:  # noqa: BLE001 - the outermost loop: it logs, and goes on
                _log.exception("a fault on %s", scope["path"])
                await self._refuse(kind, fault(), send)
            else:
                self._counts.answered(kind, _TAKEN)
                await _send(send, _TAKEN, "application/json", answer, {})

        return knock

    async def _refuse(self, kind: str, problem: Problem, send: Send) -> None:
        self._counts.answered(kind, problem.status)
        await _send(send, problem.status, MEDIA_TYPE, problem.raw, problem.headers)

    async def _taken(self, kind: str, scope: HTTPScope, receive: Receive) -> bytes:
        if scope["method"] != "POST":
            raise Problem(405, "only-post", "send records with POST", {"allow": "POST"})
        headers = dict(scope["headers"])
        body = await _body(receive, headers)
        held = self._recognised(kind, scope, headers, body)
        waits = b"wait=" in scope["query_string"]
        if waits:  # whoever scores may take a while to say that it is there
            await asyncio.to_thread(self._refuse_wait, scope["query_string"])
        encoding = headers.get(b"content-encoding", b"").strip().lower()
        content_type = headers.get(b"content-type", b"")

        if len(body) > _BY_HAND or encoding:
            records = await asyncio.to_thread(lambda: cut(plain(body, encoding), content_type))
        else:
            records = cut(body, content_type)
        outcomes = await self._written(Submission(kind, held.key, records), scope)
        self._counts.took(kind, outcomes)
        answer = receipt(outcomes)
        if not waits or kind != "transactions":
            return msgspec.json.encode(answer)
        return msgspec.json.encode(await self._scored(answer))

    def _recognised(
        self, kind: str, scope: HTTPScope, headers: Mapping[bytes, bytes], body: bytes
    ) -> Held:
        query = scope["query_string"]
        path = scope.get("raw_path") or scope["path"].encode()
        target = path + b"?" + query if query and b"?" not in path else path
        held = self._signatures.verify(scope["method"].encode(), target, headers, body)
        self._allowance.take(held.key.key_id, held.key.per_second)
        if kind not in held.key.sends:
            raise Problem(403, "may-not-send", f"this key may not send {kind}")
        return held

    async def _written(self, submission: Submission, scope: HTTPScope) -> list[Outcome]:
        """Return the outcomes of a submission once they are on disk."""
        try:
            return await self._writer.written(submission)
        except Problem as problem:
            if problem.word == "other-store":
                key_id = submission.key.key_id
                await asyncio.to_thread(self._note, key_id, scope["path"])
            raise

    def _refuse_wait(self, query: bytes) -> None:
        if parse_qs(query.decode("latin-1")).get("wait") != ["score"]:
            raise Problem(400, "unknown-wait", "write ?wait=score, or nothing")
        if self._scores is None or not self._scores.is_on():
            raise later("not-scoring", "scoring is not running, so nothing was taken", 60)

    async def _scored(self, answer: Receipt) -> ScoredReceipt:
        """Return the receipt with what scoring said of each record, where it said it in time."""
        loop = asyncio.get_running_loop()
        until = loop.time() + WAITS_FOR_SCORE_S

        def said() -> tuple[Scored | None, ...]:
            assert self._scores is not None
            return tuple(
                None
                if one.position is None
                else self._scores.wait(one.position, max(until - loop.time(), 0.0))
                for one in answer.records
            )

        scores = await asyncio.to_thread(said)
        return ScoredReceipt(scores=scores, **msgspec.structs.asdict(answer))


async def _body(receive: Receive, headers: Mapping[bytes, bytes]) -> bytes:
    """Return the request's body. Raises: Problem when it is too long, or its sender goes away."""
    said = headers.get(b"content-length", b"")
    length = int(said) if said.isdigit() else None
    if length is not None and length > MOST_SENT:
        raise too_large(f"the body has more than {MOST_SENT} bytes; send fewer records")
    body = b""
    more = True
    while more and len(body) != length:  # to be told that it was all costs as much as the body
        message = cast("dict[str, Any]", await receive())
        if message["type"] == "http.disconnect":
            raise Problem(400, "gone", "the sender went away")
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_SENT:
            raise too_large(f"the body has more than {MOST_SENT} bytes; send fewer records")
    return body


async def _send(
    send: Send, status: int, media_type: str, raw: bytes, headers: Mapping[str, str]
) -> None:
    own = [(name.encode(), value.encode()) for name, value in headers.items()]
    usual = [(b"content-type", media_type.encode()), (b"content-length", str(len(raw)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": usual + own})
    await send({"type": "http.response.body", "body": raw, "more_body": False})
