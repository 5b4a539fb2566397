"""A server in this process, keys for it, and requests signed as a till signs them."""

import hashlib
import hmac
import itertools
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from shrinkwatch.adapters.stores.doors import StoredKeys, StoredPeople
from shrinkwatch.records.access import SENDS, Person, SendingKey
from shrinkwatch.run import settings
from shrinkwatch.run.api.app import Server, server
from shrinkwatch.run.api.keyring import new_id, secret_of
from shrinkwatch.run.api.password import stretched
from shrinkwatch.run.opened import opened

PASSWORD = "four words in a row"
NONCES = itertools.count()


@dataclass
class Watch:
    """A clock that stands still until it is turned."""

    now: datetime = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Door:
    """A server with its clock, and somebody who knocks."""

    behind: Server
    watch: Watch
    client: TestClient[Litestar]
    passwords: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def workspace(self) -> Any:
        return self.behind.desk.workspace

    def key(self, *stores: str, sends: tuple[str, ...] = SENDS, **more: Any) -> SendingKey:
        """A new key; without stores, for the chain."""
        given = {"registers": None, "per_second": 1000} | more
        key = SendingKey(
            new_id(), "a till", stores or None, sends=sends, created_at=self.watch.now, **given
        )
        StoredKeys(self.workspace.database).add(key)
        return key

    def headers(
        self,
        key: SendingKey,
        target: str,
        body: bytes,
        *,
        method: str = "POST",
        at: int | None = None,
        nonce: str | None = None,
    ) -> dict[str, str]:
        """The signature, written down anew from the guide."""
        at = int(self.watch.now.timestamp()) if at is None else at
        nonce = f"nonce-{next(NONCES):08}" if nonce is None else nonce
        secret = secret_of(key.key_id, self.workspace.key)
        said = f"{method}\n{target}\n{at}\n{nonce}\n".encode() + body
        return {
            "x-shrinkwatch-key": key.key_id,
            "x-shrinkwatch-time": str(at),
            "x-shrinkwatch-nonce": nonce,
            "x-shrinkwatch-signature": hmac.new(secret.encode(), said, hashlib.sha256).hexdigest(),
        }

    def send(
        self, key: SendingKey, body: Any, target: str = "/v1/transactions", **more: str
    ) -> Response:
        """Send a body signed with this key. more: further headers, _ for -."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = self.headers(key, target, raw) | {n.replace("_", "-"): v for n, v in more.items()}
        return self.client.post(target, content=raw, headers=headers)

    def log_in(self, role: str, *stores: str) -> dict[str, str]:
        """Headers of somebody in this role who sees these stores (none: the chain)."""
        name = f"{role} {'+'.join(stores) or 'chain'}"
        people = StoredPeople(self.workspace.database)
        if people.find(name) is None:
            kept = self.passwords.setdefault(PASSWORD, stretched(PASSWORD))
            people.add(Person(name, role, stores or None, kept, self.watch.now))  # type: ignore[arg-type]
        if name in self.sessions:
            return self.sessions[name]
        said = self.client.post("/v1/session", json={"name": name, "password": PASSWORD})
        assert said.status_code == 201, said.text
        cookie = said.headers["set-cookie"].split(";")[0]
        self.client.cookies.clear()
        self.sessions[name] = {"cookie": cookie, "x-csrf-token": said.json()["csrf_token"]}
        return self.sessions[name]


def open_door(folder: Path, watch: Watch | None = None, **more: Any) -> Iterator[Door]:
    watch = watch or Watch()
    behind = server(opened(folder), clock=watch, **more)
    with TestClient(behind, base_url="https://testserver.local") as client:
        yield Door(behind, watch, client)
    behind.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / settings.FILE_NAME).write_text(settings.template(), "utf-8")
    return tmp_path


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def door(folder: Path) -> Iterator[Door]:
    yield from open_door(folder)


def a_sale(number: int = 1, store: str = "S1", **fields: Any) -> dict[str, Any]:
    """A cash sale as a till sends it."""
    return {
        "source": "pos",
        "store_id": store,
        "register_id": "1",
        "business_date": "2026-03-02",
        "sequence": number,
        "type": "sale",
        "currency": "EUR",
        "ended_at": "2026-03-02T11:58:00Z",
        "net": "12.50",
        "lines": [
            {
                "line": 1,
                "kind": "item",
                "sku": "tea",
                "quantity": 1,
                "list_price": "12.50",
                "extended": "12.50",
            }
        ],
        "tenders": [{"type": "cash", "amount": "12.50"}],
    } | fields


@pytest.fixture
def sale() -> Callable[..., dict[str, Any]]:
    return a_sale
