"""Short reads share connections to PostgreSQL: each gets its own answer, whatever becomes of the others."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tortoise.exceptions import DBConnectionError

from tessera.kit.db import Database, connection, fetch_rows, fetch_texts, transaction
from tessera.kit.db import pipes as module
from tessera.kit.db.lanes import Session
from tessera.kit.db.pipes import DEPTH, Pipe, Pipes
from tessera.testing.databases import available, fresh_database
from tests.kit.db.shop import SHOP

pytestmark = pytest.mark.skipif(bool(available("postgres")), reason=str(available("postgres")))

MOST = 2
SLOW = "SELECT 'slow' || pg_sleep($1)::text"
ECHO = "SELECT $1::text"

EVERYTHING = "SELECT json_build_array($1::text, $2::bigint, $3::bool, $4::timestamptz, $5::float, $6::text::bigint[])"
VALUES = [
    ("plain", 1, True, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), 0.1, "{1,2}"),
    ("", -(2**63), False, datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=-3))), -1e300, "{}"),
    ("ünïcödé \U0001f600 \\ \" ' \n", 2**63 - 1, None, None, None, None),
    (None, None, None, datetime(9999, 12, 31, tzinfo=UTC), 5e-324, "{NULL}"),
]


@pytest.fixture
async def client() -> AsyncIterator[Any]:
    """The client, with every pipe open."""
    async with fresh_database("postgres") as url:
        database = await Database.open(url, [SHOP])
        client: Any = connection()
        await opened(client)
        yield client
        await database.close()


async def opened(client: Any) -> None:
    """Ask until every pipe there may be is open."""
    async with asyncio.timeout(5):
        while client._pipes is None or client._pipes.usage.open < MOST:
            await asyncio.gather(*(echo(str(number)) for number in range(MOST)))


async def echo(text: str) -> str:
    [(found,)] = await fetch_texts(ECHO, (text,))
    assert isinstance(found, str)
    return found


async def pids(client: Any) -> set[int]:
    """Ask the pipes which processes of the database are theirs."""
    told = [pipe.ask("SELECT pg_backend_pid()::text", ()) for pipe in client._pipes._pipes]
    return {int(rows[0][0]) for rows in await asyncio.gather(*told)}


async def test_each_gets_its_own_answer(client: Any) -> None:
    asked = [
        (text, values)
        for number in range(40)
        for text, values in (
            (ECHO, (f"number {number}",)),
            ("SELECT generate_series(1, $1)::text", (number,)),
            ("SELECT repeat($1, $2)", (f"{number},", 10_000 * number)),
            (f"SELECT '{number}'", ()),
        )
    ]
    answers = await asyncio.gather(*(fetch_texts(text, values) for text, values in asked))
    for (text, values), answer in zip(asked, answers, strict=True):
        assert [tuple(row) for row in answer] == [tuple(row) for row in await fetch_rows(text, values)], text


@pytest.mark.parametrize("values", VALUES)
async def test_values_arrive_as_the_driver_sends_them(client: Any, values: Sequence[Any]) -> None:
    found = await client._pipes.ask(EVERYTHING, values)
    assert found == [tuple(row) for row in await fetch_rows(EVERYTHING, values)]


@pytest.mark.parametrize("value", [Decimal("1.5"), b"bytes", [1, 2], datetime(2026, 1, 1), "\ud800"])  # noqa: DTZ001 - on purpose
async def test_what_is_not_written_here_goes_by_the_driver(client: Any, value: Any) -> None:
    assert client._pipes.ask("SELECT $1::text", (value,)) is None


async def test_a_list_goes_by_the_driver(client: Any) -> None:
    [(text,)] = await fetch_texts("SELECT json_build_array($1::bigint[])", ([1, 2],))
    assert text == "[[1,2]]"


@pytest.mark.parametrize(
    ("wrong", "values"),
    [
        ("SELECT 1 / $1::int", (0,)),
        ("SELECT nothing FROM nowhere", ()),
        (ECHO, ("a\0b",)),
        ("SELECT $1::int", (2**40,)),
    ],
)
async def test_an_error_is_its_own_statements_alone(client: Any, wrong: str, values: Sequence[Any]) -> None:
    before = await pids(client)
    asked = [echo("before"), fetch_texts(wrong, values), echo("between"), fetch_texts(wrong, values), echo("after")]
    first, one, second, other, third = await asyncio.gather(*asked, return_exceptions=True)
    assert (first, second, third) == ("before", "between", "after")
    with pytest.raises(Exception) as raised:  # noqa: PT011 - whichever it is, it is the same
        await fetch_rows(wrong, values)
    assert {type(one), type(other)} == {raised.type}
    assert str(one) == str(other) == str(raised.value)
    assert await pids(client) == before
    assert await echo("later") == "later"


async def test_a_table_may_change(client: Any) -> None:
    text = "SELECT * FROM changing ORDER BY 1"
    await client.execute_script("CREATE TABLE changing (word VARCHAR(9)); INSERT INTO changing VALUES ('one')")
    for _ in range(2):
        assert [tuple(row) for row in await fetch_texts(text, ())] == [("one",)]
    await client.execute_script("ALTER TABLE changing ALTER word TYPE text; INSERT INTO changing VALUES ('two')")
    for _ in range(3):
        assert [tuple(row) for row in await fetch_texts(text, ())] == [("one",), ("two",)]
    assert await client._pipes.ask(text, ()) is not None


async def test_nobody_waits_long_for_a_slow_one(client: Any) -> None:
    done: list[str] = []

    async def noting(name: str, asking: Any) -> None:
        await asking
        done.append(name)

    slow = [noting("slow", fetch_texts(SLOW, (0.5,))) for _ in range(MOST)]
    quick = [noting("quick", echo(str(number))) for number in range(3 * MOST * DEPTH)]
    await asyncio.gather(*slow, *quick)
    assert done == ["quick"] * len(quick) + ["slow"] * len(slow)


async def test_a_statement_that_is_slow_as_a_rule_goes_elsewhere_for_a_while(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BAN_SECONDS", 0.5)
    async with asyncio.timeout(10):
        while (answer := client._pipes.ask(SLOW, (0.06,))) is not None:
            await answer
        assert await echo("others do not") == "others do not"
        assert client._pipes.ask(ECHO, ("others do not",)) is not None
        await asyncio.sleep(0.5)
        assert client._pipes.ask(SLOW, (0.0,)) is not None


async def test_a_lost_connection_loses_no_question(client: Any) -> None:
    for _ in range(3):
        before = await pids(client)
        asking = asyncio.gather(*(echo(str(number)) for number in range(MOST * DEPTH)))
        slow = asyncio.gather(*(fetch_texts(SLOW, (0.1,)) for _ in range(MOST)))
        await asyncio.sleep(0)
        for pid in before:
            await client.execute_query("SELECT pg_terminate_backend($1)", [pid])
        assert await asking == [str(number) for number in range(MOST * DEPTH)]
        assert [[tuple(row) for row in rows] for rows in await slow] == [[("slow",)]] * MOST
        await opened(client)
        assert not await pids(client) & before


async def test_who_gives_up_disturbs_nobody(client: Any) -> None:
    for _ in range(3):
        asked = [asyncio.create_task(echo(str(number))) for number in range(MOST * DEPTH)]
        await asyncio.sleep(0)
        for task in asked[::3]:
            task.cancel()
        found = await asyncio.gather(*asked, return_exceptions=True)
        for number, answer in enumerate(found):
            assert isinstance(answer, asyncio.CancelledError) if number % 3 == 0 else answer == str(number)
    assert await echo("later") == "later"


async def test_only_so_many_statements_are_remembered(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED_STATEMENTS", 3)
    texts = [f"SELECT '{number}'" for number in range(7)]
    for _ in range(3):
        answers = await asyncio.gather(*(fetch_texts(text, ()) for text in texts))
        assert [answer[0][0] for answer in answers] == [str(number) for number in range(7)]
    counts = [pipe.ask("SELECT count(*)::text FROM pg_prepared_statements", ()) for pipe in client._pipes._pipes]
    assert {int(rows[0][0]) for rows in await asyncio.gather(*counts)} <= {1, 2, 3}


async def test_the_end_waits_for_what_was_asked(client: Any) -> None:
    pipes = client._pipes
    slow = [pipes.ask(SLOW, (0.1,)) for _ in range(MOST)]
    await asyncio.gather(client.close(), *slow)
    assert [rows.result() for rows in slow] == [[("slow",)]] * MOST
    assert (pipes.usage.open, pipes.ask(ECHO, ("late",))) == (0, None)
    with pytest.raises(DBConnectionError):
        await echo("late")


async def test_a_pipe_that_ends_or_is_lost_takes_nothing_more(client: Any) -> None:
    lost, ended = client._pipes._pipes
    lost._transport.abort()
    await lost.lost.wait()
    slow = ended.ask(SLOW, (b"0.1",))
    ending = asyncio.create_task(ended.close())
    await asyncio.sleep(0)
    assert (lost.has_room, ended.has_room) == (False, False)
    assert await slow == [("slow",)]
    await ending
    assert await echo("later") == "later"


async def test_a_transaction_asks_on_its_own_connection(client: Any) -> None:
    async with transaction():
        await connection().execute_script("CREATE TABLE unseen (word TEXT); INSERT INTO unseen VALUES ('mine')")
        [(word,)] = await fetch_texts("SELECT word FROM unseen", ())
    assert word == "mine"


async def test_where_no_connection_can_be_had_the_lanes_answer() -> None:
    tries = itertools.count()

    async def connect() -> Session:
        next(tries)
        raise ConnectionRefusedError

    pipes = Pipes(connect, MOST)
    for _ in range(10):
        assert pipes.ask(ECHO, ("nobody",)) is None
        await asyncio.sleep(0)
    assert next(tries) == 1
    await pipes.close()


async def test_an_answer_may_come_in_any_pieces(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [
        (ECHO, [b"one"]),
        ("SELECT generate_series(1, 5)::text", []),
        ("SELECT nothing", []),
        (
            ECHO,
            [
                b"",
            ],
        ),
    ]
    heard: list[bytes] = []
    original = Pipe.data_received

    def hearing(self: Pipe, data: bytes) -> None:
        heard.append(data)
        original(self, data)

    monkeypatch.setattr(Pipe, "data_received", hearing)
    expected = await asyncio.gather(*(client._pipes._pipes[0].ask(text, values) for text, values in asked))
    monkeypatch.undo()
    everything = b"".join(heard)

    class Deaf:
        """A connection that only listens: what the real one said is told again."""

        def __init__(self) -> None:
            self._transport = self

        def set_protocol(self, _: object) -> None: ...

        def write(self, _: bytes) -> None: ...

        def terminate(self) -> None: ...

    @given(st.sets(st.integers(1, len(everything) - 1)))
    def in_pieces(cuts: set[int]) -> None:
        session: Any = Deaf()
        pipe = Pipe(session, lambda _: None)
        answers = [pipe.ask(text, values) for text, values in asked]
        for begin, end in itertools.pairwise([0, *sorted(cuts), len(everything)]):
            pipe.data_received(everything[begin:end])
        assert [answer.result() for answer in answers] == expected
        pipe.connection_lost(None)

    in_pieces()
    assert expected[0] == [("one",)]
    assert expected[2] is None
