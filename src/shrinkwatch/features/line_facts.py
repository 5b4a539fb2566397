"""What the lines of one receipt say: how much, how dear, what was taken off again and how fast."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.kernel import UNKNOWN_64, kernel
from shrinkwatch.records.transaction import LINE_ENTRIES, LINE_KINDS

ITEM = LINE_KINDS.index("item")
RETURN = LINE_KINDS.index("return")
GIFT_CARD = LINE_KINDS.index("gift_card")
KEYED = LINE_ENTRIES.index("key")
NO_ENTRY = 255
MICROSECONDS = 1e6


class Lines(NamedTuple):
    """The lines of a batch as arrays of one length, sorted by transaction.

    `list_value` and `cost` are minor units (float64, NaN unknown); times are microseconds.
    """

    kind: NDArray[np.uint8]
    entry: NDArray[np.uint8]
    voided: NDArray[np.bool_]
    quantity: NDArray[np.float64]
    list_value: NDArray[np.float64]
    cost: NDArray[np.float64]
    extended: NDArray[np.int64]
    at: NDArray[np.int64]
    void_at: NDArray[np.int64]


class Sums(NamedTuple):
    """Outputs of `add_up`, one element per transaction; names are the catalogue's."""

    live_lines: NDArray[np.int32]
    units: NDArray[np.float64]
    max_line_units: NDArray[np.float64]
    voided_lines: NDArray[np.int32]
    voided_minor: NDArray[np.int64]
    sold_minor: NDArray[np.int64]
    return_lines: NDArray[np.int32]
    returned_units: NDArray[np.float64]
    returned_minor: NDArray[np.int64]
    gift_card_lines: NDArray[np.int32]
    gift_card_sold_minor: NDArray[np.int64]
    dearest_minor: NDArray[np.int64]
    list_value_minor: NDArray[np.int64]


class Keyed(NamedTuple):
    """Outputs of `see_entries`."""

    keyed_lines: NDArray[np.int32]
    keyed_return_lines: NDArray[np.int32]


class Pace(NamedTuple):
    """Outputs of `see_times`."""

    last_void_minor: NDArray[np.int64]
    last_void_delay_s: NDArray[np.float64]
    last_void_was_last_line: NDArray[np.int8]
    last_void_after_scan_s: NDArray[np.float64]
    scan_seconds: NDArray[np.float64]
    longest_pause_s: NDArray[np.float64]
    units_per_minute: NDArray[np.float64]


@kernel
def takes_back(kind: int, quantity: float) -> bool:
    """Return whether a line takes goods back: a return, or an item sold minus so many times."""
    return kind == RETURN or (kind == ITEM and quantity < 0)


@kernel
def value_lines(
    first: NDArray[np.int64],
    quantity: NDArray[np.float64],
    price: NDArray[np.int64],
    scale: NDArray[np.float64],
    value: NDArray[np.float64],
) -> None:
    """Fill quantity x price of each line in minor units, NaN where one is unknown.

    price: (lines,) int64 of 1/10,000 of the currency's unit. scale: (rows,) how many of these make
    one minor unit.
    """
    for i in range(first.size - 1):
        for j in range(first[i], first[i + 1]):
            known = price[j] != UNKNOWN_64
            value[j] = quantity[j] * np.float64(price[j]) / scale[i] if known else np.nan


