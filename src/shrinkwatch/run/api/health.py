"""Whether the server lives, whether it can do its work, and what it has done."""

from collections.abc import Callable

from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler

from shrinkwatch.records.trouble import Unreachable
from shrinkwatch.run.api.counts import Counts
from shrinkwatch.run.api.problem import later
from shrinkwatch.run.api.writer import Writer
from shrinkwatch.run.live.port import Scores

_PROMETHEUS = "text/plain; version=0.0.4"


def health_routes(
    writer: Writer, counts: Counts, scores: Scores | None, ask: Callable[[], object]
) -> list[HTTPRouteHandler]:
    """Return the routes that anybody may ask. ask: asks the database something; may raise."""

    @get("/healthz", media_type=MediaType.TEXT, sync_to_thread=False, opt={"open": True})
    def healthz() -> str:
        """Say that the server lives."""
        return "alive\n"

    @get("/readyz", media_type=MediaType.TEXT, sync_to_thread=True, opt={"open": True})
    def readyz() -> str:
        """Say whether records can be taken now."""
        try:
            ask()
        except Unreachable as trouble:
            raise later("not-ready", "the workspace's database does not answer", 5) from trouble
        return "ready\n"

    @get("/metrics", media_type=_PROMETHEUS, sync_to_thread=True, opt={"open": True})
    def metrics() -> Response[str]:
        """Say what was done since the start, in Prometheus' text format."""
        gauges: dict[str, tuple[str, float]] = {
            "shrinkwatch_waiting_records": ("records that wait to be written", writer.waiting),
            "shrinkwatch_commits": ("groups of requests written since the start", writer.groups),
        }
        if scores is not None and scores.is_on():
            records, seconds = scores.lag()
            gauges["shrinkwatch_lag_records"] = ("records not yet scored", records)
            gauges["shrinkwatch_lag_seconds"] = ("age of the oldest not yet scored", seconds)
        return Response(counts.text(gauges), media_type=_PROMETHEUS)

    return [healthz, readyz, metrics]
