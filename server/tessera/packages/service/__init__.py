"""Verbs of packages."""

from tessera.packages._overlay import DESCRIPTION, SetAltered
from tessera.packages.service._sets import TOPIC, ensure_set, prepare, publish, quarantine

__all__ = ["DESCRIPTION", "TOPIC", "SetAltered", "ensure_set", "prepare", "publish", "quarantine"]
