"""Verbs of packages."""

from tessera.packages._overlay import DESCRIPTION, SetAltered
from tessera.packages._planning import Wish
from tessera.packages.service._changes import CHANGE, forget, offer, plan, refuse, request, settle, verify
from tessera.packages.service._sets import (
    TOPIC,
    appear,
    differences,
    ensure_set,
    prepare,
    publish,
    quarantine,
    withdraw,
)

__all__ = [
    "CHANGE",
    "DESCRIPTION",
    "TOPIC",
    "SetAltered",
    "Wish",
    "appear",
    "differences",
    "ensure_set",
    "forget",
    "offer",
    "plan",
    "prepare",
    "publish",
    "quarantine",
    "refuse",
    "request",
    "settle",
    "verify",
    "withdraw",
]
