"""Keys of receipts kept as they were sent, until there are enough to be sorted in."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary

revision = "0005"
down_revision = "0004"

_WHOLE = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "unsorted",
        Column("first_position", _WHOLE, primary_key=True, autoincrement=False),
        Column("day", _WHOLE, nullable=False),
        Column("keys", LargeBinary, nullable=False),
    )
