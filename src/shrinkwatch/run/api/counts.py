"""What the door has done since it opened, for `/metrics` (Prometheus' text format).

No store, till or person is named: whoever may look at the machine's health need not know whose
money it is.
"""

from collections import Counter
from collections.abc import Sequence

from shrinkwatch.run.api.submission import Outcome


class Counts:
    """Counts of requests and records; one thread adds to them, any may ask."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int]] = Counter()
        self._records: Counter[tuple[str, str]] = Counter()

    def answered(self, kind: str, status: int) -> None:
        """Count a request that was answered so."""
        self._requests[kind, status] += 1

    def took(self, kind: str, outcomes: Sequence[Outcome]) -> None:
        """Count the records of a request by what became of them."""
        for one in outcomes:
            self._records[kind, one.outcome] += 1

    def text(self, gauges: dict[str, tuple[str, float]]) -> str:
        """Return everything as text. gauges: by name, what it is and its value now."""
        lines = ["# TYPE shrinkwatch_requests_total counter"]
        for (kind, status), count in sorted(self._requests.copy().items()):
            labels = f'route="{kind}",status="{status}"'
            lines.append(f"shrinkwatch_requests_total{{{labels}}} {count}")
        lines.append("# TYPE shrinkwatch_records_total counter")
        for (kind, word), count in sorted(self._records.copy().items()):
            labels = f'kind="{kind}",outcome="{word}"'
            lines.append(f"shrinkwatch_records_total{{{labels}}} {count}")
        for name, (says, value) in gauges.items():
            lines += [f"# HELP {name} {says}", f"# TYPE {name} gauge", f"{name} {value:g}"]
        return "\n".join(lines) + "\n"
