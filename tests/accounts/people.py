"""People for tests: made through the services, returned as rows and as actors."""

from collections.abc import Collection, Mapping
from typing import Any

from tessera.access import queries as access
from tessera.access import service as access_service
from tessera.accounts import service
from tessera.accounts.models import Agent, Customer, CustomerUser
from tessera.kit.actor import Actor, ActorKind
from tessera.kit.journal import Entry
from tessera.kit.secrets import hash_password
from tessera.kit.unit import Unit
from tessera.testing.house import House

PASSWORD = "correct horse battery"


async def agent(
    house: House,
    login: str,
    *,
    permissions: Collection[str] = (),
    rights: Mapping[str, Collection[str]] | None = None,
    password: str | None = None,
    **columns: Any,
) -> Agent:
    """Make an agent with a role of its own and rights on named groups, which are made when they are missing."""
    password_hash = await hash_password(password) if password else None

    async def work(unit: Unit) -> Agent:
        values = {"name": login.title(), "email": f"{login}@example.test"} | columns
        made = await service.create_agent(unit, login=login, password_hash=password_hash, **values)
        role = await access_service.create_role(unit, name=f"role of {login}", permissions=permissions)
        await access_service.grant_role(unit, made, role)
        for name, held in (rights or {}).items():
            group = await access.group_named(name)
            await access_service.grant_rights(unit, role, group, held)
        return made

    return await house.run(work)


async def actor(row: Agent | CustomerUser, scopes: Collection[str] | None = None) -> Actor:
    """Turn an account into an actor with its rights as they are now."""
    kind = ActorKind.AGENT if isinstance(row, Agent) else ActorKind.CUSTOMER_USER
    found = await access.actor_for(kind, row.id, frozenset(scopes) if scopes is not None else None)
    assert found is not None
    return found


async def administrator(house: House, login: str = "root", *, password: str | None = None) -> Actor:
    """Make an agent who may do everything the accounts and access slices ask for."""
    row = await agent(house, login, permissions=("accounts.manage", "access.manage"), password=password)
    return await actor(row)


async def customer(house: House, number: str, name: str = "") -> Customer:
    """Make a customer."""
    return await house.run(lambda unit: service.create_customer(unit, number=number, name=name or number))


async def customer_user(
    house: House, login: str, *, customer: Customer | None = None, password: str | None = None, **columns: Any
) -> CustomerUser:
    """Make a customer user."""
    password_hash = await hash_password(password) if password else None
    values = {"name": login.title(), "email": f"{login}@customer.test"} | columns
    return await house.run(
        lambda unit: service.create_customer_user(
            unit, login=login, customer=customer, password_hash=password_hash, **values
        )
    )


async def facts(kind: str, key: int) -> list[tuple[str, dict[str, object]]]:
    """Return what the journal says about an object: names of the events with their data, oldest first."""
    rows = await Entry.filter(subject_kind=kind, subject_id=key).order_by("id")
    return [(row.name, row.facts) for row in rows]


async def everything_told() -> str:
    """Return the data of the whole journal as one text, to search for what must not be in it."""
    return " ".join([row.data for row in await Entry.all()])


def mutation(name: str, selection: str, /, **variables: str) -> str:
    """Return the document of a mutation that passes its variables (name to type) on and asks for its problems."""
    declared = ", ".join(f"${variable}: {type_}" for variable, type_ in variables.items())
    passed = ", ".join(f"{variable}: ${variable}" for variable in variables)
    return f"mutation({declared}) {{ {name}({passed}) {{ {selection} userErrors {{ message code field reason }} }} }}"
