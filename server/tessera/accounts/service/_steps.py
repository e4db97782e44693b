"""Steps the verbs of accounts have in common: rights, checked columns, display text, names in use."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tessera.accounts import _values
from tessera.accounts.models import MAX_KEY, MAX_NAME, Agent, Customer, CustomerUser
from tessera.accounts.permissions import MANAGE
from tessera.kit.actor import Actor, ActorKind
from tessera.kit.clock import isoformat
from tessera.kit.errors import LimitExceeded, Required
from tessera.kit.ids import ObjectRef
from tessera.kit.inputs import Field, line
from tessera.kit.text import fold

Account = Agent | CustomerUser


def kind_of(account: Account) -> ActorKind:
    """Return what kind of actor an account becomes."""
    return ActorKind.AGENT if isinstance(account, Agent) else ActorKind.CUSTOMER_USER


def reference(row: Account | Customer) -> ObjectRef:
    """Return the subject of facts about a row."""
    return ObjectRef("customer", row.id) if isinstance(row, Customer) else ObjectRef(kind_of(row).value, row.id)


def bare_actor(account: Account) -> Actor:
    """Return an account as an actor without any right: for what it does while it signs in."""
    return Actor(kind=kind_of(account), id=account.id, name=account.name, login=account.login)


def is_own(actor: Actor, account: Account) -> bool:
    """Tell whether an actor is this account, and not merely a limited token of it."""
    return actor.kind is kind_of(account) and actor.id == account.id and actor.scopes is None


def require_manager(actor: Actor) -> None:
    """Raise `Forbidden` unless the actor may change accounts."""
    actor.require(MANAGE.name)


def unique_key(text: str, *, field: Field) -> str:
    """Fold a text that must be unique regardless of case.

    Raises `LimitExceeded` when that does not fit.
    """
    key = fold(text)
    if len(key) > MAX_KEY:
        raise LimitExceeded("The value is too long.", field=field)
    return key


def person_columns(given: Mapping[str, Any], *, login_limit: int) -> dict[str, Any]:
    """Return the checked columns of an agent or customer user for what was given, folded keys included.

    Raises `Required`, `LimitExceeded`, `Invalid` and its kinds, each with the field to blame.
    """
    columns: dict[str, Any] = {}
    if "login" in given:
        login = line(given["login"], field=("input", "login"), limit=login_limit)
        columns |= {"login": login, "login_key": unique_key(login, field=("input", "login"))}
    if "name" in given:
        columns |= name_columns(given["name"])
    if "email" in given:
        email = _values.email(given["email"], field=("input", "email"))
        columns |= {"email": email, "email_key": None if email is None else fold(email)[:MAX_KEY]}
    if "locale" in given:
        columns["locale"] = _values.locale(given["locale"], field=("input", "locale"))
    if "timezone" in given:
        columns["timezone"] = _values.timezone(given["timezone"], field=("input", "timezone"))
    return columns | switch_column(given)


def switch_column(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the checked column `active` when it was given.

    Raises `Required` for null.
    """
    if "active" not in given:
        return {}
    if given["active"] is None:
        raise Required(field=("input", "active"))
    return {"active": given["active"]}


def name_columns(name: str | None) -> dict[str, Any]:
    """Return the checked columns of a display name."""
    checked = line(name, field=("input", "name"), limit=MAX_NAME)
    return {"name": checked, "name_key": fold(checked)[:MAX_KEY]}


def shown(value: object) -> str | None:
    """Return a column's value as display text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return isoformat(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def differences(row: object, columns: Mapping[str, object]) -> dict[str, tuple[str | None, str | None]]:
    """Return what writing columns changes, as display text before and after; keys for look-ups are left out."""
    return {
        name: (shown(getattr(row, name)), shown(value))
        for name, value in columns.items()
        if not name.endswith("_key") and getattr(row, name) != value
    }
