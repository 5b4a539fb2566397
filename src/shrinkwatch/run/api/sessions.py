"""Logs people in and out, and says who is asking and what they may do."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import timedelta

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, State
from litestar.handlers import BaseRouteHandler

from shrinkwatch.adapters.stores.doors import StoredPeople
from shrinkwatch.ports import AuditLog, Clock
from shrinkwatch.records.access import Person, Role
from shrinkwatch.records.deed import Actor, Deed
from shrinkwatch.run.api.allowance import Allowance
from shrinkwatch.run.api.password import is_right
from shrinkwatch.run.api.problem import Problem

COOKIE = "__Host-shrinkwatch"
CSRF_HEADER = "x-csrf-token"
LASTS = timedelta(hours=10)
"""A working day; then one logs in again."""
_TRIES_PER_SECOND = 0.2
"""Log-ins of one name, on average."""
_QUICK_TRIES = 5

MAY: dict[Role, frozenset[str]] = {
    "analyst": frozenset({"see leads"}),
    "manager": frozenset({"see leads", "answer leads"}),
    "investigator": frozenset({"see leads", "answer leads"}),
    "admin": frozenset({"see doors"}),
}
"""What each role may do; who runs the doors need not see what is behind them."""

Connection = ASGIConnection[BaseRouteHandler, object, object, State]


class Sessions:
    """Who is logged in. A session is a random text in a cookie; only its hash is kept."""

    def __init__(self, people: StoredPeople, log: AuditLog, clock: Clock) -> None:
        self._people = people
        self._log = log
        self._clock = clock
        self._tries = Allowance(_QUICK_TRIES / _TRIES_PER_SECOND, "wait before the next try")

    def begin(self, name: str, password: str) -> str:
        """Return the text of a new session.

        Raises: Problem when name and password do not fit (401), or were tried too often (429).
        """
        self._tries.take(name, _TRIES_PER_SECOND)
        person = self._people.find(name)
        if not is_right(password, None if person is None else person.password):
            raise Problem(401, "wrong-password", "name and password do not fit", _CHALLENGE)
        token = secrets.token_urlsafe(32)
        now = self._clock()
        self._people.begin(_mark(token), name, now + LASTS, now)
        self._log.write(Deed(Actor("person", name), "login"))
        return token

    def end(self, token: str) -> None:
        """End this session."""
        self._people.end(_mark(token))

    def whose(self, token: str | None) -> Person | None:
        """Return who is logged in with this session; None when it is over or nobody's."""
        if not token:
            return None
        return self._people.in_session(_mark(token), self._clock())


def cookie(token: str) -> Cookie:
    """Return the cookie that holds a session; an empty token takes it back."""
    age = int(LASTS.total_seconds()) if token else 0
    return Cookie(
        key=COOKIE,
        value=token,
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
        max_age=age,
    )


def csrf_token(token: str) -> str:
    """Return what a session's changing requests must say besides its cookie."""
    return hmac.digest(token.encode(), b"csrf v1", hashlib.sha256).hex()


def refuse_forged(token: str, said: str | None) -> None:
    """Refuse a changing request that does not say its session's csrf token.

    Raises: Problem (403).
    """
    if said is None or not hmac.compare_digest(csrf_token(token).encode(), said.encode()):
        detail = f"send the session's token in {CSRF_HEADER}; GET /v1/session tells it"
        raise Problem(403, "forged", detail)


def let_in(sessions: Sessions) -> Callable[[Connection, BaseRouteHandler], None]:
    """Return the guard that lets people through to what their role may do.

    The route says what it takes in its `opt`, `may`; a route that says nothing lets nobody in.
    """

    def guard(connection: Connection, handler: BaseRouteHandler) -> None:
        token = connection.cookies.get(COOKIE)
        person = sessions.whose(token)
        if person is None or token is None:
            raise Problem(401, "not-logged-in", "log in first", _CHALLENGE)
        if handler.opt.get("may", "nobody") not in MAY[person.role] | {"be"}:
            raise Problem(403, "not-your-role", f"the role {person.role} may not do this")
        if connection.scope.get("method") not in {"GET", "HEAD"}:
            refuse_forged(token, connection.headers.get(CSRF_HEADER))
        connection.state.person = person

    return guard


_CHALLENGE = {"www-authenticate": "Shrinkwatch-Session"}


def _mark(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
