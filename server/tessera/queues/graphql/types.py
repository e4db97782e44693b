"""Queues and what they say, as types and root fields."""

from enum import Enum
from functools import partial

import strawberry

from tessera.access.graphql import Group
from tessera.engine.context import Context
from tessera.engine.directives import Requires
from tessera.engine.fields import batch, by_id, column, computed, rows, to_one
from tessera.engine.nodes import Node, node
from tessera.engine.scalars import HTML
from tessera.kit.actor import RIGHTS
from tessera.kit.paging import Key, Listing
from tessera.queues import models, queries
from tessera.queues.permissions import MANAGE


@strawberry.enum(description="What a reply to a closed ticket does.")
class FollowUpPolicy(Enum):
    POSSIBLE = strawberry.enum_value("possible", description="Reopens it.")
    REJECT = strawberry.enum_value("reject", description="Is refused, with the reject auto response.")
    NEW_TICKET = strawberry.enum_value("new_ticket", description="Opens a new ticket, linked to the old one.")


@strawberry.enum(description="What a template prepares.")
class TemplateKind(Enum):
    ANSWER = "answer"
    CREATE = "create"
    EMAIL = "email"
    FORWARD = "forward"
    NOTE = "note"
    PHONE_CALL = "phone_call"


@strawberry.enum(description="Which mail an auto response answers.")
class AutoResponseKind(Enum):
    REPLY = strawberry.enum_value("reply", description="It opened a ticket.")
    FOLLOW_UP = strawberry.enum_value("follow_up", description="It was added to a ticket.")
    REJECT = strawberry.enum_value("reject", description="It followed up a closed ticket and was refused.")
    REPLY_NEW_TICKET = strawberry.enum_value(
        "reply_new_ticket", description="It followed up a closed ticket and opened a new one."
    )
    REMOVE = strawberry.enum_value("remove", description="It asked for the removal of its ticket.")


@strawberry.type(description="The viewer's rights on a queue.")
class QueuePermissions:
    ro: bool
    move_into: bool
    create: bool
    note: bool
    owner: bool
    priority: bool
    rw: bool


@node(
    models.Salutation,
    partial(queries.texts_visible_to, models.Salutation),
    description="How an answer begins, with placeholders.",
)
class Salutation(Node):
    name: str
    text: str
    active: bool
    version: int


@node(
    models.Signature,
    partial(queries.texts_visible_to, models.Signature),
    description="How an answer ends, with placeholders.",
)
class Signature(Node):
    name: str
    text: str
    active: bool
    version: int


@node(
    models.AutoResponse,
    partial(queries.texts_visible_to, models.AutoResponse),
    description="What the postmaster answers by itself, with placeholders.",
)
class AutoResponse(Node):
    name: str
    kind: AutoResponseKind = column("kind", read=AutoResponseKind)
    subject: str
    text: str
    active: bool
    version: int


async def _children(context: Context, keys: list[int]) -> dict[int, list[models.Queue]]:
    return await queries.children_of(context.actor, keys)


async def _viewer_can(context: Context, keys: list[int]) -> list[QueuePermissions]:
    actor = context.actor
    return [QueuePermissions(**{right: actor.has_right(right, group) for right in RIGHTS}) for group in keys]


async def _auto_responses(context: Context, keys: list[int]) -> dict[int, list[models.AutoResponse]]:
    return await queries.auto_responses_of(context.actor, keys)


async def _addresses(context: Context, keys: list[int]) -> dict[int, list[models.SystemAddress]]:
    return await queries.addresses_of(context.actor, keys)


async def _template_queues(context: Context, keys: list[int]) -> dict[int, list[models.Queue]]:
    return await queries.queues_of_templates(context.actor, keys)


@node(
    models.Queue,
    queries.visible_to,
    kept="queue",
    description="A help queue, usually behind one e-mail address; sub-queues are help levels.",
)
class Queue(Node):
    name: str = strawberry.field(description="Own name, without the parents.")
    path: str = strawberry.field(description="Full name from the root, levels joined by `::`.")
    parent: "Queue | None" = to_one("parent_id")
    children: list["Queue"] = batch(_children)
    active: bool
    group: Group = to_one("group_id", covered=True)
    email_address: str | None = strawberry.field(description="The address mail arrives at and leaves from.")
    follow_up_policy: FollowUpPolicy = column("follow_up_policy", read=FollowUpPolicy)
    follow_up_lock: bool = strawberry.field(
        description="Lock the ticket for its owner again when a closed ticket is reopened by a follow-up."
    )
    unlock_timeout_minutes: int | None = strawberry.field(
        description="Minutes after which an untouched lock is released; null = never."
    )
    salutation: Salutation | None = to_one("salutation_id", description="How its answers begin.")
    signature: Signature | None = to_one("signature_id", description="How its answers end.")
    auto_responses: list[AutoResponse] = batch(_auto_responses, description="At most one of each kind.")
    system_addresses: list["SystemAddress"] = batch(_addresses, description="Every address whose mail arrives here.")
    viewer_can: QueuePermissions = batch(_viewer_can, key="group_id")
    version: int


@node(
    models.SystemAddress,
    partial(queries.texts_visible_to, models.SystemAddress),
    description="An address of the help desk: mail to it arrives in its queue.",
)
class SystemAddress(Node):
    address: str
    display_name: str
    queue: Queue = to_one("queue_id", covered=True)
    active: bool
    version: int


@node(
    models.Template,
    queries.templates_visible_to,
    description="A prepared answer, note, forward or new ticket, with placeholders.",
)
class Template(Node):
    name: str
    kind: TemplateKind = column("kind", read=TemplateKind)
    subject: str | None
    body: HTML
    queues: list[Queue] = batch(_template_queues, description="Where it is usable; everywhere when empty.")
    active: bool
    version: int


async def _queues(context: Context, roots_only: bool | None = False) -> list[models.Queue]:
    return await queries.in_order(context.actor, roots_only=bool(roots_only))


def _listed(context: Context, model: type[queries.TextT], key: str) -> Listing[queries.TextT]:
    context.actor.require(MANAGE.name)
    return Listing.of(queries.texts_visible_to(model, context.actor), (Key(key),))


def _salutations(context: Context) -> Listing[models.Salutation]:
    return _listed(context, models.Salutation, "name_key")


def _signatures(context: Context) -> Listing[models.Signature]:
    return _listed(context, models.Signature, "name_key")


def _auto_response_texts(context: Context) -> Listing[models.AutoResponse]:
    return _listed(context, models.AutoResponse, "name_key")


def _system_addresses(context: Context) -> Listing[models.SystemAddress]:
    return _listed(context, models.SystemAddress, "address_key")


_REQUIRES = [Requires(permission=MANAGE.name)]


@strawberry.type
class QueueQuery:
    queue: Queue | None = by_id("Queue", queries.visible_to)
    queues: list[Queue] = computed(_queues, description="All visible queues; installations have tens, so no pages.")
    salutations: list[Salutation] = rows(_salutations, directives=_REQUIRES)
    signatures: list[Signature] = rows(_signatures, directives=_REQUIRES)
    auto_responses: list[AutoResponse] = rows(_auto_response_texts, directives=_REQUIRES)
    system_addresses: list[SystemAddress] = rows(_system_addresses, directives=_REQUIRES)
