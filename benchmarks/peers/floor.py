"""The floor: the same JSON by hand, with Starlette, asyncpg and orjson, and no GraphQL.

It looks the bearer up and reads only what the agent may see, with one round trip for both, and then as few
statements as the rows need: what a good programmer writes for one screen.
"""

import argparse
import base64
import contextlib
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

READABLE = """
SELECT array_agg(DISTINCT q.id) FROM access_token t
JOIN role_grant r ON r.agent_id = t.actor_id
JOIN group_grant g ON g.holder_kind = 'role' AND g.holder_id = r.role_id AND g.right IN ('ro', 'rw')
JOIN queue q ON q.group_id = g.group_id
WHERE t.digest = $1 AND t.actor_kind = 'agent' AND t.revoked_at IS NULL"""

TICKET = """
SELECT t.number, t.title, t.created_at, q.id, q.name, s.id, s.name, s.type, p.id, p.name, o.id, o.login, o.name,
  c.id, c.login, c.name, c.email
FROM ticket t JOIN queue q ON q.id = t.queue_id JOIN ticket_state s ON s.id = t.state_id
JOIN ticket_priority p ON p.id = t.priority_id LEFT JOIN agent o ON o.id = t.owner_id
LEFT JOIN customer_user c ON c.id = t.customer_user_id
WHERE t.id = $1 AND t.queue_id = ANY($2)"""

ARTICLES = """
SELECT a.id, a.number, a.subject, a.body, a.sender_type, a.created_at, a.author_name, g.id, g.login, g.name
FROM article a LEFT JOIN agent g ON g.id = a.author_id AND a.author_kind = 'agent'
WHERE a.ticket_id = $1 ORDER BY a.number LIMIT 20"""

LIST = """
SELECT t.id, t.number, t.title, t.created_at, q.id, q.name, s.id, s.name, p.id, p.name, o.id, o.login, o.name,
  c.id, c.login, c.name,
  (SELECT a.subject FROM article a WHERE a.ticket_id = t.id ORDER BY a.number DESC LIMIT 1)
FROM (SELECT * FROM ticket WHERE queue_id = $1 AND state_id = $2 AND queue_id = ANY($3) AND NOT archived
      ORDER BY created_at DESC, id DESC LIMIT 51) t
JOIN queue q ON q.id = t.queue_id JOIN ticket_state s ON s.id = t.state_id
JOIN ticket_priority p ON p.id = t.priority_id LEFT JOIN agent o ON o.id = t.owner_id
LEFT JOIN customer_user c ON c.id = t.customer_user_id
ORDER BY t.created_at DESC, t.id DESC"""

QUEUE = "SELECT id, name FROM queue WHERE id = $1"
QUEUE_TICKETS = """
SELECT id, number, title FROM ticket WHERE queue_id = $1 AND queue_id = ANY($2) AND NOT archived
ORDER BY created_at DESC, id DESC LIMIT 20"""
FIRST_ARTICLES = """
SELECT a.* FROM unnest($1::bigint[]) t(id) CROSS JOIN LATERAL (
  SELECT a.ticket_id, a.id, a.subject, a.sender_type, a.created_at FROM article a
  WHERE a.ticket_id = t.id ORDER BY a.number LIMIT 5) a"""

NEW_TICKET = """
INSERT INTO ticket (version, created_at, updated_at, number, title, title_key, priority_rank, archived, queue_id,
  state_id, priority_id, customer_user_id)
VALUES (1, now(), now(), '9' || lpad(nextval('benchmark_number')::text, 12, '0'), $1::text,
  lower($1::text), 3, false, $2,
  (SELECT id FROM ticket_state WHERE name = 'new'), $3, $4) RETURNING id, number, title"""
NEW_ARTICLE = """
INSERT INTO article (number, channel, sender_type, visible_for_customer, author_kind, author_id, author_name,
  recipients, copies, subject, body, reference_ids, created_at, ticket_id)
VALUES (1, 'phone', 'customer', true, 'customer_user', $2, 'Customer', '[]', '[]', $3, $4, '[]', now(), $1)"""
NEW_ENTRY = """
INSERT INTO entry (name, shape, subject_kind, subject_id, actor_kind, actor_id, actor_name, data, depth, public, at)
VALUES ('ticket.created', 1, 'ticket', $1, 'agent', 1, 'Agent', '{}', 0, true, now())"""

Answer = Callable[[asyncpg.Connection, Request, list[int]], Awaitable[Any]]


def key(kind: str, number: int) -> str:
    """Write an id as the product does."""
    return base64.urlsafe_b64encode(f"{kind}:{number}".encode()).decode().rstrip("=")


