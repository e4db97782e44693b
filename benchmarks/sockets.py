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
from benchmarks.meter import Meter, cpu_of
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
IDLE_SECONDS = 5.0
SOME = 20


def deliveries(server: Server, sockets: int, events: int, *, same: bool) -> dict[str, float]:
    """Let sockets follow a queue and write into it; return deliveries per second and CPU per delivery in µs.

    With `same` all sockets send the same document; else each sends its own, so that nothing can be shared.
    The cost of writing is measured beforehand and taken off.
    """
    with server.awake():
        return in_a_process_of_its_own(partial(_deliveries, server, sockets, events, same=same))


def memory(server: Server, sockets: int) -> dict[str, float]:
    """Return what idle sockets take in the server, only `connected` and `subscribed` to events that they await.

    In bytes for each; with them what the whole server takes: `before` they come and with all of them, and the share of
    a core that all of them cost while nothing happens. An event that each gets at the end proves that they are held.
    Raises `WrongAnswer` when one is not.
    """
    with server.awake():
        return in_a_process_of_its_own(_memory, server, sockets)


def _deliveries(server: Server, sockets: int, events: int, *, same: bool) -> dict[str, float]:
    _write(server, "once", 1)  # so that nothing below is done for the first time
    with Meter(server.processes) as alone:
        _write(server, "alone", events)
        alone.settle()
    with Herd(server.port, TOKEN, sockets) as herd:
        _follow(server, herd, same=same)
        herd.meanwhile(server.rest)
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
        connected_share = _idle(server, herd)
        connected = server.resident
        _follow(server, herd, same=True)
        herd.meanwhile(partial(time.sleep, IDLE_SECONDS))
        _begin(server, herd)
        subscribed_share = _idle(server, herd)
        subscribed = server.resident
        _begin(server, herd)
    return {
        "connected": (connected - before) / sockets,
        "subscribed": (subscribed - before) / sockets,
        "before": before,
        "all_connected": connected,
        "all_subscribed": subscribed,
        "connected_share": connected_share,
        "subscribed_share": subscribed_share,
    }


def _idle(server: Server, herd: Herd) -> float:
    """Let some time pass and return the share of a core that the server used."""
    began, used = time.perf_counter(), cpu_of(server.process.pid)
    herd.meanwhile(partial(time.sleep, IDLE_SECONDS))
    return (cpu_of(server.process.pid) - used) / 1e9 / (time.perf_counter() - began)


def _follow(server: Server, herd: Herd, *, same: bool) -> None:
    variables = {"queue": to_global("Queue", server.desk.writing_queue_id)}
    herd.follow(lambda place: FOLLOW if same else FOLLOW.replace("Follow(", f"Follow{place}("), variables)


def _begin(server: Server, herd: Herd) -> None:
    """Write until everybody got something: the protocol does not say when a subscription has begun."""
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
