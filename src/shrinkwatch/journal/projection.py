"""Picks the columns that a reader of the journal asked for."""

from collections.abc import Mapping, Sequence

from shrinkwatch.records.batch import PARTS, Batch

Projection = Mapping[str, Sequence[str]]
"""The columns wanted per part of a batch. A part that is not named comes without rows."""


def wanted_columns(part: str, columns: Projection | None) -> list[str]:
    """Return the columns of this part that are wanted, `tx` always among those of a child part.

    columns: None means all. Raises: KeyError for a column that batches do not have.
    """
    kinds = PARTS[part]
    if columns is None:
        return list(kinds)
    wanted = list(columns.get(part, ()))
    for name in wanted:
        if name not in kinds:
            raise KeyError(f"a batch has no column {name!r} in {part}")
    return wanted if part == "transactions" or "tx" in wanted else ["tx", *wanted]


def project(batch: Batch, columns: Projection | None) -> Batch:
    """Return the batch with only the columns asked for; None means all."""
    if columns is None:
        return batch
    frames = {}
    for part in PARTS:
        frame = getattr(batch, part).select(wanted_columns(part, columns))
        keep = part == "transactions" or part in columns
        frames[part] = frame if keep else frame.clear()
    return Batch(**frames)


def timed(columns: Projection | None) -> Projection | None:
    """Return the columns asked for and the time of arrival."""
    if columns is None:
        return None
    heads = dict.fromkeys([*columns.get("transactions", ()), "arrived_at"])
    return {**columns, "transactions": list(heads)}
