"""The error policy: which failure a client sees in which words, and what stays in the log."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from graphql import GraphQLError

from tessera.engine.core import CLIENT_FAULTS
from tessera.kit import log
from tessera.kit.errors import Forbidden, LimitExceeded, Problem, Unauthenticated

KINDS: tuple[tuple[type[Problem], str], ...] = (
    (Unauthenticated, "UNAUTHENTICATED"),
    (Forbidden, "FORBIDDEN"),
    (LimitExceeded, "LIMIT_EXCEEDED"),
)
"""A problem's kind as the closed vocabulary of top-level errors says it; every other kind is BAD_USER_INPUT."""

STATUS = {"FORBIDDEN": HTTPStatus.FORBIDDEN, "RATE_LIMITED": HTTPStatus.TOO_MANY_REQUESTS}
"""The HTTP status of request errors, by the first one's code; every other is 400."""

INTERNAL = "Internal error."
INTERNAL_CODE = "INTERNAL_SERVER_ERROR"


class RequestError(Exception):
    """An HTTP request that is answered before any document is looked at."""

    def __init__(
        self, status: HTTPStatus, message: str, code: str = "BAD_REQUEST", headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        self.status = status
        self.code = code
        self.headers = tuple(headers)
        super().__init__(message)

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The response's `errors`."""
        return [{"message": str(self), "extensions": {"code": self.code}}]


def code_of(problem: Problem) -> str:
    """Return the `extensions.code` of a problem raised outside a mutation's payload."""
    return next((code for kind, code in KINDS if isinstance(problem, kind)), "BAD_USER_INPUT")


def refusal(problem: Problem) -> RequestError:
    """Answer a credential that is worth nothing, before anything was executed."""
    if isinstance(problem, Unauthenticated):
        challenge = ("WWW-Authenticate", "Bearer")
        return RequestError(HTTPStatus.UNAUTHORIZED, problem.message, code_of(problem), [challenge])
    return RequestError(HTTPStatus.FORBIDDEN, problem.message, code_of(problem))


def status_of(errors: Sequence[GraphQLError]) -> HTTPStatus:
    """Return the HTTP status of request errors for clients of the modern media type."""
    return STATUS.get((errors[0].extensions or {}).get("code", ""), HTTPStatus.BAD_REQUEST)


def present(errors: Sequence[GraphQLError], operation_name: str | None = None) -> list[dict[str, Any]]:
    """Return the errors as the response shows them; failures nobody expected are logged and masked."""
    return [_present(error, operation_name) for error in errors]


def internal(error: BaseException, **where: object) -> dict[str, Any]:
    """Log a failure nobody expected and return the error that hides it; `extensions.ref` finds the line."""
    ref = uuid4().hex[:12]
    log.get().error("transport.internal_error", ref=ref, exc_info=error, **where)
    return {"message": INTERNAL, "extensions": {"code": INTERNAL_CODE, "ref": ref}}


def _present(error: GraphQLError, operation_name: str | None) -> dict[str, Any]:
    place = _place(error)
    cause = _cause(error)
    if isinstance(cause, Problem):
        return {"message": cause.message, **place, "extensions": _of_problem(cause)}
    if isinstance(cause, CLIENT_FAULTS):
        return {"message": str(cause), **place, "extensions": {"code": "BAD_USER_INPUT"}}
    if isinstance(cause, GraphQLError) and (extensions := _of_graphql(error, cause)) is not None:
        return {"message": error.message, **place, "extensions": extensions}
    return {**internal(cause, operation=operation_name, path=error.path), **place}


def _cause(error: GraphQLError) -> BaseException:
    """Return what was really raised; graphql-core wraps it, sometimes twice."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        if isinstance(cause, CLIENT_FAULTS):
            break
        cause = cause.original_error
    return cause


def _of_problem(problem: Problem) -> dict[str, Any]:
    extensions: dict[str, Any] = {"code": code_of(problem)}
    if problem.reason is not None:
        extensions["reason"] = problem.reason
    if problem.field is not None:
        extensions["field"] = list(problem.field)
    return extensions


def _of_graphql(error: GraphQLError, cause: GraphQLError) -> Mapping[str, Any] | None:
    """Return the extensions of an error that is meant for the client; None: it is a bug's.

    Ours bring a code. Without one, graphql-core blames a place in the document when an argument does not fit its
    type, and none when a resolver's value does not fit: that one is the server's fault.
    """
    extensions = error.extensions or cause.extensions
    if extensions and "code" in extensions:
        return extensions
    return {"code": "BAD_USER_INPUT"} if cause.nodes else None


def _place(error: GraphQLError) -> dict[str, Any]:
    formatted = error.formatted
    return {key: formatted[key] for key in ("locations", "path") if key in formatted}
