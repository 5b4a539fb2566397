"""What every test may ask for."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import settings

# The same examples on every machine, however slow it is.
settings.register_profile("shrinkwatch", deadline=None, derandomize=True)
settings.load_profile("shrinkwatch")

CHAINS = ("benchmark", "busy", "feed", "played", "workspace")
"""Fixtures for a session that take long to make."""

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data, or a skip that says where it was looked for."""
    folder = Path(os.environ.get("SHRINKWATCH_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set SHRINKWATCH_TEST_DATA to the folder")
    return folder


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of an empty schema on a real PostgreSQL server, or a skip that says why not."""
    address = os.environ.get("SHRINKWATCH_TEST_POSTGRES")
    if not address:
        pytest.skip("no PostgreSQL; set SHRINKWATCH_TEST_POSTGRES to postgresql://user@host/name")
    schema = f"shrinkwatch_{uuid4().hex}"
    url = sa.make_url(address).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.schema.CreateSchema(schema))
        yield (
            url.set(drivername="postgresql")
            .update_query_dict({"options": f"-csearch_path={schema}"})
            .render_as_string(hide_password=False)
        )
        connection.execute(sa.schema.DropSchema(schema, cascade=True))
    engine.dispose()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep in one process what shares a chain or a file: what it needs is made once."""
    for item in items:
        shared = set(CHAINS) & set(getattr(item, "fixturenames", ()))
        chain = "busy" if "busy" in shared else "workspace"
        item.add_marker(pytest.mark.xdist_group(chain if shared else str(item.path)))
