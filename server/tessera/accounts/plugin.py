"""What the accounts declare."""

from datetime import timedelta

from tessera.accounts import jobs as work
from tessera.accounts import permissions as known
from tessera.accounts import settings as adjustable
from tessera.accounts.cli import app
from tessera.accounts.graphql import AccountMutation, AccountQuery, SessionMutation
from tessera.engine.roots import Mutation, Query
from tessera.plugin import Command, Extension, Job, Permission, Schedule, Setting, hookimpl


@hookimpl
def extensions() -> list[Extension]:
    return [
        Extension(Query, AccountQuery),
        Extension(Mutation, AccountMutation),
        Extension(Mutation, SessionMutation),
    ]


@hookimpl
def jobs() -> list[Job | Schedule]:
    return [
        Job("accounts.forget_ended", work.forget_ended),
        Schedule("accounts.forget_ended", every=timedelta(hours=1)),
    ]


@hookimpl
def permissions() -> list[Permission]:
    return [known.MANAGE]


@hookimpl
def settings() -> list[Setting[int] | Setting[bool]]:
    return [
        adjustable.PASSWORD_MINIMUM_LENGTH,
        adjustable.ACCESS_TOKEN_MINUTES,
        adjustable.SESSION_DAYS,
        adjustable.SIGN_IN_ATTEMPTS,
        adjustable.SIGN_IN_WINDOW_MINUTES,
        adjustable.SHARE_CUSTOMER_TICKETS,
    ]


@hookimpl
def commands() -> list[Command]:
    return [Command("agent", app)]
