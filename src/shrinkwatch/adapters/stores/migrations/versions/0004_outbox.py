"""The outbox: what is to be told of an alert, a row for each channel."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, Text

revision = "0004"
down_revision = "0003"

_WHOLE = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "outbox",
        Column("alert_id", Text, primary_key=True),
        Column("channel", Text, primary_key=True),
        Column("state", Text, nullable=False),
        Column("attempts", _WHOLE, nullable=False),
        Column("next_us", _WHOLE, nullable=False),
        Column("written_us", _WHOLE, nullable=False),
        Column("sent_us", _WHOLE),
        Column("trouble", Text),
    )
    op.create_index("outbox_due", "outbox", ["state", "channel", "next_us"])
