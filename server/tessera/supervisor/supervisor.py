"""Runs one generation, swaps it for the next, starts it again when it crashes, and ends it when told to."""

import asyncio
import os
import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tessera.supervisor import doors
from tessera.supervisor.child import Child, said_of
from tessera.supervisor.words import Log

HELLO_SECONDS = 60.0
RELEASE_SECONDS = 5.0
DRAIN_SECONDS = 360.0
"""Longer than a generation gives the slowest of its requests."""

STOP_SECONDS = 25.0
BACK_OFF_SECONDS = (0.2, 30.0)
"""The first and the longest pause before a crashed generation is started again; it doubles in between."""

STEADY_SECONDS = 60.0
"""A generation that lived so long had no trouble starting."""

CRASHES = 3
"""How often generations on new packages may crash, none of them steady, before those of before run again."""

AGAIN_SECONDS = 60.0
"""After how long a set is tried again that failed for no fault of a package's."""

HANGUP = object()


@dataclass(frozen=True)
class Duty:
    """What the server does: `serve`, `demo` or `work`, with what the command line said."""

    work: str
    data: str | None = None
    host: str = ""
    port: int = 0


@dataclass(frozen=True)
class Target:
    """A set of packages by its folder; None: the one that ran last, empty: no packages. 0: revision unknown."""

    folder: str | None = None
    revision: int = 0


LAST, BARE = Target(), Target(folder="")


class Failed(Exception):
    """A generation did not start, for a reason; `blame` names packages, `final` says that no package is the reason."""

    def __init__(self, reason: str, *, folder: str = "", blame: tuple[str, ...] = (), final: bool = False) -> None:
        self.reason = reason
        self.revision = 0
        self.folder = folder
        self.blame = blame
        self.final = final
        super().__init__(reason)


class Instead(Exception):
    """A generation found that another set should run than its own, which is `home`."""

    def __init__(self, target: Target, *, home: Target) -> None:
        self.target = target
        self.home = home
        super().__init__(f"revision {target.revision}")


