"""Serves the product as `tessera serve` does, if need be without background work, or without rights.

`python -m benchmarks.peers.product PORT [--reader] [--no-rights]`; the environment configures it as always.
"""

import argparse
import importlib
from functools import partial
from typing import Any

from tessera.articles import queries as articles
from tessera.articles.models import Article
from tessera.tickets import queries as tickets
from tessera.tickets.models import Ticket


def main() -> None:
    """Serve until told to stop; a reader leaves the background work on its database to another server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--reader", action="store_true")
    parser.add_argument("--no-rights", action="store_true")
    given = parser.parse_args()
    if given.no_rights:
        show_everything()
    cli = importlib.import_module("tessera.cli")  # only now: types remember the functions they are given
    if given.reader:
        vars(cli)["Application"] = partial(_reader, vars(cli)["Application"])
    cli.serve(data=None, host="127.0.0.1", port=given.port)


def show_everything() -> None:
    """Let tickets and articles be read without a condition, whoever asks."""
    vars(tickets)["visible_to"] = lambda actor: Ticket.all()  # noqa: ARG005 - called by name, too
    vars(articles)["visible_to"] = lambda actor: Article.all()  # noqa: ARG005 - as above


def _reader(application: Any, assembly: Any, **_: Any) -> Any:
    return application(assembly, works=False)


if __name__ == "__main__":
    main()
