import asyncio
import gc
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import httpx2
import pytest
from websockets import Subprotocol, connect

from tessera.access import queries as access
from tessera.access import service as granting
from tessera.accounts import service as accounts
from tessera.assembly.credentials import TRUSTED_SECONDS
from tessera.engine.groups import Subscriber
from tessera.files import service as files
from tessera.jobs import queries
from tessera.kit.actor import Actor, ActorKind
from tessera.kit.ids import to_global
from tessera.kit.jobs import GiveUp, Job, JobState, Work
from tessera.kit.journal import Entry
from tessera.kit.unit import Unit
from tessera.kit.wiring import JobKind
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tessera.transport.socket_operations import Operation

MANAGER = Actor(kind=ActorKind.AGENT, id=1, name="Anna", permissions=frozenset({"jobs.manage"}))
BEN = Actor(kind=ActorKind.AGENT, id=2, name="Ben")
CARLA = Actor(kind=ActorKind.CUSTOMER_USER, id=2, name="Carla")

FIELDS = "id kind state progress attempts error resultUrl createdAt finishedAt"
JOB = f"query($id: ID!) {{ job(id: $id) {{ {FIELDS} }} node(id: $id) {{ id }} }}"
JOBS = "query($state: JobState) { jobs(state: $state) { nodes { kind state } totalCount } }"
RETRY = "mutation($id: ID!) { made: jobRetry(id: $id) { job { state attempts error } userErrors { code reason } } }"
CANCEL = "mutation($id: ID!) { made: jobCancel(id: $id) { job { state } userErrors { code reason } } }"
PROGRESS = "subscription($id: ID!) { jobProgress(id: $id) { state progress } }"


class Trial:
    """A job that does what the test says."""

    def __init__(self) -> None:
        self.fails = False
        self.go_on = asyncio.Event()

    async def run(self, work: Work, **_payload: object) -> str | None:
        if self.fails:
            message = "the printer at 10.0.0.7 burns"
            raise GiveUp(message)
        await work.progress(0.5)
        await self.go_on.wait()
        blob = await files.store(None, b"the result")
        return queries.file_result(blob.digest, "result.txt")


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Trial:
    opened: House = request.getfixturevalue("served" if "served" in request.fixturenames else "house")
    found = Trial()
    kind = JobKind("test.trial", found.run, in_unit=False)
    monkeypatch.setitem(opened.runtime.wiring.jobs, "test.trial", kind)
    return found


async def start(house: House, actor: Actor = BEN) -> tuple[Job, str]:
    job = await house.run(lambda unit: unit.enqueue("test.trial"), actor=actor)
    return job, to_global("Job", job.id)


@every_database
async def test_its_owner_follows_a_job_to_its_file(house: House, trial: Trial) -> None:
    trial.go_on.set()
    _, key = await start(house)
    waiting = (await house.ask(JOB, {"id": key}, actor=BEN))["job"]
    assert (waiting["state"], waiting["progress"], waiting["resultUrl"]) == ("QUEUED", 0.0, None)
    await house.drain()
    done = (await house.ask(JOB, {"id": key}, actor=BEN))["job"]
    assert (done["kind"], done["state"], done["progress"], done["attempts"]) == ("test.trial", "SUCCEEDED", 1.0, 1)
    assert done["finishedAt"] is not None
    assert done["resultUrl"].startswith("http://testserver/files/")
    assert "name=result.txt" in done["resultUrl"]


@every_database
async def test_a_dead_letter_is_seen_and_tried_again(house: House, trial: Trial) -> None:
    trial.fails = True
    job, key = await start(house)
    await house.drain()
    dead = await house.ask(JOBS, {"state": "FAILED"}, actor=MANAGER)
    assert dead["jobs"] == {"nodes": [{"kind": "test.trial", "state": "FAILED"}], "totalCount": 1}
    details = (await house.ask(JOB, {"id": key}, actor=MANAGER))["job"]["error"]
    assert "burns" in details
    told = (await house.ask(JOB, {"id": key}, actor=BEN))["job"]["error"]
    assert told == "The work failed. Ask an administrator."
    trial.fails = False
    trial.go_on.set()
    retried = (await house.ask(RETRY, {"id": key}, actor=MANAGER))["made"]
    assert retried == {"job": {"state": "QUEUED", "attempts": 0, "error": None}, "userErrors": []}
    again = (await house.ask(RETRY, {"id": key}, actor=MANAGER))["made"]
    assert again["userErrors"] == [{"code": "STATE", "reason": "jobs.not_failed"}]
    await house.drain()
    assert (await Job.get(id=job.id)).state is JobState.SUCCEEDED
    [entry] = await Entry.filter(name="job.retried")
    assert (entry.subject_kind, entry.subject_id, entry.actor_name) == ("job", job.id, "Anna")


