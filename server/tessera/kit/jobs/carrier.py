"""Carries the ids of jobs to a worker: arq on Redis, or on an in-process fakeredis when there is none."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import fakeredis
from arq.connections import ArqRedis
from arq.worker import Worker, func
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from tessera.kit import log
from tessera.kit.clock import now

RUN = "run"
CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 5.0
RECONNECT_SECONDS = 1.0
POLL_SECONDS = 0.05
PICKED_SECONDS = 30
"""How long arq keeps an id from other workers: ids of killed workers would else clog the queue for hours."""

LATE = timedelta(milliseconds=5)
FAKED_REDIS = (7,)


class CarrierLost(Exception):
    """Redis is away; what was to be sent must be sent again."""


class _Worker(Worker):
    """arq's worker without its report about the server, which needs a command that fakeredis lacks."""

    async def main(self) -> None:
        """Poll until cancelled, or until the first error of Redis."""
        while True:
            await self._poll_iteration()
            await asyncio.sleep(self.poll_delay_s)


def _to_json(value: object) -> bytes:
    return json.dumps(value, default=str).encode()


class Carrier:
    """A queue of job ids; losing it loses nothing, because the table knows what is due.

    `run` is called with each id that arrives, at most `concurrency` at a time; what it raises is logged.
    """

    def __init__(
        self,
        redis_url: str | None,
        run: Callable[[int], Awaitable[object]],
        *,
        namespace: str,
        concurrency: int,
        time_limit: timedelta,
    ) -> None:
        self._run = run
        self._namespace = namespace
        self._queue = f"{namespace}:jobs"
        self._concurrency = concurrency
        self._time_limit = time_limit
        self._embedded = redis_url is None
        self._running: set[asyncio.Task[Any]] = set()
        self._pool = ArqRedis(_connections(redis_url), _to_json, json.loads, self._queue)

    async def send(self, job_id: int, token: str, *, at: datetime | None = None) -> None:
        """Have a job run by some worker, at once or at an instant; the same id and token travel once.

        Raises `CarrierLost` when Redis is away.
        """
        try:
            await self._pool.enqueue_job(
                RUN, job_id, _job_id=f"{self._namespace}:{job_id}.{token}", _defer_until=at + LATE if at else None
            )
        except (RedisError, OSError) as error:
            raise CarrierLost(str(error)) from error

    async def waiting(self) -> int:
        """Return how many ids are due and wait for a worker.

        Raises `CarrierLost` when Redis is away.
        """
        try:
            return int(await self._pool.zcount(self._queue, "-inf", int(now().timestamp() * 1000)))
        except (RedisError, OSError) as error:
            raise CarrierLost(str(error)) from error

    async def tidy(self) -> None:
        """Let an in-process queue drop its expired keys, which it does only when touched."""
        if self._embedded:
            await self._pool.dbsize()

    async def is_reachable(self) -> bool:
        """Tell whether ids travel at the moment."""
        try:
            await self._pool.ping()
        except (RedisError, OSError):
            return False
        return True

    async def close(self) -> None:
        """Let the connections go."""
        await self._pool.aclose(close_connection_pool=True)

    async def serve(self, stop: asyncio.Event, *, grace: timedelta) -> None:
        """Run what arrives until `stop` is set; what still runs has until the end of `grace`, then is cancelled.

        arq's worker dies of the first error of Redis, so that a new one is built after each.
        """
        started: set[asyncio.Task[Any]] = set()
        try:
            while not stop.is_set():
                await self._serve_once(stop, started)
            if running := {*started, *self._running}:
                await asyncio.wait(running, timeout=grace.total_seconds())
        finally:
            tasks = (*started, *self._running)  # arq's own first: they hand on that they are cancelled
            for task in tasks:
                if not task.cancelling():  # a second time would cut off what the first one has to tidy up
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve_once(self, stop: asyncio.Event, started: set[asyncio.Task[Any]]) -> None:
        worker = self._worker()
        main = asyncio.create_task(worker.main(), name="jobs")
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({main, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            main.cancel()
            stopping.cancel()
            (error, _) = await asyncio.gather(main, stopping, return_exceptions=True)
            started.difference_update([task for task in started if task.done()])
            started.update(task for task in worker.tasks.values() if not task.done())
        if not stop.is_set():
            log.get().warning("jobs.carrier_lost", error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RECONNECT_SECONDS):
                    await stop.wait()

    def _worker(self) -> Worker:
        async def run(ctx: dict[Any, Any], *arguments: Any, **_: Any) -> None:  # noqa: ARG001 - arq's signature
            (job_id,) = arguments
            task = asyncio.current_task()
            assert task is not None  # noqa: S101 - it runs
            self._running.add(task)  # arq picks an id again that runs for long, and forgets the first task
            try:
                await self._run(job_id)
            except Exception:  # noqa: BLE001 - the table still says what is due; the worker lives on
                log.get().error("jobs.run_failed", job=job_id, exc_info=True)
            finally:
                self._running.discard(task)

        logging.getLogger("arq").setLevel(logging.CRITICAL)  # says in other words what is logged here
        worker = _Worker(
            [func(run, name=RUN, keep_result=0, max_tries=1)],
            redis_pool=self._pool,
            queue_name=self._queue,
            handle_signals=False,
            max_jobs=self._concurrency,
            job_timeout=self._time_limit,
            poll_delay=POLL_SECONDS,
            retry_jobs=False,
            job_serializer=_to_json,
            job_deserializer=json.loads,
            timezone=UTC,
            log_results=False,
        )
        worker.in_progress_timeout_s = PICKED_SECONDS
        return worker


def _connections(redis_url: str | None) -> ConnectionPool:
    if redis_url is None:
        fake = fakeredis.FakeAsyncRedis(server=fakeredis.FakeServer(version=FAKED_REDIS))
        pool: ConnectionPool = fake.connection_pool
        return pool
    return ConnectionPool.from_url(
        redis_url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS, encoding="utf8"
    )
