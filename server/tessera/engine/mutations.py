"""Mutations: one unit, problems as user errors, idempotency keys, the current object on a conflict."""

import dataclasses
import inspect
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, cast

import strawberry
from graphql import GraphQLObjectType, get_named_type
from strawberry.utils.str_converters import to_camel_case

from tessera.engine.context import Context
from tessera.engine.directives import Limited, Requires
from tessera.engine.nodes import NodeSpec, spec_of
from tessera.engine.resolvers import shaped
from tessera.engine.sources import SOURCE, PerformedSource, declaration_of, definition_of
from tessera.kit import idempotency
from tessera.kit.actor import Actor
from tessera.kit.db import Contention
from tessera.kit.errors import Conflict, Problem
from tessera.kit.i18n import FALLBACK, translate
from tessera.kit.ids import ObjectRef
from tessera.kit.unit import Unit


@strawberry.enum(
    description=(
        "Closed kernel vocabulary, safe to switch over. "
        "Packages refine it with `UserError.reason`, never with new values."
    )
)
class UserErrorCode(Enum):
    """The kinds of user errors."""

    INVALID = strawberry.enum_value("INVALID", description="The value is not acceptable.")
    REQUIRED = strawberry.enum_value("REQUIRED", description="A value is missing.")
    TAKEN = strawberry.enum_value("TAKEN", description="Another object already uses the value.")
    NOT_FOUND = strawberry.enum_value(
        "NOT_FOUND", description="The referenced object does not exist or is hidden from you."
    )
    FORBIDDEN = strawberry.enum_value("FORBIDDEN", description="You may see the object but not do this.")
    CONFLICT = strawberry.enum_value(
        "CONFLICT", description="Somebody changed it first (see `expectedVersion`), or holds its lock."
    )
    STATE = strawberry.enum_value("STATE", description="The object's state does not allow this step.")
    LIMIT = strawberry.enum_value("LIMIT", description="A quota or size limit.")


@strawberry.type(
    description="Something the person can fix. Protocol and server faults are top-level errors with `extensions.code`."
)
class UserError:
    """One expected failure."""

    message: str = strawberry.field(description="For people, in the viewer's language.")
    code: UserErrorCode = strawberry.field(description="For programs.")
    field: list[str] | None = strawberry.field(
        default=None,
        description=(
            'Path into the arguments, e.g. ["input", "article", "body"]; null when no single argument is to blame.'
        ),
    )
    reason: str | None = strawberry.field(
        default=None,
        description=(
            "Open refinement of `code`, namespaced by slice or package: `tickets.locked`, `itsm.cab_approval_missing`."
        ),
    )


class Busy(Conflict):
    """Too many collisions with other writers."""

    reason = "busy"
    sentence = "Too many others are changing this at the moment. Try again."


def user_error(problem: Problem, reader: Actor | None) -> UserError:
    """Word a problem for the API in its reader's language, in English for callers who are not signed in."""
    return UserError(
        message=translate(problem.template, FALLBACK if reader is None else reader.locale, problem.facts),
        code=UserErrorCode(problem.code),
        field=[to_camel_case(part) for part in problem.field] if problem.field else None,
        reason=problem.reason,
    )


Work = Callable[..., Awaitable[Any]]
Replay = Callable[[Unit, ObjectRef], Awaitable[Any]]
Prepare = Callable[..., Awaitable[None]]


def mutation(
    *,
    description: str | None = None,
    requires: str | None = None,
    replay: Replay | None = None,
    prepare: Prepare | None = None,
    anonymous: bool = False,
    limited: Limited | None = None,
) -> Callable[[Work], Any]:
    """Make a function a mutation field.

    The function's first parameter is `unit: Unit` (it runs inside one unit, again when it collides) or
    `context: Context` (it opens units itself, because it has to wait for something in between); the others are
    the arguments. It returns a payload type, whose `user_errors` and objects have defaults. A Problem rolls the
    unit back and becomes a user error; when it carries the current object, the payload shows that, freshly read.

    `requires` names a permission. `replay` makes the mutation idempotent by `clientMutationId`: it turns the
    reference to what the first call made into the payload. `prepare(**arguments)` does before the unit opens what
    takes time, and notes its result in the input. `anonymous` lets callers in who are not signed in. `limited`
    gives the mutation a bucket of its own.
    """

    def decorate(work: Work) -> Any:
        signature = inspect.signature(work)
        in_unit = next(iter(signature.parameters)) == "unit"
        payload_type = signature.return_annotation

        perform = Performer(work, payload_type, in_unit, requires, replay, prepare, anonymous)

        async def resolve(root: Any, info: strawberry.Info, **arguments: Any) -> Any:  # noqa: ARG001 - strawberry passes it by this name
            context: Context = info.context
            if info.path.key in context.performed:
                return performed(context, str(info.path.key))
            payload_named = get_named_type(info._raw_info.return_type)  # noqa: SLF001 - the resolved type of this schema
            return await perform(context, call_of(info.field_name, cast("Any", payload_named)), arguments)

        directives = [*([Requires(permission=requires)] if requires else []), *([limited] if limited else [])]
        return strawberry.mutation(
            resolver=shaped(resolve, work, skip=1, returns=payload_type),
            description=description,
            directives=directives,
            metadata={SOURCE: PerformedSource(perform)},
        )

    return decorate


