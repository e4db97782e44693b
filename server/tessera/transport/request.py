"""The parameters of a GraphQL request, the same over HTTP and WebSocket."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from tessera.transport.encoding import decode
from tessera.transport.errors import RequestError


@dataclass(frozen=True)
class GraphQLRequest:
    """What the client wants executed."""

    query: str
    operation_name: str | None
    variables: Mapping[str, Any]


def from_object(parameters: Any) -> GraphQLRequest:
    """Check a decoded request; raise RequestError naming the parameter that has the wrong type.

    A persisted document's hash without its text gets the answer that makes Apollo's clients send the text.
    """
    if not isinstance(parameters, dict):
        raise RequestError(HTTPStatus.BAD_REQUEST, "The request must be one JSON object; batches are not supported.")
    extensions = _parameter(parameters, "extensions", dict)
    query = _parameter(parameters, "query", str)
    if query is None and extensions is not None and "persistedQuery" in extensions:
        raise RequestError(HTTPStatus.BAD_REQUEST, "PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
    if query is None:
        raise RequestError(HTTPStatus.BAD_REQUEST, "The parameter `query` is missing.")
    return GraphQLRequest(
        query=query,
        operation_name=_parameter(parameters, "operationName", str),
        variables=_parameter(parameters, "variables", dict) or {},
    )


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
