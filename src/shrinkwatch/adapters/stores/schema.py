"""What the database keeps: every table of the journal and of the alerts, in one place.

A change here goes with a step in `migrations`, which brings older databases up to date.
"""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Connection, Integer, LargeBinary, MetaData, Table, Text

from shrinkwatch.records.trouble import Misconfigured

REVISION = "0005"
"""The last step of `migrations`."""

Whole = BigInteger().with_variant(Integer, "sqlite")  # 64 bits in either

metadata = MetaData()

alembic_version = Table("alembic_version", metadata, Column("version_num", Text, primary_key=True))

record = Table(
    "record",  # every version of every transaction, but those that are still `unsorted`
    metadata,
    Column("tx_key", Whole, primary_key=True),  # subject key, as signed 64 bits
    Column("position", Whole, primary_key=True),  # order of arrival, never changes
    Column("content", Whole, nullable=False),  # 64 bits of the fingerprint
    Column("day", Whole, nullable=False),  # UTC day of arrival, days since 1970
    sqlite_with_rowid=False,
)

unsorted = Table(
    "unsorted",  # records of blocks as they were sent, that have no row of their own yet
    metadata,
    Column("first_position", Whole, primary_key=True, autoincrement=False),
    Column("day", Whole, nullable=False),  # as in `record`; one for the whole block
    Column("keys", LargeBinary, nullable=False),  # of each record, int64, little-endian
)

record_rank = Table(
    "record_rank",  # of records with a revision or a time of change; most feeds have neither
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("revision", Whole, nullable=False),  # -1: the feed has none
    Column("updated_us", Whole, nullable=False),
)

record_state = Table(
    "record_state",  # of records that are not, or no longer, simply in effect
    metadata,
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("state", Whole, nullable=False),  # journal.versions.State
)

block = Table(
    "block",
    metadata,
    Column("first_position", Whole, primary_key=True, autoincrement=False),
    Column("rows", Whole, nullable=False),
    Column("payload", LargeBinary, nullable=False),  # journal.payload
)

block_day = Table(
    "block_day",  # on which UTC dates the records of a block arrived
    metadata,
    Column("day", Whole, primary_key=True),  # days since 1970
    Column("first_position", Whole, primary_key=True),
)

reject = Table(
    "reject",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("raw_hash", Text, nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("raw_key", Text),
    Column("file", Text),
    Column("place", Whole),
)

reject_claim = Table(
    "reject_claim",  # which transaction a reject says it is
    metadata,
    Column("raw_hash", Text, primary_key=True),
    Column("tx_key", Whole, nullable=False),  # as signed 64 bits
    Column("position", Whole, nullable=False),  # what arrives from here on came after the reject
)

table_load = Table(
    "table_load",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("arrived_us", Whole, nullable=False),
    Column("rows", LargeBinary, nullable=False),  # Arrow IPC stream
)

entry = Table(
    "entry",  # loads, day closes, rule changes and mutes, as they happened
    metadata,
    Column("id", Whole, primary_key=True),
    Column("arrived_us", Whole, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),  # JSON
)

alert = Table(
    "alert",
    metadata,
    Column("alert_id", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("worth", sa.Float, nullable=False),  # probability × expected loss
    Column("document", LargeBinary, nullable=False),  # JSON, CONTRACT §4
)

live_position = Table(
    "live_position",  # one row: how far live scoring has come
    metadata,
    Column("id", Whole, primary_key=True, autoincrement=False),
    Column("position", Whole, nullable=False),  # of the first record that it has not judged
    Column("closed_day", Whole, nullable=False),  # UTC, days since 1970; its alerts are out
)

audit = Table(
    "audit",  # who did or saw what; cases.chain says what holds the rows together
    metadata,
    Column("number", Whole, primary_key=True, autoincrement=False),  # from 1, without a gap
    Column("at_us", Whole, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("detail", Text, nullable=False),  # JSON
    Column("hash", Text, nullable=False),
    Column("seal", Text, nullable=False),
)

sending_key = Table(
    "sending_key",  # who may send; the secrets are derived, not kept
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("stores", Text),  # JSON; null: every store
    Column("registers", Text),  # JSON; null: every till of those stores
    Column("sends", Text, nullable=False),  # JSON
    Column("per_second", Whole, nullable=False),
    Column("created_us", Whole, nullable=False),
    Column("revoked_us", Whole),
)

person = Table(
    "person",  # who may look, and say what alerts came to
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("stores", Text),  # JSON; null: every store
    Column("password", Text, nullable=False),  # salted and stretched
    Column("created_us", Whole, nullable=False),
    Column("revoked_us", Whole),
)

session = Table(
    "session",  # who is logged in; only a hash of what the browser holds is kept
    metadata,
    Column("mark", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("until_us", Whole, nullable=False),
)

outbox = Table(
    "outbox",  # one row for what is told of an alert on a channel, ever
    metadata,
    Column("alert_id", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("state", Text, nullable=False),  # records.message.MessageState
    Column("attempts", Whole, nullable=False),
    Column("next_us", Whole, nullable=False),  # not tried before
    Column("written_us", Whole, nullable=False),
    Column("sent_us", Whole),
    Column("trouble", Text),  # why the last attempt failed
    sa.Index("outbox_due", "state", "channel", "next_us"),
)


def revision_of(connection: Connection) -> str | None:
    """Return which step of `migrations` the database is at; None before the first."""
    if not sa.inspect(connection).has_table(alembic_version.name):
        return None
    return connection.scalar(sa.select(alembic_version.c.version_num))


def bring_up_to_date(connection: Connection, name: str) -> None:
    """Make the tables that are missing, or change those of an older version; no row is lost.

    name: what an error calls the database. Raises: Misconfigured when it is of a later version.
    """
    found = revision_of(connection)
    if found == REVISION:
        return  # another process was quicker
    if found is None and not sa.inspect(connection).has_table(record.name):
        metadata.create_all(connection)
        connection.execute(sa.insert(alembic_version).values(version_num=REVISION))
        return
    # Alembic takes a tenth of a second to import, and nearly never has anything to do
    from shrinkwatch.adapters.stores.migrations import UnknownStepError, upgrade

    try:
        upgrade(connection, found)
    except UnknownStepError as error:
        raise Misconfigured(
            f"{name} has schema {found}, which this version of Shrinkwatch does not know; use the "
            "version that wrote it, or a later one"
        ) from error