@dataclasses.dataclass(frozen=True)
class Call:
    """A mutation field: its name, and its payload's attributes that are nodes."""

    name: str
    objects: tuple[tuple[str, NodeSpec], ...]


@dataclasses.dataclass(frozen=True)
class Performer:
    """What a mutation does, whichever executor calls it; see `mutation`."""

    work: Work
    payload_type: Callable[[], Any]
    in_unit: bool
    requires: str | None
    replay: Replay | None
    prepare: Prepare | None
    anonymous: bool

    async def __call__(self, context: Context, call: Call, arguments: dict[str, Any]) -> Any:
        """Return the payload; raises `Unauthenticated`, and what nobody expected."""
        if not self.anonymous:
            _ = context.actor
        try:
            if self.requires is not None:
                context.actor.require(self.requires)
            if self.prepare is not None:
                await self.prepare(**arguments)
            if not self.in_unit:
                return await self.work(context, **arguments)
            return await context.units.run(
                context.actor, lambda unit: _once(unit, call, self.work, self.replay, arguments)
            )
        except Problem as problem:
            return await _refusal(context, call, self.payload_type(), problem, arguments)
        except Contention:
            return await _refusal(context, call, self.payload_type(), Busy(), arguments)


def call_of(name: str, payload: GraphQLObjectType) -> Call:
    """Describe a mutation field by its payload's type."""
    found = []
    for field in payload.fields.values():
        declared, type_ = declaration_of(field), get_named_type(field.type)
        definition = definition_of(type_) if isinstance(type_, GraphQLObjectType) else None
        spec = spec_of(definition.origin) if definition is not None else None
        if declared is not None and spec is not None:
            found.append((declared.python_name, spec))
    return Call(name, tuple(found))


def performed(context: Context, key: str) -> Any:
    """Return the payload of a field that a plan performed before it gave up; raises what it raised."""
    payload = context.performed[key]
    if isinstance(payload, Exception):
        raise payload
    return payload


async def _once(unit: Unit, call: Call, work: Work, replay: Replay | None, arguments: dict[str, Any]) -> Any:
    key = _client_mutation_id(arguments)
    if replay is None or key is None:
        return await work(unit, **arguments)
    earlier = await idempotency.first_result(unit.actor, call.name, key)
    if earlier is not None:
        payload = await replay(unit, earlier)
    else:
        payload = await work(unit, **arguments)
        await idempotency.remember(unit.actor, call.name, key, _made(call, payload))
    payload.client_mutation_id = key
    return payload


def _client_mutation_id(arguments: dict[str, Any]) -> str | None:
    key = arguments.get("client_mutation_id") or getattr(arguments.get("input"), "client_mutation_id", None)
    return cast("str | None", key or None)


def _made(call: Call, payload: Any) -> ObjectRef:
    """Return the reference to the first object in a payload: what the mutation made."""
    for field, spec in call.objects:
        row = getattr(payload, field)
        if row is not None:
            return ObjectRef(spec.name, row.id)
    message = f"{call.name} returned no object to remember"
    raise TypeError(message)


async def _refusal(context: Context, call: Call, payload: Any, problem: Problem, arguments: dict[str, Any]) -> Any:
    payload.user_errors = [user_error(problem, context.signed_in)]
    current = problem.current
    if current is not None:
        for field, spec in call.objects:
            if isinstance(current, spec.model):
                setattr(payload, field, await spec.load(await context.fresh(), current.id))
                break
    key = _client_mutation_id(arguments)
    if key is not None and hasattr(payload, "client_mutation_id"):
        payload.client_mutation_id = key
    return payload


def given(values: Any) -> dict[str, Any]:
    """Return what a client gave in an update input, by name: absent fields are left out, null stays None."""
    return {
        field.name: getattr(values, field.name)
        for field in dataclasses.fields(values)
        if getattr(values, field.name) is not strawberry.UNSET
    }
