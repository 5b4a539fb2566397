"""A day of a very large chain's tills as columns, made from a seed: what the replay is timed on.

Everything is drawn with numpy, nothing is looped over: 2 million transactions with about five
lines each take some seconds. It is traffic, not a world: no theft, no seasons, only the volumes,
the mix of types and the number of subjects that the design names.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.records.batch import PARTS, Batch
from shrinkwatch.records.tables import TABLE_COLUMNS, Tables
from shrinkwatch.records.transaction import (
    EVENT_TYPES,
    LINE_ENTRIES,
    LINE_KINDS,
    PRICE_CHANGE_TYPES,
    STATUSES,
    TENDER_TYPES,
    TRANSACTION_TYPES,
)

_TYPE_SHARES = {"sale": 0.93, "return": 0.03, "exchange": 0.01, "void": 0.01, "no_sale": 0.02}
_HOURS = np.array([0, 0, 0, 0, 0, 0, 1, 2, 4, 5, 6, 7, 8, 7, 6, 7, 8, 9, 9, 7, 5, 3, 1, 0], float)
_LANES = ("staffed", "self_checkout", "service")
_FORMATS = ("hypermarket", "supermarket", "convenience")
_ROLES = ("cashier", "supervisor", "service")


@dataclass(frozen=True, slots=True)
class Chain:
    """How large the chain is; the defaults are the design's."""

    stores: int = 500
    tills: int = 3_000
    operators: int = 12_000
    cards: int = 5_000_000
    loyalty: int = 1_000_000
    skus: int = 50_000


