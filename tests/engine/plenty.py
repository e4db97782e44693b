"""Twenty thousand tickets in a moment: rows written by the database itself, for tests of what its planner does."""

from tessera.accounts.models import Agent, Customer, CustomerUser
from tessera.kit.db import connection, dialect
from tessera.queues.models import Queue
from tessera.tickets.models import Priority, State, Ticket

TICKETS = 20_000
PEOPLE = 20_000
CUSTOMERS = 200
ARTICLES = 2
"""Of each ticket; as many facts are written."""

NOTIFICATIONS = 100_000
READERS = 100
"""So many agents and as many customer users are told of that, more than there are in the house."""

_DIGITS = " UNION ALL ".join(f"SELECT {digit} AS d" for digit in range(10))
_FROM = ", ".join(f"({_DIGITS}) d{place}" for place in range(5))
_NUMBER = " + ".join(f"{10**place} * d{place}.d" for place in range(5))


async def fill() -> None:
    """Fill a furnished house that has queues and customers, and tell the planner about it."""
    queues, states, agents = await _keys(Queue), await _keys(State), await _keys(Agent)
    at = "'2026-01-01 00:00:00.000000+00:00'" if dialect() != "mysql" else "'2026-01-01 00:00:00.000000'"
    row = {"version": "1", "created_at": at, "updated_at": at}
    company = row | {"number": _text("C", "n"), "number_key": _text("c", "n"), "active": "TRUE"}
    await _insert("customer", company | {"name": _text("C", "n"), "name_key": _text("c", "n")}, CUSTOMERS)
    customers = await _keys(Customer)
    person = row | {"login": _text("p", "n"), "login_key": _text("p", "n"), "name": _text("P", "n")}
    person |= {"name_key": _text("p", "n * 7919 % 20011"), "active": "TRUE", "locale": "'en'", "timezone": "'UTC'"}
    await _insert("customer_user", person | {"customer_id": _one_of(customers)}, PEOPLE)
    people = await _keys(CustomerUser)
    ticket = row | {"number": _text("T", "100000 + n"), "title": _text("t", "n"), "title_key": _text("t", "n")}
    ticket |= {"priority_rank": "3", "priority_id": str((await Priority.get(rank=3)).id), "archived": "FALSE"}
    ticket |= {"queue_id": _one_of(queues), "state_id": _one_of(states), "owner_id": _one_of(agents)}
    ticket |= {"customer_user_id": _one_of(people), "customer_id": _one_of(customers)}
    ticket |= {name: _instant(at, step) for name, step in (("created_at", 7919), ("updated_at", 104_729))}
    await _insert("ticket", ticket, TICKETS)
    await _insert_of_tickets(at)
    await _insert_notifications(at)
    await connection().execute_script("ANALYZE" if dialect() != "mysql" else _ANALYZE_MARIADB)


_ANALYZE_MARIADB = "ANALYZE TABLE ticket, article, entry, customer_user, attachment, notification, queue"


async def _insert_of_tickets(at: str) -> None:
    article = {"ticket_id": "ticket.id", "number": "1 + n", "channel": "'email'", "sender_type": "'agent'"}
    article |= {"visible_for_customer": "TRUE", "author_kind": "'system'", "author_name": "'x'", "created_at": at}
    article |= {"recipients": "'[]'", "copies": "'[]'", "body": "'words'", "reference_ids": "'[]'"}
    await _insert("article", article, ARTICLES, beside=", ticket")
    entry = {"name": "'ticket.changed'", "shape": "1", "subject_kind": "'ticket'", "subject_id": "ticket.id"}
    entry |= {"actor_kind": "'system'", "actor_name": "'x'", "data": "'{}'", "depth": "0", "public": "TRUE", "at": at}
    await _insert("entry", entry, ARTICLES, beside=", ticket")
    file = {"filename": "'a.txt'", "content_type": "'text/plain'", "size": "1", "digest": _text("d", "n")}
    await _insert("attachment", file | {"inline": "FALSE", "article_id": "article.id"}, 1, beside=", article")


async def _insert_notifications(at: str) -> None:
    tickets = await Ticket.all().order_by("id").values_list("id", flat=True)
    row = {"kind": "'ticket.assigned'", "title": _text("t", "n"), "cause_id": "n", "created_at": at}
    row |= {
        "ticket_id": _one_of([int(str(key)) for key in tickets]),
        "read_at": f"CASE WHEN n % 7 > 0 THEN {_instant(at, 31)} END",
    }
    for kind, model in (("agent", Agent), ("customer_user", CustomerUser)):
        first = (await _keys(model))[0]
        person = {"person_kind": f"'{kind}'", "person_id": f"{first} + n % {READERS}"}
        await _insert("notification", row | person, NOTIFICATIONS)


async def _keys(model: type[Agent | Customer | CustomerUser | Queue | State]) -> list[int]:
    return [row.id for row in await model.all().order_by("id")]


async def _insert(table: str, values: dict[str, str], count: int, *, beside: str = "") -> None:
    columns = ", ".join(f'"{name}"' for name in values)
    numbers = f"(SELECT {_NUMBER} AS n FROM {_FROM}) numbers"
    text = (
        f"INSERT INTO {table} ({columns}) SELECT {', '.join(values.values())} FROM {numbers}{beside} WHERE n < {count}"
    )
    await connection().execute_query(_for_mariadb(text) if dialect() == "mysql" else text, [])


def _for_mariadb(text: str) -> str:
    return text.replace('"', "`").replace("%", "%%")


def _one_of(keys: list[int]) -> str:
    """Return one of some keys that lie close together."""
    return f"{keys[0]} + n * 31 % {len(keys)}"


def _text(prefix: str, number: str) -> str:
    return f"'{prefix}' || ({number})" if dialect() == "sqlite" else f"CONCAT('{prefix}', {number})"


def _instant(at: str, step: int) -> str:
    minutes = f"(n * {step} % 90001)"
    match dialect():
        case "sqlite":
            return f"strftime('%Y-%m-%d %H:%M:%S', '2026-01-01', '+' || {minutes} || ' minutes') || '.000000+00:00'"
        case "postgres":
            return f"{at}::timestamptz + {minutes} * interval '1 minute'"
    return f"{at} + INTERVAL {minutes} MINUTE"
