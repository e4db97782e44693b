"""What the search declares."""

from datetime import timedelta

from tessera.engine.roots import Mutation, Query
from tessera.plugin import Check, Command, Extension, Handler, Job, Permission, Schedule, hookimpl
from tessera.search import _kinds, queries, service
from tessera.search._health import check
from tessera.search.cli import app
from tessera.search.graphql import SearchMutation, SearchQuery
from tessera.search.hooks import Hooks, Searchable
from tessera.search.jobs import catch_up, rebuild
from tessera.search.permissions import MANAGE
from tessera.tickets.hooks import TicketFinder

CATCH_UP = "search.catch_up"


@hookimpl
def checks() -> list[Check]:
    return [Check("search", check)]


@hookimpl
def commands() -> list[Command]:
    return [Command("search", app)]


@hookimpl
def extensions() -> list[Extension]:
    return [Extension(Query, SearchQuery), Extension(Mutation, SearchMutation)]


@hookimpl
def handlers() -> list[Handler]:
    return [handler for kind in _kinds.KINDS for handler in service.keeping(kind)]


@hookimpl
def jobs() -> list[Job | Schedule]:
    return [
        Job(queries.REBUILD, rebuild, in_unit=False),
        Job(CATCH_UP, catch_up),
        Schedule(CATCH_UP, every=timedelta(minutes=1)),
    ]


@hookimpl
def permissions() -> list[Permission]:
    return [MANAGE]


@hookimpl
def searchables() -> list[Searchable]:
    return list(_kinds.KINDS)


@hookimpl
def ticket_finders() -> list[TicketFinder]:
    return [TicketFinder(queries.tickets_with)]


@hookimpl
def hookspecs() -> list[type]:
    return [Hooks]
