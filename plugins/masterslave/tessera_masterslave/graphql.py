"""Groups in the API: a ticket's place, what a deed would do, and the verbs."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import cast

import strawberry

from tessera.articles.graphql import ArticleInput, TicketBulkItem, article_in
from tessera.articles.service import NewArticle
from tessera.engine.added import input_field
from tessera.engine.connections import Connection, connection
from tessera.engine.context import Context
from tessera.engine.directives import Cost
from tessera.engine.fields import batch, column, computed, derived, to_one
from tessera.engine.filters import IDFilter, keys_of
from tessera.engine.mutations import UserError, UserErrorCode, mutation, user_error
from tessera.engine.nodes import Node, node
from tessera.jobs.graphql import Job
from tessera.kit import sql
from tessera.kit.actor import Actor
from tessera.kit.errors import LimitExceeded, NotFound, Problem
from tessera.kit.events import from_json
from tessera.kit.i18n import translate
from tessera.kit.ids import to_global
from tessera.kit.inputs import Field
from tessera.kit.jobs import Job as JobRow
from tessera.kit.paging import Listing
from tessera.kit.sql import Sql
from tessera.kit.unit import Unit
from tessera.tickets import models
from tessera.tickets import queries as tickets
from tessera.tickets.graphql import Ticket
from tessera_masterslave import queries, service
from tessera_masterslave.models import Failure
from tessera_masterslave.permissions import MANAGE
from tessera_masterslave.queries import Place

MAX_SLAVES = 1_000
MAX_RETRIES = 100
SLAVES: Field = ("slave_ids",)


@strawberry.enum
class MasterSlaveRole(Enum):
    MASTER = strawberry.enum_value("master", description="Actions on it are repeated on its slaves.")
    SLAVE = strawberry.enum_value("slave", description="Follows its master.")


def _message(context: Context, sentence: str, facts: str) -> str:
    return translate(sentence, context.actor.locale, from_json(facts))


@node(Failure, queries.visible_failures, description="What a slave could not repeat, until it is tried again.")
class MasterSlaveFailure(Node):
    slave: Ticket = to_one("ticket_id", covered=True)
    cascade: str = strawberry.field(description="What it was; see `MasterSlaveInfo.cascades`.")
    message: str = derived(
        _message, "sentence", "facts", context=True, description="Why, for people, in the viewer's language."
    )
    code: UserErrorCode = column("code", read=UserErrorCode, description="Why, for programs.")
    reason: str | None = strawberry.field(description="Open refinement of `code`, as in `UserError`.")
    at: datetime


def _role(ticket_id: int, master_id: int) -> MasterSlaveRole:
    return MasterSlaveRole.MASTER if ticket_id == master_id else MasterSlaveRole.SLAVE


def _slaves(context: Context) -> Listing[models.Ticket]:
    return queries.slaves(context.actor)


def _failures(context: Context) -> Listing[Failure]:
    return queries.failures(context.actor)


async def _jobs(context: Context, keys: list[int]) -> dict[int, list[JobRow]]:
    return await queries.work_on(context.actor, keys)


@strawberry.type(description="A ticket's place in its group.")
class MasterSlaveInfo:
    role: MasterSlaveRole = derived(_role, "ticket_id", "master_id")
    master: Ticket = to_one("master_id", covered=True, description="The master; itself for the master.")
    slaves: Connection[Ticket] = connection(_slaves, via="group_id", default=50)
    cascades: list[str] = strawberry.field(
        description=(
            "What is repeated on the slaves: `state`, `pending_time`, `priority`, `lock`, `owner`, `responsible`, "
            "`note`, `reply`."
        )
    )
    failures: Connection[MasterSlaveFailure] = connection(
        _failures, via="group_id", description="What slaves could not repeat, newest first; see `masterslaveRetry`."
    )
    jobs: list[Job] = batch(
        _jobs,
        key="master_id",
        description="The viewer's work that repeats something on the slaves at the moment; see `jobProgress`.",
    )


async def _places(context: Context, keys: list[int]) -> dict[int, Place]:
    return await queries.places(context.actor, keys)


@strawberry.type
class TicketMasterSlave:
    masterslave: MasterSlaveInfo | None = batch(
        _places, description="From the masterslave package; null outside any group."
    )


@strawberry.type
class MasterSlaveEffect:
    slave: Ticket
    effects: list[str] = strawberry.field(description="What would happen, one line each, in the viewer's language.")
    problem: str | None = strawberry.field(default=None, description="Why it would be skipped.")


async def _preview(
    context: Context,
    master_id: strawberry.ID,
    state_id: strawberry.ID | None = None,
    article: ArticleInput | None = None,
) -> list[MasterSlaveEffect]:
    async def say(unit: Unit) -> NewArticle | None:
        return None if article is None else await article_in(unit, article, ("article",))

    try:
        master = await tickets.get(context.actor, master_id, field=("master_id",))
    except NotFound:
        return []
    state = None if state_id is None else await tickets.get_state(state_id, field=("state_id",))
    found = await service.preview(context.units, context.actor, master, state=state, say=say)
    return cast("list[MasterSlaveEffect]", found)


@strawberry.type
class MasterSlaveQuery:
    masterslave_preview: list[MasterSlaveEffect] = computed(
        _preview,
        description="What an action on the master would do to each slave, before it is done.",
        directives=[Cost(weight=100)],
    )


@strawberry.type(description="Result of the group mutations. Slaves that could not follow are listed, the others did.")
class MasterSlavePayload:
    master: Ticket | None = None
    slaves: list[Ticket] = strawberry.field(default_factory=list)
    failed: list[TicketBulkItem] = strawberry.field(default_factory=list)
    user_errors: list[UserError] = strawberry.field(default_factory=list)


async def _found(unit: Unit, ids: Sequence[str]) -> tuple[list[models.Ticket], list[TicketBulkItem]]:
    """Return the tickets that ids name, each once, and what to say of ids that name none the actor sees."""
    if len(ids) > MAX_SLAVES:
        raise LimitExceeded("At most {limit} tickets.", limit=MAX_SLAVES, field=SLAVES)
    found, missing = await queries.tickets_named(unit.actor, ids)
    unknown = [user_error(NotFound(field=SLAVES), unit.actor)]
    return found, [TicketBulkItem(id=strawberry.ID(each), user_errors=unknown) for each in missing]


def _refused(actor: Actor, ticket: models.Ticket, problem: Problem) -> TicketBulkItem:
    id = strawberry.ID(to_global("Ticket", ticket.id))
    return TicketBulkItem(id=id, ticket=Ticket.of(ticket), user_errors=[user_error(problem, actor)])


def _told(actor: Actor, outcome: service.Outcome, missing: Sequence[TicketBulkItem]) -> MasterSlavePayload:
    return MasterSlavePayload(
        master=Ticket.of(outcome.master),
        slaves=Ticket.of_all(outcome.slaves),
        failed=[*(_refused(actor, ticket, problem) for ticket, problem in outcome.refused), *missing],
    )


@mutation(description="Make tickets slaves of a master. STATE when the master is itself a slave.", requires=MANAGE.name)
async def _attach(unit: Unit, master_id: strawberry.ID, slave_ids: list[strawberry.ID]) -> MasterSlavePayload:
    master = await tickets.get(unit.actor, master_id, field=("master_id",))
    slaves, missing = await _found(unit, slave_ids)
    return _told(unit.actor, await service.attach(unit, master, slaves), missing)


@mutation(description="Let slaves go.", requires=MANAGE.name)
async def _detach(unit: Unit, master_id: strawberry.ID, slave_ids: list[strawberry.ID]) -> MasterSlavePayload:
    master = await tickets.get(unit.actor, master_id, field=("master_id",))
    slaves, missing = await _found(unit, slave_ids)
    return _told(unit.actor, await service.detach(unit, master, slaves), missing)


@mutation(description="Choose what is repeated on the slaves.", requires=MANAGE.name)
async def _cascades_set(unit: Unit, master_id: strawberry.ID, cascades: list[str]) -> MasterSlavePayload:
    master = await tickets.get(unit.actor, master_id, field=("master_id",))
    await service.set_cascades(unit, master, cascades)
    return MasterSlavePayload(master=Ticket.of(master))


@mutation(description="Dissolve the group.", requires=MANAGE.name)
async def _dissolve(unit: Unit, master_id: strawberry.ID) -> MasterSlavePayload:
    master = await tickets.get(unit.actor, master_id, field=("master_id",))
    slaves = await service.dissolve(unit, master)
    return MasterSlavePayload(master=Ticket.of(master), slaves=Ticket.of_all(slaves))


@mutation(description="Make a slave the master of its group; the master becomes its slave.", requires=MANAGE.name)
async def _promote(unit: Unit, id: strawberry.ID) -> MasterSlavePayload:
    slave = await tickets.get(unit.actor, id)
    await service.promote(unit, slave)
    return MasterSlavePayload(master=Ticket.of(slave))


@mutation(
    description=(
        "Repeat again what slaves could not repeat, with the viewer's rights: of these slaves or of all, the oldest "
        "100. What fails again is listed."
    )
)
async def _retry(
    context: Context, master_id: strawberry.ID, slave_ids: list[strawberry.ID] | None = None
) -> MasterSlavePayload:
    master = await tickets.get(context.actor, master_id, field=("master_id",))
    ids = None if slave_ids is None else [row.id for row in (await queries.tickets_named(context.actor, slave_ids))[0]]
    outcome = await service.retry_all(context.units, context.actor, master, ids, limit=MAX_RETRIES)
    return _told(context.actor, outcome, ())


@strawberry.type
class MasterSlaveMutation:
    masterslave_attach = _attach
    masterslave_detach = _detach
    masterslave_cascades_set = _cascades_set
    masterslave_dissolve = _dissolve
    masterslave_promote = _promote
    masterslave_retry = _retry


@strawberry.input(one_of=True, description="Group part of a new ticket: exactly one member.")
class MasterSlaveTicketInput:
    slave_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Open it as a master of these."
    )
    master_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Open it as a slave of this ticket."
    )


async def _open_in_group(unit: Unit, ticket: models.Ticket, given: MasterSlaveTicketInput) -> None:
    if isinstance(given.master_id, str):
        master = await tickets.get(unit.actor, given.master_id, field=("master_id",))
        await service.attach_all(unit, master, [ticket])
        return
    slaves, missing = await _found(unit, given.slave_ids or [])
    if missing:
        raise NotFound(field=SLAVES)
    await service.attach_all(unit, ticket, slaves, field=SLAVES)


@strawberry.input
class TicketCreateMasterSlave:
    masterslave: MasterSlaveTicketInput | None = input_field(_open_in_group)


@strawberry.input(description="All given conditions must hold; a master's own master is itself.")
class MasterSlaveFilter:
    role: list[MasterSlaveRole] | None = None
    master_id: IDFilter | None = None


def _matching(actor: Actor, given: MasterSlaveFilter) -> Sql:
    conditions: list[Sql] = []
    if given.role is not None:
        masters, slaves = MasterSlaveRole.MASTER in given.role, MasterSlaveRole.SLAVE in given.role
        conditions.append(queries.in_groups(actor, masters=masters, slaves=slaves))
    chosen = given.master_id or IDFilter()
    if chosen.in_ is not None:
        conditions.append(queries.in_groups(actor, of=sql.one_of("master_id", keys_of(chosen.in_, "Ticket"))))
    if chosen.not_in is not None:
        others = queries.in_groups(actor, of=sql.one_of("master_id", keys_of(chosen.not_in, "Ticket")))
        conditions.append(sql.opposite(others))
    if chosen.is_null is not None:
        anywhere = queries.in_groups(actor)
        conditions.append(sql.opposite(anywhere) if chosen.is_null else anywhere)
    return sql.both(conditions)


@strawberry.input
class TicketFilterMasterSlave:
    masterslave: MasterSlaveFilter | None = input_field(_matching)
