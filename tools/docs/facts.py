"""The page of the events."""

from tessera.kit.events import Event
from tools.docs.markdown import code, page, said, table
from tools.events import house_events, shape


def events() -> str:
    """Write the page of the events."""
    return page(
        "Events",
        "Every write records a fact in the journal, in the same transaction. Facts about tickets are their history "
        "(`Ticket.history`) and the stream `ticketEvents`, where `kind` is the name below; all of them are what "
        "handlers of packages get. Data never holds a secret, nor what an article says. A shape never changes without "
        "a new version. *Public* facts are seen by customer users who see the ticket.",
        *(part for event in house_events() for part in _section(event)),
    )


def _section(event: type[Event]) -> list[str]:
    public = (
        "public" if event.for_outsiders else "public when visible for the customer" if "public" in vars(event) else ""
    )
    marks = ", ".join(mark for mark in (f"version {event.version}", public) if mark)
    rows = [(code(name), kind) for name, kind in shape(event).items()]
    return [
        f"## `{event.name}`",
        f"{said(event)} ({marks})",
        f"> {event.sentence}",
        table(("data", "type"), rows) if rows else "",
    ]
