"""Judges receipts: on which could a suspicion have fired, on which did it, and at what loss.

Whether that is too often is not decided here; peers decide it (features.peers, models).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.records.batch import NOBODY
from shrinkwatch.records.scheme import ACTOR_FIELDS
from shrinkwatch.rules.condition import conjuncts, expression
from shrinkwatch.rules.fields import alternatives, fields
from shrinkwatch.rules.rule import Rule


class Firings(NamedTuple):
    """What fired, (firings,) each, ordered by rule and then by row.

    place: int64, of the rule in the judgement's `rules`. row: int64, of the frame. loss_minor:
    int64 minor units, 0 where the loss is unknown.
    """

    place: NDArray[np.int64]
    row: NDArray[np.int64]
    loss_minor: NDArray[np.int64]

    def of(self, some: NDArray[np.bool_]) -> "Firings":
        """Return these firings only."""
        return Firings(*(values[some] for values in self))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of a frame: rows are its transactions, columns are `rules`.

    at_risk: bool, the transaction could have fired the rule, and its subject is somebody.
    firings: of the transactions at risk, those that fired.
    measure: place of a rule of kind "extreme" -> (rows,) float64, NaN unless the row is at risk.
    lacking: rule id -> which column it names that the frame does not have.
    shown: field that the rules need -> whether any receipt of this frame carries it. It reports; it
        changes no row, so that a judgement does not depend on how arrivals were split into frames.
    """

    rules: tuple[Rule, ...]
    at_risk: NDArray[np.bool_]
    firings: Firings
    measure: dict[int, NDArray[np.float64]]
    lacking: dict[str, str]
    shown: dict[str, bool]

    @property
    def fired(self) -> NDArray[np.bool_]:
        """Return which rows fired which rules, made anew each time."""
        fired = np.zeros_like(self.at_risk)
        fired[self.firings.row, self.firings.place] = True
        return fired

    @property
    def loss_minor(self) -> NDArray[np.int64]:
        """Return the loss of each row under each rule, 0 where it did not fire; made anew."""
        loss = np.zeros_like(self.at_risk, dtype=np.int64)
        loss[self.firings.row, self.firings.place] = self.firings.loss_minor
        return loss

    @property
    def silent(self) -> dict[str, str]:
        """Return rule id -> why it could not speak on this frame."""
        return silent_rules(self.rules, self.lacking, self.shown)


def judge(rules: Sequence[Rule], frame: pl.DataFrame) -> Judgement:
    """Return the judgement of every rule on every row of the frame.

    frame: as `features.stream.FeatureStream.advance` gives it. Unknown counts as "no exposure" in
    `at_risk`, as "did not" in `fires`. A rule that names a column which the frame does not have is
    silent and has no exposure. A judgement takes a byte per row and rule, and little of what
    fired: give a day of millions in slices.
    """
    rules = tuple(rules)
    lacking = _without_columns(rules, frame)
    speaking = {place: rule for place, rule in enumerate(rules) if rule.id not in lacking}
    # column-major: a rule's column is contiguous
    at_risk = np.zeros((frame.height, len(rules)), dtype=np.bool_, order="F")
    fired: dict[int, NDArray[np.int64]] = {}
    measure: dict[int, NDArray[np.float64]] = {}
    answers = _Answers(tuple(speaking.values()), frame)
    for place, rule in speaking.items():
        exposed = answers.exposed(rule)
        if rule.measure is not None:
            size = answers.number(rule.measure)
            exposed = exposed & ~np.isnan(size)
            measure[place] = np.where(exposed, size, np.nan)
        at_risk[:, place] = exposed
        fires = exposed if rule.fires is None else exposed & answers.yes(rule.fires)
        fired[place] = np.flatnonzero(fires)
    firings = _firings(rules, fired, frame)
    return Judgement(rules, at_risk, firings, measure, lacking, answers.shown())


