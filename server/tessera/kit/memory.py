"""Small tables held in memory, until a fact about their kind of subject says that they changed."""

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from tessera.kit import rows
from tessera.kit.db import inside_transaction
from tessera.kit.ids import ObjectRef
from tessera.kit.model import Model

MAX_ROWS = 20_000
"""A table with more rows is no small one and is asked each time."""

ModelT = TypeVar("ModelT", bound=Model)


class Remembered(Generic[ModelT]):
    """The committed rows of a table; to look at, never to change. `kind` is the subject of the facts about them."""

    def __init__(self, model: type[ModelT], kind: str) -> None:
        self.model = model
        self.kind = kind
        self.generation = 0
        self._rows: list[ModelT] | None = None
        self._by_key: dict[int, ModelT] = {}
        self._unfit = False
        house.tables.append(self)

    async def rows(self) -> list[ModelT]:
        """Return the rows, in the order of their keys; from the database unless they are remembered."""
        await self.load()
        if self._rows is not None:
            return self._rows
        return await self.model.all().order_by(self.model._meta.pk_attr)

    async def get(self, key: int) -> ModelT | None:
        """Return the row with a key, None when there is none."""
        await self.load()
        if self._rows is not None:
            return self._by_key.get(key)
        return await rows.get(self.model, key)

    @property
    def forgotten(self) -> bool:
        """Whether the rows are to be read."""
        return self._rows is None and not self._unfit

    async def load(self) -> None:
        """Remember the rows, unless they change meanwhile; what a transaction sees is not remembered."""
        if not self.forgotten or not house.told or inside_transaction():
            return
        generation = self.generation
        found = await self.model.all().order_by(self.model._meta.pk_attr).limit(MAX_ROWS + 1)
        if generation == self.generation:
            self._unfit = len(found) > MAX_ROWS
            self._rows = None if self._unfit else found
            self._by_key = {row.pk: row for row in self._rows or ()}

    def forget(self) -> None:
        """Read the rows anew when they are next needed."""
        self.generation += 1
        self._rows, self._by_key, self._unfit = None, {}, False


class House:
    """Every remembered table of the process."""

    def __init__(self) -> None:
        self.tables: list[Remembered[Any]] = []
        self.told = False
        """Whether somebody tells of every fact; as long as nobody does, nothing is remembered."""

    async def load(self) -> None:
        """Remember what was forgotten, before a unit begins: its transaction could not, and would ask each time."""
        for table in [table for table in self.tables if table.forgotten]:
            await table.load()

    def listen(self, *, told: bool) -> None:
        """Begin to remember because facts are told from now on, or stop because they are not."""
        self.told = told
        self.forget()

    def notice(self, subjects: Iterable[ObjectRef]) -> None:
        """Look at what facts that have happened are about."""
        kinds = {subject.kind for subject in subjects}
        for table in self.tables:
            if table.kind in kinds:
                table.forget()

    def forget(self) -> None:
        """Forget everything: facts may have been missed."""
        for table in self.tables:
            table.forget()


house = House()
"""The process's one, as it has one database."""
