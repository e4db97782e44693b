"""A desk where several customers report the same trouble, and short words for what is done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tessera.accounts import service as accounts
from tessera.accounts.models import CustomerUser
from tessera.articles.models import Article
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.errors import Problem
from tessera.kit.unit import Unit
from tessera.testing.house import House
from tessera.tickets.models import State, Ticket
from tessera_masterslave import queries, service
from tessera_masterslave.models import Failure, Group, Member
from tests.articles.words import articles, furnish, opened
from tests.tickets.desk import Desk, gid

MANAGE = "masterslave.manage"
INFO = """query ($id: ID!) { ticket(id: $id) { masterslave {
  role master { number } cascades
  slaves { totalCount nodes { number } } failures { totalCount nodes { slave { number } cascade message code reason } }
} } }"""


@dataclass
class Crowd:
    """The tickets' desk; `mira` holds every right and may manage groups."""

    house: House
    desk: Desk
    mira: Actor

    async def ticket(self, name: str = "carla", *, email: bool = True, **values: Any) -> Ticket:
        """Open a ticket of a customer user, who is made unless they are known."""
        person = await CustomerUser.get_or_none(login=name.lower())
        if person is None:
            address = f"{name.lower().replace(' ', '.')}@customer.example" if email else None

            async def make(unit: Unit) -> CustomerUser:
                return await accounts.create_customer_user(unit, login=name.lower(), name=name, email=address)

            person = await self.house.run(make)
        return await opened(self.desk, customer_user=person, **values)

    async def tickets(self, count: int) -> list[Ticket]:
        """Open tickets of as many customers."""
        return [await self.ticket(f"Person {chr(ord('A') + number)}") for number in range(count)]

    async def group(self, count: int = 2, **values: Any) -> tuple[Ticket, list[Ticket]]:
        """Open a master and slaves."""
        master, slaves = await self.ticket(**values), await self.tickets(count)
        await self.attach(master, slaves)
        return master, slaves

    async def attach(self, master: Ticket, slaves: Sequence[Ticket], actor: Actor | None = None) -> service.Outcome:
        async def work(unit: Unit) -> service.Outcome:
            rows = [await Ticket.get(id=slave.id) for slave in slaves]
            return await service.attach(unit, await Ticket.get(id=master.id), rows)

        return await self.house.run(work, actor=actor or self.mira)

    async def cascades(self, master: Ticket, *names: str) -> None:
        await self.desk.run(self.mira, service.set_cascades, master, names)

    async def act(self, verb: Any, subject: Any, *args: Any, actor: Actor | None = None, **values: Any) -> Any:
        """Do something, mostly to a ticket, and all that follows."""
        done = await self.desk.run(actor or self.mira, verb, subject, *args, **values)
        await self.house.drain()
        return done

    async def info(self, ticket: Ticket, actor: Actor | None = None) -> dict[str, Any] | None:
        data = await self.house.ask(INFO, {"id": gid(ticket)}, actor=actor or self.mira)
        found: dict[str, Any] | None = data["ticket"] and data["ticket"]["masterslave"]
        return found


async def open_crowd(house: House) -> Crowd:
    desk = await furnish(house)
    mira = await desk.agent_with("mira", ("rw",), permissions=(MANAGE,), elsewhere=("rw",))
    return Crowd(house, desk, mira)


async def now(ticket: Ticket) -> Ticket:
    return await Ticket.get(id=ticket.id)


async def state_of(ticket: Ticket) -> str:
    return (await State.get(id=(await now(ticket)).state_id)).name


async def failures(ticket: Ticket) -> list[tuple[str, str | None]]:
    """Return what a slave could not follow: cascade and reason."""
    return [(row.cascade, row.reason) for row in await Failure.filter(ticket_id=ticket.id).order_by("id")]


async def master_of(ticket: Ticket) -> int | None:
    """Return the id of the master a ticket follows, its own for a master."""
    group = await queries.group_of(ticket.id)
    return None if group is None else group.master_id


async def sound() -> None:
    """Check what holds of all groups at all times."""
    members = await Member.all()
    groups = {group.id: group for group in await Group.all()}
    assert {member.group_id for member in members} == set(groups)
    for group in groups.values():
        assert [m for m in members if m.group_id == group.id and m.ticket_id == group.master_id]
    for row in await Failure.all():
        assert [m for m in members if m.group_id == row.group_id and m.ticket_id == row.ticket_id]


async def said(ticket: Ticket) -> list[Article]:
    """Return what was said on a ticket after its first article."""
    return (await articles(ticket))[1:]


__all__ = ["SYSTEM", "Crowd", "Problem", "failures", "master_of", "now", "open_crowd", "said", "sound", "state_of"]
