"""The building of a journey, on each kind of database."""

import pytest

from tests.journeys.house import on_postgresql, on_sqlite


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request, tmp_path):
    """An instance with its rooms, commands and worker."""
    folder = tmp_path / "instance"
    if request.param == "sqlite":
        with on_sqlite(folder) as made:
            yield made
    else:
        with on_postgresql(folder, request.getfixturevalue("postgresql")) as made:
            yield made