def moment(instant: datetime) -> str:
    """Write an instant as the product does."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def agent(number: int | None, login: str, name: str) -> dict[str, Any] | None:
    """Shape an agent; None for nobody."""
    return {"id": key("Agent", number), "login": login, "name": name} if number else None


def article(row: asyncpg.Record) -> dict[str, Any]:
    """Shape an article of one ticket."""
    return {
        "id": key("Article", row[0]),
        "number": row[1],
        "subject": row[2],
        "body": row[3],
        "senderType": row[4].upper(),
        "createdAt": moment(row[5]),
        "author": {"name": row[6], "agent": agent(row[7], row[8], row[9])},
    }


async def one_ticket(database: asyncpg.Connection, request: Request, readable: list[int]) -> Any:
    """Answer Q1."""
    number = int(request.path_params["id"])
    row = await database.fetchrow(TICKET, number, readable)
    if row is None:
        return {"ticket": None}
    customer = {"id": key("CustomerUser", row[13]), "login": row[14], "name": row[15], "email": row[16]}
    return {
        "ticket": {
            "number": row[0],
            "title": row[1],
            "createdAt": moment(row[2]),
            "queue": {"id": key("Queue", row[3]), "name": row[4]},
            "state": {"id": key("TicketState", row[5]), "name": row[6], "type": row[7].upper()},
            "priority": {"id": key("TicketPriority", row[8]), "name": row[9]},
            "owner": agent(row[10], row[11], row[12]),
            "customerUser": customer if row[13] else None,
            "articles": {"nodes": [article(each) for each in await database.fetch(ARTICLES, number)]},
        }
    }


async def a_list(database: asyncpg.Connection, request: Request, readable: list[int]) -> Any:
    """Answer Q2."""
    queue, state = (int(request.path_params[name]) for name in ("queue", "state"))
    rows = await database.fetch(LIST, queue, state, readable)
    edges = [_edge(row) for row in rows[:50]]
    page = {"hasNextPage": len(rows) > len(edges), "endCursor": edges[-1]["cursor"] if edges else None}
    return {"tickets": {"edges": edges, "pageInfo": page}}


def _edge(row: asyncpg.Record) -> dict[str, Any]:
    created = moment(row[3])
    return {
        "cursor": base64.urlsafe_b64encode(orjson.dumps([1, "-created_at,-id", [created, row[0]]])).decode(),
        "node": {
            "id": key("Ticket", row[0]),
            "number": row[1],
            "title": row[2],
            "createdAt": created,
            "queue": {"id": key("Queue", row[4]), "name": row[5]},
            "state": {"id": key("TicketState", row[6]), "name": row[7]},
            "priority": {"id": key("TicketPriority", row[8]), "name": row[9]},
            "owner": agent(row[10], row[11], row[12]),
            "customerUser": {"id": key("CustomerUser", row[13]), "login": row[14], "name": row[15]}
            if row[13]
            else None,
            "articles": {"nodes": [{"subject": row[16]}]},
        },
    }


async def a_queue(database: asyncpg.Connection, request: Request, readable: list[int]) -> Any:
    """Answer Q3."""
    number = int(request.path_params["id"])
    queue = await database.fetchrow(QUEUE, number)
    tickets = await database.fetch(QUEUE_TICKETS, number, readable)
    found: dict[int, list[dict[str, Any]]] = {row[0]: [] for row in tickets}
    for row in await database.fetch(FIRST_ARTICLES, list(found)):
        found[row[0]].append(
            {
                "id": key("Article", row[1]),
                "subject": row[2],
                "senderType": row[3].upper(),
                "createdAt": moment(row[4]),
            }
        )
    nodes = [
        {"id": key("Ticket", row[0]), "number": row[1], "title": row[2], "articles": {"nodes": found[row[0]]}}
        for row in tickets
    ]
    return {"queue": {"id": key("Queue", queue[0]), "name": queue[1], "tickets": {"nodes": nodes}}}


async def new_ticket(database: asyncpg.Connection, request: Request, _readable: list[int]) -> Any:
    """Do M1, without numbers in a row, guards, jobs and seals."""
    given = orjson.loads(await request.body())
    customer = int(given["customerUserId"])
    async with database.transaction():
        row = await database.fetchrow(
            NEW_TICKET, given["title"], int(given["queueId"]), int(given["priorityId"]), customer
        )
        await database.execute(NEW_ARTICLE, row[0], customer, given["subject"], given["body"])
        await database.execute(NEW_ENTRY, row[0])
    return {"ticket": {"id": key("Ticket", row[0]), "number": row[1], "title": row[2]}}


def application(url: str) -> Starlette:
    """Make the endpoint for a database."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with asyncpg.create_pool(url, min_size=4, max_size=10) as pool:
            app.state.pool = pool
            yield

    def served(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            token = request.headers["authorization"].removeprefix("Bearer ")
            async with request.app.state.pool.acquire() as database:
                readable = await database.fetchval(READABLE, hashlib.sha256(token.encode()).hexdigest())
                if readable is None:
                    return Response(status_code=401)
                content = {"data": await answer(database, request, readable)}
            return Response(orjson.dumps(content), media_type="application/json")

        return endpoint

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/q1/{id}", served(one_ticket)),
            Route("/q2/{queue}/{state}", served(a_list)),
            Route("/q3/{id}", served(a_queue)),
            Route("/m1", served(new_ticket), methods=["POST"]),
        ],
    )


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("database")
    given = parser.parse_args()
    uvicorn.run(application(given.database), port=given.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
