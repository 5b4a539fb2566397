"""What the tables and the store's clock say of a receipt: role, lane, hour, opening, peer group."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.arrays import Block, Coded, apart
from shrinkwatch.features.calendar import (
    PARTS_OF_DAY,
    calendar_columns,
    local_time,
    opening_columns,
)
from shrinkwatch.features.joins import Joined, Joins
from shrinkwatch.features.kernel import UNKNOWN_32, UNKNOWN_64, UNKNOWN_FLAG
from shrinkwatch.features.peer_groups import PeerGroups, tenure_band
from shrinkwatch.features.shifts import off_shift_s


def joined_columns(
    joins: Joins,
    joined: Joined,
    at: NDArray[np.int64],
    offset_s: NDArray[np.int64],
    groups: PeerGroups,
) -> tuple[list[Block], dict[str, pl.Series]]:
    """Return the JOINED columns, (rows,) each: numbers, and names by name.

    at: (rows,) int64 UTC microseconds; offset_s: (rows,) int64 seconds east of UTC; UNKNOWN_64.
    """
    local = local_time(at, offset_s)
    operators, stores = joins.operators, joins.stores
    hired_on = operators.numbers("hired_on", joined.operator_row)
    dated = local.known & (hired_on != UNKNOWN_64)
    tenure_days = np.where(dated, local.day - hired_on, UNKNOWN_32).astype(np.int32)
    virtual = operators.numbers("virtual", joined.operator_row)
    names = {
        "format": stores.coded("format", joined.store_row),
        "lane_type": joins.registers.coded("lane_type", joined.register_row),
        "part_of_day": Coded(PARTS_OF_DAY, local.part),
        "role": operators.coded("role", joined.operator_row),
        "tenure_band": tenure_band(tenure_days),
    }
    numbers: dict[str, NDArray[Any]] = {
        "tenure_days": tenure_days,
        "virtual_operator": np.where(virtual != UNKNOWN_64, virtual, UNKNOWN_FLAG).astype(np.int8),
        "off_shift_s": off_shift_s(joined.clocked_row, at, joins.clocked),
        "peer_group": groups.codes(list(names.values())),
        **calendar_columns(local),
        **opening_columns(
            local,
            stores.numbers("opens", joined.store_row),
            stores.numbers("closes", joined.store_row),
        ),
    }
    return apart(numbers), {name: coded.series() for name, coded in names.items()}
