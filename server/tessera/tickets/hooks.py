"""What tickets ask other slices: how else may tickets be numbered, and what finds them by a text."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tessera.kit.actor import Actor
from tessera.kit.sql import Sql
from tessera.plugin import hookspec


@dataclass(frozen=True, slots=True)
class NumberGenerator:
    """A way to number tickets, chosen by its `name` in the setting `tickets.number_generator`.

    `counter(instant)` names the counter to draw from, so that one can begin anew each day.
    `write(instant, system_id, value)` makes the ticket number (at most 50 characters) of a value from 1.
    """

    name: str
    counter: Callable[[datetime], str]
    write: Callable[[datetime, int, int], str]


@dataclass(frozen=True, slots=True)
class TicketFinder:
    """A way to find tickets by the text of `TicketFilter.query`.

    `find(actor, text)` returns the condition on tickets, made with `tessera.kit.sql`, and raises for no text.
    """

    find: Callable[[Actor, str], Sql]


class Hooks:
    """Asked once per assembly."""

    @hookspec
    def number_generators(self) -> list[NumberGenerator]:
        """Return further ways to number tickets."""
        raise NotImplementedError

    @hookspec
    def ticket_finders(self) -> list[TicketFinder]:
        """Return ways to find tickets by a text; what one of them finds is found."""
        raise NotImplementedError
