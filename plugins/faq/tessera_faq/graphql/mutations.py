"""The verbs of the knowledge base as mutations."""

from datetime import datetime
from typing import Any

import strawberry

from tessera.access import queries as access
from tessera.access.models import Group
from tessera.articles import queries as articles
from tessera.articles.graphql import AttachmentInput
from tessera.engine.mutations import UserError, given, mutation
from tessera.files import service as files
from tessera.kit.actor import Actor
from tessera.kit.errors import LimitExceeded, Required
from tessera.kit.ids import ObjectRef, key_of
from tessera.kit.inputs import Field, existing
from tessera.kit.unit import Unit
from tessera.tickets import queries as tickets
from tessera.tickets.models import Ticket
from tessera_faq import queries, service
from tessera_faq.graphql.types import FIRST_FILE, FaqCategory, FaqItem
from tessera_faq.models import Audience, Category, Item
from tessera_faq.permissions import APPROVE, EDIT, MANAGE
from tessera_faq.service import NewAttachment

MAX_TICKETS = 100
MAX_FILES = 50
ID: Field = ("id",)


@strawberry.input(description="The new HTML of one text; the others stay as they are.")
class FaqFieldInput:
    name: str
    html: str


@strawberry.input(description="A new item.")
class FaqItemCreateInput:
    title: str
    language: str = strawberry.field(description="For example `en` or `pt-BR`.")
    category_id: strawberry.ID
    audience: Audience = Audience.INTERNAL
    fields: list[FaqFieldInput] | None = None
    keywords: list[str] | None = None
    attachments: list[AttachmentInput] | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    from_ticket_id: strawberry.ID | None = strawberry.field(
        default=None, description="Take symptom and solution from this ticket's articles, and link it."
    )
    translation_of_id: strawberry.ID | None = strawberry.field(
        default=None, description="The item this one translates."
    )
    client_mutation_id: str | None = strawberry.field(
        default=None,
        description="Idempotency key, unique per caller for 24 hours: a repeated create returns the first result.",
    )


@strawberry.input(description="Absent = unchanged, null = cleared.")
class FaqItemUpdateInput:
    title: str | None = strawberry.UNSET
    category_id: strawberry.ID | None = strawberry.UNSET
    audience: Audience | None = strawberry.UNSET
    fields: list[FaqFieldInput] | None = strawberry.UNSET
    keywords: list[str] | None = strawberry.UNSET
    attachments: list[AttachmentInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="All files the item has afterwards; `attachmentId` keeps one it has.",
    )
    active: bool | None = strawberry.UNSET
    valid_from: datetime | None = strawberry.UNSET
    valid_until: datetime | None = strawberry.UNSET


@strawberry.input(description="A category as it shall be.")
class FaqCategoryInput:
    name: str
    parent_id: strawberry.ID | None = None
    group_ids: list[strawberry.ID]


@strawberry.type
class FaqItemPayload:
    faq_item: FaqItem | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)
    client_mutation_id: str | None = None


@strawberry.type
class FaqCategoryPayload:
    faq_category: FaqCategory | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


def _of(item: Item) -> FaqItemPayload:
    return FaqItemPayload(faq_item=FaqItem.of(item))


async def _replay(unit: Unit, made: ObjectRef) -> FaqItemPayload:
    found = await queries.visible_to(unit.actor).get_or_none(id=made.id)
    return FaqItemPayload(faq_item=FaqItem.of_optional(found))


async def _file(unit: Unit, input: AttachmentInput, field: Field) -> NewAttachment:
    if isinstance(input.upload_token, str):
        upload = await files.claim_upload(unit, input.upload_token, field=(*field, "upload_token"))
        return NewAttachment(upload.filename, upload.content_type, upload.blob_digest, upload.size)
    found = await _known_file(unit.actor, str(input.attachment_id), (*field, "attachment_id"))
    return NewAttachment(found.filename, found.content_type, found.digest, found.size)


async def _known_file(actor: Actor, global_id: str, field: Field) -> Any:
    key = key_of(global_id, "Attachment", field=field)
    if key < FIRST_FILE:
        return await articles.get_attachment(actor, global_id, field=field)
    return existing(await queries.visible_attachments(actor).get_or_none(id=key - FIRST_FILE), field)


async def _files(unit: Unit, inputs: list[AttachmentInput] | None) -> list[NewAttachment]:
    if len(inputs or ()) > MAX_FILES:
        raise LimitExceeded("At most {limit} files.", limit=MAX_FILES, field=("input", "attachments"))
    return [await _file(unit, each, ("input", "attachments", str(place))) for place, each in enumerate(inputs or ())]


def _texts(inputs: list[FaqFieldInput] | None) -> dict[str, str]:
    return {each.name: each.html for each in inputs or ()}


@mutation(description="Write an item.", requires=EDIT.name, replay=_replay)
async def _faq_item_create(unit: Unit, input: FaqItemCreateInput) -> FaqItemPayload:
    return _of(await service.create_item(unit, **await _item_in(unit, input)))


