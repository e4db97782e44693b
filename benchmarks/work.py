"""The work every peer does: three queries and a mutation, in the words of each, and how answers compare."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from benchmarks.desk import TOKEN, Desk
from benchmarks.load import Shot
from tessera.kit.ids import to_global

SAMPLE = 300
"""Tickets Q1 asks for; Q2 and Q3 ask for every queue."""

WRITES = 200
MISSES = 5_000
"""Texts of the same query that differ; more than any cache of documents holds."""

_TICKET = """number title createdAt queue { id name } state { id name type } priority { id name }
  owner { id login name } customerUser { id login name email }
  articles(first: 20) { nodes { id number subject body senderType createdAt
    author { name agent { id login name } } } }"""

Q1 = f"query Q1($id: ID!) {{ ticket(id: $id) {{ {_TICKET} }} }}"
Q1_WITH_TAGS = f"query Q1($id: ID!) {{ ticket(id: $id) {{ {_TICKET} tags }} }}"
Q2 = """query Q2($queue: ID!, $state: ID!) {
  tickets(filter: {queueId: {in: [$queue]}, stateId: {in: [$state]}}, first: 50,
          orderBy: [{field: CREATED_AT, direction: DESC}]) {
    edges { cursor node { id number title createdAt queue { id name } state { id name } priority { id name }
      owner { id login name } customerUser { id login name } articles(last: 1) { nodes { subject } } } }
    pageInfo { hasNextPage endCursor } } }"""
Q3 = """query Q3($id: ID!) {
  queue(id: $id) { id name tickets(first: 20) { nodes { id number title
    articles(first: 5) { nodes { id subject senderType createdAt } } } } } }"""
M1 = """mutation M1($input: TicketCreateInput!) {
  ticketCreate(input: $input) { ticket { id number title } userErrors { message } } }"""

PEER_Q1 = """query Q1($id: BigInt!) { ticket: ticketByRowId(rowId: $id) {
  number title createdAt queue: queueByQueueId { id: rowId name }
  state: ticketStateByStateId { id: rowId name type } priority: ticketPriorityByPriorityId { id: rowId name }
  owner: agentByOwnerId { id: rowId login name }
  customerUser: customerUserByCustomerUserId { id: rowId login name email }
  articles: articlesByTicketId(first: 20, orderBy: NUMBER_ASC) { nodes { id: rowId number subject body senderType
    createdAt authorName agent: agentByAuthorId { id: rowId login name } } } } }"""
PEER_Q2 = """query Q2($queue: BigInt!, $state: BigInt!) {
  tickets: allTickets(condition: {queueId: $queue, stateId: $state}, first: 50,
                      orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) {
    edges { cursor node { id: rowId number title createdAt queue: queueByQueueId { id: rowId name }
      state: ticketStateByStateId { id: rowId name } priority: ticketPriorityByPriorityId { id: rowId name }
      owner: agentByOwnerId { id: rowId login name }
      customerUser: customerUserByCustomerUserId { id: rowId login name }
      articles: articlesByTicketId(last: 1, orderBy: NUMBER_ASC) { nodes { subject } } } }
    pageInfo { hasNextPage endCursor } } }"""
PEER_Q3 = """query Q3($id: BigInt!) {
  queue: queueByRowId(rowId: $id) { id: rowId name
    tickets: ticketsByQueueId(first: 20, orderBy: [CREATED_AT_DESC, ROW_ID_DESC]) { nodes { id: rowId number title
      articles: articlesByTicketId(first: 5, orderBy: NUMBER_ASC) { nodes { id: rowId subject senderType
        createdAt } } } } } }"""
PEER_M1 = """mutation M1($input: BenchmarkOpenTicketInput!) {
  benchmarkOpenTicket(input: $input) { ticket: result { id: rowId number title } } }"""

VARIABLES: dict[str, Callable[[Desk], Iterator[dict[str, int]]]] = {
    "Q1": lambda desk: ({"id": ticket} for ticket in _sample(desk)),
    "Q2": lambda desk: ({"queue": queue, "state": state} for queue in desk.busy_queue_ids for state in desk.state_ids),
    "Q3": lambda desk: ({"id": queue} for queue in desk.queue_ids),
}
KINDS = {
    "Q1": {"id": "Ticket"},
    "Q2": {"queue": "Queue", "state": "TicketState"},
    "Q3": {"id": "Queue"},
}


@dataclass(frozen=True)
class Work:
    """Requests of one kind for one peer.

    `compared` says whether every peer's answers must say the same; `echoes` names the peer's other kind whose
    answers these must be, byte for byte, in turn.
    """

    name: str
    shots: Sequence[Shot]
    compared: bool = False
    echoes: str | None = None
    writes: bool = False


def product(desk: Desk) -> dict[str, Work]:
    """Write the work in the product's own GraphQL."""
    texts = {"Q1": Q1, "Q2": Q2, "Q3": Q3}
    works = {
        name: Work(name, [graphql(text, ids) for ids in _ids(name, desk)], compared=True)
        for name, text in texts.items()
    }
    first = list(_ids("Q1", desk))
    misses = (
        graphql(Q1.replace("query Q1", f"query Miss{number}"), first[number % len(first)]) for number in range(MISSES)
    )
    works["Q1 with tags"] = Work("Q1 with tags", [graphql(Q1_WITH_TAGS, ids) for ids in first])
    works["Q1 unseen"] = Work("Q1 unseen", list(misses), echoes="Q1")
    works["M1"] = Work("M1", [graphql(M1, given, b'"userErrors":[]') for given in _inputs(desk)], writes=True)
    return works


