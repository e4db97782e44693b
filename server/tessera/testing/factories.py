"""Things to test with, made through the services that people use: queues, people, tickets."""

from collections.abc import Collection
from functools import partial
from typing import Any

from tessera.access import queries as access
from tessera.access import service as access_service
from tessera.accounts import service as accounts
from tessera.articles import service as articles
from tessera.articles.models import Channel
from tessera.articles.service import NewArticle
from tessera.kit.actor import SYSTEM, Actor, ActorKind
from tessera.kit.unit import Unit
from tessera.queues import service as queues
from tessera.queues.models import Queue
from tessera.testing.house import House
from tessera.tickets.models import Ticket

GROUP = "users"
"""The group every furnished house has; its queues are these."""


async def queue(house: House, name: str = "Support", *, group: str = GROUP, **values: Any) -> Queue:
    """Make a queue of a group; further values as `queues.service.create_queue` takes them."""
    owner = await access.group_named(group)
    return await house.run(lambda unit: queues.create_queue(unit, name=name, group=owner, **values))


async def agent(
    house: House,
    login: str = "anna",
    *,
    rights: Collection[str] = ("rw",),
    permissions: Collection[str] = (),
    group: str = GROUP,
) -> Actor:
    """Make an agent with rights on a group and with permissions; return who acts."""

    async def make(unit: Unit) -> int:
        row = await accounts.create_agent(unit, login=login, name=login.title(), email=f"{login}@desk.example")
        if rights:
            await access_service.grant_rights(unit, row, await access.group_named(group), rights)
        if permissions:
            role = await access_service.create_role(unit, name=f"role of {login}", permissions=permissions)
            await access_service.grant_role(unit, row, role)
        return int(row.id)

    return await _actor(ActorKind.AGENT, await house.run(make))


async def customer_user(house: House, login: str = "carla", **values: Any) -> Actor:
    """Make a customer user; further values as `create_customer_user` takes them; return who acts."""
    make = partial(accounts.create_customer_user, login=login, name=login.title(), email=f"{login}@customer.example")
    row = await house.run(lambda unit: make(unit, **values))
    return await _actor(ActorKind.CUSTOMER_USER, row.id)


async def open_ticket(
    house: House, title: str = "Printer on fire", *, body: str = "It burns.", actor: Actor = SYSTEM, **values: Any
) -> Ticket:
    """Open a ticket with a first article, in the queue `Raw` unless another one is given.

    Further values as `tickets.service.create` takes them.
    """
    values.setdefault("queue", await Queue.get(name="Raw"))
    article = NewArticle(channel=Channel.PHONE, body=body, visible_for_customer=True)
    ticket, _ = await house.run(
        lambda unit: articles.open_ticket(unit, title=title, article=article, **values), actor=actor
    )
    return ticket


async def _actor(kind: ActorKind, key: int) -> Actor:
    found = await access.actor_for(kind, key)
    if found is None:
        message = f"{kind} {key} was made, but may not act"
        raise LookupError(message)
    return found
