"""Serves the product as `tessera serve` does, in one process; it can do without background work, rights, and memory.

`python -m benchmarks.peers.product PORT [--reader] [--no-rights] [--no-memory]`; the environment configures it as
always. Memory is that of the objects made of rows.
"""

import argparse
import importlib

from tessera.articles import queries as articles
from tessera.articles.models import Article
from tessera.engine.plans import rendered
from tessera.generation.channel import Alone
from tessera.generation.order import Order
from tessera.kit.config import Config
from tessera.kit.db import Database
from tessera.supervisor.doors import listen
from tessera.tickets import queries as tickets
from tessera.tickets.models import Ticket

FEW = 2
"""Connections beside those plans read on, for peers that do nothing else: PostgreSQL has a hundred for all of them."""


def main() -> None:
    """Serve until told to stop; a reader leaves the background work on its database to another server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--reader", action="store_true")
    parser.add_argument("--no-rights", action="store_true")
    parser.add_argument("--no-memory", action="store_true")
    given = parser.parse_args()
    if given.no_memory:
        make_everything_anew()
    if given.no_memory or given.no_rights:
        vars(Database)["open"].__func__.__kwdefaults__["pool_size"] = FEW
    if given.no_rights:
        show_everything()
    life = importlib.import_module("tessera.generation.life")  # only now: types remember the functions they are given
    (listening,) = listen("127.0.0.1", given.port)
    order = Order("serve", port=given.port, sockets=(listening.detach(),))
    config = Config.read()
    config.prepare()
    life.live(Alone(leads=not given.reader), order, config)


def make_everything_anew() -> None:
    """Remember no object by its row."""
    vars(rendered)["LARGEST"] = 0


def show_everything() -> None:
    """Let tickets and articles be read without a condition, whoever asks."""
    vars(tickets)["visible_to"] = lambda actor: Ticket.all()  # noqa: ARG005 - called by name, too
    vars(articles)["visible_to"] = lambda actor: Article.all()  # noqa: ARG005 - as above


if __name__ == "__main__":
    main()
