"""The API of the settings."""

import strawberry

from tessera.engine.context import Context
from tessera.engine.directives import Requires
from tessera.engine.fields import computed
from tessera.engine.mutations import UserError, mutation
from tessera.engine.scalars import JSON
from tessera.kit.unit import Unit
from tessera.settings import queries, service
from tessera.settings.permissions import MANAGE


@strawberry.type(description="What an administrator may change while the server runs.")
class Setting:
    name: str
    description: str
    value: JSON | None
    default: JSON | None
    changed: bool


def _shown(current: queries.Current) -> Setting:
    return Setting(
        name=current.declared.name,
        description=current.declared.sentence,
        value=current.value,
        default=current.declared.default,
        changed=current.changed,
    )


async def _settings(context: Context, query: str | None = None) -> list[Setting]:
    context.actor.require(MANAGE.name)
    return [_shown(each) for each in await queries.search(context.units.wiring, query)]


async def of_package(context: Context, names: list[str]) -> dict[str, list[Setting]]:
    """Return the settings of slices or packages by their names, for those who may change settings."""
    if not context.actor.can(MANAGE.name):
        return {name: [] for name in names}
    known = [_shown(each) for each in await queries.search(context.units.wiring)]
    return {name: [each for each in known if each.name.startswith(f"{name}.")] for name in names}


@strawberry.type
class SettingQuery:
    settings: list[Setting] = computed(
        _settings,
        description="The settings whose name or description contains the text.",
        directives=[Requires(permission=MANAGE.name)],
    )


@strawberry.type
class SettingPayload:
    setting: Setting | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@mutation(description="Change a setting; null brings its default back.", requires=MANAGE.name)
async def _setting_set(unit: Unit, name: str, value: JSON | None = None) -> SettingPayload:
    declared = queries.declared(unit.wiring, name)
    if value is None:
        await service.reset_setting(unit, declared)
    else:
        await service.change_setting(unit, declared, value)
    return SettingPayload(setting=_shown(await queries.current(declared)))


@strawberry.type
class SettingMutation:
    setting_set = _setting_set
