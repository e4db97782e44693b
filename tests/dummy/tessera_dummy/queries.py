"""Reads of remarks."""

from collections.abc import Collection, Sequence

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from tessera.kit import sql
from tessera.kit.actor import Actor
from tessera.kit.sql import Sql
from tessera.search.hooks import Text
from tessera.tickets import queries as tickets
from tessera_dummy.models import Remark

KIND = "dummy.remark"
"""What remarks are called where anything may be meant: in links, in the search."""


def visible_to(actor: Actor) -> QuerySet[Remark]:
    return Remark.filter(ticket_id__in=Subquery(tickets.visible_to(actor).values("id")))


async def of_tickets(actor: Actor, ticket_ids: list[int]) -> dict[int, Remark]:
    return {row.ticket_id: row for row in await visible_to(actor).filter(ticket_id__in=ticket_ids)}


def remarked(text: str | None) -> Sql:
    """Match tickets with a remark that has a text in it."""
    condition = sql.EVERYTHING if text is None else sql.contains("text", text)
    return sql.within("id", sql.picked("dummy_remark", "ticket_id", condition))


def saying(_actor: Actor, text: str) -> Sql:
    """Match tickets that a text finds by their remarks."""
    return remarked(text) if text.strip() else sql.NOTHING


async def texts(remark_ids: Sequence[int]) -> dict[int, Text]:
    return {row.id: Text(row.text) for row in await Remark.filter(id__in=remark_ids)}


async def named(digests: Collection[str]) -> set[str]:
    return {digest for digest in digests if await Remark.filter(text=digest).exists()}
