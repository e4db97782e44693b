"""Runs the benchmarks: builds the desks, starts the peers, measures round by round, prints and saves the ratios.

A run takes a server of PostgreSQL on which it may create databases, and drops them afterwards. It compares the
product with a hand-written endpoint, with pgbench where it is installed, with PostGraphile where it is, with itself
without compiler or rights, on SQLite, and on a desk of another size. The figures go to benchmarks/results, those of
a full run also into docs/performance.md. When something fails or answers wrongly, nothing is saved.
"""

import argparse
import contextlib
import platform
import resource
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks import desk, report, servers, sockets
from benchmarks.desk import Desk, HalfFilled, on_server
from benchmarks.load import WrongAnswer
from benchmarks.measure import CONNECTIONS, BareInserts, Cell, Requests, Window, interleaved
from benchmarks.report import Comparison, Ratio
from benchmarks.servers import WORK_FOLDER, PeerFailed, Server
from tessera.kit.clock import isoformat, now
from tessera.kit.db import locate

RESULTS = Path(__file__).parent / "results"
DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"
PEER_SQL = Path(__file__).parent / "peers" / "database.sql"
SMALL = 2_000
QUERIES = ("Q1", "Q2", "Q3")
KINDS = (*QUERIES, "M1")


@dataclass(frozen=True)
class Plan:
    """How much a run does; `warm_up` is for PostGraphile, in seconds for each kind of work.

    `sockets` get deliveries, `idle` ones are only held.
    """

    name: str
    tickets: int
    rounds: int
    seconds: float
    warm_up: float
    sockets: int
    events: int
    delivery_rounds: int
    idle: int


QUICK = Plan("quick", SMALL, rounds=5, seconds=0.5, warm_up=3, sockets=100, events=5, delivery_rounds=1, idle=100)
FULL = Plan("full", 200_000, rounds=5, seconds=2, warm_up=15, sockets=1000, events=10, delivery_rounds=3, idle=10_000)


def comparisons(tickets: int) -> list[Comparison]:
    """Return everything that is compared; what a run did not measure is left out of its table."""
    whole = "product"
    pairs = [
        ("a", "compiled : graphql-core", whole, "product without compiler", QUERIES),
        ("b", "compiled : hand-written endpoint", whole, "floor", QUERIES),
        ("c", "compiled : PostGraphile", whole, "postgraphile", KINDS),
        ("d", "with rights : without", whole, "product without rights", QUERIES),
        ("d", "each object made anew : remembered", "product without memory", whole, QUERIES),
        ("c", "each object made anew : PostGraphile", "product without memory", "postgraphile", QUERIES),
        ("g", "on SQLite : on PostgreSQL", "product on SQLite", whole, KINDS),
        ("g", "on SQLite compiled : graphql-core", "product on SQLite", "product on SQLite without compiler", QUERIES),
        ("i", "everything it does : bare inserts (pgbench)", whole, "pgbench", ("M1",)),
        ("i", "everything it does : three inserts by hand", whole, "floor", ("M1",)),
        ("k", f"{tickets:,} tickets : {SMALL:,}", whole, "product, small", KINDS),
    ]
    found = [
        Comparison(letter, f"{kind} {what}", f"{ours}: {kind}", f"{theirs}: {kind}")
        for letter, what, ours, theirs, kinds in pairs
        for kind in kinds
    ]
    found += [
        Comparison("e", "Q1 with a batch field : without", f"{whole}: Q1 with tags", f"{whole}: Q1"),
        Comparison("f", "deliveries shared : each on its own", "shared: delivery", "alone: delivery"),
        Comparison("h", "Q1 never seen before : planned", f"{whole}: Q1 unseen", f"{whole}: Q1"),
    ]
    return sorted(found, key=lambda comparison: comparison.letter)


