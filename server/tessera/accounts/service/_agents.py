"""Verbs of agents."""

from datetime import datetime
from typing import TypedDict, Unpack

from tessera.accounts.errors import InvalidSpan, LoginTaken
from tessera.accounts.events import AccountActivated, AccountDeactivated, AgentChanged, AgentCreated
from tessera.accounts.models import MAX_LOGIN, Agent
from tessera.accounts.service._passwords import end_sessions, end_tokens, write_credential
from tessera.accounts.service._steps import (
    Account,
    differences,
    is_own,
    person_columns,
    reference,
    require_manager,
)
from tessera.kit.unit import Unit, or_taken

_NOT_FOR_ONESELF = frozenset({"active", "login"})


class AgentChanges(TypedDict, total=False):
    """What may change about an agent; absent stays, None clears."""

    login: str | None
    name: str | None
    email: str | None
    locale: str | None
    timezone: str | None
    active: bool
    out_of_office_from: datetime | None
    out_of_office_until: datetime | None


async def create_agent(
    unit: Unit,
    *,
    login: str,
    name: str,
    email: str | None,
    password_hash: str | None = None,
    locale: str = "en",
    timezone: str = "UTC",
) -> Agent:
    """Create an agent; without a password they cannot sign in yet.

    Raises `Forbidden` without the permission `accounts.manage`, `LoginTaken`, and what unfit values raise.
    """
    require_manager(unit.actor)
    columns = person_columns(
        {"login": login, "name": name, "email": email, "locale": locale, "timezone": timezone}, login_limit=MAX_LOGIN
    )
    problem = LoginTaken(login=columns["login"], field=("input", "login"))
    if await Agent.exists(login_key=columns["login_key"]):
        raise problem
    async with or_taken(problem):
        agent = await Agent.create(**columns)
    if password_hash is not None:
        await write_credential(agent, password_hash)
    await unit.record(
        AgentCreated(subject=reference(agent), login=agent.login, display_name=agent.name, email=agent.email)
    )
    return agent


async def update_agent(
    unit: Unit, agent: Agent, *, expected_version: int | None = None, **changes: Unpack[AgentChanges]
) -> Agent:
    """Change an agent; whoever is switched off loses sessions and tokens.

    Everybody may change themselves, except their login and whether they are active. Raises `Forbidden` for more
    without the permission `accounts.manage`, `LoginTaken`, `StaleVersion`, and what unfit values raise.
    """
    if not is_own(unit.actor, agent) or changes.keys() & _NOT_FOR_ONESELF:
        require_manager(unit.actor)
    columns = person_columns(changes, login_limit=MAX_LOGIN)
    columns |= {name: value for name, value in changes.items() if name.startswith("out_of_office")}
    _require_span(agent, columns)
    problem = LoginTaken(login=columns.get("login"), field=("input", "login"))
    if "login_key" in columns and await Agent.filter(login_key=columns["login_key"]).exclude(id=agent.id).exists():
        raise problem
    changed = differences(agent, columns)
    async with or_taken(problem):
        await unit.update(agent, expected_version=expected_version, **columns)
    for field, (before, after) in changed.items():
        if field == "active":
            await record_switch(unit, agent)
        else:
            await unit.record(AgentChanged(subject=reference(agent), field=field, before=before, after=after))
    return agent


async def record_switch(unit: Unit, account: Account) -> None:
    """Tell that an account was switched on or off, and end what proves it when it was switched off."""
    if account.active:
        await unit.record(AccountActivated(subject=reference(account)))
        return
    await end_sessions(account)
    await end_tokens(account)
    await unit.record(AccountDeactivated(subject=reference(account)))


def _require_span(agent: Agent, columns: dict[str, datetime | None]) -> None:
    begin = columns.get("out_of_office_from", agent.out_of_office_from)
    end = columns.get("out_of_office_until", agent.out_of_office_until)
    if begin is not None and end is not None and end < begin:
        raise InvalidSpan(field=("input", "out_of_office_until"))
