"""Brings a database that an older version wrote up to date, step by step (Alembic).

A step is a file of `versions`; it changes tables and rows and imports nothing of ours, since what
it knows of them is how they were. There is no way back: that is what a backup is for.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

_BEFORE_ALEMBIC = {2: "0001"}
"""The first step by the number that databases bore before there were steps."""


class UnknownStepError(Exception):
    """The database is at a step that is not among these."""


def upgrade(connection: Connection, found: str | None) -> None:
    """Take every step after `found` (None: from before there were steps), in this transaction.

    Raises: UnknownStepError.
    """
    config = _config(connection)
    try:
        if found is None:
            command.stamp(config, _before_alembic(connection))
        command.upgrade(config, "head")
    except CommandError as error:
        raise UnknownStepError(str(error)) from error


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _before_alembic(connection: Connection) -> str:
    number = None
    if sa.inspect(connection).has_table("schema_version"):
        number = connection.scalar(sa.text("SELECT version FROM schema_version"))
    if number not in _BEFORE_ALEMBIC:
        raise UnknownStepError(f"schema {number}")
    return _BEFORE_ALEMBIC[number]
