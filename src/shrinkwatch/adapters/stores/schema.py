"""What the database keeps: every table of the journal and of the alerts, in one place."""

import sqlalchemy as sa
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, Text

VERSION = 3
"""Number of this schema; a database of another number is not opened."""

metadata = MetaData()

schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

record = Table(
    "record",  # every version of every transaction; one insertion finds its place by key
    metadata,
    Column("tx_key", Integer, primary_key=True),  # subject key, as signed 64 bits
    Column("position", Integer, primary_key=True),  # order of arrival, never changes
    Column("content", Integer, nullable=False),  # 64 bits of the fingerprint
    Column("day", Integer, nullable=False),  # UTC day of arrival, days since 1970
    sqlite_with_rowid=False,
)

record_rank = Table(
    "record_rank",  # of records with a revision or a time of change; most feeds have neither
    metadata,
    Column("position", Integer, primary_key=True),
    Column("revision", Integer, nullable=False),  # -1: the feed has none
    Column("updated_us", Integer, nullable=False),
)

record_state = Table(
    "record_state",  # of records that are not, or no longer, simply in effect
    metadata,
    Column("position", Integer, primary_key=True),
    Column("state", Integer, nullable=False),  # journal.versions.State
)

block = Table(
    "block",
    metadata,
    Column("first_position", Integer, primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),  # journal.payload
)

block_day = Table(
    "block_day",  # on which UTC dates the records of a block arrived
    metadata,
    Column("day", Integer, primary_key=True),  # days since 1970
    Column("first_position", Integer, primary_key=True),
)

reject = Table(
    "reject",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("raw_hash", Text, nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("raw_key", Text),
    Column("file", Text),
    Column("place", Integer),
)

reject_claim = Table(
    "reject_claim",  # which transaction a reject says it is
    metadata,
    Column("raw_hash", Text, primary_key=True),
    Column("tx_key", Integer, nullable=False),  # as signed 64 bits
    Column("position", Integer, nullable=False),  # what arrives from here on came after the reject
)

table_load = Table(
    "table_load",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("arrived_us", Integer, nullable=False),
    Column("rows", LargeBinary, nullable=False),  # Arrow IPC stream
)

entry = Table(
    "entry",  # loads, day closes, rule changes and mutes, as they happened
    metadata,
    Column("id", Integer, primary_key=True),
    Column("arrived_us", Integer, nullable=False),
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
    Column("id", Integer, primary_key=True),
    Column("position", Integer, nullable=False),  # of the first record that it has not judged
    Column("closed_day", Integer, nullable=False),  # UTC, days since 1970; its alerts are out
)

audit = Table(
    "audit",  # who did or saw what; cases.chain says what holds the rows together
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1, without a gap
    Column("at_us", Integer, nullable=False),
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
    Column("per_second", Integer, nullable=False),
    Column("created_us", Integer, nullable=False),
    Column("revoked_us", Integer),
)

person = Table(
    "person",  # who may look, and say what alerts came to
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("stores", Text),  # JSON; null: every store
    Column("password", Text, nullable=False),  # salted and stretched
    Column("created_us", Integer, nullable=False),
    Column("revoked_us", Integer),
)

session = Table(
    "session",  # who is logged in; only a hash of what the browser holds is kept
    metadata,
    Column("mark", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("until_us", Integer, nullable=False),
)
