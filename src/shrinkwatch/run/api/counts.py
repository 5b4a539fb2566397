"""What the door has done since it opened, for `/metrics` (Prometheus' text format).

No store, till or person is named: whoever may look at the machine's health need not know whose
money it is.
"""

import threading
from collections import Counter

from shrinkwatch.run.api.submission import Receipt

WORDS = ("accepted", "duplicate", "revised", "conflicting", "rejected")


class Counts:
    """Counts of requests and records; any thread may add to them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._records: Counter[tuple[str, str]] = Counter()

    def answered(self, kind: str, status: int) -> None:
        """Count a request that was answered so."""
        with self._lock:
            self._requests[kind, status] += 1

    def took(self, kind: str, answer: Receipt) -> None:
        """Count the records of an answer."""
        with self._lock:
            for word in WORDS:
                count = getattr(answer, word)
                if count:
                    self._records[kind, word] += count

    def text(self, gauges: dict[str, tuple[str, float]]) -> str:
        """Return everything as text. gauges: by name, what it is and its value now."""
        lines = ["# TYPE shrinkwatch_requests_total counter"]
        with self._lock:
            for (kind, status), count in sorted(self._requests.items()):
                labels = f'route="{kind}",status="{status}"'
                lines.append(f"shrinkwatch_requests_total{{{labels}}} {count}")
            lines.append("# TYPE shrinkwatch_records_total counter")
            for (kind, word), count in sorted(self._records.items()):
                labels = f'kind="{kind}",outcome="{word}"'
                lines.append(f"shrinkwatch_records_total{{{labels}}} {count}")
        for name, (says, value) in gauges.items():
            lines += [f"# HELP {name} {says}", f"# TYPE {name} gauge", f"{name} {value:g}"]
        return "\n".join(lines) + "\n"
