"""The workers: leases, sweeping, schedules, many dispatchers at once, with Redis and without."""

import asyncio
import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from tessera.kit import clock
from tessera.kit.actor import SYSTEM
from tessera.kit.db import transaction
from tessera.kit.jobs import Job, JobState, Work, carrier, enqueue
from tessera.kit.unit import Unit, Units
from tessera.kit.wiring import ScheduleKind
from tests.kit.jobs_world import (
    LONG_AGO,
    affect,
    dispatcher,
    effects,
    eventually,
    has_effects,
    nothing,
    owe,
    state_of,
    wiring,
    working,
)
from tests.kit.redis_world import REDIS_URL, needs_redis

pytestmark = pytest.mark.usefixtures("logs")


class Gate:
    """A job that goes on when it may."""

    def __init__(self) -> None:
        self.began, self.go_on = asyncio.Event(), asyncio.Event()

    async def run(self, _work: Work) -> None:
        self.began.set()
        await self.go_on.wait()


class TestLeases:
    @pytest.mark.parametrize("every_job_table", ["postgres", "mariadb"], indirect=True)
    async def test_who_lost_the_lease_leaves_no_effect(self, every_job_table: str) -> None:
        began, go_on = asyncio.Event(), asyncio.Event()

        async def slow(unit: Unit) -> None:
            await affect(unit, "slow")
            began.set()
            await go_on.wait()

        async def quick(unit: Unit) -> None:
            await affect(unit, "quick")

        job = await owe("work")
        draining = asyncio.create_task(dispatcher(wiring(in_unit={"work": slow})).drain())
        await began.wait()
        await Job.filter(id=job.id).update(lease_until=LONG_AGO)
        assert await dispatcher(wiring(in_unit={"work": quick})).drain() == 1
        go_on.set()
        await draining
        assert await effects() == {"quick": 1}
        assert await state_of(job) == JobState.SUCCEEDED

    async def test_a_heartbeat_keeps_a_long_job(self, job_table: None) -> None:
        async def run(work: Work) -> None:
            await asyncio.sleep(1.2)

        wires = wiring(outside={"work": run})
        one, other = (dispatcher(wires, lease=timedelta(seconds=0.4)) for _ in range(2))
        job = await owe("work")
        draining = asyncio.create_task(one.drain())
        for _ in range(10):
            await asyncio.sleep(0.1)
            await other.drain()
        await draining
        assert (await Job.get(id=job.id)).attempts == 1

    async def test_the_only_worker_takes_back_what_its_predecessor_left(self, job_table: None) -> None:
        jobs = [await owe("work"), await owe("work")]
        await Job.filter(id=jobs[0].id).update(
            state=JobState.RUNNING, lease_by="dead", lease_until=clock.now() + timedelta(hours=1)
        )
        wires = wiring(in_unit={"work": nothing})
        await dispatcher(wires).start()
        assert await state_of(jobs[0]) == JobState.RUNNING, "another process may be alive"
        work = dispatcher(wires, exclusive=True)
        await work.start()
        assert await work.drain() == 2

    async def test_four_dispatchers_with_failing_handlers_leave_each_effect_once(self, every_job_table: str) -> None:
        chance = random.Random(4)

        async def run(unit: Unit, number: int) -> None:
            if chance.random() < 0.15:
                raise RuntimeError("flaky before")
            await affect(unit, str(number))
            await asyncio.sleep(0)
            if chance.random() < 0.15:
                raise RuntimeError("flaky after")

        wires = wiring(in_unit={"work": run}, attempts=50)
        async with transaction():
            for number in range(300):
                await enqueue("work", {"number": number})
        many = [dispatcher(wires) for _ in range(4)]

        async def drain_all() -> None:
            await asyncio.gather(*[one.drain() for one in many])

        for round_number in range(60):
            with clock.set_forward(timedelta(minutes=6 * round_number)):
                await drain_all()
            if not await Job.filter(name="work").exclude(state=JobState.SUCCEEDED).exists():
                break
        assert await effects() == {str(number): 1 for number in range(300)}


