"""Servers on the same machine, reached over their Unix sockets: migrations with their lock, and reading."""

from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from tessera.kit.db import Database, DatabaseUnavailable, connection, locate
from tessera.kit.db.migrations import migrate
from tests.kit.db.shop import SHOP
from tests.kit.db.shop.models import Shelf

WHERE = {
    "postgres": "SELECT split_part(current_setting('unix_socket_directories'), ',', 1) AS place",
    "mysql": "SELECT @@socket AS place",
}


async def socket_of(url: str) -> str:
    """Return the URL of the same database over the server's socket, as the server itself names it."""
    database = await Database.open(url, [SHOP])
    try:
        place = (await connection().execute_query_dict(WHERE[locate(url).dialect]))[0]["place"]
    finally:
        await database.close()
    if not Path(place).exists():
        pytest.skip(f"the server has no socket at {place}")
    parts = urlsplit(url)
    user = "".join(parts.netloc.rpartition("@")[:2])
    return parts._replace(netloc=f"{user}{quote(place, safe='')}").geturl()


@pytest.mark.parametrize("kind", ["postgres", "mariadb"], indirect=True)
async def test_a_server_is_reached_over_its_socket(database_url: str) -> None:
    url = await socket_of(database_url)
    try:
        database = await Database.open(url, [SHOP])
    except DatabaseUnavailable as refusal:
        pytest.skip(f"the server does not let the tests in over its socket: {refusal}")
    await database.close()
    await migrate(url, [SHOP])
    database = await Database.open(url, [SHOP])
    try:
        assert await Shelf.all().count() == 0
    finally:
        await database.close()
