"""A server on this machine to talk to."""

from collections.abc import Iterator

import pytest
from tests.adapters.targets import Target, serving


@pytest.fixture
def target() -> Iterator[Target]:
    with serving() as made:
        yield made
