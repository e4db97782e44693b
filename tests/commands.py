"""Commands of slices, typed into the open house of a test."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import typer
from typer.testing import CliRunner

from tessera.testing.house import House


class Console:
    """Stands for the real command's console, which opens a house; this one has an open house already."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._loop = asyncio.get_running_loop()

    def run(self, command: Callable[[Any], Awaitable[Any]]) -> Any:
        """Run a command's work in the test's loop, whichever thread the command runs in."""

        async def inside() -> Any:
            return await command(self._house.runtime)

        return asyncio.run_coroutine_threadsafe(inside(), self._loop).result()


async def typed(house: House, app: typer.Typer, *words: str) -> str:
    """Return what a command prints; whatever it raises is raised."""
    result = await asyncio.to_thread(CliRunner().invoke, app, words, obj=Console(house))
    if result.exception is not None:
        raise result.exception
    return result.output
