"""The search in the API."""

from dataclasses import dataclass
from typing import cast

import strawberry

from tessera.accounts.graphql import Customer, CustomerUser
from tessera.engine.context import Context
from tessera.engine.directives import Cost, Limited
from tessera.engine.fields import batch, computed, to_one
from tessera.engine.mutations import mutation
from tessera.engine.scalars import HTML
from tessera.jobs.graphql import Job, JobPayload
from tessera.kit.ids import ObjectRef, to_global
from tessera.kit.paging import DEFAULT_PAGE
from tessera.kit.unit import Unit
from tessera.search import queries, service
from tessera.search.permissions import MANAGE
from tessera.tickets.graphql import Ticket

SEARCHES_PER_MINUTE = 120


@dataclass(frozen=True, slots=True)
class HitValue:
    """What stands for a `SearchHit` while it is resolved; packages' fields take `kind` and `key`."""

    kind: str
    key: int
    id: str
    title: str
    score: float
    query: str

    @property
    def ticket_id(self) -> int | None:
        """The id of the ticket that was found."""
        return self.key if self.kind == "ticket" else None

    @property
    def customer_user_id(self) -> int | None:
        """The id of the customer user that was found."""
        return self.key if self.kind == "customer_user" else None

    @property
    def customer_id(self) -> int | None:
        """The id of the customer that was found."""
        return self.key if self.kind == "customer" else None


async def _snippets(context: Context, keys: list[tuple[str, int, str]]) -> dict[tuple[str, int, str], str]:
    found: dict[tuple[str, int, str], str] = {}
    for query in {key[2] for key in keys}:
        refs = [ObjectRef(kind, key) for kind, key, asked in keys if asked == query]
        snippets = await queries.snippets(context.units.wiring, context.actor, query, refs)
        found |= {(ref.kind, ref.id, query): text for ref, text in snippets.items()}
    return found


@strawberry.type(
    description="One hit of `search`. Concrete: a package adds a nullable field (`faqItem`) instead of a union member."
)
class SearchHit:
    kind: str = strawberry.field(description="`ticket`, `customer_user`, `customer`, or `<package>.<kind>`.")
    id: strawberry.ID = strawberry.field(description="The global id of what was found.")
    title: str
    snippet: HTML | None = batch(
        _snippets,
        key=("kind", "key", "query"),
        description="A piece of what it says, with the words of the query in `<mark>`; null when they are elsewhere.",
    )
    score: float = strawberry.field(
        description="How well it fits, above 0; 1 for what a word of the query names exactly."
    )
    ticket: Ticket | None = to_one("ticket_id", description="Set for `ticket`.")
    customer_user: CustomerUser | None = to_one("customer_user_id", description="Set for `customer_user`.")
    customer: Customer | None = to_one("customer_id", description="Set for `customer`.")


async def _search(
    context: Context, query: str, kinds: list[str] | None = None, first: int | None = DEFAULT_PAGE
) -> list[SearchHit]:
    wiring, limit = context.units.wiring, DEFAULT_PAGE if first is None else first
    known = queries.searchables(wiring)
    return [
        cast(
            "SearchHit",
            HitValue(hit.kind, hit.key, to_global(known[hit.kind].node, hit.key), hit.title, hit.score, query),
        )
        for hit in await queries.search(wiring, context.actor, query, kinds=kinds, limit=limit)
    ]


@strawberry.type
class SearchQuery:
    search: list[SearchHit] = computed(
        _search,
        description=(
            "Search over everything, packages included; the best first. Every word must be there, "
            '`"these words"` side by side, `-this` not; the last word may be unfinished.'
        ),
        directives=[Cost(weight=5), Limited(bucket="search", per_minute=SEARCHES_PER_MINUTE, by=["caller"])],
    )


@mutation(description="Build the full-text index again, of some kinds or of all.", requires=MANAGE.name)
async def _search_rebuild(unit: Unit, kinds: list[str] | None = None) -> JobPayload:
    return JobPayload(job=Job.of(await service.request_rebuild(unit, kinds)))


@strawberry.type
class SearchMutation:
    search_rebuild = _search_rebuild
