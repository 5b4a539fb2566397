"""The database that everything here must work on: a file of SQLite, and a PostgreSQL server."""

import pytest

from shrinkwatch.adapters.stores.database import Database


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    if request.param == "postgres":
        found = Database.connect(request.getfixturevalue("postgres"))
    else:
        found = Database.open(tmp_path / "journal.sqlite")
    yield found
    found.close()
