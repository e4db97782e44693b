"""Items, their texts and categories as types."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

import strawberry

from tessera.access.graphql import Group
from tessera.access.models import Group as GroupRow
from tessera.accounts.graphql import ActorType, actor_of
from tessera.articles.graphql import Attachment
from tessera.articles.models import Attachment as AttachmentRow
from tessera.engine.connections import Connection, connection
from tessera.engine.context import Context
from tessera.engine.directives import Cost
from tessera.engine.fields import batch, column, derived, to_one
from tessera.engine.nodes import Node, node
from tessera.engine.scalars import HTML, URL
from tessera.engine.sources import ROW
from tessera.history import queries as words
from tessera.history.graphql import FieldChange, field_changes
from tessera.kit import rows
from tessera.kit.actor import Actor
from tessera.kit.i18n import translate
from tessera.kit.journal import Entry
from tessera.kit.paging import Listing
from tessera.tickets.graphql import Ticket
from tessera.tickets.models import Ticket as TicketRow
from tessera_faq import queries
from tessera_faq._fields import NAMES
from tessera_faq.models import Audience, Category, Item, ItemAttachment
from tessera_faq.permissions import APPROVE, EDIT

FIRST_FILE = 2**62
"""Files of items have ids from here on, so that none is taken for a file of an article."""

strawberry.enum(Audience, name="FaqAudience", description="Who may read: agents; customers too; everybody.")


def reader(context: Context) -> Actor:
    """Return who reads: the caller, signed in or not; nothing but the knowledge base may be read as the latter."""
    return context.signed_in or queries.ANONYMOUS


async def _parents(context: Context, keys: list[int | None]) -> list[Category | None]:
    found = await queries.categories_by_id(reader(context), {key for key in keys if key is not None})
    return [None if key is None else found.get(key) for key in keys]


async def _children(context: Context, keys: list[int]) -> dict[int, list[Category]]:
    return await queries.children_of(reader(context), keys)


async def _groups(context: Context, keys: list[int]) -> dict[int, list[GroupRow]]:
    return await queries.groups_of(reader(context), keys)


async def _item_counts(context: Context, keys: list[int]) -> dict[int, int]:
    return await queries.item_counts(reader(context), keys)


@node(
    Category,
    queries.visible_categories,
    description="A topic of the knowledge base, in a tree; groups decide which agents see it.",
)
class FaqCategory(Node):
    name: str
    path: str = strawberry.field(description="Full name from the root, levels joined by `::`.")
    parent: "FaqCategory | None" = batch(_parents, key="parent_id")
    children: list["FaqCategory"] = batch(_children)
    groups: list[Group] = batch(_groups, description="Empty for customer users.")
    item_count: int = batch(_item_counts, description="Items in it, not below it, that the viewer may read.")
    active: bool
    version: int


@strawberry.type(description="One text of an item: Symptom, Problem, Solution, Comment, and two spare ones by default.")
class FaqField:
    name: str = strawberry.field(description="Stable: `symptom`, `problem`, `solution`, `field4`, `field5`, `comment`.")
    label: str
    audience: Audience
    html: HTML


@strawberry.type(description="What the viewer may do with an item. Advice; the server checks again.")
class FaqPermissions:
    update: bool
    approve: bool
    vote: bool


@strawberry.type(description="An item as it may be put into an answer.")
class FaqReply:
    subject: str
    html: HTML = strawberry.field(description="The texts that the audience reads, each under its label.")
    text: str = strawberry.field(description="The same as plain text.")
    url: URL = strawberry.field(description="Where a reader finds the item; see the setting `faq.link`.")


async def _fields(context: Context, keys: list[tuple[str, ...]]) -> list[list[FaqField]]:
    actor = reader(context)
    shown = await queries.texts_for(queries.audience_of(actor))
    places = [(text, NAMES.index(text.name)) for text in shown]
    return [
        [
            FaqField(
                name=text.name, label=translate(text.label, actor.locale), audience=text.audience, html=HTML(key[place])
            )
            for text, place in places
        ]
        for key in keys
    ]


async def _keywords(_context: Context, keys: list[int]) -> dict[int, list[str]]:
    return await queries.keywords_of(keys)


async def _attachments(_context: Context, keys: list[int]) -> dict[int, list[AttachmentRow]]:
    return {key: [_file(each) for each in files] for key, files in (await queries.attachments_of(keys)).items()}


def _file(row: ItemAttachment) -> AttachmentRow:
    """Return a file of an item as one of an article looks."""
    return rows.made(
        AttachmentRow,
        id=FIRST_FILE + row.id,
        filename=row.filename,
        content_type=row.content_type,
        size=row.size,
        digest=row.digest,
    )


def _author(context: Context, kind: str, key: int | None, name: str) -> ActorType:
    if context.signed_in is None:
        return actor_of(kind, None, "")
    return actor_of(kind, key, name)


async def _translations(
    context: Context, keys: list[tuple[int, int | None]]
) -> dict[tuple[int, int | None], list[Item]]:
    return await queries.translations_of(reader(context), keys)


def _tickets(context: Context) -> Listing[TicketRow]:
    return queries.tickets_of_items(reader(context))


async def _viewer_vote(context: Context, keys: list[int]) -> dict[int, int]:
    return await queries.votes_by(reader(context), keys)


def _viewer_can(context: Context, item: Item) -> FaqPermissions:
    actor = reader(context)
    return FaqPermissions(
        update=actor.can(EDIT.name),
        approve=actor.can(APPROVE.name) and not item.approved,
        vote=queries.may_vote(actor, item),
    )


async def _replies(context: Context, keys: list[Item], audience: Audience = Audience.EXTERNAL) -> list[FaqReply | None]:
    made = await queries.replies(reader(context), keys, audience, base_url=context.base_url)
    return [
        None
        if each is None
        else FaqReply(subject=each.subject, html=HTML(each.html), text=each.text, url=URL(each.url))
        for each in made
    ]


def _history(context: Context, kinds: list[str] | None = None) -> Listing[Entry]:
    return queries.history(reader(context), kinds)


async def _summaries(context: Context, entries: list[Entry]) -> list[str]:
    return await words.summaries_of(reader(context), entries)


@node(
    Entry,
    queries.visible_facts,
    description="A fact about an item, for agents. Concrete, with an open `kind`, as `TicketEvent` is.",
)
class FaqItemEvent(Node):
    kind: str = column(
        "name",
        description=(
            "`faq.item_created`, `faq.item_changed`, `faq.item_approved`, `faq.approval_withdrawn`, `faq.item_voted`, "
            "`faq.ticket_linked`, `faq.ticket_unlinked`, … and those of other packages."
        ),
    )
    at: datetime = column("at")
    actor: ActorType = derived(actor_of, "actor_kind", "actor_id", "actor_name")
    item: "FaqItem" = to_one("subject_id", covered=True)
    changes: list[FieldChange] = derived(
        field_changes, ROW, description="Of an item's texts, HTML before and after, unabridged."
    )
    summary: str = batch(_summaries, key=ROW, description="One line for people, in the viewer's language.")


@node(Item, queries.visible_to, description="A knowledge base entry, in one language.")
class FaqItem(Node):
    number: str = strawberry.field(description="What people quote; unique, never reused.")
    title: str
    language: str
    category: FaqCategory = to_one("category_id", covered=True)
    audience: Audience = column("audience", read=Audience)
    approved: bool
    active: bool
    fields: list[FaqField] = batch(
        _fields,
        key=NAMES,
        description=(
            "The fields an administrator configured, in order; hidden from readers whose audience does not cover them."
        ),
    )
    keywords: list[str] = batch(_keywords)
    attachments: list[Attachment] = batch(_attachments, description="`node` does not refetch them: fetch the item.")
    author: ActorType = derived(
        _author,
        *("author_kind", "author_id", "author_name"),
        context=True,
        description="Anonymous callers are not told who.",
    )
    translations: list["FaqItem"] = batch(
        _translations, key=("id", "original_id"), description="The same item in other languages."
    )
    tickets: Connection[Ticket] = connection(_tickets, via="item_id", description="Linked tickets the viewer sees.")
    history: Connection[FaqItemEvent] = connection(
        _history,
        via="subject_id",
        default=50,
        description="Every fact, in order, never changed; for agents. Others are told nothing.",
    )
    rating: float | None = strawberry.field(description="Mean of the votes, 0..100; null without votes.")
    vote_count: int
    view_count: int
    viewer_vote: int | None = batch(_viewer_vote)
    viewer_can: FaqPermissions = derived(_viewer_can, ROW, context=True)
    reply: FaqReply | None = batch(
        _replies,
        key=ROW,
        description=(
            "The item for an answer to readers of an audience, with nothing they may not read; "
            "null when the item itself is not for them, or not published."
        ),
    )
    valid_from: datetime | None
    valid_until: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


def _items(context: Context) -> Listing[Item]:
    return queries.items_of_tickets(reader(context))


async def _suggestions(context: Context, keys: list[int], first: int | None = 5) -> dict[int, list[Item]]:
    return await queries.suggested_for_tickets(reader(context), keys, queries.within_suggestions(first))


@strawberry.type(description="The knowledge base's view of a ticket.")
class FaqTicketInfo:
    items: Connection[FaqItem] = connection(_items, via="ticket_id", description="Linked items the viewer may read.")
    suggestions: list[FaqItem] = batch(
        _suggestions,
        description="Best matches for the ticket's text, not linked yet.",
        directives=[Cost(weight=5, assumed=5)],
    )


@dataclass(frozen=True, slots=True)
class _TicketInfoValue:
    """What stands for a `FaqTicketInfo` while it is resolved."""

    id: int


async def _info(_context: Context, keys: list[int]) -> list[FaqTicketInfo]:
    return [cast("FaqTicketInfo", _TicketInfoValue(key)) for key in keys]


@strawberry.type
class TicketFaq:
    faq: FaqTicketInfo | None = batch(_info, description="From the faq package; null when it fails.")
