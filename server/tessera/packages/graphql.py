"""The API of packages."""

from enum import Enum

import strawberry

from tessera.engine.context import Context
from tessera.engine.directives import Requires
from tessera.engine.fields import batch, column, computed, derived, json_list
from tessera.engine.mutations import UserError, mutation
from tessera.engine.nodes import Node, node
from tessera.engine.scalars import URL
from tessera.jobs.graphql import Job
from tessera.kit.unit import Unit
from tessera.packages import models, queries, service
from tessera.packages.permissions import MANAGE
from tessera.packages.service import Wish
from tessera.settings.graphql import Setting
from tessera.settings.graphql import of_package as settings_of


@strawberry.enum
class PackageState(Enum):
    AVAILABLE = strawberry.enum_value("available", description="In a repository, not installed.")
    ENABLED = "enabled"
    DISABLED = "disabled"
    QUARANTINED = strawberry.enum_value(
        "quarantined", description="Installed, but failed to load; the server runs without it."
    )


@strawberry.enum
class PackageAction(Enum):
    INSTALL = "install"
    UPGRADE = "upgrade"
    ENABLE = "enable"
    DISABLE = "disable"
    UNINSTALL = strawberry.enum_value(
        "uninstall", description="Keeps its data, so that a later install finds it again."
    )
    PURGE = strawberry.enum_value("purge", description="Exports its data, then drops its tables.")


@strawberry.enum
class SchemaChangeCriticality(Enum):
    BREAKING = "breaking"
    DANGEROUS = "dangerous"
    SAFE = "safe"


def _version(state: models.PackageState, version: str | None) -> str | None:
    return None if models.PackageState(state) is models.PackageState.AVAILABLE else version


@node(
    models.Package,
    queries.visible_to,
    description="A feature package: on the shelf, installed, switched off, or kept out because it broke.",
)
class Package(Node):
    name: str = strawberry.field(description="Identifier and GraphQL namespace, e.g. `faq`.")
    distribution: str = strawberry.field(description="Name of the distribution, e.g. `tessera-faq`.")
    version: str | None = derived(
        _version, "state", "version_installed", description="Installed version; null when only available."
    )
    available_version: str | None = column(
        "version_available", description="Newest version in the repositories; null when unknown there."
    )
    title: str
    description: str
    vendor: str | None
    license: str | None
    homepage: URL | None
    state: PackageState = column("state", read=PackageState)
    problem: str | None = strawberry.field(description="Why it is QUARANTINED.")
    requires: list[str] = column(
        "requires", read=json_list, description="Other packages it needs, as version requirements."
    )
    framework: str = strawberry.field(description="The kernel versions it runs on, as a version requirement.")
    verified: bool | None = strawberry.field(description="Every file matches the hash recorded from the signed index.")
    permissions: list[str] = column("permissions", read=json_list, description="Permissions it brings.")
    tables: list[str] = column("tables", read=json_list, description="Tables it owns.")
    settings: list[Setting] = batch(
        settings_of, key="name", description="Its settings, for those who may change settings."
    )


@strawberry.type
class SchemaChange:
    criticality: SchemaChangeCriticality
    message: str


@strawberry.type(description="What an action would do, before it does it.")
class PackagePlan:
    action: PackageAction
    package: Package
    steps: list[str] = strawberry.field(description="Packages that come or go with it, in order, as `name==version`.")
    migrations: list[str] = strawberry.field(description="Migrations that would run, as `label.name`.")
    schema_changes: list[SchemaChange] = strawberry.field(
        description="Schema changes, as `graphql-inspector` words them; `breaking` ones first."
    )
    broken_operations: list[str] = strawberry.field(description="Persisted operations that would stop working.")
    problems: list[str] = strawberry.field(description="Why it cannot be done; empty when it can.")


async def _packages(context: Context, query: str | None = None) -> list[Package]:
    return Package.of_all(await queries.search(context.actor, query, context.units.wiring))


async def _plan(context: Context, action: PackageAction, requirement: str) -> PackagePlan:
    found = await service.plan(context.actor, Wish(models.PackageAction(action.value), requirement))
    return PackagePlan(
        action=action,
        package=Package.of(found.package),
        steps=list(found.steps),
        migrations=list(found.migrations),
        schema_changes=[
            SchemaChange(criticality=SchemaChangeCriticality(each["criticality"]), message=each["message"])
            for each in found.changes
        ],
        broken_operations=list(found.broken),
        problems=list(found.problems),
    )


@strawberry.type
class PackageQuery:
    packages: list[Package] = computed(_packages, description="Installed packages and those in the repositories.")
    package_plan: PackagePlan = computed(
        _plan,
        description=(
            "What an action would do. `requirement` is a name or a version requirement, e.g. `tessera-faq>=1,<2`."
        ),
        directives=[Requires(permission=MANAGE.name)],
    )


@strawberry.type
class PackagePayload:
    package: Package | None = None
    job: Job | None = strawberry.field(default=None, description="Follow it with `Subscription.jobProgress`.")
    user_errors: list[UserError] = strawberry.field(default_factory=list)


async def _requested(unit: Unit, action: models.PackageAction, requirement: str) -> PackagePayload:
    job = await service.request(unit, Wish(action, requirement))
    row = await queries.find(unit.actor, requirement)
    return PackagePayload(package=Package.of_optional(row), job=Job.of(job))


@mutation(description="Fetch, check, migrate, load. The running server keeps answering.", requires=MANAGE.name)
async def _install(unit: Unit, requirement: str) -> PackagePayload:
    return await _requested(unit, models.PackageAction.INSTALL, requirement)


@mutation(requires=MANAGE.name)
async def _upgrade(unit: Unit, requirement: str) -> PackagePayload:
    return await _requested(unit, models.PackageAction.UPGRADE, requirement)


@mutation(requires=MANAGE.name)
async def _enable(unit: Unit, name: str) -> PackagePayload:
    return await _requested(unit, models.PackageAction.ENABLE, name)


@mutation(requires=MANAGE.name)
async def _disable(unit: Unit, name: str) -> PackagePayload:
    return await _requested(unit, models.PackageAction.DISABLE, name)


@mutation(description="Keeps the data unless `purge`, which exports it first (`job.resultUrl`).", requires=MANAGE.name)
async def _uninstall(unit: Unit, name: str, purge: bool | None = False) -> PackagePayload:
    action = models.PackageAction.PURGE if purge else models.PackageAction.UNINSTALL
    return await _requested(unit, action, name)


@mutation(description="Compare every installed file with its recorded hash.", requires=MANAGE.name)
async def _verify(context: Context, name: str) -> PackagePayload:
    return PackagePayload(package=Package.of(await service.verify(context.units, context.actor, name)))


@strawberry.type
class PackageMutation:
    package_install = _install
    package_upgrade = _upgrade
    package_enable = _enable
    package_disable = _disable
    package_uninstall = _uninstall
    package_verify = _verify
