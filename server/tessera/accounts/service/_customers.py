"""Verbs of customers and customer users."""

import unicodedata
from typing import Any, TypedDict, Unpack

from tessera.accounts import queries
from tessera.accounts.errors import LoginTaken, NumberTaken
from tessera.accounts.events import CustomerChanged, CustomerCreated, CustomerUserChanged, CustomerUserCreated
from tessera.accounts.models import MAX_EMAIL, MAX_KEY, MAX_NAME, MAX_NUMBER, MAX_PHONE, Customer, CustomerUser
from tessera.accounts.service._agents import record_switch
from tessera.accounts.service._passwords import write_credential
from tessera.accounts.service._steps import (
    differences,
    name_columns,
    person_columns,
    reference,
    require_manager,
    switch_column,
    unique_key,
)
from tessera.kit.db import Contention
from tessera.kit.inputs import line, optional_line
from tessera.kit.text import fold
from tessera.kit.unit import Unit, or_taken

_NUMBER = ("input", "number")


class CustomerChanges(TypedDict, total=False):
    """What may change about a customer."""

    number: str | None
    name: str | None
    active: bool


class CustomerUserChanges(TypedDict, total=False):
    """What may change about a customer user; absent stays, None clears."""

    login: str | None
    name: str | None
    email: str | None
    phone: str | None
    customer: Customer | None
    locale: str | None
    timezone: str | None
    active: bool


async def create_customer(unit: Unit, *, number: str, name: str) -> Customer:
    """Create a customer.

    Raises `Forbidden` without the permission `accounts.manage`, `NumberTaken`, and what unfit values raise.
    """
    require_manager(unit.actor)
    columns = _customer_columns({"number": number, "name": name})
    problem = NumberTaken(number=columns["number"], field=_NUMBER)
    if await Customer.exists(number_key=columns["number_key"]):
        raise problem
    async with or_taken(problem):
        customer = await Customer.create(**columns)
    await unit.record(CustomerCreated(subject=reference(customer), number=customer.number, display_name=customer.name))
    return customer


async def update_customer(
    unit: Unit, customer: Customer, *, expected_version: int | None = None, **changes: Unpack[CustomerChanges]
) -> Customer:
    """Change a customer.

    Raises what `create_customer` raises, and `StaleVersion`.
    """
    require_manager(unit.actor)
    columns = _customer_columns(changes)
    problem = NumberTaken(number=columns.get("number"), field=_NUMBER)
    others = Customer.filter(number_key=columns.get("number_key")).exclude(id=customer.id)
    if "number_key" in columns and await others.exists():
        raise problem
    changed = differences(customer, columns)
    async with or_taken(problem):
        await unit.update(customer, expected_version=expected_version, **columns)
    for field, (before, after) in changed.items():
        await unit.record(CustomerChanged(subject=reference(customer), field=field, before=before, after=after))
    return customer


async def create_customer_user(
    unit: Unit,
    *,
    login: str,
    name: str,
    email: str | None = None,
    phone: str | None = None,
    customer: Customer | None = None,
    password_hash: str | None = None,
    locale: str = "en",
    timezone: str = "UTC",
) -> CustomerUser:
    """Create a customer user; without a password they cannot sign in, but write mails.

    Raises `Forbidden` without the permission `accounts.manage`, `LoginTaken`, and what unfit values raise.
    """
    require_manager(unit.actor)
    given = {"login": login, "name": name, "email": email, "locale": locale, "timezone": timezone}
    columns = person_columns(given, login_limit=MAX_EMAIL) | _phone_column(phone)
    problem = LoginTaken(login=columns["login"], field=("input", "login"))
    if await CustomerUser.exists(login_key=columns["login_key"]):
        raise problem
    async with or_taken(problem):
        row = await CustomerUser.create(**columns, customer_id=customer.id if customer else None)
    if password_hash is not None:
        await write_credential(row, password_hash)
    await _record_created(unit, row)
    return row


async def update_customer_user(
    unit: Unit, row: CustomerUser, *, expected_version: int | None = None, **changes: Unpack[CustomerUserChanges]
) -> CustomerUser:
    """Change a customer user; whoever is switched off loses sessions and tokens.

    Raises what `create_customer_user` raises, and `StaleVersion`.
    """
    require_manager(unit.actor)
    columns = person_columns(changes, login_limit=MAX_EMAIL)
    if "phone" in changes:
        columns |= _phone_column(changes["phone"])
    problem = LoginTaken(login=columns.get("login"), field=("input", "login"))
    others = CustomerUser.filter(login_key=columns.get("login_key")).exclude(id=row.id)
    if "login_key" in columns and await others.exists():
        raise problem
    changed = differences(row, columns)
    moved = None
    if "customer" in changes:
        moved = await _move(row, changes["customer"])
        columns["customer_id"] = changes["customer"].id if changes["customer"] else None
    async with or_taken(problem):
        await unit.update(row, expected_version=expected_version, **columns)
    for field, (before, after) in changed.items():
        if field == "active":
            await record_switch(unit, row)
        else:
            await unit.record(CustomerUserChanged(subject=reference(row), field=field, before=before, after=after))
    if moved is not None:
        await unit.record(moved)
    return row


async def find_or_create_customer_user(unit: Unit, *, address: str, name: str = "") -> CustomerUser:
    """Return who writes from an address; an unknown sender becomes a customer user with the address as login.

    The name is cut and cleaned rather than refused. Raises `Forbidden` for whoever is neither the server nor
    may manage accounts, `Invalid` or `LimitExceeded` for an address that cannot be stored.
    """
    require_manager(unit.actor)
    checked = line(address, field=("address",), limit=MAX_EMAIL)
    known = await queries.customer_user_by_address(checked)
    if known is not None:
        return known
    display_name = _cleaned(name) or checked[:MAX_NAME]
    key = unique_key(checked, field=("address",))
    async with or_taken(Contention("Two mails made the same customer user at once.")):
        row = await CustomerUser.create(
            login=checked,
            login_key=key,
            name=display_name,
            name_key=fold(display_name)[:MAX_KEY],
            email=checked,
            email_key=key,
        )
    await _record_created(unit, row)
    return row


async def _record_created(unit: Unit, row: CustomerUser) -> None:
    await unit.record(
        CustomerUserCreated(
            subject=reference(row),
            login=row.login,
            display_name=row.name,
            email=row.email,
            customer_id=row.customer_id,
        )
    )


async def _move(row: CustomerUser, customer: Customer | None) -> CustomerUserChanged | None:
    """Return the fact that a customer user changes to another customer, None when they do not."""
    after_id = customer.id if customer else None
    if row.customer_id == after_id:
        return None
    before = await Customer.get_or_none(id=row.customer_id)
    return CustomerUserChanged(
        subject=reference(row),
        field="customer",
        before=before.name if before else None,
        after=customer.name if customer else None,
        before_id=row.customer_id,
        after_id=after_id,
    )


def _customer_columns(given: CustomerChanges) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if "number" in given:
        number = line(given["number"], field=_NUMBER, limit=MAX_NUMBER)
        columns |= {"number": number, "number_key": unique_key(number, field=_NUMBER)}
    if "name" in given:
        columns |= name_columns(given["name"])
    return columns | switch_column(given)


def _phone_column(phone: str | None) -> dict[str, Any]:
    return {"phone": optional_line(phone, field=("input", "phone"), limit=MAX_PHONE)}


def _cleaned(name: str) -> str:
    """Take what no column and no screen wants out of a name a stranger chose."""
    kept = (" " if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter for letter in name)
    return " ".join("".join(kept).split())[:MAX_NAME].strip()
