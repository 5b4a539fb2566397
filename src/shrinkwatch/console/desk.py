"""The pages that a logged-in person sees: the queue of leads, and one lead with its receipts.

Plain HTML and one style sheet of our own; nothing is fetched from elsewhere, and no script runs.
Everything that came from a till is escaped.
"""

from importlib import resources

from msgspec import Struct

from shrinkwatch.console import plots
from shrinkwatch.console.leads import MAX_RECEIPTS, view
from shrinkwatch.console.material import Report, by_subject
from shrinkwatch.console.report import environment
from shrinkwatch.records.alert import Alert

_STYLES = ("report.css", "desk.css")


class Who(Struct, frozen=True):
    """Whose page it is; csrf_token: what the page's forms must say."""

    name: str
    role: str
    csrf_token: str


def login_page(wrong: str | None = None) -> str:
    """Return the page on which one logs in. wrong: why the last try failed."""
    return _page("login.html", title="Log in", wrong=wrong)


def queue_page(report: Report, who: Who, empty: str) -> str:
    """Return the page of all leads of the report. empty: what to say where there are none."""
    leads = by_subject(report.alerts)
    views = [view(rank, alerts, report) for rank, alerts in enumerate(leads, 1)]
    title = "Leads, in order of what is at stake" if views else "Nothing to look at"
    return _page("queue.html", title=title, who=who, views=views, empty=empty)


def packet_page(alert: Alert, report: Report, who: Who) -> str:
    """Return the page of one lead. report: with this alert and its receipts."""
    shown = view(1, [alert], report)
    return _page(
        "packet.html",
        title="A lead, not a finding",
        who=who,
        view=shown,
        back="/",
        plot_width=plots.WIDTH,
        peers_height=plots.PEERS_HEIGHT,
        timeline_width=plots.TIMELINE_WIDTH,
        timeline_height=plots.TIMELINE_HEIGHT,
        max_receipts=MAX_RECEIPTS,
    )


def message_page(title: str, says: str, who: Who | None = None) -> str:
    """Return a page that says one thing, e.g. that something is not here."""
    return _page("queue.html", title=title, who=who, views=[], empty=says)


def style_sheet() -> str:
    """Return the style of these pages."""
    return "\n".join(map(_own_file, _STYLES))


def icon() -> str:
    """Return the mark that a browser shows in the page's tab (SVG)."""
    return _own_file("icon.svg")


def _own_file(name: str) -> str:
    return resources.files("shrinkwatch.console").joinpath(name).read_text("utf-8")


def _page(template: str, **shown: object) -> str:
    return environment().get_template(template).render(**shown)
