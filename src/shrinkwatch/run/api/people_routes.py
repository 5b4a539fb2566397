"""The routes for people's programs: log in, read alerts, say what they came to; who may knock."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from litestar import Request, Response, Router, delete, get, post
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from shrinkwatch.adapters.stores.doors import StoredKeys, StoredPeople
from shrinkwatch.ports import Clock
from shrinkwatch.records.access import Person, Role, SendingKey
from shrinkwatch.records.alert import Alert, AlertStatus
from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.api import cursor
from shrinkwatch.run.api.leads import Leads
from shrinkwatch.run.api.problem import Problem
from shrinkwatch.run.api.sessions import COOKIE, Sessions, cookie, csrf_token, let_in
from shrinkwatch.run.audit import person as person_of
from shrinkwatch.run.labels import label_alert
from shrinkwatch.run.opened import Opened


class Login(Struct, frozen=True, forbid_unknown_fields=True):
    """Who wants to log in."""

    name: Annotated[str, Meta(max_length=100)]
    password: Annotated[str, Meta(max_length=1000)]


class Session(Struct, frozen=True):
    """Who is logged in. csrf_token: to be sent in x-csrf-token with whatever changes something."""

    name: str
    role: Role
    stores: tuple[str, ...] | None
    csrf_token: str


class Alerts(Struct, frozen=True):
    """A page of alerts, most valuable first. next: `after` of the next page; null: no more."""

    alerts: list[Alert]
    next: str | None = None


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """What an alert came to: as `shrinkwatch label`. loss: in the currency's unit."""

    outcome: Annotated[str, Meta(max_length=40)]
    loss: Annotated[str, Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$")] | None = None
    scheme: Annotated[str, Meta(max_length=60)] | None = None


class Keys(Struct, frozen=True):
    """Who may send; secrets are shown once, when they are made, and never again."""

    keys: list[SendingKey]


class User(Struct, frozen=True):
    """Somebody who may log in."""

    name: str
    role: Role
    stores: tuple[str, ...] | None
    created_at: datetime


class Users(Struct, frozen=True):
    """Who may log in."""

    users: list[User]


Asks = Request[object, object, State]
Share = Annotated[float, QueryParameter(ge=0, le=1)]
PageSize = Annotated[int, QueryParameter(ge=1, le=cursor.MOST, description="alerts at most")]
After = Annotated[
    str | None,
    QueryParameter(pattern=cursor.PATTERN, description="`next` of the page before"),
]


def session_routes(sessions: Sessions) -> Router:
    """Return the routes on which people log in and out."""

    @post("/", status_code=201, sync_to_thread=True, opt={"open": True})
    def begin(data: JSONBody[Login]) -> Response[Session]:
        """Log in; the session is a cookie."""
        token = sessions.begin(data.name, data.password)
        person = sessions.whose(token)
        assert person is not None
        return Response(_session(person, token), cookies=[cookie(token)])

    @get("/", sync_to_thread=False, opt={"may": "be"}, guards=[let_in(sessions)])
    def look(request: Asks) -> Session:
        """Say who is logged in."""
        return _session(request.state.person, request.cookies[COOKIE])

    @delete("/", status_code=204, sync_to_thread=True, opt={"may": "be"}, guards=[let_in(sessions)])
    def end(request: Asks) -> Response[None]:
        """Log out."""
        sessions.end(request.cookies[COOKIE])
        return Response(None, status_code=204, cookies=[cookie("")])

    return Router("/v1/session", route_handlers=[begin, look, end], tags=["people"])


def lead_routes(sessions: Sessions, desk: Callable[[], Opened], clock: Clock) -> Router:
    """Return the routes on which alerts are read and answered."""

    @get("/", sync_to_thread=True, opt={"may": "see leads"})
    def alerts(
        request: Asks,
        status: FromQuery[AlertStatus | None] = None,
        min_probability: Share = 0.0,
        limit: PageSize = cursor.USUAL,
        after: After = None,
    ) -> Alerts:
        """List the alerts of your stores, most valuable first, a page at a time."""
        leads = Leads(desk(), request.state.person)
        kept = [
            one
            for one in leads.all()
            if one.probability >= min_probability and status in {None, one.status}
        ]
        shown, further = cursor.page(kept, limit, after)
        leads.note_shown(shown)
        return Alerts([leads.shown(one) for one in shown], further)

    @get("/{alert_id:str}", sync_to_thread=True, opt={"may": "see leads"})
    def alert(request: Asks, alert_id: FromPath[str]) -> Alert:
        """Show one alert: what accuses, what exonerates, and what could not be checked."""
        leads = Leads(desk(), request.state.person)
        found = leads.one(alert_id)
        leads.note_shown([found])
        return leads.shown(found)

    @post(
        "/{alert_id:str}/label", status_code=201, sync_to_thread=True, opt={"may": "answer leads"}
    )
    def label(request: Asks, alert_id: FromPath[str], data: JSONBody[Answer]) -> Alert:
        """Say what an alert came to."""
        leads = Leads(desk(), request.state.person)
        found = leads.one(alert_id)
        try:
            label_alert(
                leads.desk,
                found.alert_id,
                data.outcome,
                by=leads.person.name,
                loss=data.loss,
                scheme=data.scheme,
                at=None,
                clock=clock,
                actor=person_of(leads.person.name),
            )
        except Refused as refused:
            raise Problem(422, "refused", str(refused)) from refused
        return leads.shown(leads.one(alert_id))

    handlers = [alerts, alert, label]
    return Router("/v1/alerts", route_handlers=handlers, guards=[let_in(sessions)], tags=["people"])


def door_routes(sessions: Sessions, keys: StoredKeys, people: StoredPeople) -> Router:
    """Return the routes on which those who run the doors see who has a key."""

    @get("/keys", sync_to_thread=True, opt={"may": "see doors"})
    def list_keys(request: Asks) -> Keys:
        """List the keys of terminals and feeds of your stores, revoked ones too."""
        person: Person = request.state.person
        return Keys([key for key in keys.all() if _covers(person, key.stores)])

    @get("/users", sync_to_thread=True, opt={"may": "see doors"})
    def list_users(request: Asks) -> Users:
        """List who may log in for your stores."""
        person: Person = request.state.person
        return Users(
            [
                User(one.name, one.role, one.stores, one.created_at)
                for one in people.all()
                if one.revoked_at is None and _covers(person, one.stores)
            ]
        )

    handlers = [list_keys, list_users]
    return Router("/v1", route_handlers=handlers, guards=[let_in(sessions)], tags=["people"])


def _covers(person: Person, stores: tuple[str, ...] | None) -> bool:
    """Tell whether everything of these stores (None: the chain) is this person's to see."""
    return person.stores is None if stores is None else person.sees(frozenset(stores))


def _session(person: Person, token: str) -> Session:
    return Session(person.name, person.role, person.stores, csrf_token(token))
