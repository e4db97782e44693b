"""Reads of queues, their addresses, texts and templates."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from tessera.kit.actor import Actor
from tessera.kit.db import dialect
from tessera.kit.ids import key_of
from tessera.kit.inputs import Field, existing
from tessera.kit.memory import Remembered
from tessera.kit.rows import find
from tessera.kit.text import fold
from tessera.queues import _addresses, _paths
from tessera.queues._addresses import MAX_ADDRESS
from tessera.queues.errors import RightMissing
from tessera.queues.models import (
    MAX_KEY,
    AutoResponse,
    AutoResponseKind,
    Queue,
    QueueAutoResponse,
    QueueTemplate,
    Salutation,
    Signature,
    SystemAddress,
    Template,
    TemplateKind,
)
from tessera.queues.permissions import MANAGE

_QUEUES = Remembered(Queue, "queue")

MAX_KNOWN = 200
"""Queues an actor may know; with more, a statement would carry too many values."""

TextT = TypeVar("TextT", Salutation, Signature, AutoResponse, SystemAddress)


def visible_to(actor: Actor) -> QuerySet[Queue]:
    """Return the queues an actor sees.

    An agent sees those on whose group they hold any right, an administrator of queues all, a customer user the
    active ones.
    """
    if actor.is_customer_user:
        return Queue.filter(active=True)
    if actor.can(MANAGE.name):
        return Queue.all()
    return Queue.filter(group_id__in=[group for group, rights in actor.grants.items() if rights])


async def knowing_queues(actor: Actor) -> Actor:
    """Return an agent who knows the queues of their groups, so that reading tickets need not join them.

    Only on PostgreSQL, where the join costs more than the rest of reading a ticket, and only while there are few.
    """
    if dialect() != "postgres" or not actor.is_agent:
        return actor
    rows = await Queue.filter(group_id__in=list(actor.grants)).limit(MAX_KNOWN + 1).values_list("id", "group_id")
    known = {int(queue_id): int(group_id) for queue_id, group_id in rows}
    return replace(actor, queues=known) if len(known) <= MAX_KNOWN else actor


async def get(actor: Actor, global_id: str, *, field: Field = ("id",)) -> Queue:
    """Return a queue by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    return existing(await find(actor, visible_to, key_of(global_id, "Queue", field=field)), field)


async def to_write_in(actor: Actor, right: str, global_id: str, *, field: Field = ("id",)) -> Queue:
    """Return the queue by its global id for whoever holds a right on its group, else like `get`; to look at only."""
    queue = await _QUEUES.get(key_of(global_id, "Queue", field=field))
    if queue is not None and actor.has_right(right, queue.group_id):
        return queue
    return await get(actor, global_id, field=field)


async def known(key: int) -> Queue:
    """Return the queue with a key, to look at only."""
    return await _QUEUES.get(key) or await Queue.get(id=key)


async def in_order(actor: Actor, *, roots_only: bool = False) -> list[Queue]:
    """Return the visible queues by full name, or only those without a parent."""
    visible = visible_to(actor)
    return await (visible.filter(parent_id__isnull=True) if roots_only else visible).order_by("path_key")


async def by_path(path: str) -> Queue | None:
    """Return the queue with a full name, regardless of case."""
    return await Queue.get_or_none(path_key=fold(path.strip())[:MAX_KEY])


async def by_address(address: str) -> Queue | None:
    """Return the active queue in which mail to an address arrives."""
    row = await SystemAddress.get_or_none(address_key=_addresses.key(address)[:MAX_ADDRESS], active=True)
    return await Queue.get_or_none(id=row.queue_id, active=True) if row else None


async def mailbox_of(queue: Queue) -> tuple[str, str] | None:
    """Return the display name and the address a queue's mail comes from: its own, else the nearest parent's."""
    while queue.email_address is None and queue.parent_id is not None:
        queue = await known(queue.parent_id)
    if queue.email_address is None:
        return None
    row = await SystemAddress.get_or_none(address_key=_addresses.key(queue.email_address))
    return (row.display_name if row else "", queue.email_address)


async def own_addresses() -> frozenset[str]:
    """Return every active address of the desk in lower case, to recognise its own mail by."""
    keys = await SystemAddress.filter(active=True).values_list("address_key", flat=True)
    return frozenset(str(key) for key in keys)


async def subtree_ids(queue_ids: Iterable[int]) -> list[int]:
    """Return the ids of queues and of all queues below them."""
    parents = dict(await Queue.all().values_list("id", "parent_id"))
    return _paths.subtree(parents, queue_ids)


async def group_of(queue_id: int) -> int:
    """Return the id of a queue's group.

    Raises `NotFound` for an unknown queue.
    """
    return existing(await Queue.get_or_none(id=queue_id), ("queueId",)).group_id


async def require(actor: Actor, right: str, queue_id: int) -> None:
    """Raise `RightMissing` unless the actor holds a right (`move_into`, `rw`, …) on a queue's group."""
    if not actor.is_system:
        require_on(actor, right, existing(await Queue.get_or_none(id=queue_id), ("queueId",)))


