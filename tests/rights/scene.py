"""Tickets in every standing, and the agents and customer users who try to change them."""

from dataclasses import dataclass, field
from typing import Any

from tessera.articles import service as articles
from tessera.articles.models import Article, Channel, SenderType
from tessera.articles.service import NewArticle
from tessera.kit.actor import SYSTEM, Actor
from tessera.kit.ids import to_global
from tessera.kit.journal import Entry
from tessera.queues import service as queues
from tessera.tickets import service as tickets
from tessera.tickets.models import Priority, Seen, State, Ticket, TicketType, Watcher
from tests.tickets.desk import Desk, gid


@dataclass
class Scene:
    """A desk with the global ids of what verbs are tried on; `ids` are renewed by `prepare`."""

    desk: Desk
    helper: Actor
    ids: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def open(cls, house: Any) -> "Scene":
        desk = await Desk.furnish(house)
        await desk.house.run(
            lambda unit: queues.update_queue(unit, desk.queue, email_address="desk@desk.example"), actor=SYSTEM
        )
        helper = await desk.agent_with("helper", ("rw",))
        scene = cls(desk, helper)
        scene.ids = {
            "queue": gid(desk.queue),
            "sub_queue": gid(desk.sub_queue),
            "anna": to_global("Agent", desk.anna.id or 0),
            "colleague": to_global("CustomerUser", desk.colleague.id or 0),
            "closed": to_global("TicketState", (await State.get(name="closed successful")).id),
            "pending": to_global("TicketState", (await State.get(name="pending reminder")).id),
            "high": to_global("TicketPriority", (await Priority.get(name="4 high")).id),
            "type": to_global("TicketType", (await TicketType.first() or TicketType()).id),
        }
        return scene

    async def prepare(self, *, closed: bool = False, locked: bool = False, labelled: bool = False) -> None:
        """Make a fresh ticket of carla that the helper owns, with an article, and another one beside it."""
        ticket, article = await self._opened("Printer on fire")
        other, _ = await self._opened("Toner is out")
        self.ids |= {"ticket": gid(ticket), "other": gid(other), "article": gid(article)}
        if closed:
            state = await State.get(name="closed successful")
            await self.desk.run(SYSTEM, tickets.set_state, ticket, state)
        if locked:
            await self.desk.run(self.desk.anna, tickets.lock, ticket)
        if labelled:
            await self.desk.run(SYSTEM, tickets.add_tags, ticket, ["hot"])

    async def _opened(self, title: str) -> tuple[Ticket, Article]:
        desk = self.desk
        carla = await desk.customer_user(desk.carla)
        article = NewArticle(
            channel=Channel.EMAIL,
            sender_type=SenderType.CUSTOMER,
            visible_for_customer=True,
            body="It burns.",
            sender="Carla <carla@customer.example>",
        )
        helper = await desk.agent(self.helper)
        values = {"title": title, "queue": desk.queue, "customer_user": carla, "owner": helper, "responsible": helper}
        return await desk.run(SYSTEM, articles.open_ticket, article=article, **values)

    async def link(self) -> None:
        """Link the two tickets."""
        await self.desk.house.ask(
            'mutation ($id: ID!, $other: ID!) { ticketLinkAdd(id: $id, link: {kind: "normal", ticketId: $other}) '
            "{ userErrors { code } } }",
            {"id": self.ids["ticket"], "other": self.ids["other"]},
            actor=self.desk.anna,
        )

    async def traces(self) -> tuple[Any, ...]:
        """Return what any change would leave behind."""
        return (
            await Entry.all().count(),
            await Article.all().count(),
            await Watcher.all().count(),
            await Seen.all().count(),
            await Ticket.all().order_by("id").values_list("id", "version", "queue_id", "state_id", "owner_id"),
        )
