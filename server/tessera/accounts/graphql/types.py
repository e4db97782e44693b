"""Agents, customer users, customers, tokens and the viewer in the API."""

from datetime import datetime
from typing import NamedTuple, cast

import strawberry

from tessera.accounts import models, queries
from tessera.engine.connections import Connection, connection
from tessera.engine.context import Context
from tessera.engine.fields import by_id, column, computed, derived, json_list, rows, to_one
from tessera.engine.nodes import Node, node
from tessera.engine.sources import ROW
from tessera.kit.actor import Actor, ActorKind
from tessera.kit.paging import Key, Listing
from tessera.kit.sql import seen

BY_NAME = (Key("name_key"),)

strawberry.enum(ActorKind)


@node(models.Agent, queries.visible_agents, kept="agent", description="Somebody who works on tickets.")
class Agent(Node):
    login: str
    name: str
    email: str | None
    active: bool
    locale: str
    timezone: str
    out_of_office_from: datetime | None
    out_of_office_until: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


def _customer_users_of(context: Context) -> Listing[models.CustomerUser]:
    return Listing(seen(context.actor, queries.visible_customer_users), BY_NAME)


@node(
    models.Customer,
    queries.visible_customers,
    description="A customer: the company or department that customer users belong to.",
)
class Customer(Node):
    number: str = strawberry.field(description="The number or short name the help desk knows it by.")
    name: str
    active: bool
    customer_users: Connection["CustomerUser"] = connection(_customer_users_of, via="customer_id")
    version: int


@node(
    models.CustomerUser,
    queries.visible_customer_users,
    description="Somebody who asks: opens tickets by mail, phone, portal or API.",
)
class CustomerUser(Node):
    login: str
    name: str
    email: str | None
    phone: str | None
    active: bool
    locale: str
    timezone: str
    customer: Customer | None = to_one("customer_id", covered=True, description="The company this person belongs to.")
    version: int
    created_at: datetime
    updated_at: datetime


@node(models.AccessToken, queries.visible_tokens, description="A personal or service token.")
class ApiToken(Node):
    name: str
    scopes: list[str] = column(
        "scopes", read=json_list, description="Permissions it is limited to; empty = all of its owner's."
    )
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


@strawberry.type(
    name="Actor",
    description="Who did something. Concrete on purpose: an open interface here would break generated clients.",
)
class ActorType:
    kind: ActorKind
    name: str = strawberry.field(description="Display name at the time.")
    agent: Agent | None = to_one("agent_id", description="Set for AGENT.")
    customer_user: CustomerUser | None = to_one("customer_user_id", description="Set for CUSTOMER_USER.")


class _ActorValue(NamedTuple):
    """What stands for an `Actor` while it is resolved."""

    kind: ActorKind
    name: str
    agent_id: int | None
    customer_user_id: int | None


_KINDS = {kind.value: kind for kind in ActorKind}
_AGENT, _CUSTOMER_USER = ActorKind.AGENT, ActorKind.CUSTOMER_USER  # looked up once: this runs for every article


def actor_of(kind: ActorKind | str, key: int | None, name: str) -> ActorType:
    """Return the value of an `Actor` field: who acted, and their display name at the time."""
    kind = _KINDS[kind]
    agent_id = key if kind is _AGENT else None
    customer_user_id = key if kind is _CUSTOMER_USER else None
    return cast("ActorType", _ActorValue(kind, name, agent_id, customer_user_id))


def _effective_permissions(actor: Actor) -> list[str]:
    return sorted(permission for permission in actor.permissions if actor.can(permission))


@strawberry.type(description="Who is asking, and what they may do.")
class Viewer:
    agent: Agent | None = to_one("agent_id")
    customer_user: CustomerUser | None = to_one("customer_user_id")
    permissions: list[str] = derived(_effective_permissions, ROW)

    @classmethod
    def of(cls, actor: Actor) -> "Viewer":
        """Say that an actor stands for the viewer: the engine resolves its fields from the actor."""
        return cast("Viewer", actor)


def _agents(context: Context, query: str | None = None) -> Listing[models.Agent]:
    return Listing.of(queries.matching_people(queries.visible_agents(context.actor), query), BY_NAME)


def _customer_users(context: Context, query: str | None = None) -> Listing[models.CustomerUser]:
    return Listing.of(queries.matching_people(queries.visible_customer_users(context.actor), query), BY_NAME)


def _customers(context: Context, query: str | None = None) -> Listing[models.Customer]:
    return Listing.of(queries.matching_customers(queries.visible_customers(context.actor), query), BY_NAME)


async def _viewer(context: Context) -> Actor | None:
    actor = context.signed_in
    return None if actor is None or actor.is_system else actor


def _api_tokens(context: Context) -> Listing[models.AccessToken]:
    return Listing(seen(context.actor, queries.visible_tokens))


@strawberry.type
class AccountQuery:
    agents: Connection[Agent] = connection(_agents)
    customer_users: Connection[CustomerUser] = connection(_customer_users)
    customers: Connection[Customer] = connection(_customers)

    viewer: Viewer | None = computed(_viewer, description="Null when anonymous.")
    agent: Agent | None = by_id("Agent", queries.visible_agents)
    customer_user: CustomerUser | None = by_id("CustomerUser", queries.visible_customer_users)
    customer: Customer | None = by_id("Customer", queries.visible_customers)
    api_tokens: list[ApiToken] = rows(_api_tokens)