def require_on(actor: Actor, right: str, queue: Queue) -> None:
    """Raise `RightMissing` unless the actor holds a right on the group of a queue."""
    if not actor.has_right(right, queue.group_id):
        raise RightMissing(right=right, queue=queue.path)


async def children_of(actor: Actor, queue_ids: Sequence[int]) -> dict[int, list[Queue]]:
    """Return the visible queues directly below each queue, by name."""
    found: dict[int, list[Queue]] = {queue_id: [] for queue_id in queue_ids}
    for queue in await visible_to(actor).filter(parent_id__in=list(queue_ids)).order_by("path_key"):
        if queue.parent_id is not None:
            found[queue.parent_id].append(queue)
    return found


def texts_visible_to(model: type[TextT], actor: Actor) -> QuerySet[TextT]:
    """Return the salutations, signatures, auto responses or system addresses an actor sees.

    Agents see all, customer users none.
    """
    return model.filter(id__isnull=True) if actor.is_customer_user else model.all()


def templates_visible_to(actor: Actor) -> QuerySet[Template]:
    """Return the templates an actor sees: agents those of their queues and of no queue, administrators all."""
    if actor.is_customer_user:
        return Template.filter(id__isnull=True)
    if actor.can(MANAGE.name):
        return Template.all()
    own = QueueTemplate.filter(queue__group_id__in=[group for group, rights in actor.grants.items() if rights])
    bound, mine = QueueTemplate.all().values("template_id"), own.values("template_id")
    return Template.filter(Q(id__not_in=Subquery(bound)) | Q(id__in=Subquery(mine)))


async def get_text(model: type[TextT], actor: Actor, global_id: str, *, field: Field = ("id",)) -> TextT:
    """Return a salutation, signature, auto response or system address by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    key = key_of(global_id, model.__name__, field=field)
    return existing(await texts_visible_to(model, actor).get_or_none(id=key), field)


async def get_template(actor: Actor, global_id: str, *, field: Field = ("id",)) -> Template:
    """Return a template by its global id.

    Raises `NotFound` when it is unknown or hidden.
    """
    key = key_of(global_id, "Template", field=field)
    return existing(await templates_visible_to(actor).get_or_none(id=key), field)


async def texts_for(queue: Queue, kind: AutoResponseKind) -> AutoResponse | None:
    """Return the active auto response a queue gives to a kind of mail."""
    choice = await QueueAutoResponse.get_or_none(queue_id=queue.id, kind=kind.value)
    return await AutoResponse.get_or_none(id=choice.auto_response_id, active=True) if choice else None


async def auto_responses_of(actor: Actor, queue_ids: Sequence[int]) -> dict[int, list[AutoResponse]]:
    """Return the visible auto responses of each queue, by kind."""
    chosen = await QueueAutoResponse.filter(queue_id__in=list(queue_ids)).order_by("queue_id", "kind")
    visible = texts_visible_to(AutoResponse, actor).filter(id__in=[each.auto_response_id for each in chosen])
    rows = {row.id: row for row in await visible}
    found: dict[int, list[AutoResponse]] = {queue_id: [] for queue_id in queue_ids}
    for each in chosen:
        if each.auto_response_id in rows:
            found[each.queue_id].append(rows[each.auto_response_id])
    return found


async def addresses_of(actor: Actor, queue_ids: Sequence[int]) -> dict[int, list[SystemAddress]]:
    """Return the visible addresses whose mail arrives in each queue."""
    found: dict[int, list[SystemAddress]] = {queue_id: [] for queue_id in queue_ids}
    rows = texts_visible_to(SystemAddress, actor).filter(queue_id__in=list(queue_ids))
    for row in await rows.order_by("address_key"):
        found[row.queue_id].append(row)
    return found


async def templates_for(actor: Actor, queue_id: int | None = None, kind: TemplateKind | None = None) -> list[Template]:
    """Return the active templates of a kind usable in a queue (None: in any the actor sees), by name."""
    rows = templates_visible_to(actor).filter(active=True)
    if kind is not None:
        rows = rows.filter(kind=kind.value)
    if queue_id is not None:
        bound = QueueTemplate.all().values("template_id")
        here = QueueTemplate.filter(queue_id=queue_id).values("template_id")
        rows = rows.filter(Q(id__not_in=Subquery(bound)) | Q(id__in=Subquery(here)))
    return await rows.order_by("name_key")


async def queues_of_templates(actor: Actor, template_ids: Sequence[int]) -> dict[int, list[Queue]]:
    """Return the visible queues each template is bound to, by path; none means all."""
    pairs = await QueueTemplate.filter(template_id__in=list(template_ids))
    queues = {row.id: row for row in await visible_to(actor).filter(id__in=[pair.queue_id for pair in pairs])}
    found: dict[int, list[Queue]] = {template_id: [] for template_id in template_ids}
    for pair in pairs:
        if pair.queue_id in queues:
            found[pair.template_id].append(queues[pair.queue_id])
    return {key: sorted(rows, key=lambda queue: queue.path_key) for key, rows in found.items()}
