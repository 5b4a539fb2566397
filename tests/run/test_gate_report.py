"""The gate's report on disk."""

from datetime import date
from pathlib import Path

import msgspec

from shrinkwatch.models.gate.report import Check, GateReport
from shrinkwatch.run.gate_report import write_gate_report

DAY = date(2026, 3, 2)
REPORT = GateReport(
    challenger="abc123", champion="def456", verdict="unknown", first=DAY, last=DAY, subjects=1,
    answers=0, positive=0, checks=(Check("answers", None, None, 30.0, "too few"),),
    reliability={"champion": (), "challenger": ()}, precision=(), stores=(),
)  # fmt: skip


def test_the_report_is_written_for_people_and_for_programs(tmp_path: Path) -> None:
    page = write_gate_report(tmp_path, REPORT)
    assert page == tmp_path / "reports" / "gate" / "abc123" / "report.md"
    assert "unknown" in page.read_text("utf-8")
    again = msgspec.json.decode((page.parent / "report.json").read_bytes(), type=GateReport)
    assert again == REPORT
    assert (page.parent / "stores.svg").is_file()
