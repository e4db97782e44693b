"""Measures subscriptions: what a delivery costs when many follow the same, and what a socket holds while it waits."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from benchmarks import work
from benchmarks.desk import TOKEN
from benchmarks.herd import Herd
from benchmarks.load import Connection, WrongAnswer
from benchmarks.measure import in_a_process_of_its_own
from benchmarks.meter import Meter
from benchmarks.servers import Server
from tessera.kit.ids import to_global

FOLLOW = """subscription Follow($queue: ID!) { ticketEvents(queueIds: [$queue], kinds: ["article.added"]) {
  cursor event { kind at summary actor { name } ticket { id number title queue { id name } state { id name }
  owner { id name } } article { subject } } } }"""
NOTE = """mutation Note($id: ID!, $subject: String!) {
  articleCreate(ticketId: $id, input: {channel: "note", subject: $subject, body: "One more."}) {
    article { id } userErrors { message } } }"""

PATIENCE_SECONDS = 600.0
TRY_SECONDS = 30.0
TRIES = 4
SOME = 20


def deliveries(server: Server, sockets: int, events: int, *, same: bool) -> dict[str, float]:
    """Let sockets follow a queue and write into it; return deliveries per second and CPU per delivery in µs.

    With `same` all sockets send the same document; else each sends its own, so that nothing can be shared.
    The cost of writing is measured beforehand and taken off.
    """
    with server.awake():
        return in_a_process_of_its_own(partial(_deliveries, server, sockets, events, same=same))


def memory(server: Server, sockets: int) -> dict[str, float]:
    """Return what a socket takes in the server, in bytes: only connected, and with a subscription that waits."""
    with server.awake():
        return in_a_process_of_its_own(_memory, server, sockets)


def _deliveries(server: Server, sockets: int, events: int, *, same: bool) -> dict[str, float]:
    _write(server, "once", 1)  # so that nothing below is done for the first time
    with Meter(server.processes) as alone:
        _write(server, "alone", events)
        alone.settle()
    with Herd(server.port, TOKEN, sockets) as herd:
        _follow(server, herd, same=same)
        _begin(server, herd)
        herd.expect("counted")
        with Meter(server.processes) as together, ThreadPoolExecutor(1) as beside:
            begin = time.perf_counter()
            writing = beside.submit(_write, server, "counted", events)
            herd.hear(events, PATIENCE_SECONDS)
            seconds = time.perf_counter() - begin
            writing.result()
            together.settle()
    if herd.heard != {events}:
        raise WrongAnswer(f"Each socket should have got {events} deliveries: {sorted(herd.heard)}.")
    count = sockets * events
    return {"rate": count / seconds, "cpu": max(0.0, together.used - alone.used) / count / 1e3}


def _memory(server: Server, sockets: int) -> dict[str, float]:
    with Herd(server.port, TOKEN, SOME) as few:
        _follow(server, few, same=True)
        server.rest()
    before = server.resident
    with Herd(server.port, TOKEN, sockets) as herd:
        server.rest()
        connected = server.resident
        _follow(server, herd, same=True)
        server.rest()
        subscribed = server.resident
    return {"connected": (connected - before) / sockets, "subscribed": (subscribed - before) / sockets}


def _follow(server: Server, herd: Herd, *, same: bool) -> None:
    variables = {"queue": to_global("Queue", server.desk.writing_queue_id)}
    herd.follow(lambda place: FOLLOW if same else FOLLOW.replace("Follow(", f"Follow{place}("), variables)


def _begin(server: Server, herd: Herd) -> None:
    """Write until everybody got something: the protocol does not say when a subscription has begun."""
    server.rest()
    herd.expect("warming up")
    for _ in range(TRIES):
        _write(server, "warming up", 1)
        if herd.hear(1, TRY_SECONDS):
            return
    raise WrongAnswer("Some sockets never got a delivery.")


def _write(server: Server, mark: str, events: int) -> None:
    """Add articles whose subject is a mark, each over a connection of its own."""
    desk = server.desk
    ticket = next(n for n in desk.readable_tickets() if desk.queue_of(n) == desk.writing_queue_id)
    given = {"id": to_global("Ticket", ticket), "subject": mark}
    shot = work.graphql(NOTE, given, b'"userErrors":[]')
    for _ in range(events):
        with contextlib.closing(Connection(server.port)) as connection:
            connection.ask(shot)
