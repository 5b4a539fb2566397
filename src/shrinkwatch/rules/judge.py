"""Judges receipts: on which could a suspicion have fired, on which did it, and at what loss.

Whether that is too often is not decided here; peers decide it (features.peers, models).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.records.batch import NOBODY
from shrinkwatch.records.scheme import ACTOR_FIELDS
from shrinkwatch.rules.condition import expression
from shrinkwatch.rules.fields import alternatives, fields
from shrinkwatch.rules.rule import Rule

_SHARED_PARTS = pl.QueryOptFlags.none(comm_subexpr_elim=True)
"""Compute what conditions share once; plans this flat gain nothing from the other optimisations."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of a frame: rows are its transactions, columns are `rules`.

    at_risk: bool, the transaction could have fired the rule, and its subject is somebody.
    fired: bool, a subset of at_risk.
    loss_minor: int64 minor units, 0 where not fired or where the loss is unknown.
    measure: place of a rule of kind "extreme" -> (rows,) float64, NaN unless the row is at risk.
    lacking: rule id -> which column it names that the frame does not have.
    shown: field that the rules need -> whether any receipt of this frame carries it. It reports; it
        changes no row, so that a judgement does not depend on how arrivals were split into frames.
    """

    rules: tuple[Rule, ...]
    at_risk: NDArray[np.bool_]
    fired: NDArray[np.bool_]
    loss_minor: NDArray[np.int64]
    measure: dict[int, NDArray[np.float64]]
    lacking: dict[str, str]
    shown: dict[str, bool]

    @property
    def silent(self) -> dict[str, str]:
        """Return rule id -> why it could not speak on this frame."""
        return silent_rules(self.rules, self.lacking, self.shown)


def judge(rules: Sequence[Rule], frame: pl.DataFrame) -> Judgement:
    """Return the judgement of every rule on every row of the frame.

    frame: as `features.stream.FeatureStream.advance` gives it. Unknown counts as "no exposure" in
    `at_risk`, as "did not" in `fires`. A rule that names a column which the frame does not have is
    silent and has no exposure. A judgement takes up to 10 bytes per row and rule (2 where little
    fires): give a day of millions in slices.
    """
    rules = tuple(rules)
    lacking = _without_columns(rules, frame)
    speaking = [place for place, rule in enumerate(rules) if rule.id not in lacking]
    shape = (frame.height, len(rules))
    # column-major: a rule's column is contiguous, and pages of rules that never fire stay untouched
    at_risk = np.zeros(shape, dtype=np.bool_, order="F")
    fired = np.zeros(shape, dtype=np.bool_, order="F")
    loss = np.zeros(shape, dtype=np.int64, order="F")
    measure: dict[int, NDArray[np.float64]] = {}
    answers = _Answers([rules[place] for place in speaking], frame)
    for place in speaking:
        rule = rules[place]
        exposed = answers.exposed(rule)
        if rule.measure is not None:
            size = answers.number(rule.measure)
            exposed = exposed & ~np.isnan(size)
            measure[place] = np.where(exposed, size, np.nan)
        at_risk[:, place] = exposed
        fired[:, place] = exposed if rule.fires is None else exposed & answers.yes(rule.fires)
    _fill_losses(loss, rules, fired, frame)
    shown = _shown([rules[place] for place in speaking], frame)
    return Judgement(rules, at_risk, fired, loss, measure, lacking, shown)


class _Answers:
    """The answers to every distinct condition of some rules, from one select over the frame."""

    def __init__(self, rules: Sequence[Rule], frame: pl.DataFrame) -> None:
        self._height = frame.height
        asked = frame.lazy().select(_asked(tuple(rules)))
        self._answers = asked.collect(optimizations=_SHARED_PARTS)
        self._exposed: dict[tuple[str, str, bool, bool], NDArray[np.bool_]] = {}
        self._somebody = {
            column: filled(frame[column], NOBODY) != NOBODY
            for column in {rule.subject_column for rule in rules}
        }
        self._marked = {
            mark: filled(frame[mark], unknown=False)
            for mark in ("offline", "training")
            if mark in frame.columns
        }

    def yes(self, text: str) -> NDArray[np.bool_]:
        """Return where the condition holds; unknown is no."""
        return np.broadcast_to(self._answers[f"? {text}"].to_numpy(), self._height)

    def number(self, text: str) -> NDArray[np.float64]:
        """Return the measure, NaN where unknown."""
        return np.broadcast_to(self._answers[f"# {text}"].to_numpy(), self._height)

    def exposed(self, rule: Rule) -> NDArray[np.bool_]:
        """Return where the rule's subject is somebody and at risk, at a till that counts.

        A till that was offline or in training counts only where the rule says so.
        """
        alike = (rule.subject_column, rule.at_risk, rule.offline, rule.training)
        if alike not in self._exposed:
            exposed: NDArray[np.bool_] = self._somebody[rule.subject_column]
            for mark, counts in (("offline", rule.offline), ("training", rule.training)):
                if not counts and mark in self._marked:
                    exposed = exposed & ~self._marked[mark]
            self._exposed[alike] = exposed & self.yes(rule.at_risk)
        return self._exposed[alike]


def filled(column: pl.Series, unknown: int) -> NDArray[Any]:
    """Return the column, (rows,), with this value where it is unknown; it often is nowhere."""
    return (column.fill_null(unknown) if column.null_count() else column).to_numpy()


@lru_cache(maxsize=16)
def _asked(rules: tuple[Rule, ...]) -> tuple[pl.Expr, ...]:
    """Return every distinct condition ("? …") and measure ("# …") of these rules."""
    texts = {text for rule in rules for text in (rule.at_risk, rule.fires) if text is not None}
    sizes = {rule.measure for rule in rules if rule.measure is not None}
    return (
        *(expression(text).fill_null(value=False).alias(f"? {text}") for text in sorted(texts)),
        *(expression(text).cast(pl.Float64).alias(f"# {text}") for text in sorted(sizes)),
    )


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
    known = frame[sorted(columns)][rows]
    values = known.select(
        amount.fill_null(0).clip(lower_bound=0).alias(str(place))
        for place, amount in amounts.items()
    )
    for place in hit:
        loss[rows, place] = np.where(fired[rows, place], values[str(place)].to_numpy(), 0)


def _without_columns(rules: Sequence[Rule], frame: pl.DataFrame) -> dict[str, str]:
    """Return the rules that name a column which the frame does not have, and which."""
    have = frozenset(frame.columns)
    return {
        rule.id: f"nothing here computes {min(missing)}"
        for rule in rules
        if (missing := _named(rule) - have)
    }


@lru_cache(maxsize=1024)
def _named(rule: Rule) -> frozenset[str]:
    """Return the columns without which the rule cannot be judged."""
    texts = (rule.at_risk, rule.fires, rule.loss, rule.measure)
    named = (expression(text).meta.root_names() for text in texts if text is not None)
    keys = {rule.subject_column} if rule.receipt is None else {rule.subject_column, rule.receipt}
    return frozenset(keys.union(*named))


def silent_rules(
    rules: Sequence[Rule], lacking: Mapping[str, str], shown: Mapping[str, bool]
) -> dict[str, str]:
    """Return the rules that could not speak, by id, each with why.

    lacking, shown: of a judgement, or of several together; a field that `shown` does not name
    counts as shown.
    """
    found = dict(lacking)
    for rule in rules:
        for names in needs_of(rule):
            if not any(shown.get(name, True) for name in names):
                asks = " or ".join(f"{name} ({fields()[name].ask})" for name in names)
                found.setdefault(rule.id, f"the feed does not carry {asks}")
    return found


def _shown(rules: Sequence[Rule], frame: pl.DataFrame) -> dict[str, bool]:
    """Return, per field that the rules need, whether any receipt of the frame carries it."""
    tests = _tests(tuple(rules))
    have = set(frame.columns)
    told = [test.alias(name) for name, test in tests if have.issuperset(test.meta.root_names())]
    if not told or frame.is_empty():
        return {}
    asked = frame.lazy().select(told).collect(optimizations=_SHARED_PARTS)
    return asked.row(0, named=True)


@lru_cache(maxsize=16)
def _tests(rules: tuple[Rule, ...]) -> tuple[tuple[str, pl.Expr], ...]:
    """Return, per field that these rules need, its name and whether any receipt shows it."""
    names = {name for rule in rules for need in needs_of(rule) for name in need}
    shown = ((name, fields()[name].shown) for name in sorted(names))
    return tuple((name, expression(text).any()) for name, text in shown if text is not None)


def needs_of(rule: Rule) -> list[tuple[str, ...]]:
    """Return what the rule needs, each as the fields of which any will do; its subject included."""
    actor = ACTOR_FIELDS[rule.subject]
    return [alternatives(need) for need in (*rule.needs, *([] if actor is None else [actor]))]
