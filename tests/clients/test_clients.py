"""The clients of the npm world read, write and listen; their programs check what they get."""

import pytest

from tests.clients.conftest import Node
from tests.journeys.desk import Desk

pytestmark = pytest.mark.timeout(200)


@pytest.mark.parametrize("program", ["graphql_ws.mjs", "graphql_sse.mjs", "urql.mjs", "apollo.mjs"])
async def test_a_client_reads_writes_and_listens(desk: Desk, node: Node, program: str) -> None:
    assert await node(program, desk.house.url) == ""
