"""Writes of customer users and customers."""

from typing import Any

import strawberry

from tessera.accounts import models, queries, service
from tessera.accounts.graphql.types import Customer, CustomerUser
from tessera.accounts.permissions import MANAGE
from tessera.engine.context import Context
from tessera.engine.mutations import UserError, given, mutation
from tessera.kit.actor import Actor
from tessera.kit.errors import Required
from tessera.kit.ids import ObjectRef
from tessera.kit.unit import Unit


@strawberry.input
class CustomerUserCreateInput:
    login: str
    name: str
    email: str | None = None
    phone: str | None = None
    customer_id: strawberry.ID | None = None
    locale: str | None = None
    timezone: str | None = None
    password: str | None = None
    client_mutation_id: str | None = None
    password_hash: strawberry.Private[str | None] = None


@strawberry.input(description="Absent = unchanged, null = cleared.")
class CustomerUserUpdateInput:
    login: str | None = strawberry.UNSET
    name: str | None = strawberry.UNSET
    email: str | None = strawberry.UNSET
    phone: str | None = strawberry.UNSET
    customer_id: strawberry.ID | None = strawberry.UNSET
    locale: str | None = strawberry.UNSET
    timezone: str | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET
    password: str | None = strawberry.UNSET


@strawberry.input
class CustomerCreateInput:
    number: str = strawberry.field(description="The number or short name the help desk knows it by.")
    name: str
    client_mutation_id: str | None = None


@strawberry.input(description="Absent = unchanged, null = cleared.")
class CustomerUpdateInput:
    number: str | None = strawberry.UNSET
    name: str | None = strawberry.UNSET
    active: bool | None = strawberry.UNSET


@strawberry.type
class CustomerUserPayload:
    customer_user: CustomerUser | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
    client_mutation_id: str | None = None


@strawberry.type
class CustomerPayload:
    customer: Customer | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
    client_mutation_id: str | None = None


async def hash_given_password(values: dict[str, Any]) -> str | None:
    """Take the password out of an update's values and return its hash, None when it was not given.

    Raises `Required` for null, because a password is never cleared, and `WeakPassword`.
    """
    if "password" not in values:
        return None
    password = values.pop("password")
    if password is None:
        raise Required(field=("input", "password"))
    return await service.hash_new_password(password)


async def _hash_password(input: CustomerUserCreateInput) -> None:
    if input.password is not None:
        input.password_hash = await service.hash_new_password(input.password)


async def _with_customer(actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    """Replace the id of a customer by what it names."""
    if "customer_id" in values:
        key = values.pop("customer_id")
        field = ("input", "customer_id")
        values["customer"] = None if key is None else await queries.get_customer(actor, key, field=field)
    return values


async def _update_customer_user(
    unit: Unit,
    row: models.CustomerUser,
    values: dict[str, Any],
    expected_version: int | None,
    password_hash: str | None,
) -> None:
    changes = await _with_customer(unit.actor, dict(values))
    await service.update_customer_user(unit, row, expected_version=expected_version, **changes)
    if password_hash is not None:
        await service.change_password(unit, row, password_hash)


async def _customer_user_again(unit: Unit, made: ObjectRef) -> CustomerUserPayload:
    row = await queries.visible_customer_users(unit.actor).get(id=made.id)
    return CustomerUserPayload(customer_user=CustomerUser.of(row))


async def _customer_again(unit: Unit, made: ObjectRef) -> CustomerPayload:
    return CustomerPayload(customer=Customer.of(await queries.visible_customers(unit.actor).get(id=made.id)))


@mutation(requires=MANAGE.name, replay=_customer_user_again, prepare=_hash_password)
async def _customer_user_create(unit: Unit, input: CustomerUserCreateInput) -> CustomerUserPayload:
    left_out = {"password", "client_mutation_id"}
    values = {name: value for name, value in given(input).items() if value is not None and name not in left_out}
    values = await _with_customer(unit.actor, values)
    return CustomerUserPayload(customer_user=CustomerUser.of(await service.create_customer_user(unit, **values)))


@mutation(requires=MANAGE.name)
async def _customer_user_update(
    context: Context, id: strawberry.ID, input: CustomerUserUpdateInput, expected_version: int | None = None
) -> CustomerUserPayload:
    values = given(input)
    password_hash = await hash_given_password(values)

    async def update(unit: Unit) -> CustomerUserPayload:
        row = await queries.get_customer_user(unit.actor, id)
        await _update_customer_user(unit, row, values, expected_version, password_hash)
        return CustomerUserPayload(customer_user=CustomerUser.of(row))

    return await context.units.run(context.actor, update)


@mutation(requires=MANAGE.name, replay=_customer_again)
async def _customer_create(unit: Unit, input: CustomerCreateInput) -> CustomerPayload:
    customer = await service.create_customer(unit, number=input.number, name=input.name)
    return CustomerPayload(customer=Customer.of(customer))


@mutation(requires=MANAGE.name)
async def _customer_update(
    unit: Unit, id: strawberry.ID, input: CustomerUpdateInput, expected_version: int | None = None
) -> CustomerPayload:
    customer = await queries.get_customer(unit.actor, id)
    await service.update_customer(unit, customer, expected_version=expected_version, **given(input))
    return CustomerPayload(customer=Customer.of(customer))


@strawberry.type
class AccountMutation:
    customer_user_create = _customer_user_create
    customer_user_update = _customer_user_update
    customer_create = _customer_create
    customer_update = _customer_update