class _Answers:
    """The answers to every distinct condition of some rules, from two selects.

    The first asks what stands between the ANDs of all conditions, once each, the second which of
    that holds together: quicker than to have polars find what they share, anew for every frame.
    """

    def __init__(self, rules: tuple[Rule, ...], frame: pl.DataFrame) -> None:
        self._height = frame.height
        asked = _asked(rules, frozenset(frame.columns))
        # by subscript first: select copies whatever of the whole frame lies in several pieces
        self._parts = frame[asked.columns].select(asked.parts)
        self._wholes = self._parts.select(asked.wholes)
        self._nowhere = np.zeros(frame.height, dtype=np.bool_)
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
        answer = self._wholes[text]
        if not answer.any():
            return self._nowhere  # as half of them; to unpack bits takes longer than to look
        return np.broadcast_to(answer.to_numpy(), self._height)

    def number(self, text: str) -> NDArray[np.float64]:
        """Return the measure, NaN where unknown."""
        return np.broadcast_to(self._parts[f"# {text}"].to_numpy(), self._height)

    def shown(self) -> dict[str, bool]:
        """Return, per field that the rules need, whether any receipt of the frame carries it."""
        if self._height == 0:
            return {}
        told = [name for name in self._parts.columns if name.startswith("! ")]
        return {name.removeprefix("! "): self._parts[name][0] for name in told}

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


class _Asked(NamedTuple):
    """What some rules ask.

    columns: of a frame, that they name. parts: of these, each distinct part of a condition, measure
    ("# …"), and whether any receipt shows a field ("! …"). wholes: of the parts, each condition.
    """

    columns: list[str]
    parts: list[pl.Expr]
    wholes: list[pl.Expr]


@lru_cache(maxsize=16)
def _asked(rules: tuple[Rule, ...], have: frozenset[str]) -> _Asked:
    """Return what these rules ask of a frame with these columns."""
    texts = {text for rule in rules for text in (rule.at_risk, rule.fires) if text is not None}
    sizes = {rule.measure for rule in rules if rule.measure is not None}
    parts: dict[str | bytes, pl.Expr] = {}
    wholes = []
    for text in sorted(texts):
        named = [
            parts.setdefault(
                part.meta.serialize(), part.fill_null(value=False).alias(f"? {len(parts)}")
            )
            for part in conjuncts(expression(text))
        ]
        wholes.append(pl.all_horizontal(one.meta.output_name() for one in named).alias(text))
    asked = [
        *parts.values(),
        *(expression(text).cast(pl.Float64).alias(f"# {text}") for text in sorted(sizes)),
        *(test.any().alias(f"! {name}") for name, test in _shown(rules, have).items()),
    ]
    return _Asked(sorted({name for one in asked for name in one.meta.root_names()}), asked, wholes)


def _shown(rules: Sequence[Rule], have: frozenset[str]) -> dict[str, pl.Expr]:
    """Return, per field that the rules need, which receipts show it, where the columns can tell."""
    names = {name for rule in rules for need in needs_of(rule) for name in need}
    shown = ((name, fields()[name].shown) for name in sorted(names))
    tests = {name: expression(text) for name, text in shown if text is not None}
    return {name: test for name, test in tests.items() if have.issuperset(test.meta.root_names())}


def _firings(
    rules: Sequence[Rule], fired: Mapping[int, NDArray[np.int64]], frame: pl.DataFrame
) -> Firings:
    """Return the firings with their losses, which are calculated of the rows that fired.

    fired: place of a rule -> the rows that fired it, both ascending.
    """
    fired = {place: rows for place, rows in fired.items() if rows.size}
    if not fired:
        return Firings(*(np.zeros(0, dtype=np.int64) for _ in Firings._fields))
    row = np.concatenate(list(fired.values()))
    hit = np.unique(row)
    losses = {rules[place].loss for place in fired}
    amounts = {text: expression(text).round(0).cast(pl.Int64) for text in losses}
    columns = {name for amount in amounts.values() for name in amount.meta.root_names()}
    columns |= {rules[place].subject_column for place in fired}  # a loss of "0" names no column
    known = frame[sorted(columns)][hit].with_columns(
        amount.fill_null(0).clip(lower_bound=0).alias(text) for text, amount in amounts.items()
    )
    loss = [
        known[rules[place].loss].to_numpy()[np.searchsorted(hit, rows)]
        for place, rows in fired.items()
    ]
    place = np.repeat(list(fired), [rows.size for rows in fired.values()])
    return Firings(place, row, np.concatenate(loss))


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


def needs_of(rule: Rule) -> list[tuple[str, ...]]:
    """Return what the rule needs, each as the fields of which any will do; its subject included."""
    actor = ACTOR_FIELDS[rule.subject]
    return [alternatives(need) for need in (*rule.needs, *([] if actor is None else [actor]))]
