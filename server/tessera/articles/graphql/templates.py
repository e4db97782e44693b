"""Prepared texts for a ticket: which there are, and how one looks filled in."""

import strawberry

from tessera.articles import queries
from tessera.engine.context import Context
from tessera.engine.fields import computed
from tessera.engine.scalars import HTML
from tessera.kit.errors import NotFound
from tessera.queues import models as queue_models
from tessera.queues import queries as queues
from tessera.queues.graphql import Template, TemplateKind
from tessera.tickets import queries as tickets


@strawberry.type(description="A filled-in template.")
class TemplatePreview:
    subject: str
    body_html: HTML
    body: str


async def _templates(
    context: Context, ticket_id: strawberry.ID | None = None, kind: TemplateKind | None = None
) -> list[queue_models.Template]:
    wanted = None if kind is None else queue_models.TemplateKind[kind.name]
    if ticket_id is None:
        return await queues.templates_for(context.actor, None, wanted)
    try:
        ticket = await tickets.get(context.actor, ticket_id)
    except NotFound:
        return []
    return await queues.templates_for(context.actor, ticket.queue_id, wanted)


async def _preview(context: Context, template_id: strawberry.ID, ticket_id: strawberry.ID) -> TemplatePreview | None:
    try:
        template = await queues.get_template(context.actor, template_id)
        ticket = await tickets.get(context.actor, ticket_id)
    except NotFound:
        return None
    filled = await queries.filled_in(context.actor, template, ticket)
    return TemplatePreview(subject=filled.subject, body_html=HTML(filled.body_html), body=filled.body)


@strawberry.type
class ArticleQuery:
    templates: list[Template] = computed(_templates, description="Templates usable for a ticket, or all.")
    template_preview: TemplatePreview | None = computed(
        _preview, description="A template filled in for a ticket: salutation, answer, signature, placeholders."
    )
