"""The public language of plugins: markers and declarations; a package author's first import."""

import pluggy

from tessera.plugin.declarations import (
    Check,
    Command,
    Daemon,
    Extension,
    Guard,
    Handler,
    Health,
    Job,
    Permission,
    Route,
    Schedule,
    Setting,
)

PROJECT = "tessera"

hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function in `plugin.py` as the answer to a hook."""

hookspec = pluggy.HookspecMarker(PROJECT)
"""Marks a function as a question to plugins."""

__all__ = [
    "PROJECT",
    "Check",
    "Command",
    "Daemon",
    "Extension",
    "Guard",
    "Handler",
    "Health",
    "Job",
    "Permission",
    "Route",
    "Schedule",
    "Setting",
    "hookimpl",
    "hookspec",
]
