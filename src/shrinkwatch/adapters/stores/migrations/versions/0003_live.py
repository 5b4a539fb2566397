"""What live scoring and the door need: how far it came, who did what, who may send and look."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, Text

revision = "0003"
down_revision = "0002"

_WHOLE = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "live_position",
        Column("id", _WHOLE, primary_key=True, autoincrement=False),
        Column("position", _WHOLE, nullable=False),
        Column("closed_day", _WHOLE, nullable=False),
    )
    op.create_table(
        "audit",
        Column("number", _WHOLE, primary_key=True, autoincrement=False),
        Column("at_us", _WHOLE, nullable=False),
        Column("who", Text, nullable=False),
        Column("what", Text, nullable=False),
        Column("about", Text, nullable=False),
        Column("detail", Text, nullable=False),
        Column("hash", Text, nullable=False),
        Column("seal", Text, nullable=False),
    )
    op.create_table(
        "sending_key",
        Column("key_id", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("stores", Text),
        Column("registers", Text),
        Column("sends", Text, nullable=False),
        Column("per_second", _WHOLE, nullable=False),
        Column("created_us", _WHOLE, nullable=False),
        Column("revoked_us", _WHOLE),
    )
    op.create_table(
        "person",
        Column("name", Text, primary_key=True),
        Column("role", Text, nullable=False),
        Column("stores", Text),
        Column("password", Text, nullable=False),
        Column("created_us", _WHOLE, nullable=False),
        Column("revoked_us", _WHOLE),
    )
    op.create_table(
        "session",
        Column("mark", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("until_us", _WHOLE, nullable=False),
    )
