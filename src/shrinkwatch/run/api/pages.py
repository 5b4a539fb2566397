"""The pages for people: log in, the queue of leads, and one lead with all that is known of it."""

from collections.abc import Callable
from typing import Annotated

from litestar import Request, Response, Router, get, post
from litestar.datastructures import State
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from litestar.response import Redirect
from msgspec import Struct

from shrinkwatch.console.desk import (
    Who,
    icon,
    login_page,
    message_page,
    packet_page,
    queue_page,
    style_sheet,
)
from shrinkwatch.console.material import Feed, Report
from shrinkwatch.ports import Clock
from shrinkwatch.records.alert import Alert
from shrinkwatch.run.api.leads import Leads
from shrinkwatch.run.api.problem import Problem
from shrinkwatch.run.api.sessions import (
    COOKIE,
    Sessions,
    cookie,
    csrf_token,
    let_in,
    refuse_forged,
)
from shrinkwatch.run.opened import Opened
from shrinkwatch.run.receipts import fetch_named
from shrinkwatch.run.report import shown_receipts

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}

_KEPT = {"cache-control": "max-age=3600"}

Asks = Request[object, object, State]


class Enter(Struct, frozen=True):
    """The form on which one logs in."""

    name: str
    password: str


class Leave(Struct, frozen=True):
    """The form on which one logs out."""

    csrf_token: str


Form = RequestEncodingType.URL_ENCODED


def page_routes(sessions: Sessions, desk: Callable[[], Opened], clock: Clock) -> list[Router]:
    """Return the routes of the pages."""

    @get("/", sync_to_thread=True, opt={"may": "see leads"})
    def queue(request: Asks) -> Response[str]:
        """Show the leads of your stores."""
        leads = Leads(desk(), request.state.person)
        alerts = leads.all()
        leads.note_shown(alerts)
        return _page(
            queue_page(_report(leads, alerts, clock, receipts=False), _who(request), _empty(leads))
        )

    @get("/leads/{alert_id:str}", sync_to_thread=True, opt={"may": "see leads"})
    def packet(request: Asks, alert_id: FromPath[str]) -> Response[str]:
        """Show one lead with its reasons, what exonerates, and its receipts."""
        leads = Leads(desk(), request.state.person)
        alert = leads.one(alert_id)
        leads.note_shown([alert])
        return _page(
            packet_page(alert, _report(leads, [alert], clock, receipts=True), _who(request))
        )

    @get("/login", sync_to_thread=False, opt={"open": True})
    def login() -> Response[str]:
        """Show where to log in."""
        return _page(login_page())

    @get("/desk/desk.css", sync_to_thread=False, opt={"open": True})
    def style() -> Response[str]:
        """Return the style of the pages."""
        return Response(style_sheet(), media_type="text/css", headers=_KEPT)

    @get("/desk/icon.svg", sync_to_thread=False, opt={"open": True})
    def mark() -> Response[str]:
        """Return the mark in the page's tab."""
        return Response(icon(), media_type="image/svg+xml", headers=_KEPT)

    @post("/desk/enter", status_code=200, sync_to_thread=True, opt={"open": True})
    def enter(data: Annotated[Enter, Body(media_type=Form)]) -> Response[str] | Redirect:
        """Log in, and go on to the leads."""
        try:
            token = sessions.begin(data.name, data.password)
        except Problem as problem:
            return _page(login_page(problem.detail), problem.status)
        return Redirect("/", status_code=303, cookies=[cookie(token)])

    @post("/desk/leave", status_code=303, sync_to_thread=True, opt={"open": True})
    def leave(request: Asks, data: Annotated[Leave, Body(media_type=Form)]) -> Redirect:
        """Log out."""
        token = request.cookies.get(COOKIE, "")
        if sessions.whose(token) is not None:
            refuse_forged(token, data.csrf_token)
            sessions.end(token)
        return Redirect("/login", status_code=303, cookies=[cookie("")])

    behind = Router(
        "/",
        route_handlers=[queue, packet],
        guards=[let_in(sessions)],
        exception_handlers={Problem: _say_page},
        include_in_schema=False,
    )
    before = Router("/", route_handlers=[login, style, mark, enter, leave], include_in_schema=False)
    return [behind, before]


def _page(html: str, status: int = 200) -> Response[str]:
    return Response(html, media_type="text/html", status_code=status, headers=HEADERS)


def _say_page(_: Asks, problem: Problem) -> Response[str] | Redirect:
    """Show what went wrong as a page; who is not logged in goes to where one does."""
    if problem.status == 401:
        return Redirect("/login", status_code=303)
    return _page(message_page(problem.document.title, problem.detail), problem.status)


def _who(request: Asks) -> Who:
    person = request.state.person
    return Who(person.name, person.role, csrf_token(request.cookies[COOKIE]))


def _report(leads: Leads, alerts: list[Alert], clock: Clock, *, receipts: bool) -> Report:
    journal = leads.desk.journal
    return Report(
        alerts=alerts,
        receipts=fetch_named(journal, shown_receipts(alerts)) if receipts else {},
        stores=leads.desk.stores,
        names=leads.names,
        feed=Feed(0, 0),
        ceiling=leads.desk.settings.alerts.per_store_week,
        made_at=clock(),
    )


def _empty(leads: Leads) -> str:
    if not leads.desk.journal.days():
        return "No transactions came in yet. Tills and feeds send them with a key."
    if leads.desk.alerts.all():
        return "There are no leads of your stores."
    return (
        "No leads. Either nothing was scored yet, or nothing was suspicious and dear enough to be "
        "worth a review: quiet weeks stay quiet."
    )