class TestSweeping:
    async def test_a_schedule_starts_once_per_slot_however_many_look(self, every_job_table: str) -> None:
        wires = wiring(
            in_unit={"fetch": nothing}, schedules=(ScheduleKind("fetch", timedelta(minutes=1), {"account": 1}),)
        )
        many = [dispatcher(wires) for _ in range(4)]
        with clock.stopped(datetime(2026, 1, 1, 12, 0, 30, tzinfo=UTC)):
            await asyncio.gather(*[one.sweep() for one in many])
            await many[0].sweep()
            assert [job.arguments for job in await Job.all()] == [{"account": 1}]
            await many[0].drain()
        with clock.stopped(datetime(2026, 1, 1, 12, 0, 59, tzinfo=UTC)):
            await dispatcher(wires).sweep()
            assert await Job.all().count() == 1
        with clock.stopped(datetime(2026, 1, 1, 12, 1, 0, tzinfo=UTC)):
            await many[1].sweep()
            assert await Job.all().count() == 2

    async def test_a_schedule_waits_for_its_previous_job(self, job_table: None) -> None:
        wires = wiring(in_unit={"fetch": nothing}, schedules=(ScheduleKind("fetch", timedelta(minutes=1)),))
        work = dispatcher(wires)
        for minutes in range(5):
            with clock.set_forward(timedelta(minutes=minutes)):
                await work.sweep()
        assert await Job.all().count() == 1

    async def test_two_schedules_of_one_job_do_not_take_each_other_s_place(self, job_table: None) -> None:
        schedules = tuple(ScheduleKind("fetch", timedelta(minutes=1), {"account": number}) for number in (1, 2))
        await dispatcher(wiring(in_unit={"fetch": nothing}, schedules=schedules)).sweep()
        assert sorted(job.arguments["account"] for job in await Job.all()) == [1, 2]

    async def test_old_successes_are_forgotten_dead_letters_are_not(self, every_job_table: str) -> None:
        for state in JobState:
            await Job.create(name="old", payload="{}", run_at=LONG_AGO, state=state, finished_at=LONG_AGO)
            await Job.create(name="new", payload="{}", run_at=LONG_AGO, state=state, finished_at=clock.now())
        await dispatcher(wiring()).sweep()
        assert sorted([job.state for job in await Job.filter(name="old")]) == ["failed", "queued", "running"]
        assert await Job.filter(name="new").count() == len(JobState)

    async def test_the_status_counts_what_is_not_over(self, job_table: None) -> None:
        for state in (JobState.QUEUED, JobState.FAILED, JobState.FAILED, JobState.SUCCEEDED):
            await Job.create(name="work", payload="{}", run_at=LONG_AGO, state=state)
        status = await dispatcher(wiring()).status()
        assert status.counts == {JobState.QUEUED: 1, JobState.RUNNING: 0, JobState.FAILED: 2}
        assert status.oldest_due == LONG_AGO
        assert status.reachable


