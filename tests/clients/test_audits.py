"""The GraphQL over HTTP audits of the npm package graphql-http, on the toy and on a real desk."""

import json

import pytest

from tessera.testing.house import House
from tests.clients.conftest import Node
from tests.transport.toy import served as served_toy

pytestmark = pytest.mark.timeout(200)

AUDITS = 61


async def audited(node: Node, url: str) -> None:
    """Expect every audit to pass, those of both media types among them."""
    output = await node("audits.mjs", url)
    found = json.loads(output.splitlines()[-1])
    assert (found["audits"], found["ok"]) == (AUDITS, AUDITS), output
    assert min(found["modern"], found["legacy"]) > 0


async def test_a_desk_passes_every_audit(served: House, node: Node) -> None:
    await audited(node, served.url)


async def test_the_toy_passes_every_audit(node: Node) -> None:
    async with served_toy() as toy:
        await audited(node, toy.http.removesuffix("/graphql"))
