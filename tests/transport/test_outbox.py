"""The outbox: what can be written at once overtakes nothing that waits."""

import asyncio

from tessera.transport.options import Options
from tessera.transport.outbox import Outbox


async def test_nothing_overtakes_what_waits() -> None:
    written: list[bytes] = []
    room = asyncio.Event()

    async def write(message: bytes) -> None:
        await room.wait()
        written.append(message)

    def write_now(message: bytes) -> bool:
        if quick:
            written.append(message)
        return quick

    outbox = Outbox(write, lambda: None, Options(), write_now)
    quick = True
    outbox.put(b"1", b"a")
    quick = False
    outbox.put(b"2")
    quick = True
    outbox.put(b"3")
    assert (written, outbox.idle) == ([b"1a"], False)
    room.set()
    await outbox.flushed(5)
    outbox.put(b"4")
    assert written == [b"1a", b"2", b"3", b"4"]
    outbox.close()
    outbox.put(b"5")
    assert written[-1] == b"4"
