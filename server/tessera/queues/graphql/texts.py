"""Writes of salutations, signatures, auto responses and templates."""

from typing import Any

import strawberry

from tessera.engine.mutations import UserError, given, mutation
from tessera.engine.scalars import HTML
from tessera.kit.actor import Actor
from tessera.kit.unit import Unit
from tessera.queues import models, queries, service
from tessera.queues.graphql.mutations import require_values
from tessera.queues.graphql.types import (
    AutoResponse,
    AutoResponseKind,
    Salutation,
    Signature,
    Template,
    TemplateKind,
)
from tessera.queues.permissions import MANAGE


@strawberry.input
class SalutationCreateInput:
    name: str
    text: str


@strawberry.input(description="Absent = unchanged.")
class SalutationUpdateInput:
    name: str | None = strawberry.UNSET
    text: str | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET


@strawberry.input
class SignatureCreateInput:
    name: str
    text: str


@strawberry.input(description="Absent = unchanged.")
class SignatureUpdateInput:
    name: str | None = strawberry.UNSET
    text: str | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET


@strawberry.input
class AutoResponseCreateInput:
    name: str
    kind: AutoResponseKind
    subject: str
    text: str


@strawberry.input(description="Absent = unchanged.")
class AutoResponseUpdateInput:
    name: str | None = strawberry.UNSET
    subject: str | None = strawberry.UNSET
    text: str | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET


@strawberry.input
class TemplateCreateInput:
    name: str
    kind: TemplateKind
    subject: str | None = None
    body: HTML
    queue_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Where it is usable; everywhere when empty."
    )


@strawberry.input(description="Absent = unchanged, null = cleared.")
class TemplateUpdateInput:
    name: str | None = strawberry.UNSET
    kind: TemplateKind | None = strawberry.UNSET
    subject: str | None = strawberry.UNSET
    body: HTML | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET
    queue_ids: list[strawberry.ID] | None = strawberry.UNSET


@strawberry.type
class SalutationPayload:
    salutation: Salutation | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class SignaturePayload:
    signature: Signature | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class AutoResponsePayload:
    auto_response: AutoResponse | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class TemplatePayload:
    template: Template | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


async def _template_values(actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    if "kind" in values:
        values["kind"] = models.TemplateKind[values["kind"].name]
    if "queue_ids" in values:
        keys, field = values.pop("queue_ids") or (), ("input", "queue_ids")
        values["queues"] = [await queries.get(actor, key, field=field) for key in keys]
    return values


@mutation(requires=MANAGE.name)
async def _salutation_create(unit: Unit, input: SalutationCreateInput) -> SalutationPayload:
    return SalutationPayload(salutation=Salutation.of(await service.create_salutation(unit, **given(input))))


@mutation(requires=MANAGE.name)
async def _salutation_update(
    unit: Unit, id: strawberry.ID, input: SalutationUpdateInput, expected_version: int | None = None
) -> SalutationPayload:
    row = await queries.get_text(models.Salutation, unit.actor, id)
    values = require_values(given(input))
    await service.update_salutation(unit, row, expected_version=expected_version, **values)
    return SalutationPayload(salutation=Salutation.of(row))


@mutation(requires=MANAGE.name)
async def _signature_create(unit: Unit, input: SignatureCreateInput) -> SignaturePayload:
    return SignaturePayload(signature=Signature.of(await service.create_signature(unit, **given(input))))


@mutation(requires=MANAGE.name)
async def _signature_update(
    unit: Unit, id: strawberry.ID, input: SignatureUpdateInput, expected_version: int | None = None
) -> SignaturePayload:
    row = await queries.get_text(models.Signature, unit.actor, id)
    values = require_values(given(input))
    await service.update_signature(unit, row, expected_version=expected_version, **values)
    return SignaturePayload(signature=Signature.of(row))


@mutation(requires=MANAGE.name)
async def _auto_response_create(unit: Unit, input: AutoResponseCreateInput) -> AutoResponsePayload:
    values = given(input) | {"kind": models.AutoResponseKind[input.kind.name]}
    return AutoResponsePayload(auto_response=AutoResponse.of(await service.create_auto_response(unit, **values)))


@mutation(requires=MANAGE.name)
async def _auto_response_update(
    unit: Unit, id: strawberry.ID, input: AutoResponseUpdateInput, expected_version: int | None = None
) -> AutoResponsePayload:
    row = await queries.get_text(models.AutoResponse, unit.actor, id)
    values = require_values(given(input))
    await service.update_auto_response(unit, row, expected_version=expected_version, **values)
    return AutoResponsePayload(auto_response=AutoResponse.of(row))


@mutation(requires=MANAGE.name)
async def _template_create(unit: Unit, input: TemplateCreateInput) -> TemplatePayload:
    values = await _template_values(unit.actor, given(input))
    return TemplatePayload(template=Template.of(await service.create_template(unit, **values)))


@mutation(requires=MANAGE.name)
async def _template_update(
    unit: Unit, id: strawberry.ID, input: TemplateUpdateInput, expected_version: int | None = None
) -> TemplatePayload:
    row = await queries.get_template(unit.actor, id)
    values = await _template_values(unit.actor, require_values(given(input), "subject", "queue_ids"))
    await service.update_template(unit, row, expected_version=expected_version, **values)
    return TemplatePayload(template=Template.of(row))


@strawberry.type
class QueueTextMutation:
    salutation_create = _salutation_create
    salutation_update = _salutation_update
    signature_create = _signature_create
    signature_update = _signature_update
    auto_response_create = _auto_response_create
    auto_response_update = _auto_response_update
    template_create = _template_create
    template_update = _template_update
