"""Writes the log as JSON lines, without card numbers, whatever a message holds."""

import logging
import sys
from datetime import UTC, datetime

import msgspec

from shrinkwatch.intake.scrub import scrub_text
from shrinkwatch.intake.token_key import TokenKey


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, from, says, and a fault's traceback."""

    def __init__(self, key: TokenKey) -> None:
        super().__init__()
        self._key = key

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "says": self._clean(record.getMessage()),
        }
        if record.exc_info:
            told["traceback"] = self._clean(self.formatException(record.exc_info))
        return msgspec.json.encode(told).decode()

    def _clean(self, text: str) -> str:
        return scrub_text(text.encode("utf-8", "replace"), self._key).decode("utf-8", "replace")


def log_to_stderr(key: TokenKey) -> None:
    """Let warnings and faults of everything, and what this package tells, go to stderr."""
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(JsonLines(key))
    logging.basicConfig(level=logging.WARNING, handlers=[lines], force=True)
    logging.getLogger("shrinkwatch").setLevel(logging.INFO)
