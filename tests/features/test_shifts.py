"""At the till outside of one's own shift, as far as the shifts are known."""

from datetime import timedelta

import pytest

from shrinkwatch.features.stream import FeatureStream

from .tills import START, batch_of, tables_of, transaction

HOUR = timedelta(hours=1)


def shift(operator: str, begins: float, ends: float | None, store: str = "S1") -> dict[str, object]:
    out = None if ends is None else START + ends * HOUR
    return {
        "store_id": store,
        "operator_id": operator,
        "clock_in": START + begins * HOUR,
        "clock_out": out,
    }


def off_shift(hours: float, *shifts: dict[str, object], operator: str = "7") -> int | None:
    tables = tables_of(shifts=list(shifts))
    row = transaction(operator_id=operator, ended_at=START + hours * HOUR)
    found: int | None = FeatureStream.new(tables).advance(batch_of(row))["off_shift_s"][0]
    return found


@pytest.mark.parametrize(
    ("hours", "seconds"),
    [
        (0.0, 0),  # clocks in
        (4.0, 0),
        (8.0, 0),  # clocks out
        (8.5, 1_800),
        (16.0, 28_800),  # as near to the next shift as to the last
        (23.5, 1_800),
        (55.0, 82_800),
        (56.5, None),  # more than a day after the last shift known
    ],
)
def test_seconds_from_the_nearest_shift(hours: float, seconds: int | None) -> None:
    assert off_shift(hours, shift("7", 0, 8), shift("7", 24, 32)) == seconds


def test_a_shift_within_another_ends_with_it() -> None:
    assert off_shift(6, shift("7", 0, 8), shift("7", 1, 2)) == 0


def test_who_did_not_clock_out_is_not_known_to_be_gone() -> None:
    shifts = [shift("7", 0, 8), shift("7", 24, None), shift("7", 48, 56)]
    assert off_shift(30, *shifts) is None
    assert off_shift(50, *shifts) == 0


def test_nothing_is_known_of_whom_no_shift_names() -> None:
    assert off_shift(4) is None
    assert off_shift(4, shift("8", 0, 8)) is None
    assert off_shift(4, shift("7", 0, 8, store="S2")) is None
    assert off_shift(4, shift("7", 0, 8), operator="9") is None