async def _item_in(unit: Unit, input: FaqItemCreateInput) -> dict[str, Any]:
    values: dict[str, Any] = {
        "title": input.title,
        "language": input.language,
        "category": await queries.get_category(unit.actor, input.category_id, field=("input", "category_id")),
        "audience": input.audience,
        "texts": _texts(input.fields),
        "keywords": input.keywords or (),
        "attachments": await _files(unit, input.attachments),
        "valid_from": input.valid_from,
        "valid_until": input.valid_until,
    }
    if input.from_ticket_id is not None:
        field: Field = ("input", "from_ticket_id")
        values["from_ticket"] = await tickets.get(unit.actor, input.from_ticket_id, field=field)
    if input.translation_of_id is not None:
        field = ("input", "translation_of_id")
        values["translation_of"] = await queries.get(unit.actor, input.translation_of_id, field=field)
    return values


@mutation(description="Change an item; where approval is required, it has to be approved again.", requires=EDIT.name)
async def _faq_item_update(
    unit: Unit, id: strawberry.ID, input: FaqItemUpdateInput, expected_version: int | None = None
) -> FaqItemPayload:
    item = await queries.get(unit.actor, id)
    changes = await _changes_in(unit, input)
    return _of(await service.update_item(unit, item, expected_version=expected_version, **changes))


async def _changes_in(unit: Unit, input: FaqItemUpdateInput) -> Any:
    changes = given(input)
    for name in ("title", "category_id", "audience", "active"):
        if name in changes and changes[name] is None:
            raise Required(field=("input", name))
    if "category_id" in changes:
        field: Field = ("input", "category_id")
        changes["category"] = await queries.get_category(unit.actor, changes.pop("category_id"), field=field)
    if "fields" in changes:
        texts = changes.pop("fields")
        changes["texts"] = None if texts is None else _texts(texts)
    if "attachments" in changes:
        changes["attachments"] = await _files(unit, changes["attachments"])
    return changes


@mutation(description="Let readers see an item as it is now.", requires=APPROVE.name)
async def _faq_item_approve(unit: Unit, id: strawberry.ID) -> FaqItemPayload:
    return _of(await service.approve_item(unit, await queries.get(unit.actor, id)))


@mutation(description="Rate an item: 0, 25, 50, 75 or 100; null withdraws.")
async def _faq_item_vote(unit: Unit, id: strawberry.ID, vote: int | None = None) -> FaqItemPayload:
    return _of(await service.vote(unit, await queries.get(unit.actor, id), vote))


@mutation(description="Link an item with tickets that the viewer may change.")
async def _faq_item_link_tickets(unit: Unit, id: strawberry.ID, ticket_ids: list[strawberry.ID]) -> FaqItemPayload:
    item = await queries.get(unit.actor, id)
    return _of(await service.link_tickets(unit, item, await _tickets(unit.actor, ticket_ids)))


@mutation(description="Take the links between an item and tickets away.")
async def _faq_item_unlink_tickets(unit: Unit, id: strawberry.ID, ticket_ids: list[strawberry.ID]) -> FaqItemPayload:
    item = await queries.get(unit.actor, id)
    return _of(await service.unlink_tickets(unit, item, await _tickets(unit.actor, ticket_ids)))


async def _tickets(actor: Actor, ids: list[strawberry.ID]) -> list[Ticket]:
    if len(ids) > MAX_TICKETS:
        raise LimitExceeded("At most {limit} tickets at once.", limit=MAX_TICKETS, field=("ticket_ids",))
    unique = dict.fromkeys(ids)
    return [await tickets.get(actor, each, field=("ticket_ids", str(place))) for place, each in enumerate(unique)]


@mutation(description="Create a category.", requires=MANAGE.name)
async def _faq_category_create(unit: Unit, input: FaqCategoryInput) -> FaqCategoryPayload:
    row = await service.create_category(unit, **await _category_in(unit.actor, input))
    return FaqCategoryPayload(faq_category=FaqCategory.of(row))


@mutation(description="Change a category, or switch it on or off.", requires=MANAGE.name)
async def _faq_category_update(
    unit: Unit, id: strawberry.ID, input: FaqCategoryInput, active: bool | None = None
) -> FaqCategoryPayload:
    category = await queries.get_category(unit.actor, id)
    row = await service.update_category(unit, category, active=active, **await _category_in(unit.actor, input))
    return FaqCategoryPayload(faq_category=FaqCategory.of(row))


async def _category_in(actor: Actor, input: FaqCategoryInput) -> dict[str, Any]:
    parent: Category | None = None
    if input.parent_id is not None:
        parent = await queries.get_category(actor, input.parent_id, field=("input", "parent_id"))
    groups: list[Group] = [
        await access.get_group(actor, each, field=("input", "group_ids", str(place)))
        for place, each in enumerate(input.group_ids)
    ]
    return {"name": input.name, "parent": parent, "groups": groups}


@strawberry.type
class FaqMutation:
    faq_item_create = _faq_item_create
    faq_item_update = _faq_item_update
    faq_item_approve = _faq_item_approve
    faq_item_vote = _faq_item_vote
    faq_item_link_tickets = _faq_item_link_tickets
    faq_item_unlink_tickets = _faq_item_unlink_tickets
    faq_category_create = _faq_category_create
    faq_category_update = _faq_category_update
