"""Jobs: owed with the change, run once, tried again, given up, called off, watched."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tessera.kit import clock
from tessera.kit.actor import SYSTEM
from tessera.kit.bus import LocalBus
from tessera.kit.db import transaction
from tessera.kit.errors import WrongState
from tessera.kit.jobs import GiveUp, Job, JobState, LeaseLost, Work, enqueue, owed, requeue, revoke
from tessera.kit.jobs.runner import BACK_OFF_LONGEST, back_off, describe
from tessera.kit.unit import Unit
from tests.kit.jobs_world import (
    LONG_AGO,
    affect,
    dispatcher,
    effects,
    eventually,
    nothing,
    owe,
    state_of,
    wiring,
    working,
)

pytestmark = pytest.mark.usefixtures("logs")


class TestOwing:
    async def test_a_job_exists_exactly_when_its_change_does(self, job_table: None) -> None:
        async with transaction():
            await enqueue("kept", {"ticket": 1})
        with contextlib.suppress(ZeroDivisionError):
            async with transaction():
                await enqueue("lost", {"ticket": 2})
                raise ZeroDivisionError
        assert [job.name for job in await Job.all()] == ["kept"]

    async def test_it_keeps_who_asked_and_why(self, job_table: None) -> None:
        job = await enqueue("a", {"ticket": 1}, actor=SYSTEM, cause_id=7, depth=3)
        job = await Job.get(id=job.id)
        assert (job.actor_kind, job.actor_id, job.cause_id, job.depth) == ("system", None, 7, 3)
        assert (job.state, job.attempts, job.progress, job.arguments) == (JobState.QUEUED, 0, 0.0, {"ticket": 1})

    async def test_a_payload_that_is_not_json_is_refused(self, job_table: None) -> None:
        with pytest.raises(TypeError):
            await enqueue("a", {"when": LONG_AGO})
        assert await Job.all().count() == 0

    async def test_a_taken_key_returns_the_first_job_and_leaves_the_transaction_usable(
        self, every_job_table: str
    ) -> None:
        async with transaction():
            first = await enqueue("a", {"n": 1}, dedupe="Ä key")
        async with transaction():
            again = await enqueue("a", {"n": 2}, dedupe="Ä key")
            await enqueue("b", {"n": 3})
        assert again.id == first.id
        assert again.arguments == {"n": 1}
        assert sorted([job.name for job in await Job.all()]) == ["a", "b"]

    async def test_of_concurrent_owners_of_one_key_one_wins(self, every_job_table: str) -> None:
        async def one(number: int) -> int:
            async with transaction():
                job = await enqueue("a", {"n": number}, dedupe="key")
                return int(job.id)

        assert len(set(await asyncio.gather(*[one(number) for number in range(20)]))) == 1
        assert await Job.all().count() == 1

    async def test_keys_that_look_alike_are_different(self, every_job_table: str) -> None:
        for key in ("straße", "STRASSE", "strasse", "Strasse"):
            await owe_once(key)
        assert await Job.all().count() == 4


async def owe_once(key: str) -> None:
    async with transaction():
        await enqueue("a", {}, dedupe=key)


class TestTogether:
    async def test_what_is_due_of_a_kind_is_done_in_one_unit(self, every_job_table: str) -> None:
        calls = []

        async def run(unit: Unit, payloads: Sequence[Mapping[str, str]]) -> None:
            calls.append(unit)
            for payload in payloads:
                await affect(unit, payload["tag"])

        work = dispatcher(wiring(together={"work": run}, in_unit={"other": nothing}))
        await owe("other")
        jobs = [await owe("work", tag=str(number)) for number in range(5)]
        await enqueue("work", {"tag": "late"}, run_at=clock.now() + timedelta(hours=1))
        assert await work.drain() == 6
        assert len(calls) == 1
        assert await effects() == {str(number): 1 for number in range(5)}
        assert {await state_of(job) for job in jobs} == {JobState.SUCCEEDED}
        assert await Job.filter(state=JobState.QUEUED, name="work", attempts=0).count() == 1

    async def test_of_more_than_fit_the_rest_follows(self, job_table: None) -> None:
        sizes = []

        async def run(_unit: Unit, payloads: Sequence[Mapping[str, str]]) -> None:
            sizes.append(len(payloads))

        made = dispatcher(wiring(together={"work": run}))
        await Job.bulk_create([owed("work", {"tag": str(number)}) for number in range(220)])
        async with working(made):
            await made.kick(await Job.all().order_by("id").get(id=1))
            await eventually(all_done)
        assert sizes == [100, 100, 20]

    async def test_the_sweeper_sends_one_for_all_that_it_takes_along(self, job_table: None) -> None:
        done: list[str] = []

        async def run(_unit: Unit, payloads: Sequence[Mapping[str, str]]) -> None:
            done.extend(payload["tag"] for payload in payloads)

        made = dispatcher(wiring(together={"work": run}, in_unit={"other": nothing}))
        await Job.bulk_create([owed("work", {"tag": str(number)}) for number in range(220)])
        await Job.filter(id__in=(7, 8)).update(attempts=1)  # what failed before is tried on its own
        await Job.bulk_create([owed("other", {}) for _ in range(4)])
        assert await made.sweep() == 3 + 2 + 4
        async with working(made):
            await eventually(all_done)
        assert sorted(done, key=int) == [str(number) for number in range(220)]

    async def test_what_fails_together_is_tried_one_by_one(self, every_job_table: str) -> None:
        async def run(unit: Unit, payloads: Sequence[Mapping[str, str]]) -> None:
            for payload in payloads:
                await affect(unit, payload["tag"])
                if payload["tag"] == "bad":
                    raise GiveUp("it is bad")

        work = dispatcher(wiring(together={"work": run}))
        jobs = {tag: await owe("work", tag=tag) for tag in ("bad", "a", "c")}
        assert await work.drain() == 3
        assert await effects() == {}
        assert {await state_of(job) for job in jobs.values()} == {JobState.QUEUED}
        await Job.filter(state=JobState.QUEUED).update(run_at=LONG_AGO)
        new = await owe("work", tag="new")  # what failed takes no other one with it
        assert await work.drain() == 4
        assert await effects() == {"a": 1, "c": 1, "new": 1}
        assert (await Job.get(id=new.id)).attempts == 1
        assert await state_of(jobs["bad"]) == JobState.FAILED
        assert (await Job.get(id=jobs["bad"].id)).error == "GiveUp: it is bad"

    async def test_the_others_are_done_when_one_is_called_off_meanwhile(self, every_job_table: str) -> None:
        calls = []

        async def run(unit: Unit, payloads: Sequence[Mapping[str, str]]) -> None:
            calls.append(sorted(payload["tag"] for payload in payloads))
            for payload in payloads:
                await affect(unit, payload["tag"])

        class Watched(LocalBus):
            async def publish(self, topic: str, number: int) -> None:
                """Call the second job off as soon as it is seen to run."""
                if number == jobs[1].id:
                    await revoke(number)
                await super().publish(topic, number)

        work = dispatcher(wiring(together={"work": run}), bus=Watched())
        jobs = [await owe("work", tag=str(number)) for number in range(3)]
        await work.drain()
        assert calls == [["0", "1", "2"], ["0", "2"]]
        assert await effects() == {"0": 1, "2": 1}
        assert await state_of(jobs[1]) == JobState.CANCELLED

    async def test_those_committed_at_the_same_moment_wait_for_one_another(self, job_table: None) -> None:
        calls = []

        async def run(_unit: Unit, payloads: Sequence[Mapping[str, str]]) -> None:
            calls.append(len(payloads))

        made = dispatcher(wiring(together={"work": run}))
        async with working(made):
            for number in range(10):
                await made.kick(await owe("work", tag=str(number)))
            await eventually(all_done)
        assert sum(calls) == 10
        assert len(calls) < 10


async def all_done() -> bool:
    return not await Job.exclude(state=JobState.SUCCEEDED).exists()


class TestRunning:
    async def test_effects_in_a_unit_commit_with_the_success(self, every_job_table: str) -> None:
        async def run(unit: Unit, tag: str) -> str:
            assert unit.actor is SYSTEM
            await affect(unit, tag)
            return "done well"

        work = dispatcher(wiring(in_unit={"work": run}))
        job = await owe("work", tag="x")
        assert await work.drain() == 1
        job = await Job.get(id=job.id)
        assert (job.state, job.attempts, job.progress, job.result) == (JobState.SUCCEEDED, 1, 1.0, "done well")
        assert job.finished_at is not None
        assert job.lease_by is None
        assert await effects() == {"x": 1}
        assert await work.drain() == 0

    async def test_a_failure_in_a_unit_leaves_nothing_but_its_reason(
        self, every_job_table: str, logs: list[Any]
    ) -> None:
        async def run(unit: Unit) -> None:
            await affect(unit, "x")
            raise ValueError(message)

        message = "no such queue\nsecond line"

        work = dispatcher(wiring(in_unit={"work": run}))
        job = await owe("work")
        assert await work.drain() == 1
        job = await Job.get(id=job.id)
        assert (job.state, job.attempts, job.error) == (JobState.QUEUED, 1, "ValueError: no such queue")
        assert job.run_at > clock.now()
        assert await effects() == {}
        assert [str(line["exc_info"]) for line in logs if line["event"] == "jobs.failed"] == [message]
        assert await work.drain() == 0, "its time has not come"
        with clock.set_forward(timedelta(minutes=10)):
            assert await work.drain() == 1
        assert (await Job.get(id=job.id)).attempts == 2

    async def test_a_problem_is_told_in_a_sentence_as_long_as_it_may_pass(
        self, job_table: None, logs: list[Any]
    ) -> None:
        async def run(unit: Unit) -> None:
            raise WrongState("Not now.")

        work = dispatcher(wiring(in_unit={"work": run}, attempts=2))
        await owe("work")
        assert await work.drain() == 1
        with clock.set_forward(timedelta(minutes=10)):
            assert await work.drain() == 1
        told = [line for line in logs if line["event"] == "jobs.failed"]
        assert [(line["final"], "exc_info" in line) for line in told] == [(False, False), (True, True)]
        assert told[0]["error"] == "Not now."

    async def test_the_unit_knows_the_cause(self, job_table: None) -> None:
        seen: list[tuple[int | None, int]] = []

        async def run(unit: Unit) -> None:
            seen.append((unit.cause_id, unit.depth))

        await enqueue("work", {}, cause_id=11, depth=4)
        await dispatcher(wiring(in_unit={"work": run})).drain()
        assert seen == [(11, 4)]

    async def test_what_a_job_owes_is_run_too(self, job_table: None) -> None:
        async def first(unit: Unit) -> None:
            await unit.enqueue("second")

        async def second(unit: Unit) -> None:
            await affect(unit, "second")

        await owe("first")
        assert await dispatcher(wiring(in_unit={"first": first, "second": second})).drain() == 2
        assert await effects() == {"second": 1}

    async def test_a_job_that_waits_outside_opens_its_own_units(self, job_table: None) -> None:
        async def run(work: Work, tag: str) -> None:
            async with work.units.open(SYSTEM) as unit:
                await affect(unit, f"{tag} {work.job_id} {work.job.attempts}")

        job = await owe("work", tag="x")
        await dispatcher(wiring(outside={"work": run})).drain()
        assert await effects() == {f"x {job.id} 1": 1}
        assert await state_of(job) == JobState.SUCCEEDED

    async def test_progress_is_kept_and_watchers_are_woken(self, job_table: None) -> None:
        seen: list[float] = []
        bus = LocalBus()

        async def run(work: Work) -> None:
            for fraction in (0.25, 0.25, 2.0):
                await work.progress(fraction)
                assert await wakes.wait(1) == work.job_id
                seen.append((await Job.get(id=work.job_id)).progress)

        with bus.subscribe("job") as wakes:
            job = await owe("work")
            await dispatcher(wiring(outside={"work": run}), bus=bus).drain()
            assert seen == [0.25, 0.25, 1.0]
            assert await wakes.wait(1) == job.id

    async def test_no_job_runs_before_its_time(self, job_table: None) -> None:
        work = dispatcher(wiring(in_unit={"work": nothing}))
        await enqueue("work", {}, run_at=clock.now() + timedelta(days=3))
        assert await work.drain() == 0
        with clock.set_forward(timedelta(days=3, seconds=1)):
            assert await work.drain() == 1

    async def test_a_job_nobody_here_knows_waits_for_who_does(self, job_table: None) -> None:
        job = await owe("of.a.package")
        work = dispatcher(wiring(in_unit={"work": nothing}))
        assert await work.drain() == 0
        assert await work.sweep() == 0
        assert await state_of(job) == JobState.QUEUED
        assert (await work.status()).oldest_due is not None


class TestGivingUp:
    async def test_a_dead_letter_after_all_attempts_and_again_after_a_retry(self, every_job_table: str) -> None:
        broken = True

        async def run(unit: Unit) -> None:
            if broken:
                raise RuntimeError
            await affect(unit, "x")

        work = dispatcher(wiring(in_unit={"work": run}, attempts=3))
        job = await owe("work")
        for _ in range(5):
            with clock.set_forward(timedelta(hours=1)):
                await work.drain()
                await Job.filter(id=job.id).update(run_at=clock.now())
        job = await Job.get(id=job.id)
        assert (job.state, job.attempts, job.error) == (JobState.FAILED, 3, "RuntimeError")
        assert job.finished_at is not None
        broken = False
        assert await work.retry(job.id)
        assert not await work.retry(job.id)
        job = await Job.get(id=job.id)
        assert (job.state, job.attempts) == (JobState.QUEUED, 0)
        assert not job.error
        assert not job.finished_at
        await work.drain()
        assert await effects() == {"x": 1}

    async def test_some_failures_are_final_at_once(self, job_table: None) -> None:
        async def run(unit: Unit) -> None:
            raise GiveUp("The mailbox does not exist.")

        job = await owe("work")
        await dispatcher(wiring(in_unit={"work": run})).drain()
        job = await Job.get(id=job.id)
        assert (job.state, job.attempts, job.error) == (JobState.FAILED, 1, "GiveUp: The mailbox does not exist.")

    async def test_a_job_that_kills_its_workers_is_not_tried_for_ever(self, job_table: None) -> None:
        ran: list[int] = []

        async def run(unit: Unit) -> None:
            ran.append(1)

        job = await owe("work")
        await Job.filter(id=job.id).update(
            state=JobState.RUNNING, attempts=8, lease_by="dead", lease_until=clock.now() - timedelta(seconds=1)
        )
        await dispatcher(wiring(in_unit={"work": run})).drain()
        assert await state_of(job) == JobState.FAILED
        assert ran == []

    async def test_only_dead_letters_are_retried(self, job_table: None) -> None:
        job = await owe("work")
        assert not await requeue(job.id)
        assert not await requeue(job.id + 1)


class TestCancelling:
    async def test_a_queued_job_is_called_off(self, job_table: None) -> None:
        work = dispatcher(wiring(in_unit={"work": nothing}))
        job = await owe("work")
        assert await work.cancel(job.id)
        assert not await work.cancel(job.id)
        assert await work.drain() == 0
        assert await state_of(job) == JobState.CANCELLED

    async def test_a_running_one_is_interrupted_at_once(self, job_table: None) -> None:
        began = asyncio.Event()

        async def run(work: Work) -> None:
            began.set()
            await asyncio.sleep(60)

        work = dispatcher(wiring(outside={"work": run}))
        job = await owe("work")
        draining = asyncio.create_task(work.drain())
        await began.wait()
        assert await work.cancel(job.id)
        assert await asyncio.wait_for(draining, 5) == 1
        assert await state_of(job) == JobState.CANCELLED

    async def test_a_run_in_another_process_stops_at_its_next_heartbeat(self, job_table: None) -> None:
        began = asyncio.Event()

        async def run(work: Work) -> None:
            began.set()
            await asyncio.sleep(60)

        work = dispatcher(wiring(outside={"work": run}), lease=timedelta(seconds=0.3))
        job = await owe("work")
        draining = asyncio.create_task(work.drain())
        await began.wait()
        assert await revoke(job.id)
        await asyncio.wait_for(draining, 5)
        assert await state_of(job) == JobState.CANCELLED

    async def test_progress_tells_a_job_that_it_was_called_off(self, job_table: None) -> None:
        heard: list[type[Exception]] = []

        async def run(work: Work) -> None:
            await revoke(work.job_id)
            try:
                await work.progress(0.5)
            except LeaseLost as error:
                heard.append(type(error))
                raise

        job = await owe("work")
        await dispatcher(wiring(outside={"work": run})).drain()
        assert heard == [LeaseLost]
        assert await state_of(job) == JobState.CANCELLED


@given(st.integers(min_value=1, max_value=10_000))
def test_back_off_grows_and_stays_within_five_minutes(attempts: int) -> None:
    longest = min(0.5 * 4 ** min(attempts - 1, 20), BACK_OFF_LONGEST.total_seconds())
    assert longest / 2 <= back_off(attempts).total_seconds() <= longest


@given(st.text())
def test_a_described_error_is_one_short_line(message: str) -> None:
    described = describe(ValueError(message))
    assert described.startswith("ValueError")
    assert len(described.splitlines()) == 1
    assert len(described) <= 500
