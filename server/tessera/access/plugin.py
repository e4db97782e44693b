"""What the access rules declare."""

from tessera.access import permissions as known
from tessera.access.cli import app
from tessera.access.graphql import AccessMutation, AccessQuery, AgentAccess, AgentMutation
from tessera.access.handlers import keep_an_administrator, protect_administrators
from tessera.accounts.events import AccountDeactivated, PasswordChanged
from tessera.accounts.graphql import Agent
from tessera.engine.roots import Mutation, Query
from tessera.plugin import Command, Extension, Guard, Permission, hookimpl


@hookimpl
def extensions() -> list[Extension]:
    return [
        Extension(Query, AccessQuery),
        Extension(Mutation, AccessMutation),
        Extension(Mutation, AgentMutation),
        Extension(Agent, AgentAccess),
    ]


@hookimpl
def guards() -> list[Guard]:
    return [
        Guard(AccountDeactivated, keep_an_administrator),
        Guard(PasswordChanged, protect_administrators),
    ]


@hookimpl
def permissions() -> list[Permission]:
    return [known.MANAGE]


@hookimpl
def commands() -> list[Command]:
    return [Command("access", app)]
