"""Uses every part of a generated client that a package reaches, and prints what came as JSON.

It runs in a process of its own, where `tessera_client` is the one that was generated from the kernel's schema.
The arguments: the server's address, a token, the id of a master ticket, and ids of things of any kind.
"""

import asyncio
import json
import sys
from contextlib import aclosing
from typing import Any

from tessera_client import ArticleInput, TesseraClient, TicketCreateInput

ATTACH = """mutation ($master: ID!, $slave: ID!) {
  masterslaveAttach(masterId: $master, slaveIds: [$slave]) { userErrors { message } } }"""


async def main(url: str, token: str, master: str, *ids: str) -> dict[str, Any]:
    """Read, write and listen."""
    async with TesseraClient(f"{url}/graphql", token=token) as client:
        heard = await _heard(client, master)
        found = [await client.ticket(id=each.id) for each in (await client.tickets()).nodes]
        return {
            "heard": heard,
            "changed": await _changed(client, master),
            "history": sorted({event.kind for each in found if each for event in each.history.nodes}),
            "settings": [each.name for each in await client.settings()],
            "permissions": sorted({each for role in await client.roles() for each in role.permissions}),
            # generated for this proof, from operations that no client of the house has
            "packages": [each.name for each in await _more(client).shelf()],
            "hits": [each.kind for each in await _more(client).find("Printer")],
            "nodes": [await _node(_more(client), each) for each in (master, *ids)],
        }


async def _heard(client: TesseraClient, master: str) -> list[str]:
    """Hear how another client, who knows the package, attaches new tickets to a master."""
    kinds: set[str] = set()
    async with aclosing(client.ticket_events()) as stream:  # type: ignore[type-var]  # it is a generator
        while "masterslave.attached" not in kinds:
            news = asyncio.ensure_future(anext(stream))
            while not news.done():
                client.get_data(
                    await client.execute(ATTACH, variables={"master": master, "slave": await _open(client)})
                )
                await asyncio.wait((news,), timeout=1)
            kinds.add(news.result().event.kind)
    return sorted(kinds)


async def _open(client: TesseraClient) -> str:
    queue = next(each for each in await client.queues() if each.viewer_can.create)
    wish = TicketCreateInput(title="A lamp flickers", queue_id=queue.id, article=ArticleInput(body="Help."))
    made = await client.ticket_create(wish)
    assert made.ticket is not None, made.user_errors
    return made.ticket.id


async def _changed(client: TesseraClient, last: str) -> bool:
    async with aclosing(client.ticket_changes()) as stream:  # type: ignore[type-var]  # as above
        async for news in stream:
            if last in {each.id for each in news.upserts}:
                break
    return True


def _more(client: TesseraClient) -> Any:
    return client


async def _node(client: Any, key: str) -> Any:
    found = await client.thing(id=key)
    return getattr(found, "title", None) or getattr(found, "login", None) or found.id


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main(*sys.argv[1:]))))
