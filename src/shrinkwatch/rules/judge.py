"""Judges receipts: on which could a suspicion have fired, on which did it, and at what loss.

Whether that is too often is not decided here; peers decide it (features.peers, models).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.records.batch import NOBODY
from shrinkwatch.records.scheme import ACTOR_FIELDS
from shrinkwatch.rules.condition import expression
from shrinkwatch.rules.fields import alternatives, fields
from shrinkwatch.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of a frame: rows are its transactions, columns are `rules`.

    at_risk: bool, the transaction could have fired the rule, and its subject is somebody.
    fired: bool, a subset of at_risk.
    loss_minor: int64 minor units, 0 where not fired or where the loss is unknown.
    measure: float64, NaN unless the rule is of kind "extreme" and the row at risk.
    silent: rule id -> why it could not speak on this frame. It reports; it changes no row, so that
        a judgement does not depend on how arrivals were split into frames.
    """

    rules: tuple[Rule, ...]
    at_risk: NDArray[np.bool_]
    fired: NDArray[np.bool_]
    loss_minor: NDArray[np.int64]
    measure: NDArray[np.float64]
    silent: dict[str, str]


def judge(rules: Sequence[Rule], frame: pl.DataFrame) -> Judgement:
    """Return the judgement of every rule on every row of the frame.

    frame: as `features.stream.FeatureStream.advance` gives it. Unknown counts as "no exposure" in
    `at_risk`, as "did not" in `fires`. A rule that names a column which the frame does not have is
    silent and has no exposure. The four arrays take 18 bytes per row and rule: give a day of
    millions in slices.
    """
    rules = tuple(rules)
    silent = _without_columns(rules, frame)
    speaking = [place for place, rule in enumerate(rules) if rule.id not in silent]
    shape = (frame.height, len(rules))
    # column-major: a rule's column is contiguous, and pages of rules that never fire stay untouched
    at_risk = np.zeros(shape, dtype=np.bool_, order="F")
    fired = np.zeros(shape, dtype=np.bool_, order="F")
    loss = np.zeros(shape, dtype=np.int64, order="F")
    measure = np.full(shape, np.nan, order="F")
    answers = frame.lazy().select(_answers(rules, speaking, frame)).collect()
    for place in speaking:
        at_risk[:, place] = answers[f"at_risk {place}"].to_numpy()
        fired[:, place] = answers[f"fired {place}"].to_numpy()
        if rules[place].measure is not None:
            measure[:, place] = answers[f"measure {place}"].to_numpy()
    _fill_losses(loss, rules, fired, frame)
    silent |= _without_fields([rules[place] for place in speaking], frame)
    return Judgement(rules, at_risk, fired, loss, measure, silent)


def _answers(rules: Sequence[Rule], speaking: Sequence[int], frame: pl.DataFrame) -> list[pl.Expr]:
    answers = []
    for place in speaking:
        rule = rules[place]
        exposed = _exposed(rule, frame)
        if rule.measure is not None:
            size = expression(rule.measure).cast(pl.Float64)
            exposed &= size.is_not_null()
            measured = pl.when(exposed).then(size).otherwise(float("nan"))
            answers.append(measured.alias(f"measure {place}"))
        answers.append(exposed.alias(f"at_risk {place}"))
        hit = pl.lit(value=True) if rule.fires is None else expression(rule.fires)
        answers.append((exposed & hit.fill_null(value=False)).alias(f"fired {place}"))
    return answers


def _exposed(rule: Rule, frame: pl.DataFrame) -> pl.Expr:
    """Return where the rule could fire: somebody, at a till that was online and not in training."""
    exposed = (pl.col(rule.subject_column) != NOBODY).fill_null(value=False)
    for mark, counts in (("offline", rule.offline), ("training", rule.training)):
        if not counts and mark in frame.columns:
            exposed &= ~pl.col(mark).fill_null(value=False)
    return exposed & expression(rule.at_risk).fill_null(value=False)


def _fill_losses(
    loss: NDArray[np.int64],
    rules: Sequence[Rule],
    fired: NDArray[np.bool_],
    frame: pl.DataFrame,
) -> None:
    """Write the losses of the rows that fired; most rows fire nothing and are not calculated."""
    hit = [place for place in range(len(rules)) if fired[:, place].any()]
    if not hit:
        return
    rows = np.flatnonzero(fired.any(axis=1))
    amounts = {place: expression(rules[place].loss).round(0).cast(pl.Int64) for place in hit}
    columns = {name for amount in amounts.values() for name in amount.meta.root_names()}
    columns.add(rules[0].subject_column)  # a loss of "0" names no column
    known = frame.select(sorted(columns))[rows]
    values = known.select(
        amount.fill_null(0).clip(lower_bound=0).alias(str(place))
        for place, amount in amounts.items()
    )
    for place in hit:
        loss[rows, place] = np.where(fired[rows, place], values[str(place)].to_numpy(), 0)


def _without_columns(rules: Sequence[Rule], frame: pl.DataFrame) -> dict[str, str]:
    """Return the rules that name a column which the frame does not have, and which."""
    have = set(frame.columns)
    silent = {}
    for rule in rules:
        named = {rule.subject_column}
        for place, (sql, _) in rule.conditions.items():
            if not place.startswith("exonerating"):
                named.update(expression(sql).meta.root_names())
        if missing := sorted(named - have):
            silent[rule.id] = f"nothing here computes {missing[0]}"
    return silent


def _without_fields(rules: Sequence[Rule], frame: pl.DataFrame) -> dict[str, str]:
    """Return the rules that need a field which no receipt of the frame carries, and which."""
    known = fields()
    needs = {rule.id: (*rule.needs, ACTOR_FIELDS[rule.subject] or "") for rule in rules}
    wanted = {name for of_rule in needs.values() for need in of_rule for name in _names(need)}
    have = set(frame.columns)
    tests = {
        name: expression(shown)
        for name in sorted(wanted)
        if (shown := known[name].shown) is not None
    }
    tests = {name: test for name, test in tests.items() if have.issuperset(test.meta.root_names())}
    if not tests or frame.is_empty():
        return {}
    found = frame.lazy().select(t.any().alias(name) for name, t in tests.items()).collect()
    seen = found.row(0, named=True)
    silent: dict[str, str] = {}
    for id_, of_rule in needs.items():
        for need in of_rule:
            names = _names(need)
            if names and not any(seen.get(name, True) for name in names):
                asks = " or ".join(f"{name} ({known[name].ask})" for name in names)
                silent.setdefault(id_, f"the feed does not carry {asks}")
    return silent


def _names(need: str) -> tuple[str, ...]:
    return alternatives(need) if need else ()
