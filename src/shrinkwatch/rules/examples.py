"""Runs the worked examples that stand in a rule's own file."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from shrinkwatch.rules.condition import Columns
from shrinkwatch.rules.judge import Judgement, judge
from shrinkwatch.rules.rule import SUBJECT_COLUMNS, Example, Rule

_SOMEBODY = 1


def failures(rule: Rule, known: Columns) -> list[str]:
    """Return what the rule's examples expect and do not get, a sentence each; none is the aim.

    known: the frame's columns and dtypes; what an example leaves out is unknown (null).
    """
    if not rule.example:
        return []
    judgement = judge((rule,), example_frame(rule.example, known))
    return [
        f"{rule.id}: {example.name}: {complaint}"
        for row, example in enumerate(rule.example)
        for complaint in _complaints(example, judgement, row)
    ]


def example_frame(examples: Sequence[Example], known: Columns) -> pl.DataFrame:
    """Return a frame with one row per example; every subject is somebody unless it says otherwise.

    known: the frame's columns and dtypes.
    """
    somebody = dict.fromkeys(SUBJECT_COLUMNS.values(), _SOMEBODY)
    rows = [{**somebody, **example.row} for example in examples]
    return pl.DataFrame(rows, schema={name: known[name] for name in known}, strict=False)


def _complaints(example: Example, judgement: Judgement, row: int) -> list[str]:
    at_risk, fired = judgement.at_risk[row, 0], judgement.fired[row, 0]
    became = "fires" if fired else "quiet" if at_risk else "aside"
    complaints = []
    if became != example.expect:
        complaints.append(f"should be {example.expect}, is {became}")
    loss = int(judgement.loss_minor[row, 0])
    if example.loss_minor is not None and loss != example.loss_minor:
        complaints.append(f"loss should be {example.loss_minor}, is {loss}")
    measure = float(judgement.measure[0][row]) if judgement.measure else None
    if example.measure is not None and (
        measure is None or not np.isclose(measure, example.measure)
    ):
        complaints.append(f"measure should be {example.measure}, is {measure}")
    return complaints
