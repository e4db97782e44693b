"""The parameters of a GraphQL request, the same over HTTP and WebSocket."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from tessera.engine.context import FREE, Charge
from tessera.transport.encoding import decode
from tessera.transport.errors import RequestError

HASHED = "sha256:"

PERSISTED_VERSION = 1
"""The only version of Apollo's `extensions.persistedQuery` there is."""


@dataclass(slots=True)
class GraphQLRequest:
    """What the client wants executed: a document, by its text `query`, by its SHA-256 `hash` (hexadecimal), or both.

    `tells_cost` says that the client wants to know the cost; `charge` is set when the operation is admitted.
    """

    query: str | None
    operation_name: str | None
    variables: Mapping[str, Any]
    hash: str | None = None
    tells_cost: bool = False
    charge: Charge = FREE


def from_object(parameters: Any) -> GraphQLRequest:
    """Check a decoded request; raise RequestError naming the parameter that has the wrong type."""
    if not isinstance(parameters, dict):
        raise RequestError(HTTPStatus.BAD_REQUEST, "The request must be one JSON object; batches are not supported.")
    query = _parameter(parameters, "query", str)
    name, variables = _parameter(parameters, "operationName", str), _parameter(parameters, "variables", dict) or {}
    if query and "extensions" not in parameters and "documentId" not in parameters:
        return GraphQLRequest(query, name, variables)
    extensions = _parameter(parameters, "extensions", dict) or {}
    hash_ = _hash(parameters, extensions)
    if query is None and hash_ is None:
        raise RequestError(HTTPStatus.BAD_REQUEST, "The parameter `query` is missing.")
    return GraphQLRequest(
        query=query if query or hash_ is None else None,
        operation_name=name,
        variables=variables,
        hash=hash_,
        tells_cost=extensions.get("cost") is True,
    )


def _hash(parameters: Mapping[str, Any], extensions: Mapping[str, Any]) -> str | None:
    """Return the hash by which a document is named, if it is: `documentId`, or Apollo's `persistedQuery`."""
    name = _parameter(parameters, "documentId", str)
    if name is not None:
        if not name.startswith(HASHED):
            raise RequestError(HTTPStatus.BAD_REQUEST, f"The parameter `documentId` must begin with `{HASHED}`.")
        return str(name.removeprefix(HASHED).lower())
    persisted = _parameter(extensions, "persistedQuery", dict)
    if persisted is None:
        return None
    if persisted.get("version") != PERSISTED_VERSION:
        raise RequestError(HTTPStatus.BAD_REQUEST, f"The version of `persistedQuery` must be {PERSISTED_VERSION}.")
    return str(persisted.get("sha256Hash")).lower()


def from_body(body: bytes) -> GraphQLRequest:
    """Read the body of a POST request."""
    try:
        parameters = decode(body)
    except ValueError:
        raise RequestError(HTTPStatus.BAD_REQUEST, "The body is not JSON in UTF-8, or nests too deeply.") from None
    return from_object(parameters)


def from_query_string(query_string: bytes) -> GraphQLRequest:
    """Read the parameters of a GET request; `variables` and `extensions` are JSON."""
    try:
        given = parse_qs(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
        parameters: dict[str, Any] = {name: values[-1] for name, values in given.items()}
        for name in ("variables", "extensions"):
            if name in parameters:
                parameters[name] = decode(parameters[name]) if parameters[name] else None
    except ValueError:
        raise RequestError(HTTPStatus.BAD_REQUEST, "The query string is malformed.") from None
    if not parameters.get("operationName"):
        parameters.pop("operationName", None)
    return from_object(parameters)


def _parameter(parameters: Mapping[str, Any], name: str, kind: type) -> Any:
    """Return a parameter of the right type, or None."""
    value = parameters.get(name)
    if value is not None and not isinstance(value, kind):
        wanted = "a string" if kind is str else "an object"
        raise RequestError(HTTPStatus.BAD_REQUEST, f"The parameter `{name}` must be {wanted}.")
    return value
