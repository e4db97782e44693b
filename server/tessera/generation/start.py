"""The first breath of a generation: who it is, before everything that it needs is loaded."""

import signal
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from tessera.generation.channel import Channel
from tessera.generation.order import Order
from tessera.kit.config import Config, ConfigurationError

RAN = "ran"
"""Beside the sets: the one that this machine ran last."""


def main() -> None:
    """Be the generation that the supervisor orders over the channel whose descriptor is the one argument."""
    if len(sys.argv) != 3 or not sys.argv[2].isdigit():  # noqa: PLR2004 - program, command, descriptor
        raise SystemExit("`tessera generation` is for the supervisor: use `tessera serve`.")
    for number in (signal.SIGINT, signal.SIGHUP):  # a terminal sends them to the whole family
        signal.signal(number, signal.SIG_IGN)
    channel = Channel(int(sys.argv[2]))
    order = Order(**channel.wait_for("order"))
    try:
        order, config = chosen(order)
        config.prepare()
    except ConfigurationError as error:
        channel.send(failed={"reason": str(error), "blame": [], "final": True})
        raise SystemExit(1) from None
    channel.send(
        hello={
            "data": str(config.data.absolute()),
            "folder": str(config.library.parent) if config.library else "",
            "lock": config.embedded and order.work != "work",
            "level": config.log_level,
            "json": config.log_json,
        }
    )
    channel.wait_for("go")
    import_module("tessera.generation.life").live(channel, order, config)


def chosen(order: Order) -> tuple[Order, Config]:
    """Return the order and the configuration of a generation, which names its set of packages.

    A set that the environment names stays. Raises `ConfigurationError`.
    """
    config = Config.read(data=Path(order.data) if order.data else None)
    if config.package_set is not None:
        return replace(order, insist=True, follows=False), config
    last = [config.packages / RAN, config.packages / "current"] if order.folder is None else []
    known = [Path(order.folder)] if order.folder else last
    folder = next((each.resolve() for each in known if each.is_dir()), config.packages / "none")
    return order, config.model_copy(update={"package_set": folder})
