"""What a rule may say: a line of SQL about one receipt, checked before it is ever used.

A condition is a SQL expression over the named columns of the feature frame. It may compare, count
and calculate within a row; it may not aggregate, look at other rows, read files or call anything
else: every node of the parsed expression must be on the lists below, so that what this version of
the parser learns tomorrow is refused until somebody has thought about it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import polars as pl

Columns = Mapping[str, pl.DataType | type[pl.DataType]]
"""The columns that a condition may name, with their dtypes."""

_OPERATORS = {
    *("Eq", "NotEq", "Lt", "LtEq", "Gt", "GtEq", "EqValidity", "NotEqValidity"),
    *("And", "Or", "Plus", "Minus", "Multiply", "Modulus"),
}
_FUNCTIONS = {
    *("Abs", "Sign", "Floor", "Ceil", "Log", "Exp", "Pow.Sqrt"),
    *("Coalesce", "MaxHorizontal", "MinHorizontal"),
    *("Boolean.IsNull", "Boolean.IsNotNull", "Boolean.Not", "Boolean.IsIn", "Sql.IsIn"),
    *("Sql.Binary.Mul", "Sql.Binary.Div", "Sql.Binary.Rem", "Sql.Binary.IntDiv"),
    *("StringExpr.StartsWith", "StringExpr.EndsWith"),
}
_CHILDREN = {
    "BinaryExpr": ("left", "right"),
    "Ternary": ("predicate", "truthy", "falsy"),
    "Cast": ("expr",),
    "Function": ("input",),
}
LONGEST = 2_000
"""Characters of a condition: far above any that a person reads, far below what nests too deeply."""

_QUOTED = re.compile(r"'((?:[^']|'')*)'")
_COMPARED = re.compile(
    r"(\w+)\s*(?:=|<>|!=)\s*('[^']*')|(\w+)\s+(?:NOT\s+)?IN\s*\(([^)]*)\)", re.IGNORECASE
)
_DECIMAL = re.compile(r"(?<![\w.])(\d+\.\d+)(?![\w.])")


class ConditionError(ValueError):
    """The condition says something that a rule cannot say; the message tells what and where."""


@lru_cache(maxsize=4096)
def expression(sql: str) -> pl.Expr:
    """Return the expression that this SQL means.

    Numbers with a decimal point become floats: SQL reads them as decimals, whose arithmetic is
    many times slower and rounds at six places.

    Raises: ConditionError, if it is not a SQL expression or longer than LONGEST characters.
    """
    if len(sql) > LONGEST:
        raise ConditionError(f"longer than {LONGEST:,} characters: {sql[:40]!r} …")
    try:
        return pl.sql_expr(_with_floats(sql))
    except pl.exceptions.PolarsError as error:
        raise ConditionError(f"not a SQL expression: {sql!r} ({_first_line(error)})") from error


def conjuncts(condition: pl.Expr) -> list[pl.Expr]:
    """Return the conditions all of which hold where, and only where, this one does.

    >>> len(conjuncts(expression("a > 1 AND b IS NULL AND (c OR d)")))
    3
    """
    ((node, body),) = json.loads(condition.meta.serialize(format="json")).items()
    if node != "BinaryExpr" or body["op"] != "And":
        return [condition]
    return [part for side in condition.meta.pop() for part in conjuncts(side)]


def check(sql: str, known: Columns, *, boolean: bool) -> frozenset[str]:
    """Return the columns that the condition names, if it is one that a rule may use.

    known: the columns of the frame and their dtypes.
    boolean: whether it must answer yes or no (True) or give a number (False).
    Raises: ConditionError, naming the unknown column, the forbidden node, the unknown word or the
    wrong type, with the nearest known name where there is one.
    """
    parsed = expression(sql)
    columns = frozenset(parsed.meta.root_names())
    for name in sorted(columns - known.keys()):
        near = nearest(name, known) or " (shrinkwatch rules columns lists all)"
        raise ConditionError(f"no feature is called {name!r}{near}: {sql!r}")
    for node, body in _nodes(json.loads(parsed.meta.serialize(format="json"))):
        _check_node(node, body, sql)
    _check_words(sql, {name: known[name] for name in columns})
    _check_type(parsed, {name: known[name] for name in columns}, sql, boolean=boolean)
    return columns


def _with_floats(sql: str) -> str:
    parts = _QUOTED.split(sql)  # every second part was between quotes
    return "".join(
        f"'{part}'" if place % 2 else _DECIMAL.sub(r"\1e0", part)
        for place, part in enumerate(parts)
    )


def _nodes(tree: Any) -> Iterator[tuple[str, Any]]:
    """Yield every node of a serialised expression as (name, body)."""
    if not isinstance(tree, dict) or len(tree) != 1:
        raise ConditionError(f"cannot be checked: {json.dumps(tree)[:80]}")
    ((node, body),) = tree.items()
    yield node, body
    for child in _CHILDREN.get(node, ()):
        inner = body[child]
        for one in inner if isinstance(inner, list) else [inner]:
            yield from _nodes(one)


def _check_node(node: str, body: Any, sql: str) -> None:
    if node == "BinaryExpr":
        if body["op"] not in _OPERATORS:
            raise ConditionError(f"a rule cannot use the operator {body['op']}: {sql!r}")
        if body["op"] in {"Eq", "NotEq"} and any(
            _is_true_or_false(body[side]) for side in ("left", "right")
        ):
            # `x IS NOT TRUE` is null, not true, where x is unknown: the parser's trap
            raise ConditionError(f"write the column alone, or COALESCE(it, FALSE): {sql!r}")
    elif node == "Function":
        called = _function(body["function"])
        if called not in _FUNCTIONS:
            raise ConditionError(f"a rule cannot use {called}: {sql!r}")
    elif node not in {"Column", "Literal", "Ternary", "Cast"}:
        raise ConditionError(f"a rule looks at one row and cannot use {node}: {sql!r}")


def _is_true_or_false(tree: Any) -> bool:
    scalar = tree["Literal"].get("Scalar") if "Literal" in tree else None
    return isinstance(scalar, dict) and "Boolean" in scalar


def _function(body: Any) -> str:
    """Return a function's dotted name without its options: `StringExpr.StartsWith`."""
    names = []
    while isinstance(body, dict) and len(body) == 1:
        ((name, body),) = body.items()
        if not name[:1].isupper():
            break
        names.append(name)
    if isinstance(body, str):
        names.append(body)
    return ".".join(names)