class Supervisor:
    """One server: `run` it once."""

    def __init__(self, duty: Duty) -> None:
        self._duty = duty
        self._log = Log()
        self._sockets = doors.listen(duty.host, duty.port) if duty.work != "work" else []
        self._lock: int | None = None
        self._first = True
        self._children: set[Child] = set()
        self._current: Child | None = None
        self._failures: dict[str, Failed] = {}
        self._owed: dict[str, Any] | None = None
        self._events: asyncio.Queue[tuple[object, Any]] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._delay = 0.0
        self._before: Target | None = None
        self._crashes = 0

    async def run(self) -> int:
        """Live until SIGTERM or SIGINT, and return 0. Raises `Failed` when there is no first generation."""
        main = asyncio.create_task(self._live())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop, main)
        # a terminal that is closed ends what it started; others send the signal to have things read anew
        hangup = (self._stop, main) if os.isatty(0) else (self._events.put_nowait, (HANGUP, None))
        loop.add_signal_handler(signal.SIGHUP, *hangup)
        try:
            await main
        except asyncio.CancelledError:
            return 0
        finally:
            await self._end()
        return 1

    def _stop(self, main: asyncio.Task[None]) -> None:
        """End; who asks twice means at once."""
        if main.cancelling():
            for child in self._children:
                child.kill()
        else:
            main.cancel()

    async def _end(self) -> None:
        for each in self._sockets:
            each.close()
        for child in self._children:
            child.send(stop=True)
        await asyncio.gather(*(child.end(STOP_SECONDS) for child in self._children))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _live(self) -> None:
        self._succeed(await self._begin())
        while True:
            what, told = await self._events.get()
            if what is HANGUP:
                self._failures.clear()
                await self._swap(LAST)
            elif what is self._current and told is None:
                await self._recover()
            elif what is self._current and not self._failed(told):
                await self._swap(told)

    async def _begin(self) -> Child:
        """Start a generation on the set that should run, or on the one that ran last, or on none."""
        try:
            return await self._start_from(LAST)
        except Failed as failure:
            if failure.final or not failure.folder:
                raise
            self._failures[failure.folder] = failure
            self._log.write("error", "supervisor.set_failed", folder=failure.folder, reason=failure.reason)
            return await self._start_from(BARE)

    async def _start_from(self, home: Target) -> Child:
        """Start a generation on a set, or on the one that should run instead if that works."""
        try:
            return await self._start(home)
        except Instead as instead:
            wanted, home = instead.target, instead.home
        assert wanted.folder is not None  # noqa: S101 - a generation names a folder, or none by an empty name
        if not self._failed(wanted):
            try:
                return await self._start(wanted, insist=True)
            except Failed as failure:
                self._note(wanted, failure)
        else:
            self._note(wanted, self._failures[wanted.folder])
        return await self._start(home, insist=True)

    def _failed(self, target: Target) -> bool:
        """Say whether a set failed already, and nobody has asked for it anew since."""
        failure = self._failures.get(target.folder or "")
        return failure is not None and failure.revision in {0, target.revision}

    def _note(self, target: Target, failure: Failed) -> None:
        """Remember that a set does not run; whoever serves has to tell it."""
        failure.revision = target.revision
        self._failures[target.folder or ""] = failure
        self._log.write("error", "supervisor.set_failed", revision=target.revision, reason=failure.reason)
        told = {"revision": target.revision, "reason": failure.reason, "blame": failure.blame}
        self._owed = {**told, "packages": not failure.final}
        if failure.final:
            self._spawn(self._try_again(target))

    async def _try_again(self, target: Target) -> None:
        await asyncio.sleep(AGAIN_SECONDS)
        self._failures.pop(target.folder or "", None)
        self._events.put_nowait((self._current, target))

    async def _start(self, target: Target, *, insist: bool = False) -> Child:
        """Start a generation and wait until it serves, or raise `Failed` or `Instead`."""
        order = {
            **asdict(self._duty),
            "port": self._sockets[0].getsockname()[1] if self._sockets else 0,
            "sockets": [each.fileno() for each in self._sockets],
            "folder": target.folder,
            "insist": insist,
            "first": self._first,
            "alone": not self._children,
        }
        child = await Child.start(order, order["sockets"])
        self._children.add(child)
        try:
            await self._until_ready(child)
        except BaseException:
            child.kill()
            await child.end(STOP_SECONDS)
            self._children.discard(child)
            raise
        self._first = False
        self._spawn(self._listen(child))
        return child

    async def _until_ready(self, child: Child) -> None:
        step, seconds, blame = "beginning", HELLO_SECONDS, ()
        while True:
            try:
                async with asyncio.timeout(seconds):
                    message = await child.messages.get()
            except TimeoutError:
                reason = f"It hung while {step}: that took more than {seconds:.0f} seconds."
                raise Failed(reason, folder=child.folder, blame=tuple(blame)) from None
            match message:
                case None:
                    reason = f"It died while {step}: {said_of(await child.end(STOP_SECONDS))}."
                    raise Failed(reason, folder=child.folder, blame=tuple(blame))
                case {"hello": hello}:
                    await self._greet(child, hello)
                case {"step": step, "seconds": seconds, "blame": blame}:
                    pass
                case {"instead": {"folder": folder, "revision": revision}}:
                    raise Instead(Target(folder, revision), home=Target(child.folder))
                case {"failed": {"reason": reason, "blame": guilty, "final": final}}:
                    raise Failed(reason, folder=child.folder, blame=tuple(guilty), final=final)
                case {"ready": ready}:
                    child.schema, child.revision = ready["schema"], ready["revision"]
                    return

    async def _greet(self, child: Child, hello: dict[str, Any]) -> None:
        child.folder = hello["folder"]
        self._log.configure(level=hello["level"], as_json=hello["json"])
        if hello["lock"] and self._lock is None:
            try:
                self._lock = await asyncio.to_thread(doors.lock, Path(hello["data"]))
            except doors.Taken as error:
                raise Failed(str(error), final=True) from error
        child.send(go=True)

    async def _listen(self, child: Child) -> None:
        """Pass on what a generation says while it lives, and that it lives no more."""
        while (message := await child.messages.get()) is not None:
            if "wanted" in message:
                self._events.put_nowait((child, Target(**message["wanted"])))
        self._events.put_nowait((child, None))

    async def _swap(self, target: Target) -> None:
        """Start another generation beside the current one, and let it take over; or leave everything as it was."""
        began = asyncio.get_running_loop().time()
        try:
            child = await (self._start_from(LAST) if target is LAST else self._start(target, insist=True))
        except Failed as failure:
            if target is LAST:
                self._log.write("error", "supervisor.not_started", reason=failure.reason)
            else:
                self._note(target, failure)
            self._tell()
            return
        took = round(asyncio.get_running_loop().time() - began, 2)
        self._log.write("info", "supervisor.swapped", to=child.name, revision=target.revision, seconds=took)
        self._succeed(child)

    def _succeed(self, child: Child) -> None:
        """Let a generation take over."""
        old, self._current = self._current, child
        if old is not None and old.folder != child.folder:
            self._before, self._crashes = Target(old.folder), 0
        child.since = asyncio.get_running_loop().time()
        self._tell()
        self._spawn(self._hand_over(old, child))

    def _tell(self) -> None:
        """Tell who serves what could not be run: to show it, and to quarantine whose fault it is."""
        if self._owed is not None and self._current is not None:
            self._current.send(failure=self._owed)
            self._owed = None

    async def _hand_over(self, old: Child | None, child: Child) -> None:
        """Let background work go on in the new generation as soon as the old one has let it go."""
        if old is not None:
            old.send(drain={"schema": child.schema})
            try:
                async with asyncio.timeout(RELEASE_SECONDS):
                    await old.released.wait()
            except TimeoutError:
                self._log.write("warning", "supervisor.not_released", generation=old.name)
        child.send(lead=True)
        if old is not None:
            await old.end(DRAIN_SECONDS)
            self._children.discard(old)

    async def _recover(self) -> None:
        """Start a generation in place of one that crashed, again and again until one lives."""
        assert self._current is not None  # noqa: S101 - it is the one that crashed
        lost, self._current = self._current, None
        how = said_of(await lost.end(STOP_SECONDS))
        self._children.discard(lost)
        self._log.write("error", "supervisor.generation_lost", generation=lost.name, how=how)
        if asyncio.get_running_loop().time() - lost.since > STEADY_SECONDS:
            self._delay, self._crashes, self._before = 0.0, 0, None
        self._crashes += 1
        instead = self._return_from(lost, how) if self._crashes >= CRASHES else None
        while self._current is None:
            await asyncio.sleep(self._delay)
            self._delay = min(max(2 * self._delay, BACK_OFF_SECONDS[0]), BACK_OFF_SECONDS[1])
            try:
                self._succeed(await (self._start(instead, insist=True) if instead else self._begin()))
            except Failed as failure:
                self._log.write("error", "supervisor.not_started", reason=failure.reason)
                instead = None

    def _return_from(self, lost: Child, how: str) -> Target | None:
        """Give up a set that came while the server ran and was never steady; return the one before, if there is one."""
        before, self._before = self._before, None
        if before is not None:
            reason = f"It crashed {self._crashes} times within a short time: {how}."
            self._note(Target(lost.folder, lost.revision), Failed(reason, folder=lost.folder))
        return before

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
