"""Writes the gate's report where a person finds it: text, numbers and drawings."""

from pathlib import Path

import msgspec

from shrinkwatch.console.gate import drawings, markdown
from shrinkwatch.models.gate.report import GateReport

GATE_REPORTS = "reports/gate"
"""The workspace's folder for the gate's reports, a folder per challenger."""


def write_gate_report(workspace: Path, report: GateReport) -> Path:
    """Write report.md, report.json and the drawings beside them; return the Markdown's path.

    workspace: its folder. A report on the same challenger takes the place of the one before.
    """
    folder = workspace / GATE_REPORTS / report.challenger
    folder.mkdir(parents=True, exist_ok=True)
    for name, drawing in drawings(report).items():
        (folder / name).write_text(drawing, "utf-8")
    encoded = msgspec.json.format(msgspec.json.encode(report, order="deterministic"))
    (folder / "report.json").write_bytes(encoded + b"\n")
    page = folder / "report.md"
    page.write_text(markdown(report), "utf-8")
    return page