@every_database
async def test_work_that_waits_is_called_off(house: House, trial: Trial) -> None:
    job, key = await start(house)
    cancelled = (await house.ask(CANCEL, {"id": key}, actor=MANAGER))["made"]
    assert cancelled == {"job": {"state": "CANCELLED"}, "userErrors": []}
    again = (await house.ask(CANCEL, {"id": key}, actor=MANAGER))["made"]
    assert again["userErrors"] == [{"code": "STATE", "reason": "jobs.finished"}]
    await house.drain()
    assert (await Job.get(id=job.id)).attempts == 0
    assert await Entry.filter(name="job.cancelled").count() == 1


async def test_other_peoples_work_is_hidden(house: House, trial: Trial) -> None:
    _, key = await start(house)
    for stranger in (CARLA, Actor(kind=ActorKind.AGENT, id=3, name="Dora")):
        assert await house.ask(JOB, {"id": key}, actor=stranger) == {"job": None, "node": None}
        assert (await house.ask(JOBS, actor=stranger))["jobs"]["totalCount"] == 0
    assert (await house.ask(JOBS, actor=BEN))["jobs"]["totalCount"] == 1
    for document in (RETRY, CANCEL):
        refused = (await house.ask(document, {"id": key}, actor=BEN))["made"]
        assert (refused["job"], refused["userErrors"][0]["code"]) == (None, "FORBIDDEN")
    answer = await house.graphql(JOBS)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def token_of(served: House) -> tuple[Actor, str]:
    """Hire an agent who manages jobs; return the actor and a token."""

    async def hire(unit: Unit) -> int:
        agent = await accounts.create_agent(unit, login="worker", name="Wanda", email="wanda@example.com")
        role = await granting.create_role(unit, name="Workers", permissions=["jobs.manage"])
        await granting.grant_role(unit, agent, role)
        return int(agent.id)

    actor = await access.actor_for(ActorKind.AGENT, await served.run(hire))
    assert actor is not None
    _, token = await served.run(lambda unit: accounts.issue_token(unit, name="test"), actor=actor)
    return actor, token


async def events(served: House, token: str, key: str) -> AsyncGenerator[dict[str, Any], None]:
    """Yield what a subscription to the job's progress sends."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    body = {"query": PROGRESS, "variables": {"id": key}}
    async with (
        httpx2.AsyncClient(timeout=20) as http,
        http.stream("POST", f"{served.url}/graphql", json=body, headers=headers) as response,
    ):
        async for line in response.aiter_lines():
            if line.startswith("data:") and line.removeprefix("data:").strip():
                yield json.loads(line.removeprefix("data:"))


async def test_progress_is_pushed_until_the_end(served: House, trial: Trial) -> None:
    actor, token = await token_of(served)
    job, key = await start(served, actor)
    seen = []
    async with aclosing(events(served, token, key)) as stream:
        async for event in stream:
            shown = event["data"]["jobProgress"]
            seen.append((shown["state"], shown["progress"]))
            if shown["progress"] == 0.5:
                trial.go_on.set()
    assert seen[-2:] == [("RUNNING", 0.5), ("SUCCEEDED", 1.0)]
    assert (await Job.get(id=job.id)).state is JobState.SUCCEEDED


async def test_a_socket_forgets_what_it_followed_to_the_end(served: House, trial: Trial) -> None:
    trial.go_on.set()
    actor, token = await token_of(served)
    _, key = await start(served, actor)
    url, protocols = f"{served.url.replace('http', 'ws', 1)}/graphql", [Subprotocol("graphql-transport-ws")]
    async with connect(url, subprotocols=protocols) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}))
        assert json.loads(await socket.recv()) == {"type": "connection_ack"}
        for name in ("1", "2", "1"):
            payload = {"query": PROGRESS, "variables": {"id": key}}
            await socket.send(json.dumps({"id": name, "type": "subscribe", "payload": payload}))
            while (message := json.loads(await socket.recv()))["type"] == "next":
                assert "errors" not in message["payload"]
            assert message == {"id": name, "type": "complete"}
        gc.collect()
        assert [each for each in gc.get_objects() if isinstance(each, Operation | Subscriber)] == []


async def test_progress_of_nobodys_job_is_an_error(served: House, trial: Trial) -> None:
    _, token = await token_of(served)
    async with aclosing(events(served, token, to_global("Job", 10**9))) as stream:
        first = await anext(stream)
    assert first["errors"]
    assert "data" not in first or first["data"] is None


async def test_who_loses_the_right_hears_no_more(served: House, trial: Trial) -> None:
    actor, token = await token_of(served)
    role = await access.role_named("Workers")
    _, key = await start(served, BEN)
    seen = []
    async with aclosing(events(served, token, key)) as stream:
        async for event in stream:
            seen.append(event)
            if "errors" in event:
                break
            if event["data"]["jobProgress"]["progress"] == 0.5:
                await served.run(lambda unit: granting.update_role(unit, role, permissions=[]))
                await asyncio.sleep(TRUSTED_SECONDS)  # the oldest a stream's rights may be
                trial.go_on.set()
    assert "errors" in seen[-1]
    assert not any("SUCCEEDED" in json.dumps(event) for event in seen)
    assert actor.can("jobs.manage")