def keys_of(kind: int, numbers: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return a well-spread key for each number from 0, 0 for −1 (nobody)."""
    mixed = (numbers.astype(np.uint64) + np.uint64(1 + (kind << 40))) * np.uint64(
        0x9E3779B97F4A7C15
    )
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return np.where(numbers >= 0, mixed, np.uint64(0))


def tables_of(chain: Chain) -> Tables:
    """Return the chain's stores, registers and operators."""
    stores = [f"S{i}" for i in range(chain.stores)]
    registers = np.arange(chain.tills)
    operators = np.arange(chain.operators)
    rows: dict[str, dict[str, list[Any]]] = {
        "stores": {
            "store_id": stores,
            "format": [_FORMATS[i % 3] for i in range(chain.stores)],
            "opens": [time(7)] * chain.stores,
            "closes": [time(22)] * chain.stores,
        },
        "registers": {
            "store_id": [f"S{i % chain.stores}" for i in registers],
            "register_id": [str(i) for i in registers],
            "lane_type": [_LANES[i // chain.stores % 3] for i in registers],
        },
        "operators": {
            "store_id": [f"S{i % chain.stores}" for i in operators],
            "operator_id": [str(i) for i in operators],
            "role": [_ROLES[i % 3] for i in operators],
            "hired_on": [date(2024 + i % 2, 1 + i % 12, 1) for i in operators],
            "virtual": [False] * chain.operators,
        },
    }
    return Tables({kind: _framed(TABLE_COLUMNS[kind], given) for kind, given in rows.items()})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a UTC day: `rows` transactions, the `number`-th of `of` parts from 0.

    every_card_from: cards are dealt out in turn from this one on, so that a few days touch them
    all; None draws them at random.
    """

    day: date
    rows: int
    number: int = 0
    of: int = 1
    every_card_from: int | None = None


def part_of_day(chain: Chain, part: Part, seed: int) -> Batch:
    """Return the part's transactions in order of arrival, about five lines each."""
    rng, rows = np.random.default_rng((seed, part.day.toordinal(), part.number)), part.rows
    kinds = rng.choice(
        [TRANSACTION_TYPES.index(name) for name in _TYPE_SHARES],
        rows,
        p=list(_TYPE_SHARES.values()),
    ).astype(np.uint8)
    lines_each = np.where(
        kinds == TRANSACTION_TYPES.index("no_sale"), 0, 1 + rng.geometric(0.25, rows).clip(max=39)
    )
    lines_each[kinds == TRANSACTION_TYPES.index("void")] = 0
    owner = np.repeat(np.arange(rows), lines_each)
    lines = _lines(rng, chain, kinds, owner)
    changes = _changes(rng, lines)
    extended = lines["extended_minor"] + np.bincount(
        changes["place"], weights=changes["amount_minor"], minlength=owner.size
    ).astype(np.int64)
    lines["extended_minor"] = extended
    live = np.where(lines["voided"], 0, extended)
    net = np.bincount(owner, weights=live, minlength=rows).astype(np.int64)
    voids = kinds == TRANSACTION_TYPES.index("void")
    net[voids] = -rng.integers(100, 20_000, int(voids.sum()))
    head = _head(rng, chain, part, kinds, net)
    tenders = _tenders(head, net)
    del changes["place"]
    opened = np.flatnonzero(head["pays_cash"] | (net == 0))
    events = {"tx": opened, "type": np.full(opened.size, EVENT_TYPES.index("drawer_open"))}
    del head["pays_cash"]
    given = {
        "transactions": head,
        "lines": lines,
        "price_changes": changes,
        "tenders": tenders,
        "events": events,
    }
    return Batch(**{part: _framed(PARTS[part], columns) for part, columns in given.items()})


def _head(
    rng: np.random.Generator,
    chain: Chain,
    part: Part,
    kinds: NDArray[np.uint8],
    net: NDArray[np.int64],
) -> dict[str, Any]:
    rows, ordinal = kinds.size, part.day.toordinal()
    midnight = int(datetime.combine(part.day, time(), UTC).timestamp())
    shares = np.concatenate([[0.0], np.cumsum(_HOURS) / _HOURS.sum()])
    when = np.sort((part.number + rng.random(rows)) / part.of)
    second = np.interp(when, shares, np.arange(25) * 3600.0)
    ended = (midnight + np.minimum(second, 86_399)).astype(np.int64) * 1_000_000
    till = rng.integers(0, chain.tills, rows)
    store = till % chain.stores
    shifts = chain.operators // chain.stores
    operator = store + chain.stores * rng.integers(0, shifts, rows)
    pays_cash = rng.random(rows) < 0.3
    drawn = rng.integers(0, chain.cards, rows)
    if part.every_card_from is not None:
        drawn = (part.every_card_from + np.cumsum(~pays_cash & (net != 0))) % chain.cards
    card = np.where(pays_cash | (net == 0), -1, drawn)
    loyalty = np.where(rng.random(rows) < 0.4, rng.integers(0, chain.loyalty, rows), -1)
    number = ordinal * 10_000_000 + part.number * rows + np.arange(rows)
    refers = (net < 0) & (rng.random(rows) < 0.8)
    sold_on = ordinal - rng.integers(1, 14, rows)
    earlier = sold_on * 10_000_000 + rng.integers(0, rows * part.of, rows)
    statuses = np.where(rng.random(rows) < 0.01, STATUSES.index("cancelled"), 0)
    return {
        "source": pl.repeat("till", rows, eager=True),
        "store_id": _named("S", chain.stores).gather(store),
        "register_id": _named("", chain.tills).gather(till),
        "operator_id": _named("", chain.operators).gather(operator),
        "ended_at": ended,
        "arrived_at": ended,
        "utc_offset_s": np.full(rows, 3600, dtype=np.int32),
        "type": kinds,
        "status": statuses.astype(np.uint8),
        "training": np.zeros(rows, dtype=np.bool_),
        "employee_sale": rng.random(rows) < 0.01,
        "currency": pl.repeat("EUR", rows, eager=True),
        "net_minor": net,
        "tx_key": keys_of(1, number),
        "original_key": keys_of(1, np.where(refers, earlier, -1)),
        "original_business_date": pl.Series(
            np.where(refers, sold_on - date(1970, 1, 1).toordinal(), -1)
        ).replace(-1, None),
        "store_key": keys_of(2, store),
        "register_key": keys_of(3, till),
        "operator_key": keys_of(4, operator),
        "card_key": keys_of(5, card),
        "loyalty_key": keys_of(6, loyalty),
        "pays_cash": pays_cash,
    }


def _lines(
    rng: np.random.Generator, chain: Chain, kinds: NDArray[np.uint8], owner: NDArray[np.int64]
) -> dict[str, Any]:
    count = owner.size
    back = np.isin(kinds, [TRANSACTION_TYPES.index("return")])[owner]
    kind = np.where(back, LINE_KINDS.index("return"), LINE_KINDS.index("item")).astype(np.uint8)
    # few products sell most: squares of a uniform number
    sku = (rng.random(count) ** 2 * chain.skus).astype(np.int64)
    cents = rng.integers(50, 3_000, count)
    quantity = np.where(rng.random(count) < 0.9, 1, rng.integers(2, 6, count))
    sign = np.where(back, -1, 1)
    return {
        "tx": owner,
        "line": np.arange(count) - np.repeat(*_starts(owner)) + 1,
        "kind": kind,
        "sku": _named("P", chain.skus).gather(sku),
        "sku_key": keys_of(7, sku),
        "quantity": (sign * quantity).astype(np.float64),
        "entry": np.full(count, LINE_ENTRIES.index("scan"), dtype=np.uint8),
        "list_price": cents * 100,
        "extended_minor": sign * quantity * cents,
        "voided": rng.random(count) < 0.01,
    }


def _starts(owner: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each run of equal owners starts and how long it is."""
    start = np.flatnonzero(np.diff(owner, prepend=-1))
    return start, np.diff(start, append=owner.size)


def _changes(rng: np.random.Generator, lines: dict[str, Any]) -> dict[str, Any]:
    place = np.flatnonzero(rng.random(lines["tx"].size) < 0.08)
    promotion, override = (PRICE_CHANGE_TYPES.index(n) for n in ("promotion", "override"))
    kinds = np.where(rng.random(place.size) < 0.95, promotion, override)
    return {
        "place": place,
        "tx": lines["tx"][place],
        "line": lines["line"][place],
        "type": kinds.astype(np.uint8),
        "amount_minor": -(lines["extended_minor"][place] // 5),
    }


def _tenders(head: dict[str, Any], net: NDArray[np.int64]) -> dict[str, Any]:
    paid = np.flatnonzero(net != 0)
    cash, credit = TENDER_TYPES.index("cash"), TENDER_TYPES.index("credit")
    return {
        "tx": paid,
        "type": np.where(head["pays_cash"][paid], cash, credit).astype(np.uint8),
        "amount_minor": net[paid],
        "change": np.zeros(paid.size, dtype=np.bool_),
        "voided": np.zeros(paid.size, dtype=np.bool_),
        "card_key": head["card_key"][paid],
    }


def _named(prefix: str, count: int) -> pl.Series:
    return pl.Series([f"{prefix}{i}" for i in range(count)])


def _framed(schema: dict[str, Any], given: dict[str, Any]) -> pl.DataFrame:
    """Return a frame of this schema; what is not given is null, codes become their names."""
    rows = len(next(iter(given.values())))
    columns = []
    for name, dtype in schema.items():
        if name not in given:
            columns.append(pl.repeat(None, rows, dtype=dtype, eager=True).alias(name))
            continue
        series = pl.Series(name, given[name])
        coded = isinstance(dtype, pl.Enum) and series.dtype != pl.String
        columns.append(series.cast(pl.UInt8).cat.to(dtype) if coded else series.cast(dtype))
    return pl.DataFrame(columns)
