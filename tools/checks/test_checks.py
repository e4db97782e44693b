"""Each rule of the house with a good and a bad example."""

from pathlib import Path
from textwrap import dedent

import pytest

from tools.checks import resolver_length, visible_first, writes_in_service
from tools.checks.source import Module

GUARDED = frozenset({"tessera.tickets"})


def module(path: str, text: str) -> Module:
    return Module(Path(path), dedent(text))


@pytest.mark.parametrize(
    "line",
    [
        "await ticket.save()",
        "await Ticket.create(title='x')",
        "await Ticket.filter(id=1).update(title='x')",
        "return Ticket.filter(id=1).delete()",
        "await unit.update(ticket, title='x')",
        "await Ticket.bulk_create([])",
    ],
)
def test_a_write_outside_service_is_found(line: str) -> None:
    handler = module("server/tessera/tickets/handlers.py", f"async def on_closed(unit, ticket):\n    {line}\n")
    assert [finding.line for finding in writes_in_service.check(handler)] == [2]


@pytest.mark.parametrize(
    "place", ["tickets/service.py", "tickets/service/merge.py", "kit/journal.py", "migrations/0001_initial.py"]
)
def test_the_places_that_may_write_are_left_alone(place: str) -> None:
    text = "async def close(unit, ticket):\n    await ticket.save()\n"
    assert list(writes_in_service.check(module(f"server/tessera/{place}", text))) == []


@pytest.mark.parametrize(
    "line",
    [
        "await service.update(unit, ticket, title='x')",
        "await accounts.create(unit, name='x')",
        "seen.update(other)",
        "digest.update(b'x')",
    ],
)
def test_what_only_sounds_like_a_write_is_no_finding(line: str) -> None:
    imports = "from tessera.accounts import service as accounts\nfrom tessera.tickets import service\n"
    verbs = module("server/tessera/tickets/graphql.py", f"{imports}async def verb(unit, seen):\n    {line}\n")
    assert list(writes_in_service.check(verbs)) == []


def resolver(lines: int, decorator: str = "@mutation") -> str:
    body = "\n".join(f"    step{number} = {number}" for number in range(lines))
    return f'{decorator}\nasync def ticket_close(unit):\n    """Close."""\n{body}\n'


@pytest.mark.parametrize("decorator", ["@mutation", "@strawberry.field(description='x')", "@connection()"])
@pytest.mark.parametrize("path", ["server/tessera/tickets/graphql.py", "server/tessera/tickets/graphql/verbs.py"])
def test_a_long_resolver_is_found(decorator: str, path: str) -> None:
    assert len(list(resolver_length.check(module(path, resolver(11, decorator))))) == 1
    assert list(resolver_length.check(module(path, resolver(10, decorator)))) == []


def test_functions_elsewhere_and_plain_helpers_are_no_resolvers() -> None:
    assert list(resolver_length.check(module("server/tessera/tickets/service.py", resolver(30)))) == []
    assert list(resolver_length.check(module("server/tessera/tickets/graphql.py", resolver(30, "")))) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tickets/graphql.py", "from tessera.tickets.models import Ticket\nrows = Ticket.filter(id=1)\n"),
        ("queues/graphql/types.py", "from tessera.queues.models import Queue\nrows = Queue.all()\n"),
        ("search/queries.py", "from tessera.tickets.models import Ticket\nrows = Ticket.filter(id=1).limit(3)\n"),
        ("search/queries.py", "from tessera.tickets import models\nrows = models.Ticket.get(id=1)\n"),
    ],
)
def test_a_read_that_does_not_start_from_visible_to_is_found(path: str, text: str) -> None:
    findings = list(visible_first.check(module(f"server/tessera/{path}", text), GUARDED))
    assert [finding.line for finding in findings] == [2]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("tickets/graphql.py", "from tessera.tickets import queries\nrows = queries.visible_to(actor).filter(id=1)\n"),
        ("tickets/queries.py", "from tessera.tickets.models import Ticket\nrows = Ticket.filter(id=1)\n"),
        ("search/queries.py", "from tessera.search.models import Document\nrows = Document.filter(id=1)\n"),
        ("tickets/graphql.py", "from tessera.tickets.graphql import TicketFilter\nrows = TicketFilter.get('x')\n"),
    ],
)
def test_a_read_through_queries_is_no_finding(path: str, text: str) -> None:
    assert list(visible_first.check(module(f"server/tessera/{path}", text), GUARDED)) == []


def test_the_guarded_slices_are_those_that_define_visible_to() -> None:
    defines = "def visible_to(actor):\n    return actor\n"
    found = visible_first.guarded_slices(
        [
            module("server/tessera/tickets/queries.py", defines),
            module("plugins/faq/tessera_faq/queries.py", defines),
            module("server/tessera/articles/queries/seen.py", defines),
            module("server/tessera/queues/queries.py", "def subtree():\n    return ()\n"),
        ]
    )
    assert found == {"tessera.tickets", "tessera_faq", "tessera.articles"}
