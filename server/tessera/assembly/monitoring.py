"""What `/metrics` tells of a house: its counters, and how everything stands at the moment; and whom it tells."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from ipaddress import IPv6Address, ip_address

from tessera import __version__
from tessera.assembly.health import examine
from tessera.assembly.runtime import Runtime
from tessera.engine.engine import Engine
from tessera.engine.hub import Hub
from tessera.kit.clock import now
from tessera.kit.db import DatabaseUnavailable
from tessera.kit.journal import backlog
from tessera.kit.metrics import Reading, reading

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
"""Headers of a proxy: whoever sent them, or is named in them, is not the one who calls."""


def may_read(headers: Mapping[str, str], peer: str | None, token: str | None) -> bool:
    """Say whether a caller may read metrics: with the token; where there is none, from a private network.

    `headers` have names in lower case. What came through a proxy came from anywhere.
    """
    if token is not None:
        shown = headers.get("authorization", "")
        return compare_digest(shown.encode(), f"Bearer {token}".encode())
    return not any(name in headers for name in FORWARDED) and _is_private(peer)


def _is_private(peer: str | None) -> bool:
    try:
        address = ip_address((peer or "").partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_private
    return address.is_private


@dataclass(frozen=True)
class Monitor:
    """Reads one house's figures."""

    runtime: Runtime
    engine: Engine
    hub: Hub

    async def text(self) -> bytes:
        """Return all metrics in Prometheus's text format; without its database a house tells of the rest."""
        found = [*self._process()]
        try:
            await self.runtime.database.ping()
        except DatabaseUnavailable:
            found.append(reading("tessera_database_up", "Whether the database answers.", 0))
        else:
            found += [each async for each in self._database()]
        return self.runtime.metrics.text(found)

    def _process(self) -> Iterator[Reading]:
        counters, usage = self.engine.counters, self.runtime.database.usage
        named = {
            "version": __version__,
            "schema_revision": self.runtime.assembly.schema.revision,
            "database": self.runtime.database.dialect,
        }
        yield Reading("tessera_info", "What runs here.", {tuple(named.values()): 1}, tuple(named))
        yield Reading(
            "tessera_plans",
            "Compiled plans: made, answered with, declined by the compiler, failed at run time.",
            {
                ("compiled",): counters.compiled,
                ("answered",): counters.planned,
                ("declined",): counters.declined,
                ("failed",): counters.failed,
            },
            ("event",),
            counts=True,
        )
        yield reading("tessera_documents_remembered", "Documents in memory.", self.engine.documents.remembered)
        yield reading(
            "tessera_subscriptions_open",
            "Subscriptions to streams that are shared.",
            sum(len(seat.subscribers) for seat in self.hub.seats),
        )
        yield Reading(
            "tessera_database_connections",
            "The process's connections to its database; on SQLite those that read.",
            {("open",): usage.open, ("idle",): usage.idle, ("maximum",): usage.maximum},
            ("state",),
        )

    async def _database(self) -> AsyncIterator[Reading]:
        yield reading("tessera_database_up", "Whether the database answers.", 1)
        status = await self.runtime.dispatcher.status()
        yield Reading(
            "tessera_jobs",
            "Jobs by state; a failed one was given up.",
            {(str(state),): count for state, count in status.counts.items()},
            ("state",),
        )
        yield reading("tessera_jobs_overdue_seconds", "How late the most overdue job is.", _age(status.oldest_due))
        yield reading("tessera_jobs_carrier_up", "Whether Redis, or what stands for it, answers.", status.reachable)
        behind = await backlog()
        yield reading("tessera_journal_unsealed", "Entries that wait for their seal.", behind.entries)
        yield reading("tessera_journal_lag_seconds", "How long the oldest of them has waited.", _age(behind.since))
        async for each in self._checks():
            yield each

    async def _checks(self) -> AsyncIterator[Reading]:
        well: dict[tuple[str, ...], float] = {}
        facts: dict[tuple[str, ...], float] = {}
        for check in self.runtime.assembly.checks:
            found = await examine(check, self.runtime.wiring)
            well[check.name,] = found.ok
            numbers = {name: value for name, value in found.facts.items() if isinstance(value, int | float)}
            facts |= {(check.name, name): value for name, value in numbers.items()}
        yield Reading("tessera_check_ok", "Whether a slice is well.", well, ("check",))
        yield Reading("tessera_check_fact", "The numbers a slice's check found.", facts, ("check", "fact"))


def _age(moment: datetime | None) -> float:
    return max(0.0, (now() - moment).total_seconds()) if moment else 0.0