class TestWorker:
    async def test_a_committed_unit_s_job_runs_at_once_without_redis(self, job_table: None) -> None:
        async def run(unit: Unit, tag: str) -> None:
            await affect(unit, tag)

        wires = wiring(in_unit={"work": run})
        work = dispatcher(wires)
        units = Units(wires)

        async def kick(unit: Unit) -> None:
            await work.kick(*unit.jobs)

        units.after_commit.append(kick)
        async with working(work):
            await asyncio.sleep(0.3)  # past the first sweep, so that only the kick can be that quick
            async with units.open(SYSTEM) as unit:
                await unit.enqueue("work", {"tag": "x"})
            await eventually(lambda: has_effects({"x": 1}), within=1.0)

    async def test_a_job_that_failed_comes_back_by_itself(self, job_table: None) -> None:
        tries: list[int] = []

        async def run(unit: Unit) -> None:
            tries.append(1)
            if len(tries) < 3:
                raise RuntimeError
            await affect(unit, "x")

        work = dispatcher(wiring(in_unit={"work": run}))
        async with working(work):
            await work.kick(await owe("work"))
            await eventually(lambda: has_effects({"x": 1}))
        assert len(tries) == 3

    async def test_a_lost_kick_is_repaired_by_the_sweeper(self, job_table: None) -> None:
        async def run(unit: Unit) -> None:
            await affect(unit, "x")

        async with working(dispatcher(wiring(in_unit={"work": run}))):
            await owe("work")
            await eventually(lambda: has_effects({"x": 1}))

    async def test_a_job_soon_due_is_run_at_its_time(self, job_table: None) -> None:
        ran: list[datetime] = []

        async def run(unit: Unit) -> None:
            ran.append(clock.now())

        work = dispatcher(wiring(in_unit={"work": run}))
        async with working(work):
            due = clock.now() + timedelta(seconds=0.5)
            await work.kick(await enqueue("work", {}, run_at=due))

            async def has_run() -> bool:
                return bool(ran)

            await eventually(has_run)
        assert timedelta() <= ran[0] - due < timedelta(seconds=0.5)

    async def test_stopping_lets_running_jobs_finish_and_takes_no_new_ones(self, job_table: None) -> None:
        gate = Gate()
        work = dispatcher(wiring(outside={"work": gate.run}))
        worker = asyncio.create_task(work.run_worker())
        first = await owe("work")
        await work.kick(first)
        await gate.began.wait()
        work.stop()
        second = await owe("work")
        await work.kick(second)
        await asyncio.sleep(0.2)
        assert not worker.done()
        gate.go_on.set()
        await asyncio.wait_for(worker, 5)
        await work.close()
        assert await state_of(first) == JobState.SUCCEEDED
        assert await state_of(second) == JobState.QUEUED

    async def test_stopping_waits_for_a_job_whose_id_was_picked_again(
        self, job_table: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(carrier, "PICKED_SECONDS", 0.1)
        gate = Gate()
        work = dispatcher(wiring(outside={"work": gate.run}))
        worker = asyncio.create_task(work.run_worker())
        job = await owe("work")
        await work.kick(job)
        await gate.began.wait()
        await asyncio.sleep(0.5)  # the id counts as forgotten, and is picked again
        work.stop()
        await asyncio.sleep(0.2)
        assert not worker.done()
        gate.go_on.set()
        await asyncio.wait_for(worker, 5)
        await work.close()
        assert await state_of(job) == JobState.SUCCEEDED

    async def test_interrupting_the_worker_queues_its_jobs_again(self, job_table: None) -> None:
        began = asyncio.Event()

        async def run(work: Work) -> None:
            began.set()
            await asyncio.sleep(60)

        work = dispatcher(wiring(outside={"work": run}))
        worker = asyncio.create_task(work.run_worker())
        job = await owe("work")
        await work.kick(job)
        await began.wait()
        worker.cancel()
        with pytest.raises(asyncio.CancelledError):
            await worker
        await work.close()
        job = await Job.get(id=job.id)
        assert (job.state, job.attempts, job.lease_by) == (JobState.QUEUED, 0, None)

    async def test_a_worker_can_be_closed_that_never_ran(self, job_table: None) -> None:
        await dispatcher(wiring()).close()

    @needs_redis
    async def test_a_kick_in_one_process_runs_in_another(self, every_job_table: str, namespace: str) -> None:
        async def run(unit: Unit, tag: str) -> None:
            await affect(unit, tag)

        wires = wiring(in_unit={"work": run})
        here = dispatcher(wires, redis_url=REDIS_URL, namespace=namespace)
        async with working(dispatcher(wires, redis_url=REDIS_URL, namespace=namespace)):
            await asyncio.sleep(0.3)
            await here.kick(await owe("work", tag="x"))
            await eventually(lambda: has_effects({"x": 1}), within=1.5)
        await here.close()

    @needs_redis
    async def test_what_travels_over_redis_is_json_and_only_the_id(self, job_table: None, namespace: str) -> None:
        work = dispatcher(wiring(), redis_url=REDIS_URL, namespace=namespace)
        job = await owe("work", tag="personal")
        await work.kick(job)
        async with Redis.from_url(REDIS_URL) as redis:
            keys = await redis.keys(f"arq:job:{namespace}*")
            assert len(keys) == 1
            assert json.loads(await redis.get(keys[0]))["a"] == [job.id]
        await work.close()

    @needs_redis
    async def test_the_sweeper_sends_again_only_what_seems_stuck(self, job_table: None, namespace: str) -> None:
        work = dispatcher(wiring(in_unit={"work": nothing}), redis_url=REDIS_URL, namespace=namespace)
        await work.kick(await owe("work"))
        async with Redis.from_url(REDIS_URL) as redis:
            await work.sweep()
            assert await redis.zcard(f"{namespace}:jobs") == 1
            with clock.set_forward(timedelta(seconds=11)):
                await work.sweep()
                await work.sweep()
                assert await redis.zcard(f"{namespace}:jobs") == 2
            await redis.delete(*await redis.keys(f"arq:job:{namespace}*"), f"{namespace}:jobs")
            await work.sweep()
            assert await redis.zcard(f"{namespace}:jobs") == 1, "a Redis that forgot is told again"
        await work.close()

    async def test_without_its_redis_a_kick_is_only_lost(self, job_table: None) -> None:
        work = dispatcher(wiring(in_unit={"work": nothing}), redis_url="redis://127.0.0.1:1/0")
        job = await owe("work")
        await work.kick(job)
        assert await work.sweep() == 0
        assert not (await work.status()).reachable
        assert await state_of(job) == JobState.QUEUED
        await work.close()
