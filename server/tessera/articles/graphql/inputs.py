"""What clients give to open tickets and to write articles, and the rows it names."""

from datetime import datetime
from typing import Any

import strawberry

from tessera.accounts import queries as accounts
from tessera.articles import queries
from tessera.articles.models import Channel
from tessera.articles.service import NewArticle, NewAttachment
from tessera.engine.added import AddsWork
from tessera.files import service as files
from tessera.kit.actor import Actor
from tessera.kit.inputs import Field
from tessera.kit.unit import Unit
from tessera.queues import queries as queues
from tessera.tickets import queries as tickets


@strawberry.input(
    one_of=True, description="Exactly one member. Bytes go to `POST /uploads` first; GraphQL multipart is off."
)
class AttachmentInput:
    upload_token: str | None = strawberry.field(
        default=strawberry.UNSET, description="Token returned by `POST /uploads`."
    )
    attachment_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Re-use an attachment you can read."
    )


@strawberry.input(
    description=(
        "An article to add. Channel `email` sends it; `note` stays inside; "
        "`phone` records a call; `web` comes from a portal."
    )
)
class ArticleInput:
    channel: str = "web"
    visible_for_customer: bool | None = strawberry.field(
        default=None, description="Default: true, except for channel `note`."
    )
    subject: str | None = None
    body: str | None = strawberry.field(default=None, description="Plain text; made from `bodyHtml` when absent.")
    body_html: str | None = None
    to: list[str] | None = strawberry.field(
        default=None, description="Recipients of channel `email`; default: the customer user."
    )
    cc: list[str] | None = None
    in_reply_to_id: strawberry.ID | None = None
    attachments: list[AttachmentInput] | None = None


@strawberry.input(description="A new ticket. Packages add one optional field each.")
class TicketCreateInput(AddsWork):
    title: str
    queue_id: strawberry.ID
    state_id: strawberry.ID | None = None
    priority_id: strawberry.ID | None = None
    type_id: strawberry.ID | None = None
    owner_id: strawberry.ID | None = None
    responsible_id: strawberry.ID | None = None
    customer_user_id: strawberry.ID | None = None
    tags: list[str] | None = None
    pending_until: datetime | None = None
    article: ArticleInput = strawberry.field(description="The request itself.")
    client_mutation_id: str | None = strawberry.field(
        default=None,
        description=("Idempotency key, unique per caller for 24 hours: a repeated create returns the first result."),
    )


async def article_in(unit: Unit, input: ArticleInput, field: Field = ("input",)) -> NewArticle:
    """Return the article an input asks for; its uploads are taken for good.

    Raises `NotFound` with the field for what the actor cannot see.
    """
    earlier = None
    if input.in_reply_to_id is not None:
        earlier = await queries.get(unit.actor, input.in_reply_to_id, field=(*field, "in_reply_to_id"))
    return NewArticle(
        channel=_channel(input.channel),
        visible_for_customer=input.visible_for_customer,
        subject=input.subject,
        body=input.body,
        body_html=input.body_html,
        to=tuple(input.to or ()),
        cc=tuple(input.cc or ()),
        in_reply_to=earlier,
        attachments=tuple(
            [
                await _attachment(unit, each, (*field, "attachments", str(position)))
                for position, each in enumerate(input.attachments or ())
            ]
        ),
    )


def _channel(name: str) -> str:
    return Channel(name) if name in set(Channel) else name


async def _attachment(unit: Unit, input: AttachmentInput, field: Field) -> NewAttachment:
    if isinstance(input.upload_token, str):
        upload = await files.claim_upload(unit, input.upload_token, field=(*field, "upload_token"))
        return NewAttachment(
            filename=upload.filename, content_type=upload.content_type, digest=upload.blob_digest, size=upload.size
        )
    found = await queries.get_attachment(unit.actor, str(input.attachment_id), field=(*field, "attachment_id"))
    return NewAttachment(filename=found.filename, content_type=found.content_type, digest=found.digest, size=found.size)


async def ticket_in(actor: Actor, input: TicketCreateInput) -> dict[str, Any]:
    """Return what an input asks `tickets.service.create` for, its ids replaced by what they name.

    Raises `NotFound` with the field for what the actor cannot see.
    """
    values: dict[str, Any] = {
        "title": input.title,
        "queue": await queues.to_write_in(actor, "create", input.queue_id, field=("input", "queue_id")),
        "pending_until": input.pending_until,
        "tags": tuple(input.tags or ()),
    }
    if input.state_id is not None:
        values["state"] = await tickets.get_state(input.state_id, field=("input", "state_id"))
    if input.priority_id is not None:
        values["priority"] = await tickets.get_priority(input.priority_id, field=("input", "priority_id"))
    if input.type_id is not None:
        values["type"] = await tickets.get_type(input.type_id, field=("input", "type_id"))
    for name, key, load in (
        ("owner", input.owner_id, accounts.get_agent),
        ("responsible", input.responsible_id, accounts.get_agent),
        ("customer_user", input.customer_user_id, accounts.get_customer_user),
    ):
        if key is not None:
            values[name] = await load(actor, key, field=("input", f"{name}_id"))
    return values