def main() -> int:
    """Run what the command line asks for; return 1 when a peer failed or answered wrongly."""
    given = _arguments()
    plan = FULL if given.full else QUICK
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no peer stays behind, asleep
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    WORK_FOLDER.mkdir(exist_ok=True)
    try:
        machine = _machine(given.postgres)
        with contextlib.ExitStack() as stack:
            running = _start(stack, plan, given)
            outcome = _measure(plan, running)
    except (WrongAnswer, PeerFailed, OSError, asyncpg.PostgresError) as failure:
        print(str(failure)[:4000], file=sys.stderr)
        return 1
    _tell(plan, machine, *outcome)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    full = (
        "200,000 tickets and longer windows, a quarter of an hour, instead of 2,000 and two minutes; "
        "gets PostGraphile from npm"
    )
    parser.add_argument("--full", action="store_true", help=full)
    keep = "keep the filled databases, even when the run fails: the next run with --keep need not fill them"
    parser.add_argument("--keep", action="store_true", help=keep)
    address = "postgres://root@127.0.0.1:5432"
    parser.add_argument("--postgres", default=address, help=f"the server, without a database; {address} when absent")
    return parser.parse_args()


def _start(stack: contextlib.ExitStack, plan: Plan, given: argparse.Namespace) -> list[Server]:
    """Build the desks and start every peer there is, each asleep."""
    large = stack.enter_context(_desk(_postgres(given.postgres, plan.tickets), plan.tickets, keep=given.keep))
    file = stack.enter_context(_desk(f"sqlite://{WORK_FOLDER}/{plan.tickets}.sqlite3", plan.tickets, keep=given.keep))
    starts: list[Callable[[], Server]] = [
        lambda: servers.product("product", large),
        lambda: servers.product("product without compiler", large, "--reader", compiled=False),
        lambda: servers.product("product without rights", large, "--reader", "--no-rights"),
        lambda: servers.product("product without memory", large, "--reader", "--no-memory"),
        lambda: servers.product("product on SQLite", file),
        lambda: servers.product("product on SQLite without compiler", file, "--reader", compiled=False),
        lambda: servers.floor(large),
    ]
    if servers.has_postgraphile(install=given.full):
        starts.append(lambda: servers.postgraphile(large, warm_up=plan.warm_up))
    else:
        print("PostGraphile is not here: a full run installs it where there is npm.")
    if plan.tickets != SMALL:
        small = stack.enter_context(_desk(_postgres(given.postgres, SMALL), SMALL, keep=given.keep))
        starts.append(lambda: servers.product("product, small", small))
    running = []
    for start in starts:
        server = start()
        stack.callback(server.stop)
        running.append(server)
        server.wait()
        server.sleep()
    return running


def _measure(plan: Plan, running: Sequence[Server]) -> tuple[dict[str, list[Window]], dict[str, float], list[Ratio]]:
    product = running[0]
    cells: list[Cell] = [
        Requests(server, kind, _reference(server, product))
        for server in running
        for kind, work in server.works.items()
        if server is product or work.compared or (work.writes and "without" not in server.name)
    ]
    if shutil.which("pgbench"):
        cells.append(BareInserts(product.desk))
    held = _held(product.desk, plan.idle)
    for cell in cells:
        print(f"prepare {cell.name}", flush=True)
        cell.prepare()
    windows: dict[str, list[Window]] = {cell.name: [] for cell in cells}
    for number, cell in interleaved(cells, plan.rounds):
        window = cell.measure(plan.seconds)
        windows[cell.name].append(window)
        print(f"round {number + 1} {cell.name}: {window.rate:,.0f}/s, {window.cpu:,.0f} µs", flush=True)
    for _ in range(plan.delivery_rounds):
        for name, same in (("shared: delivery", True), ("alone: delivery", False)):
            windows.setdefault(name, []).append(_delivery(product, plan, same=same))
    ratios = [
        Ratio.of(each, windows) for each in comparisons(plan.tickets) if each.ours in windows and each.theirs in windows
    ]
    return windows, held, ratios


def _held(desk: Desk, count: int) -> dict[str, float]:
    """Measure idle sockets on a server of their own: what they leave in memory would slow other windows down."""
    server = servers.product("product with idle sockets", desk)
    try:
        server.wait()
        server.sleep()
        return sockets.memory(server, count)
    finally:
        server.stop()


def _reference(server: Server, product: Server) -> Server | None:
    """Return whose answers a peer's must equal: the product's, on a desk of the same size."""
    return product if server is not product and server.desk.tickets == product.desk.tickets else None


