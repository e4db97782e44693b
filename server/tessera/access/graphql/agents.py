"""Writes of agents, which take their roles along."""

from datetime import datetime
from typing import Any

import strawberry

from tessera.access import models, queries, service
from tessera.accounts import queries as accounts
from tessera.accounts import service as accounts_service
from tessera.accounts.graphql import Agent, hash_given_password
from tessera.accounts.models import Agent as AgentRow
from tessera.accounts.models import Session
from tessera.accounts.permissions import MANAGE
from tessera.engine.context import Context
from tessera.engine.mutations import UserError, given, mutation
from tessera.kit.errors import Forbidden
from tessera.kit.ids import ObjectRef
from tessera.kit.unit import Unit


@strawberry.input
class AgentCreateInput:
    login: str
    name: str
    email: str
    locale: str | None = None
    timezone: str | None = None
    password: str | None = None
    role_ids: list[strawberry.ID] | None = None
    client_mutation_id: str | None = None
    password_hash: strawberry.Private[str | None] = None


@strawberry.input(description="Absent = unchanged, null = cleared.")
class AgentUpdateInput:
    login: str | None = strawberry.UNSET
    name: str | None = strawberry.UNSET
    email: str | None = strawberry.UNSET
    locale: str | None = strawberry.UNSET
    timezone: str | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET
    password: str | None = strawberry.UNSET
    role_ids: list[strawberry.ID] | None = strawberry.UNSET
    out_of_office_from: datetime | None = strawberry.UNSET
    out_of_office_until: datetime | None = strawberry.UNSET


@strawberry.type
class AgentPayload:
    agent: Agent | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
    client_mutation_id: str | None = None


async def _hash_password(input: AgentCreateInput) -> None:
    if input.password is not None:
        input.password_hash = await accounts_service.hash_new_password(input.password)


async def _set_roles(unit: Unit, agent: AgentRow, role_ids: list[strawberry.ID]) -> None:
    field = ("input", "role_ids")
    roles: list[models.Role] = [await queries.get_role(unit.actor, each, field=field) for each in role_ids]
    await service.set_roles(unit, agent, roles)


async def _agent_again(unit: Unit, made: ObjectRef) -> AgentPayload:
    return AgentPayload(agent=Agent.of(await accounts.visible_agents(unit.actor).get(id=made.id)))


@mutation(
    requires=MANAGE.name,
    replay=_agent_again,
    prepare=_hash_password,
    description="Roles need the permission `access.manage` as well.",
)
async def _agent_create(unit: Unit, input: AgentCreateInput) -> AgentPayload:
    left_out = {"password", "client_mutation_id", "role_ids"}
    values = {name: value for name, value in given(input).items() if value is not None and name not in left_out}
    agent = await accounts_service.create_agent(unit, **values)
    if input.role_ids:
        await _set_roles(unit, agent, input.role_ids)
    return AgentPayload(agent=Agent.of(agent))


@mutation(
    description=(
        "Agents may change themselves, except login, roles and whether they are active; more needs the permission "
        "`accounts.manage`, roles need `access.manage`. A new password ends the agent's other sessions."
    )
)
async def _agent_update(
    context: Context, id: strawberry.ID, input: AgentUpdateInput, expected_version: int | None = None
) -> AgentPayload:
    values = given(input)
    _require_own_or_manager(context, await accounts.get_agent(context.actor, id))
    password_hash = await hash_given_password(values)

    async def update(unit: Unit) -> AgentPayload:
        agent = await _update(unit, id, values, expected_version)
        await _change_password(unit, agent, password_hash, context.credential)
        return AgentPayload(agent=Agent.of(agent))

    return await context.units.run(context.actor, update)


async def _update(unit: Unit, agent_id: str, values: dict[str, Any], expected_version: int | None) -> AgentRow:
    agent = await accounts.get_agent(unit.actor, agent_id)
    columns = {name: value for name, value in values.items() if name != "role_ids"}
    await accounts_service.update_agent(unit, agent, expected_version=expected_version, **columns)
    if "role_ids" in values:
        await _set_roles(unit, agent, values["role_ids"] or [])
    return agent


async def _change_password(unit: Unit, agent: AgentRow, password_hash: str | None, credential: object) -> None:
    """Set a password when one was given; the session that gave it goes on."""
    if password_hash is not None:
        session = credential if isinstance(credential, Session) else None
        await accounts_service.change_password(unit, agent, password_hash, keep_session=session)


def _require_own_or_manager(context: Context, agent: AgentRow) -> None:
    """Refuse before a password is hashed; the verbs check again."""
    if agent.id != context.actor.agent_id and not context.actor.can(MANAGE.name):
        raise Forbidden


@strawberry.type
class AgentMutation:
    agent_create = _agent_create
    agent_update = _agent_update
