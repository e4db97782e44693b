"""What the settings declare."""

from tessera.engine.roots import Mutation, Query
from tessera.plugin import Command, Extension, Permission, hookimpl
from tessera.settings import permissions as own
from tessera.settings.cli import app
from tessera.settings.graphql import SettingMutation, SettingQuery


@hookimpl
def extensions() -> list[Extension]:
    return [Extension(Query, SettingQuery), Extension(Mutation, SettingMutation)]


@hookimpl
def permissions() -> list[Permission]:
    return [own.MANAGE]


@hookimpl
def commands() -> list[Command]:
    return [Command("setting", app)]
