"""What the tests of the package manager share."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tessera.kit.actor import SYSTEM
from tessera.kit.jobs import Job, JobState
from tessera.packages import service
from tessera.packages._planning import Plan
from tessera.packages.models import Package, PackageAction
from tessera.packages.service import Wish
from tessera.packages.settings import REPOSITORIES, TRUSTED_KEYS
from tessera.settings.service import change_setting
from tessera.testing.house import House
from tests.manager.wheels import GADGET, Repository


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository with a package in two versions, and one that needs it."""
    repository = Repository.make(tmp_path_factory.mktemp("repository"))
    repository.add("tessera-gadget", "1.0", files=GADGET)
    repository.add("tessera-gadget", "1.1", files=GADGET)
    repository.add("tessera-gizmo", "2.0", requires=("tessera-server", "tessera-gadget>=1", "tinylib<2"))
    repository.add("tinylib", "1.5", label="", files={"__init__.py": "VALUE = 7\n"})
    return repository


@dataclass
class Manager:
    """A house, its repository, and short words for what tests do with packages."""

    house: House
    repository: Repository

    async def use(self, repository: Repository) -> None:
        """Trust a repository, and no other."""
        self.repository = repository

        async def change(unit: object) -> None:
            await change_setting(unit, REPOSITORIES, [str(repository.folder)])  # type: ignore[arg-type]  # a unit
            await change_setting(unit, TRUSTED_KEYS, [repository.public])  # type: ignore[arg-type]  # a unit

        await self.house.run(change)

    async def ask(self, action: str, requirement: str, *, restore: str | None = None) -> Job:
        """Ask for a change, do the work, and return it."""
        wish = Wish(PackageAction(action), requirement)
        job = await self.house.run(lambda unit: service.request(unit, wish, restore=restore))
        await self.house.drain()
        return await Job.get(id=job.id)

    async def do(self, action: str, requirement: str, *, restore: str | None = None) -> Package:
        """Ask for a change that succeeds, and return the package."""
        job = await self.ask(action, requirement, restore=restore)
        assert not job.error
        assert job.state is JobState.SUCCEEDED
        return await Package.get(name=requirement)

    async def refused(self, action: str, requirement: str) -> str:
        """Ask for a change that is refused, and return the sentence."""
        job = await self.ask(action, requirement)
        assert job.state is JobState.FAILED
        return str(job.error).removeprefix("GiveUp: ")

    async def plan(self, action: str, requirement: str) -> Plan:
        """Say what a change would do."""
        return await service.plan(SYSTEM, Wish(PackageAction(action), requirement))


@pytest_asyncio.fixture
async def manager(house: House, shelf: Repository) -> AsyncIterator[Manager]:
    """A house that trusts the shelf."""
    made = Manager(house, shelf)
    await made.use(shelf)
    yield made


def data_of(house: House) -> Path:
    """Return where a house keeps its packages."""
    return house.config.packages
