"""Which suspicions a receipt could not be checked for, because its feed never told what it takes.

That a feed has never shown a discount is no gap: a receipt without one shows none. A gap is what
each such receipt has and the feed leaves out, as the cashier's number or what a return takes back.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import polars as pl

from shrinkwatch.records.batch import TRANSACTION_COLUMNS
from shrinkwatch.records.tables import TABLE_KINDS
from shrinkwatch.rules.condition import expression
from shrinkwatch.rules.fields import fields
from shrinkwatch.rules.judge import needs_of
from shrinkwatch.rules.rule import Rule, frame_columns

_SEVERITIES = ("high", "medium", "low")
_TYPE = re.compile(r"type\.\w+")
_IS_GIVEN = re.compile(r"\b(\w+) IS NOT NULL\b", re.IGNORECASE)


class Kind(NamedTuple):
    """What sort of receipt it is; a rule is about some sorts and never fires on the others."""

    type: str
    status: str


class Gap(NamedTuple):
    """Fields any of which would do, and the rules that are silent without; the gravest first."""

    fields: tuple[str, ...]
    rules: tuple[Rule, ...]

    @property
    def sentence(self) -> str:
        """What could not be checked, and why."""
        asks = " or ".join(f"{name} ({fields()[name].ask})" for name in self.fields)
        return f"{named(self.rules)}: the feed does not carry {asks}"


def named(rules: Sequence[Rule]) -> str:
    """Return what these suspicions are called: the first one, and how many more there are."""
    others = len(rules) - 1
    return f"{rules[0].title}, and {others} more" if others else rules[0].title


def gaps(rules: Sequence[Rule], shown: Mapping[str, bool], kind: Kind) -> list[Gap]:
    """Return what a receipt of this kind was not checked for, the field that most rules lack first.

    shown: of a judgement, or of several together; a field that it does not name counts as shown.
    Rules that are about an earlier receipt are left out.
    """
    found: dict[tuple[str, ...], list[Rule]] = {}
    for rule in rules:
        lacking = [one for one in needs_of(rule) if not any(shown.get(name, True) for name in one)]
        is_gap = lacking and all(kind in _carrying(name) for one in lacking for name in one)
        if is_gap and rule.receipt is None and kind in _kinds(rule):
            found.setdefault(lacking[0], []).append(rule)
    by_weight = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))
    return [Gap(names, tuple(sorted(silent, key=_gravest))) for names, silent in by_weight]


def _gravest(rule: Rule) -> tuple[int, str]:
    return _SEVERITIES.index(rule.severity), rule.id


@cache
def _carrying(name: str) -> frozenset[Kind]:
    """Return the kinds of receipt of which each has this field, or a table tells it."""
    field = fields()[name]
    if field.part == "transactions" and field.of is not None:
        return _those(expression(field.of))
    always = field.of is not None or field.given == "TRUE" or field.part in TABLE_KINDS
    return _those(pl.lit(always))


@lru_cache(maxsize=1024)
def _kinds(rule: Rule) -> frozenset[Kind]:
    """Return the kinds of receipt on which the rule could fire, were everything else as it asks.

    One that cannot do without receipts of a type is about these.
    """
    texts = [_IS_GIVEN.sub(r"\1 IS NULL", sql) for sql in (rule.at_risk, rule.fires) if sql]
    texts += [fields()[need].given or "FALSE" for need in rule.needs if _TYPE.fullmatch(need)]
    return _those(*(expression(text).fill_null(value=True) for text in texts))


def _those(*conditions: pl.Expr) -> frozenset[Kind]:
    """Return the kinds of receipt for which all of these hold."""
    some = _one_of_each().filter(*conditions)
    return frozenset(Kind(*row) for row in some.select(Kind._fields).rows())


@cache
def _one_of_each() -> pl.DataFrame:
    """Return a receipt of each kind of which nothing else is known (null)."""
    each = [pl.DataFrame({name: _words(name)}) for name in Kind._fields]
    kinds = each[0].join(each[1], how="cross")
    return pl.DataFrame(kinds.to_dicts(), schema=dict(frame_columns()))


def _words(column: str) -> list[str]:
    dtype = TRANSACTION_COLUMNS[column]
    assert isinstance(dtype, pl.Enum)
    return dtype.categories.to_list()
