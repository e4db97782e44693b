import pytest

from tessera.jobs.cli import app
from tessera.jobs.errors import JobNotFailed
from tessera.kit.errors import NotFound
from tessera.kit.jobs import Job, JobState, enqueue
from tessera.testing.house import House
from tests.commands import typed


async def test_a_dead_letter_is_listed_and_tried_again(house: House) -> None:
    dead = await enqueue("test.dead", {})
    await Job.filter(id=dead.id).update(state=JobState.FAILED, attempts=8, error="OSError: no route")
    await enqueue("test.other", {})
    [line] = (await typed(house, app, "list")).splitlines()
    assert line.startswith(f"{dead.id}  failed  8x  ")
    assert line.endswith("  test.dead: OSError: no route")
    assert "test.other" in await typed(house, app, "list", "--state", "queued")
    assert await typed(house, app, "retry", str(dead.id)) == "test.dead is queued again.\n"
    assert (await Job.get(id=dead.id)).state is JobState.QUEUED
    with pytest.raises(JobNotFailed):
        await typed(house, app, "retry", str(dead.id))
    with pytest.raises(NotFound, match="999999"):
        await typed(house, app, "retry", "999999")
