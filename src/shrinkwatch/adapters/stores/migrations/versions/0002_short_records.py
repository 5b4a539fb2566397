"""A record's row is short and lies by key; what few records have stands beside it.

Only files of SQLite are older than this step, so that it need not speak to PostgreSQL.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column, Connection, Integer

revision = "0002"
down_revision = "0001"

_ROWS_AT_ONCE = 50_000
_NO_RANK = (-1, -(2**63))
_IN_EFFECT = 0

_OLD = sa.text(
    "SELECT position, tx_key, content, revision, updated_us, day, state FROM old_record "
    "WHERE position >= :first ORDER BY position LIMIT :rows"
)


def upgrade() -> None:
    """Move every record to the new tables."""
    op.rename_table("record", "old_record")
    for index in ("record_by_key", "record_out_of_effect"):
        op.drop_index(index, "old_record")
    record = op.create_table(
        "record",
        Column("tx_key", Integer, primary_key=True),
        Column("position", Integer, primary_key=True),
        Column("content", Integer, nullable=False),
        Column("day", Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    rank = op.create_table(
        "record_rank",
        Column("position", Integer, primary_key=True),
        Column("revision", Integer, nullable=False),
        Column("updated_us", Integer, nullable=False),
    )
    state = op.create_table(
        "record_state",
        Column("position", Integer, primary_key=True),
        Column("state", Integer, nullable=False),
    )
    _move(op.get_bind(), record, rank, state)
    op.drop_table("old_record")
    op.drop_table("schema_version")


def _move(connection: Connection, record: sa.Table, rank: sa.Table, state: sa.Table) -> None:
    first = 0
    while rows := connection.execute(_OLD, {"first": first, "rows": _ROWS_AT_ONCE}).all():
        first = rows[-1].position + 1
        short = [
            {
                "tx_key": row.tx_key,
                "position": row.position,
                "content": int.from_bytes(row.content[:8], "little", signed=True),
                "day": row.day,
            }
            for row in rows
        ]
        ranked = [
            {"position": row.position, "revision": row.revision, "updated_us": row.updated_us}
            for row in rows
            if (row.revision, row.updated_us) != _NO_RANK
        ]
        told = [
            {"position": row.position, "state": row.state}
            for row in rows
            if row.state != _IN_EFFECT
        ]
        for table, new in ((record, short), (rank, ranked), (state, told)):
            if new:
                connection.execute(sa.insert(table), new)
