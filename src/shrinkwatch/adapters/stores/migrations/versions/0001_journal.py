"""The journal and the alerts, as they were before there were steps."""

from alembic import op
from sqlalchemy import Column, Float, Integer, LargeBinary, Text, text

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table("schema_version", Column("version", Integer, primary_key=True))
    op.create_table(
        "record",
        Column("position", Integer, primary_key=True),
        Column("tx_key", Integer, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("updated_us", Integer, nullable=False),
        Column("day", Integer, nullable=False),
        Column("state", Integer, nullable=False),
    )
    op.create_index("record_by_key", "record", ["tx_key"])
    op.create_index("record_out_of_effect", "record", ["position"], sqlite_where=text("state != 0"))
    op.create_table(
        "block",
        Column("first_position", Integer, primary_key=True),
        Column("rows", Integer, nullable=False),
        Column("payload", LargeBinary, nullable=False),
    )
    op.create_table(
        "block_day",
        Column("day", Integer, primary_key=True),
        Column("first_position", Integer, primary_key=True),
    )
    op.create_table(
        "reject",
        Column("id", Integer, primary_key=True),
        Column("raw_hash", Text, nullable=False, unique=True),
        Column("reason", Text, nullable=False),
        Column("sentence", Text, nullable=False),
        Column("raw", LargeBinary, nullable=False),
        Column("raw_key", Text),
        Column("file", Text),
        Column("place", Integer),
    )
    op.create_table(
        "reject_claim",
        Column("raw_hash", Text, primary_key=True),
        Column("tx_key", Integer, nullable=False),
        Column("position", Integer, nullable=False),
    )
    op.create_table(
        "table_load",
        Column("id", Integer, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("arrived_us", Integer, nullable=False),
        Column("rows", LargeBinary, nullable=False),
    )
    op.create_table(
        "entry",
        Column("id", Integer, primary_key=True),
        Column("arrived_us", Integer, nullable=False),
        Column("kind", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
    )
    op.create_table(
        "alert",
        Column("alert_id", Text, primary_key=True),
        Column("status", Text, nullable=False),
        Column("worth", Float, nullable=False),
        Column("document", LargeBinary, nullable=False),
    )
