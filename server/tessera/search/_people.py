"""How customer users and customers become text."""

from collections.abc import Mapping, Sequence

from tessera.accounts import queries as accounts
from tessera.kit.actor import SYSTEM
from tessera.search.hooks import Text


async def customer_user_texts(ids: Sequence[int]) -> Mapping[int, Text]:
    """Return the texts of customer users, by id; phone numbers are for agents."""
    rows = await accounts.visible_customer_users(SYSTEM).filter(id__in=list(ids))
    return {row.id: Text(row.name, f"{row.login}\n{row.email or ''}", row.phone or "") for row in rows}


async def customer_texts(ids: Sequence[int]) -> Mapping[int, Text]:
    """Return the texts of customers, by id."""
    rows = await accounts.visible_customers(SYSTEM).filter(id__in=list(ids))
    return {row.id: Text(row.name, row.number) for row in rows}