def floor(desk: Desk) -> dict[str, Work]:
    """Write the work for the hand-written endpoint: paths and numbers."""
    works = {
        name: Work(
            name, [_get(f"/{name.lower()}/" + "/".join(map(str, given.values()))) for given in given_all], compared=True
        )
        for name, given_all in ((name, VARIABLES[name](desk)) for name in VARIABLES)
    }
    shots = [_post("/m1", _row_input(desk, number), b'"number":') for number in range(WRITES)]
    return works | {"M1": Work("M1", shots, writes=True)}


def postgraphile(desk: Desk) -> dict[str, Work]:
    """Write the work in PostGraphile's GraphQL, with aliases that give its answers the product's shape."""
    texts = {"Q1": PEER_Q1, "Q2": PEER_Q2, "Q3": PEER_Q3}
    works = {
        name: Work(
            name,
            [graphql(text, {key: str(value) for key, value in given.items()}) for given in VARIABLES[name](desk)],
            compared=True,
        )
        for name, text in texts.items()
    }
    inputs = ({"input": _row_input(desk, number)} for number in range(WRITES))
    return works | {"M1": Work("M1", [graphql(PEER_M1, given, b'"number":') for given in inputs], writes=True)}


def facts(body: bytes) -> Any:
    """Return what an answer says, without what may differ between peers: ids, cursors, how moments are written."""
    return _plain(json.loads(body)["data"])


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: _plain_field(key, each) for key, each in _with_author(value).items() if key not in _PRIVATE}


def _plain_field(key: str, value: Any) -> Any:
    if key == "createdAt":
        return datetime.fromisoformat(value).timestamp()
    return value.lower() if key in {"senderType", "type"} else _plain(value)


def _with_author(value: dict[str, Any]) -> dict[str, Any]:
    """Give an article whose author lies in two fields the one object the product has."""
    if "authorName" not in value:
        return value
    rest = {key: each for key, each in value.items() if key not in {"authorName", "agent"}}
    return rest | {"author": {"name": value["authorName"], "agent": value["agent"]}}


_PRIVATE = {"id", "cursor", "endCursor"}


def _sample(desk: Desk) -> list[int]:
    tickets = [number for number in desk.readable_tickets() if desk.queue_of(number) != desk.writing_queue_id]
    return random.Random(desk.tickets).sample(tickets, min(SAMPLE, len(tickets)))  # noqa: S311 - the same for all peers


def _ids(name: str, desk: Desk) -> Iterator[dict[str, str]]:
    for given in VARIABLES[name](desk):
        yield {key: to_global(KINDS[name][key], value) for key, value in given.items()}


def _inputs(desk: Desk) -> Iterator[dict[str, Any]]:
    for number in range(WRITES):
        row = _row_input(desk, number)
        yield {
            "input": {
                "title": row["title"],
                "queueId": to_global("Queue", desk.writing_queue_id),
                "priorityId": to_global("TicketPriority", desk.priority_id),
                "customerUserId": to_global("CustomerUser", desk.customer_user_id),
                "article": {"channel": "phone", "subject": row["subject"], "body": row["body"]},
            }
        }


def _row_input(desk: Desk, number: int) -> dict[str, Any]:
    return {
        "title": f"Cannot print on floor {number}",
        "queueId": str(desk.writing_queue_id),
        "priorityId": str(desk.priority_id),
        "customerUserId": str(desk.customer_user_id),
        "subject": f"Printer on floor {number}",
        "body": "The printer says that it is out of paper, and it is not. " * 5,
    }


def graphql(text: str, variables: dict[str, Any], holds: bytes = b'"data":') -> Shot:
    """Write a GraphQL request; its answer must hold some bytes."""
    return _post("/graphql", {"query": text, "variables": variables}, holds)


def _post(path: str, content: dict[str, Any], holds: bytes) -> Shot:
    body = json.dumps(content).encode()
    head = f"POST {path} HTTP/1.1\r\n{_HEADERS}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return Shot(head.encode() + body, holds=holds)


def _get(path: str) -> Shot:
    return Shot(f"GET {path} HTTP/1.1\r\n{_HEADERS}\r\n".encode(), holds=b'"data":')


_HEADERS = f"Host: 127.0.0.1\r\nAccept: application/json\r\nAuthorization: Bearer {TOKEN}\r\n"
