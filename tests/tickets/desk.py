"""A small desk to test tickets on: three queues, agents with different rights, customer users."""

import dataclasses
from collections.abc import Awaitable, Callable, Collection
from typing import Any, TypeVar

from tessera.access import queries as access
from tessera.access import service as access_service
from tessera.access.models import Group
from tessera.accounts import service as accounts
from tessera.accounts.models import Agent, Customer, CustomerUser
from tessera.kit.actor import SYSTEM, Actor, ActorKind
from tessera.kit.ids import to_global
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.queues import service as queues
from tessera.queues.models import Queue
from tessera.testing.house import House
from tessera.tickets import queries, service
from tessera.tickets.models import State, Ticket

ResultT = TypeVar("ResultT")


@dataclasses.dataclass
class Desk:
    """The house with what was put into it; `anna` has every right, `ben` only `ro`, `eve` none at all."""

    house: House
    group: Group
    queue: Queue
    sub_queue: Queue
    other_queue: Queue
    anna: Actor
    bert: Actor
    ben: Actor
    eve: Actor
    carla: Actor
    colleague: Actor
    stranger: Actor

    @classmethod
    async def furnish(cls, house: House) -> "Desk":
        return await house.run(lambda unit: _furnish(unit, house))

    async def run(self, actor: Actor, work: Callable[..., Awaitable[ResultT]], *args: Any, **kwargs: Any) -> ResultT:
        """Run a verb in a unit of its own, with fresh rows in place of tickets."""

        async def fresh(value: Any) -> Any:
            return await Ticket.get(id=value.id) if isinstance(value, Ticket) else value

        async def body(unit: Unit) -> ResultT:
            return await work(unit, *[await fresh(arg) for arg in args], **kwargs)

        return await self.house.run(body, actor=actor)

    async def ticket(self, actor: Actor = SYSTEM, **values: Any) -> Ticket:
        """Make a ticket in the first queue, of carla unless somebody else is named."""
        values = {"title": "Printer on fire", "queue": self.queue, **values}
        if not actor.is_customer_user and "customer_user" not in values:
            values["customer_user"] = await self.customer_user(self.carla)
        return await self.run(actor, service.create, **values)

    async def customer_user(self, actor: Actor) -> CustomerUser:
        return await CustomerUser.get(id=actor.id)

    async def agent(self, actor: Actor) -> Agent:
        return await Agent.get(id=actor.id)

    async def agent_with(
        self,
        name: str,
        rights: Collection[str],
        *,
        permissions: Collection[str] = (),
        elsewhere: Collection[str] = (),
    ) -> Actor:
        """Make an agent with rights on the desk's first group, with permissions, and with rights elsewhere."""

        async def make(unit: Unit) -> int:
            agent = await accounts.create_agent(unit, login=name, name=name.title(), email=f"{name}@desk.example")
            await access_service.grant_rights(unit, agent, self.group, rights)
            if elsewhere:
                await access_service.grant_rights(unit, agent, await access.group_named("elsewhere"), elsewhere)
            if permissions:
                role = await access_service.create_role(unit, name=f"role of {name}", permissions=permissions)
                await access_service.grant_role(unit, agent, role)
            return int(agent.id)

        return await actor(ActorKind.AGENT, await self.house.run(make))


async def actor(kind: ActorKind, key: int) -> Actor:
    found = await access.actor_for(kind, key)
    assert found is not None
    return found


async def state(name: str) -> State:
    found = await queries.state_named(name)
    assert found is not None, name
    return found


def gid(row: Any, kind: str | None = None) -> str:
    return to_global(kind or type(row).__name__, row.id)


async def facts(ticket: Ticket) -> list[tuple[str, dict[str, Any]]]:
    """Return name and data of what was recorded about a ticket, in order."""
    entries = await Entry.filter(subject_kind="ticket", subject_id=ticket.id).order_by("id")
    return [(entry.name, entry.facts) for entry in entries]


async def names(ticket: Ticket) -> list[str]:
    return [name for name, _ in await facts(ticket)]


async def _furnish(unit: Unit, house: House) -> Desk:
    if not await State.exists():
        await _furnish_states(unit)
    group = await access_service.create_group(unit, name="support")
    elsewhere = await access_service.create_group(unit, name="elsewhere")
    queue = await queues.create_queue(unit, name="Support", group=group, unlock_timeout_minutes=30)
    sub_queue = await queues.create_queue(unit, name="1st Level", group=group, parent=queue)
    other_queue = await queues.create_queue(unit, name="Elsewhere", group=elsewhere)
    agents = []
    for name, rights in (("anna", ("rw",)), ("bert", ("rw",)), ("ben", ("ro",)), ("eve", ())):
        agent = await accounts.create_agent(unit, login=name, name=name.title(), email=f"{name}@desk.example")
        if rights:
            await access_service.grant_rights(unit, agent, group, rights)
        if name in {"anna", "bert"}:
            await access_service.grant_rights(unit, agent, elsewhere, ("move_into",))
        agents.append(agent)
    customer = await accounts.create_customer(unit, number="EX", name="Example Ltd")
    people = [
        await _customer_user(unit, "carla", customer),
        await _customer_user(unit, "carl", customer),
        await _customer_user(unit, "sid", None),
    ]
    actors = [await actor(ActorKind.AGENT, agent.id) for agent in agents]
    actors += [await actor(ActorKind.CUSTOMER_USER, person.id) for person in people]
    return Desk(house, group, queue, sub_queue, other_queue, *actors)


async def _customer_user(unit: Unit, name: str, customer: Customer | None) -> CustomerUser:
    return await accounts.create_customer_user(
        unit, login=name, name=name.title(), email=f"{name}@customer.example", customer=customer
    )


async def _furnish_states(unit: Unit) -> None:
    for name, kind in (
        ("new", "new"),
        ("open", "open"),
        ("closed successful", "closed"),
        ("closed unsuccessful", "closed"),
        ("pending reminder", "pending_reminder"),
        ("pending auto close+", "pending_auto"),
        ("pending auto close-", "pending_auto"),
        ("removed", "removed"),
        ("merged", "merged"),
    ):
        await service.create_state(unit, name=name, type=kind)
    for rank, name in enumerate(("1 very low", "2 low", "3 normal", "4 high", "5 very high"), start=1):
        await service.create_priority(unit, name=name, rank=rank)
    await service.create_type(unit, name="Unclassified")