def _delivery(product: Server, plan: Plan, *, same: bool) -> Window:
    found = sockets.deliveries(product, plan.sockets, plan.events, same=same)
    return Window(found["rate"], found["cpu"], 0.0, 0.0, 0.0, 0.0)


def _tell(
    plan: Plan,
    machine: Mapping[str, str],
    windows: Mapping[str, list[Window]],
    held: Mapping[str, float],
    ratios: Sequence[Ratio],
) -> None:
    memory = (
        f"(j) An idle WebSocket holds {held['connected'] / 1024:.0f} KiB in the server, with a subscription "
        f"{held['subscribed'] / 1024:.0f} KiB: {held['subscribed'] / max(held['connected'], 1):.1f} times as much. "
        f"The whole server took {held['before'] / 1e6:,.0f} MB before {plan.idle:,} of them came, "
        f"{held['all_connected'] / 1e6:,.0f} MB with them and {held['all_subscribed'] / 1e6:,.0f} MB when each of them "
        f"followed the same events; they cost {held['connected_share']:.0%} and {held['subscribed_share']:.0%} of a "
        "core while nothing happened, and each got the event that happened then."
    )
    title = f"{plan.tickets:,} tickets, {CONNECTIONS} connections, medians of {plan.rounds} interleaved rounds"
    facts = ", ".join(f"{name} {value}" for name, value in machine.items())
    text = f"{title}; {facts}.\n\n{report.table(ratios)}\n\n{memory}\n\n{report.figures(windows)}\n"
    print(f"\n{text}")
    content: dict[str, Any] = {
        "title": title,
        "at": isoformat(now()),
        "machine": dict(machine),
        "plan": asdict(plan),
        "ratios": [asdict(ratio) for ratio in ratios],
        "socket": held,
        "medians": {name: report.medians(found) for name, found in windows.items()},
        "rates": {name: [round(window.rate, 1) for window in found] for name, found in windows.items()},
    }
    report.save(RESULTS, plan.name, content, ratios)
    if plan is FULL:
        report.publish(DOCUMENT, f"![requests a second, as ratios](../benchmarks/results/{plan.name}.svg)\n\n{text}")


@contextlib.contextmanager
def _desk(url: str, tickets: int, *, keep: bool) -> Iterator[Desk]:
    """Give a filled desk; its database is dropped before and afterwards unless it is to be kept.

    A kept one whose filling was interrupted is filled anew.
    """
    if not keep:
        _drop(url)
    _create(url)
    try:
        print(f"fill {locate(url)}", flush=True)
        try:
            filled = _filled(url, tickets)
        except HalfFilled:
            _drop(url)
            _create(url)
            filled = _filled(url, tickets)
        yield filled
    finally:
        if not keep:
            _drop(url)


def _filled(url: str, tickets: int) -> Desk:
    filled = desk.build(url, WORK_FOLDER / "fill", tickets)
    if locate(url).dialect == "postgres":
        on_server(url, PEER_SQL.read_text(encoding="utf-8"))
    return filled


def _create(url: str) -> None:
    if locate(url).dialect == "postgres":
        with contextlib.suppress(asyncpg.DuplicateDatabaseError):
            on_server(_beside(url), f'CREATE DATABASE "{locate(url).database}"')


def _drop(url: str) -> None:
    if locate(url).dialect == "postgres":
        on_server(_beside(url), f'DROP DATABASE IF EXISTS "{locate(url).database}" WITH (FORCE)')
        return
    for file in locate(url).file().parent.glob(f"{locate(url).file().name}*"):
        file.unlink()


def _postgres(server: str, tickets: int) -> str:
    return f"{server.rstrip('/')}/tessera_bench_{tickets}"


def _beside(url: str) -> str:
    return f"{url.rpartition('/')[0]}/postgres"


def _machine(postgres: str) -> dict[str, str]:
    """Say what ran, without names of machines."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cores": f"{len(models)} ({models[0] if models else 'unknown'})",
        "Python": platform.python_version(),
        "PostgreSQL": on_server(f"{postgres.rstrip('/')}/postgres", "SELECT 1"),
        "Strawberry": version("strawberry-graphql"),
        "graphql-core": version("graphql-core"),
    }


if __name__ == "__main__":
    sys.exit(main())