def _check_words(sql: str, columns: Columns) -> None:
    """Refuse a quoted word that the column it is compared with never holds."""
    for column, word, listed, words in _COMPARED.findall(sql):
        dtype = columns.get(column or listed)
        if not isinstance(dtype, pl.Enum):
            continue
        possible = set(dtype.categories)
        for name in _QUOTED.findall(word or words):
            if name not in possible:
                near = nearest(name, possible)
                raise ConditionError(f"{column or listed} is never {name!r}{near}: {sql!r}")


def _check_type(parsed: pl.Expr, columns: Columns, sql: str, *, boolean: bool) -> None:
    try:
        given = pl.DataFrame(schema=columns).select(answer=parsed).schema["answer"]
    except pl.exceptions.PolarsError as error:
        raise ConditionError(f"{_first_line(error)}: {sql!r}") from error
    if boolean and given != pl.Boolean:
        raise ConditionError(f"must answer yes or no, but gives {given}: {sql!r}")
    if not boolean and not given.is_numeric():
        raise ConditionError(f"must give a number, but gives {given}: {sql!r}")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a remark that names what was probably meant; empty where nothing is near.

    >>> nearest("cash_refunds_minor", {"cash_refund_minor", "net_minor"})
    " (did you mean 'cash_refund_minor'?)"
    """
    near = get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
