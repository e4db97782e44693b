"""What is found, by whom, in which order, on each database."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from tessera.accounts import service as accounts
from tessera.articles import service as articles
from tessera.kit.actor import Actor
from tessera.kit.db import connection, dialect
from tessera.kit.sql import bound, seen
from tessera.kit.unit import Unit
from tessera.search import queries
from tessera.search._query import read_query
from tessera.testing.fixtures import every_database
from tessera.testing.house import House
from tessera.tickets import queries as tickets
from tests.articles.words import mail, opened, words
from tests.search.conftest import Find, hits
from tests.search.test_words import HOSTILE
from tests.tickets.desk import Desk

INDEX = {
    "sqlite": "VIRTUAL TABLE INDEX",
    "postgres": "search_text_words",
    "mysql": "search_text_",
}
"""What a database says when it looks the words up in their index."""

MANY = """
INSERT INTO search_document SELECT i, 'ticket', i, '', '' FROM generate_series(1000, 9000) i ON CONFLICT DO NOTHING;
INSERT INTO search_text SELECT id, CAST('other:1' AS TSVECTOR) FROM search_document ON CONFLICT DO NOTHING;
SELECT gin_clean_pending_list('search_text_words');
ANALYZE search_text, search_document"""
"""PostgreSQL reads the whole of a small table, and of one whose new words wait to be put in the index."""


@every_database
async def test_everything_that_was_written_is_found(desk: Desk, find: Find) -> None:
    fire = await opened(desk, title="Müller's printer is on fire", article=mail("Smoke in room B 12, call me at once"))
    await opened(desk, title="Fire drill", article=mail("The printer must be carried out, is it or not?"))
    await opened(desk, title="東京都のプリンター", article=mail("принтер горит, الطابعة تحترق"))
    for text, expected in {
        "muller": ["Müller's printer is on fire"],
        "MÜLLER prin": ["Müller's printer is on fire"],
        "printer": ["Müller's printer is on fire", "Fire drill"],  # what is in the title counts more
        "fire -drill": ["Müller's printer is on fire"],
        '"on fire"': ["Müller's printer is on fire"],
        '"fire on"': [],
        '"room b"': ["Müller's printer is on fire"],
        'smoke "call me at on': ["Müller's printer is on fire"],
        "b 12": ["Müller's printer is on fire"],  # short words
        "it or not": ["Fire drill"],  # nothing but words that say little
        fire.number: ["Müller's printer is on fire"],
        f"[Ticket#{fire.number}]": ["Müller's printer is on fire"],
        "carla@customer.example smoke": ["Müller's printer is on fire"],
        "京都": ["東京都のプリンター"],
        "都": ["東京都のプリンター"],
        "京東": [],
        "フリンタ": ["東京都のプリンター"],
        "ПРИНТЕР": ["東京都のプリンター"],
        "الطابعة": ["東京都のプリンター"],
        "smokey": [],
        "": [],
        "-fire": [],
        "\N{FIRE}": [],
    }.items():
        assert await find(desk.anna, text, kinds=["ticket"]) == expected, text


@every_database
async def test_everybody_finds_what_they_see_by_words_they_may_read(house: House, desk: Desk, find: Find) -> None:
    ticket = await opened(desk, title="Wage slip", article=mail("Where is it?"))
    await desk.run(desk.anna, articles.add_article, ticket, words("note", "The zeppelin is late"))
    await desk.run(desk.anna, articles.add_article, ticket, words("note", "Patience", visible_for_customer=True))
    sees: list[tuple[Actor, bool, bool]] = [
        (desk.anna, True, True),
        (desk.ben, True, True),
        (desk.eve, False, False),
        (desk.carla, True, False),
        (desk.stranger, False, False),
    ]
    for actor, public, internal in sees:
        for text, seen_ in (("wage", public), ("patience", public), ("zeppelin", internal), ('"zeppelin is', internal)):
            assert await find(actor, text, kinds=["ticket"]) == ["Wage slip"] * seen_, (actor.login, text)
        assert await find(actor, "wage -zeppelin", kinds=["ticket"]) == ["Wage slip"] * (public and not internal)
    assert await find(desk.carla, ticket.number) == ["Wage slip"]
    assert await find(desk.eve, ticket.number) == []
    assert [hit.score for hit in await hits(house, desk.anna, ticket.number)] == [queries.EXACT]
    visible = seen(desk.anna, tickets.visible_to)
    assert [hit.key for hit in await queries.ranked(None, "ticket", visible, "patience")] == [ticket.id]
    assert await queries.ranked(None, "ticket", visible, "zeppelin") == []


@every_database
async def test_what_is_like_a_text_is_found_by_rare_words(desk: Desk, house: House) -> None:
    for number in range(5):
        await opened(desk, title=f"Question {number}", article=mail("Please help me with the printer, thank you"))
    rare = await opened(desk, title="Paper jam in tray two", article=mail("Please help with the tray"))
    await house.drain()
    visible = seen(desk.anna, tickets.visible_to)
    found = await queries.similar(desk.anna, "ticket", visible, "Please help, the tray has a jam", limit=3)
    assert found[0].key == rare.id
    assert len(found) == 3
    assert await queries.similar(desk.anna, "ticket", visible, "Nothing alike") == []
    assert await queries.similar(desk.anna, "ticket", visible, "the and of -- ''") == []


@every_database
async def test_no_text_is_an_error_and_the_index_answers(desk: Desk, house: House) -> None:
    await opened(desk)
    await house.drain()
    wiring, loop = house.runtime.units.wiring, asyncio.get_running_loop()
    for text in ("(" * 100_000, "nothing\x00 2026\x0011", "\ud800 -\udfff", "9" * 51):
        assert await queries.search(wiring, desk.anna, text) == [], text
    assert await queries.search(wiring, desk.carla, "a " * 50_000) == []

    async def asked(text: str) -> None:
        await queries.search(wiring, desk.carla, text)
        await queries.similar(desk.anna, "ticket", seen(desk.anna, tickets.visible_to), text)
        await tickets.ids_of(tickets.visible_to(desk.anna))

    @settings(max_examples=60)
    @given(HOSTILE | st.text(max_size=200))
    def holds(text: str) -> None:
        asyncio.run_coroutine_threadsafe(asked(text), loop).result()

    await asyncio.to_thread(holds)
    for text in ("printer fi", "printer", '"on fire" -x'):
        assert INDEX[dialect()] in await explained(text), text


async def explained(text: str) -> str:
    """Return how the open database would look for a text among many."""
    if dialect() == "postgres":
        await connection().execute_script(MANY)
    statement = queries.port().matching("ticket", read_query(text), internal=True)
    explain = "EXPLAIN QUERY PLAN" if dialect() == "sqlite" else "EXPLAIN"
    _, rows = await connection().execute_query(f"{explain} {bound(statement.text)}", list(statement.values))
    return "\n".join(str(dict(row)) for row in rows)


async def test_customer_users_and_customers_are_found(house: House, desk: Desk, find: Find) -> None:
    async def make(unit: Unit) -> None:
        customer = await accounts.create_customer(unit, number="ACME-7", name="Acme Tools")
        await accounts.create_customer_user(
            unit, login="w.e", name="Wile E.", email="wile@acme.example", phone="555 1234", customer=customer
        )

    await house.run(make)
    assert await find(desk.anna, "acme") == ["Acme Tools", "Wile E."]
    assert await find(desk.anna, "acme", kinds=["customer"]) == ["Acme Tools"]
    assert await find(desk.anna, "acme", kinds=["nonsense"]) == []
    assert await find(desk.anna, "wile@acme.example") == ["Wile E."]
    assert await find(desk.anna, "555") == ["Wile E."]
    assert await find(desk.carla, "acme") == []
