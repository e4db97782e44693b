"""Wake-ups between tasks and processes: in-process or over Redis; they carry numbers, never content."""

import asyncio
import contextlib
import uuid
from typing import Protocol, Self

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from tessera.kit import log

SOMETHING = 0
"""The number of a wake-up that says only: look again, wake-ups may have been lost."""

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 5.0
RECONNECT_SECONDS = 0.5
SILENCE_SECONDS = 10.0


class Subscription:
    """An endless asynchronous iterator over a topic's wake-ups; a slow reader gets only the newest number.

    Use it as a context manager, so that the topic forgets it. A wake-up may repeat, and may be lost with the
    connection that carried it: readers also look on their own from time to time.
    """

    def __init__(self, listeners: set["Subscription"]) -> None:
        self._listeners = listeners
        self._number: int | None = None
        self._woken = asyncio.Event()
        listeners.add(self)

    def wake(self, number: int) -> None:
        """Replace the wake-up that waits, if any."""
        self._number = number
        self._woken.set()

    async def wait(self, seconds: float) -> int | None:
        """Return the newest number, or None when nothing came in time."""
        try:
            async with asyncio.timeout(seconds):  # not wait_for: in Python 3.11 it may swallow a cancellation
                return await anext(self)
        except TimeoutError:
            return None

    def close(self) -> None:
        """Forget the subscription; its iterator ends."""
        self._listeners.discard(self)
        self._number = None
        self._woken.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> int:
        await self._woken.wait()
        if self not in self._listeners:
            raise StopAsyncIteration
        self._woken.clear()
        number, self._number = self._number, None
        return SOMETHING if number is None else number


class Bus(Protocol):
    """Where wake-ups are published and listened to."""

    async def publish(self, topic: str, number: int) -> None:
        """Wake every subscriber of the topic, in every process; quick, and never raises."""

    def subscribe(self, topic: str) -> Subscription:
        """Listen from now on."""

    async def close(self) -> None:
        """End every subscription and let the connections go."""


class LocalBus:
    """Wake-ups inside one process."""

    def __init__(self) -> None:
        self._topics: dict[str, set[Subscription]] = {}

    async def publish(self, topic: str, number: int) -> None:
        """Wake every subscriber of the topic in this process."""
        for subscription in tuple(self._topics.get(topic, ())):
            subscription.wake(number)

    def subscribe(self, topic: str) -> Subscription:
        """Listen from now on."""
        return Subscription(self._topics.setdefault(topic, set()))

    def wake_all(self) -> None:
        """Tell every subscriber that wake-ups may have been lost."""
        for listeners in self._topics.values():
            for subscription in tuple(listeners):
                subscription.wake(SOMETHING)

    async def close(self) -> None:
        """End every subscription."""
        for listeners in self._topics.values():
            for subscription in tuple(listeners):
                subscription.close()


class RedisBus(LocalBus):
    """Wake-ups between processes; while Redis is away, those inside this one still work."""

    def __init__(self, redis_url: str, namespace: str) -> None:
        super().__init__()
        self._me = uuid.uuid4().hex
        self._prefix = f"{namespace}:"
        self._redis: Redis = Redis.from_url(
            redis_url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS
        )
        self._listening = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen; return when connected, or after two seconds without Redis."""
        self._listener = asyncio.create_task(self._listen_forever(), name="bus")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._listening.wait(), 2 * CONNECT_SECONDS)

    async def publish(self, topic: str, number: int) -> None:
        """Wake every subscriber of the topic, here at once and elsewhere over Redis."""
        await super().publish(topic, number)
        try:
            await self._redis.publish(self._prefix + topic, f"{self._me} {number}")
        except (RedisError, OSError) as error:
            log.get().warning("bus.publish_failed", topic=topic, error=str(error))

    async def close(self) -> None:
        """Stop listening, end every subscription and close the connections."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        await super().close()
        await self._redis.aclose()

    async def _listen_forever(self) -> None:
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                self._listening.clear()
                log.get().warning("bus.connection_lost", error=str(error))
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        async with self._redis.pubsub() as channel:
            await channel.psubscribe(self._prefix + "*")
            asked = False
            while True:
                message = await channel.get_message(timeout=SILENCE_SECONDS)
                if message is not None:
                    asked = False
                    self._receive(message["type"], message["channel"], message["data"])
                elif asked:
                    raise RedisConnectionError("Redis does not answer.")
                else:
                    await channel.ping()
                    asked = True

    def _receive(self, kind: str, channel: bytes | None, data: bytes | int) -> None:
        if kind == "psubscribe":
            self._listening.set()
            self.wake_all()
        elif kind == "pmessage" and isinstance(channel, bytes) and isinstance(data, bytes):
            sender, _, number = data.decode(errors="replace").partition(" ")
            if sender == self._me or not number.removeprefix("-").isdecimal():
                return
            for subscription in tuple(self._topics.get(channel.decode()[len(self._prefix) :], ())):
                subscription.wake(int(number))


async def open_bus(redis_url: str | None, *, namespace: str = "tessera") -> Bus:
    """Return the process's bus: over Redis when there is a URL, else inside the process.

    Houses that share a Redis are kept apart by the namespace.
    """
    if redis_url is None:
        return LocalBus()
    bus = RedisBus(redis_url, namespace)
    await bus.start()
    return bus
