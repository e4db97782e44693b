"""Writes of mail accounts and filter rules."""

from enum import Enum
from typing import Any

import strawberry

from tessera.engine.mutations import UserError, given, mutation
from tessera.kit.actor import Actor
from tessera.kit.errors import Invalid, Required
from tessera.kit.unit import Unit
from tessera.mail import queries, service
from tessera.mail.graphql.types import MailAccount, MailFilter, MailProtocol, MailSecurity
from tessera.mail.permissions import MANAGE
from tessera.queues import queries as queues


@strawberry.input
class MailAccountCreateInput:
    name: str
    protocol: MailProtocol
    host: str
    port: int
    security: MailSecurity
    login: str
    password: str = strawberry.field(description="Kept sealed; nobody can read it again.")
    folder: str = strawberry.field(default="INBOX", description="IMAP only.")
    queue_id: strawberry.ID | None = None
    trusted: bool = False


@strawberry.input(description="Absent = unchanged, null = cleared.")
class MailAccountUpdateInput:
    name: str | None = strawberry.UNSET
    protocol: MailProtocol | None = strawberry.UNSET
    host: str | None = strawberry.UNSET
    port: int | None = strawberry.UNSET
    security: MailSecurity | None = strawberry.UNSET
    login: str | None = strawberry.UNSET
    password: str | None = strawberry.UNSET
    folder: str | None = strawberry.UNSET
    queue_id: strawberry.ID | None = strawberry.UNSET
    trusted: bool | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET


@strawberry.input(description="A header and the regular expression to find in it; `Body` stands for the text.")
class MailFilterMatchInput:
    header: str
    pattern: str


@strawberry.input(description="A control header without `X-Tessera-`, and its value.")
class MailFilterSettingInput:
    name: str
    value: str


@strawberry.input
class MailFilterCreateInput:
    name: str
    position: int = 0
    matches: list[MailFilterMatchInput] = strawberry.field(description="All have to match.")
    sets: list[MailFilterSettingInput]
    stops: bool = False


@strawberry.input(description="Absent = unchanged.")
class MailFilterUpdateInput:
    name: str | None = strawberry.UNSET
    position: int | None = strawberry.UNSET
    matches: list[MailFilterMatchInput] | None = strawberry.UNSET
    sets: list[MailFilterSettingInput] | None = strawberry.UNSET
    stops: bool | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET


@strawberry.type
class MailAccountPayload:
    mail_account: MailAccount | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class MailFilterPayload:
    mail_filter: MailFilter | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


async def _account_values(actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    found = {name: value.value if isinstance(value, Enum) else value for name, value in values.items()}
    if "queue_id" in found:
        key = found.pop("queue_id")
        found["queue"] = None if key is None else await queues.get(actor, key, field=("input", "queue_id"))
    return _filled(found, "queue")


def _filter_values(values: dict[str, Any]) -> dict[str, Any]:
    found = _filled(values)
    if "matches" in found:
        found["matches"] = _mapping("matches", [(each.header, each.pattern) for each in found["matches"]])
    if "sets" in found:
        found["sets"] = _mapping("sets", [(each.name, each.value) for each in found["sets"]])
    return found


def _mapping(field: str, pairs: list[tuple[str, str]]) -> dict[str, str]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Invalid("A name stands there twice.", field=("input", field))
    return found


def _filled(values: dict[str, Any], *clearable: str) -> dict[str, Any]:
    for name, value in values.items():
        if value is None and name not in clearable:
            raise Required(field=("input", name))
    return values


@mutation(requires=MANAGE.name)
async def _mail_account_create(unit: Unit, input: MailAccountCreateInput) -> MailAccountPayload:
    row = await service.create_account(unit, **await _account_values(unit.actor, given(input)))
    return MailAccountPayload(mail_account=MailAccount.of(row))


@mutation(requires=MANAGE.name)
async def _mail_account_update(
    unit: Unit, id: strawberry.ID, input: MailAccountUpdateInput, expected_version: int | None = None
) -> MailAccountPayload:
    row = await queries.get_account(unit.actor, id)
    values = await _account_values(unit.actor, given(input))
    await service.update_account(unit, row, expected_version=expected_version, **values)
    return MailAccountPayload(mail_account=MailAccount.of(row))


@mutation(requires=MANAGE.name)
async def _mail_filter_create(unit: Unit, input: MailFilterCreateInput) -> MailFilterPayload:
    row = await service.create_filter(unit, **_filter_values(given(input)))
    return MailFilterPayload(mail_filter=MailFilter.of(row))


@mutation(requires=MANAGE.name)
async def _mail_filter_update(
    unit: Unit, id: strawberry.ID, input: MailFilterUpdateInput, expected_version: int | None = None
) -> MailFilterPayload:
    row = await queries.get_filter(unit.actor, id)
    await service.update_filter(unit, row, expected_version=expected_version, **_filter_values(given(input)))
    return MailFilterPayload(mail_filter=MailFilter.of(row))


@strawberry.type
class MailConfigurationMutation:
    mail_account_create = _mail_account_create
    mail_account_update = _mail_account_update
    mail_filter_create = _mail_filter_create
    mail_filter_update = _mail_filter_update