@kernel
def add_up(first: NDArray[np.int64], lines: Lines, known: NDArray[np.bool_], out: Sums) -> None:
    """Fill counts and sums per transaction; those whose lines are not `known` stay unknown."""
    for i in range(first.size - 1):
        if not known[i]:
            continue
        live, voided, returns, gifts = 0, 0, 0, 0
        units, most, back = 0.0, 0.0, 0.0
        voided_minor, sold, returned, gift_minor, dearest = 0, 0, 0, 0, 0
        list_value = 0.0
        for j in range(first[i], first[i + 1]):
            amount, quantity, kind = lines.extended[j], lines.quantity[j], lines.kind[j]
            if lines.voided[j]:
                voided += 1
                voided_minor += abs(amount)
                continue
            live += 1
            most = max(most, abs(quantity))
            dearest = max(dearest, abs(amount))
            if takes_back(kind, quantity):
                returns += 1
                back -= quantity
                returned -= amount
                continue
            sold += amount
            list_value += lines.list_value[j]
            if kind == ITEM:
                units += quantity
            elif kind == GIFT_CARD:
                gifts += 1
                gift_minor += amount
        out.live_lines[i], out.voided_lines[i], out.return_lines[i] = live, voided, returns
        out.units[i], out.max_line_units[i], out.returned_units[i] = units, most, back
        out.voided_minor[i], out.sold_minor[i], out.returned_minor[i] = voided_minor, sold, returned
        out.gift_card_lines[i], out.gift_card_sold_minor[i] = gifts, gift_minor
        out.dearest_minor[i], out.list_value_minor[i] = dearest, round(list_value)


@kernel
def add_costs(first: NDArray[np.int64], lines: Lines, cost_minor: NDArray[np.int64]) -> None:
    """Fill the cost of the live goods; unknown when one cost is, or when there are none."""
    for i in range(first.size - 1):
        total, goods = 0.0, 0
        for j in range(first[i], first[i + 1]):
            if not lines.voided[j] and lines.kind[j] <= RETURN:
                goods += 1
                total += lines.cost[j]
        if goods > 0 and not np.isnan(total):
            cost_minor[i] = round(total)


@kernel
def see_entries(first: NDArray[np.int64], lines: Lines, out: Keyed) -> None:
    """Fill how many live lines were keyed; unknown when no line says how it was entered."""
    for i in range(first.size - 1):
        told, keyed, keyed_back = False, 0, 0
        for j in range(first[i], first[i + 1]):
            told = told or lines.entry[j] != NO_ENTRY
            if lines.entry[j] == KEYED and not lines.voided[j]:
                keyed += 1
                keyed_back += takes_back(lines.kind[j], lines.quantity[j])
        if told:
            out.keyed_lines[i], out.keyed_return_lines[i] = keyed, keyed_back


@kernel
def last_void(start: int, stop: int, lines: Lines) -> int:
    """Return the place of the line voided last, or −1 when no void time is known."""
    last = -1
    for j in range(start, stop):
        timed = lines.voided[j] and lines.void_at[j] != UNKNOWN_64
        if timed and (last < 0 or lines.void_at[j] >= lines.void_at[last]):
            last = j
    return last


@kernel
def see_times(
    first: NDArray[np.int64], lines: Lines, units: NDArray[np.float64], out: Pace
) -> None:
    """Fill what the times of the lines say; unknown where the feed has none."""
    for i in range(first.size - 1):
        earliest, latest, longest = UNKNOWN_64, UNKNOWN_64, 0
        for j in range(first[i], first[i + 1]):
            if lines.at[j] != UNKNOWN_64:
                if latest != UNKNOWN_64:
                    longest = max(longest, lines.at[j] - latest)
                earliest = lines.at[j] if earliest == UNKNOWN_64 else min(earliest, lines.at[j])
                latest = max(latest, lines.at[j])
        if latest != UNKNOWN_64:
            out.scan_seconds[i] = (latest - earliest) / MICROSECONDS
            out.longest_pause_s[i] = longest / MICROSECONDS
            if latest > earliest:
                out.units_per_minute[i] = units[i] * 60.0 / out.scan_seconds[i]
        j = last_void(first[i], first[i + 1], lines)
        if j >= 0:
            out.last_void_minor[i] = abs(lines.extended[j])
            out.last_void_was_last_line[i] = np.int8(j == first[i + 1] - 1)
            if lines.at[j] != UNKNOWN_64:
                out.last_void_delay_s[i] = (lines.void_at[j] - lines.at[j]) / MICROSECONDS
            if latest != UNKNOWN_64:
                out.last_void_after_scan_s[i] = (lines.void_at[j] - latest) / MICROSECONDS
