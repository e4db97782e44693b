"""Verbs of agents, customer users, customers, and of what proves who somebody is."""

from tessera.accounts.service._agents import AgentChanges, create_agent, update_agent
from tessera.accounts.service._customers import (
    CustomerChanges,
    CustomerUserChanges,
    create_customer,
    create_customer_user,
    find_or_create_customer_user,
    update_customer,
    update_customer_user,
)
from tessera.accounts.service._passwords import change_password, hash_new_password
from tessera.accounts.service._sessions import Tokens, forget_ended, refresh, sign_in, sign_out
from tessera.accounts.service._tokens import is_use_due, issue_token, note_use, revoke_token

__all__ = [
    "AgentChanges",
    "CustomerChanges",
    "CustomerUserChanges",
    "Tokens",
    "change_password",
    "create_agent",
    "create_customer",
    "create_customer_user",
    "find_or_create_customer_user",
    "forget_ended",
    "hash_new_password",
    "is_use_due",
    "issue_token",
    "note_use",
    "refresh",
    "revoke_token",
    "sign_in",
    "sign_out",
    "update_agent",
    "update_customer",
    "update_customer_user",
]
