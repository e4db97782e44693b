"""A console for tests: types commands of a slice in a house that is already open."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import typer
from typer.testing import CliRunner

from tessera.testing.house import House


class Console:
    """Runs commands, which are synchronous, in the open house of the test."""

    def __init__(self, house: House, app: typer.Typer) -> None:
        self.house = house
        self.app = app
        self.loop = asyncio.get_running_loop()

    def run(self, command: Callable[[Any], Awaitable[Any]]) -> Any:
        """Do in the open house what the real console does in one that it opens."""

        async def inside() -> Any:
            return await command(self.house.runtime)

        return asyncio.run_coroutine_threadsafe(inside(), self.loop).result()

    async def type(self, *words: str, stdin: str = "") -> str:
        """Type a command, return what it prints, raise what it raises."""
        result = await asyncio.to_thread(CliRunner().invoke, self.app, words, input=stdin, obj=self)
        if result.exception is not None:
            raise result.exception
        return result.output
