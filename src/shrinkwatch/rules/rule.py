"""A rule: one suspicion, written down so that a person can read it, check it and change it.

A rule is a TOML file. It says on which receipts the thing could have happened (`at_risk`), on which
it did (`fires`), what it cost (`loss`), whose conduct it is (`subject`), and what would excuse it.
It holds no threshold on rates: how often is too often is decided by comparing with peers.
"""

import tomllib
from collections.abc import Mapping
from string import Formatter
from typing import Literal

import polars as pl
from msgspec import Struct, ValidationError, convert

from shrinkwatch.features.catalogue import schema as feature_schema
from shrinkwatch.records.batch import TRANSACTION_COLUMNS
from shrinkwatch.records.scheme import scheme_ids
from shrinkwatch.rules.condition import Columns, ConditionError, check, nearest
from shrinkwatch.rules.fields import field_names

RuleSubject = Literal[
    "operator", "approver", "card", "loyalty", "customer", "register", "sku", "store", "receipt"
]
RuleKind = Literal["count", "extreme", "known"]
Severity = Literal["low", "medium", "high"]
Unit = Literal["receipts", "money", "units", "seconds", "share", "count"]

SUBJECT_COLUMNS: dict[RuleSubject, str] = {
    "operator": "operator_key",
    "approver": "approver_key",
    "card": "card_key",
    "loyalty": "loyalty_key",
    "customer": "customer_key",
    "register": "register_key",
    "sku": "focus_sku_key",
    "store": "store_key",
    "receipt": "tx_key",
}
"""The frame's column that holds the key of such a subject; 0 there is nobody, hence no evidence."""

_SENTENCE_FIELDS = {"hits", "exposure", "value", "typical", "tail", "loss"}
_SENTENCE_NEEDS = {
    "count": {"hits", "exposure", "typical"},
    "extreme": {"value", "typical"},
    "known": {"hits"},
}


class Exonerating(Struct, frozen=True, forbid_unknown_fields=True):
    """What speaks for the subject: counted over the receipts that fired and fulfil `when`."""

    when: str
    sentence: str


class Example(Struct, frozen=True, forbid_unknown_fields=True):
    """A receipt made up to show the rule: some columns of the frame, and what must come of it.

    row: column -> value; a column left out is unknown, except that the subject is somebody.
    expect: "fires"; "quiet" (could have, but did not); "aside" (could not have: no exposure).
    """

    name: str
    row: dict[str, str | int | float | bool]
    expect: Literal["fires", "quiet", "aside"]
    loss_minor: int | None = None
    measure: float | None = None


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One suspicion, as its TOML file says it.

    kind: "count" compares how many of the exposed receipts fired with what peers' would have;
        "extreme" compares the `measure` of each exposed receipt with the tail of peers' measures;
        "known" compares nothing: somebody has found out about the subject, one receipt is enough.
    at_risk, fires, loss, measure: SQL over the frame's columns (see condition.py). `fires` may be
        left out of an extreme rule; `loss` is in minor units.
    receipt: the column with the key of the earlier receipt that it is about, where what happened
        becomes known only with a later one (0: the receipt itself).
    offline, training: whether receipts of a till that was cut off, or in training mode, count.
    sentence: for a person, with {hits} {exposure} {value} {typical} {tail} {loss}.
    needs: contract fields without which it cannot speak (records/schemes.toml names them alike).
    on: whether it counts unless settings say otherwise.
    """

    id: str
    title: str
    scheme: str
    subject: RuleSubject
    kind: RuleKind
    at_risk: str
    fires: str | None = None
    loss: str
    measure: str | None = None
    receipt: str | None = None
    offline: bool = False
    training: bool = False
    sentence: str
    unit: Unit
    severity: Severity
    needs: tuple[str, ...]
    source: str
    on: bool = True
    exonerating: tuple[Exonerating, ...] = ()
    example: tuple[Example, ...] = ()

    def __hash__(self) -> int:
        """Return a hash of the id (examples hold dicts, which have none)."""
        return hash(self.id)

    @property
    def subject_column(self) -> str:
        """The frame's column with the subject's key."""
        return SUBJECT_COLUMNS[self.subject]

    @property
    def conditions(self) -> dict[str, tuple[str, bool]]:
        """Every SQL text by the place where it stands, and whether it must answer yes or no."""
        numbers = {"loss": self.loss, "measure": self.measure}
        answers = {"at_risk": self.at_risk, "fires": self.fires}
        for place, one in enumerate(self.exonerating):
            answers[f"exonerating[{place}].when"] = one.when
        return {
            name: (sql, is_answer)
            for texts, is_answer in ((answers, True), (numbers, False))
            for name, sql in texts.items()
            if sql is not None
        }


class RuleError(ValueError):
    """A rule's text is not a rule; the message names the key and says what is wrong with it."""


def frame_columns() -> Columns:
    """Return every column that a condition may name: the transactions' and the features'."""
    return {**TRANSACTION_COLUMNS, **feature_schema()}


def parse_rule(text: str, known: Columns) -> Rule:
    """Return the rule that this TOML text describes, every condition checked.

    known: the columns that conditions may name, e.g. `frame_columns()`.
    Raises: RuleError, naming the key that is wrong.
    """
    try:
        rule = convert(tomllib.loads(text), Rule)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"not TOML: {error}") from error
    except ValidationError as error:
        raise RuleError(str(error)) from error
    _check_names(rule)
    _check_shape(rule)
    _check_receipt(rule, known)
    _check_conditions(rule, known)
    _check_examples(rule, known)
    return rule


def _check_names(rule: Rule) -> None:
    if rule.scheme not in scheme_ids():
        near = nearest(rule.scheme, scheme_ids())
        raise RuleError(f"scheme: no scheme is called {rule.scheme!r}{near}")
    for need in rule.needs:
        for name in need.split(" | "):
            if name not in field_names():
                near = nearest(name, field_names())
                raise RuleError(f"needs: the contract has no field {name!r}{near}")
    named = {name for _, name, _, _ in Formatter().parse(rule.sentence) if name is not None}
    if unknown := named - _SENTENCE_FIELDS:
        raise RuleError(f"sentence: cannot fill in {{{min(unknown)}}}")
    if missing := _SENTENCE_NEEDS[rule.kind] - named:
        raise RuleError(f"sentence: must say {{{min(missing)}}}")


def _check_shape(rule: Rule) -> None:
    if rule.kind != "extreme" and rule.fires is None:
        raise RuleError("fires: a rule that counts must say on what")
    if (rule.measure is not None) != (rule.kind == "extreme"):
        raise RuleError("measure: an extreme rule has one, a rule that counts has none")


def _check_receipt(rule: Rule, known: Columns) -> None:
    if rule.receipt is not None and known.get(rule.receipt) != pl.UInt64:
        raise RuleError(f"receipt: no column {rule.receipt!r} holds the key of a receipt")


def _check_conditions(rule: Rule, known: Columns) -> None:
    for place, (sql, is_answer) in rule.conditions.items():
        try:
            check(sql, known, boolean=is_answer)
        except ConditionError as error:
            raise RuleError(f"{place}: {error}") from error


def _check_examples(rule: Rule, known: Mapping[str, pl.DataType | type[pl.DataType]]) -> None:
    for place, example in enumerate(rule.example):
        for name in example.row:
            if name not in known:
                near = nearest(name, known)
                raise RuleError(f"example[{place}].row: no feature is called {name!r}{near}")
