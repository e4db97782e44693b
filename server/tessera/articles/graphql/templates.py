"""Prepared texts for a ticket: which there are, and how one looks filled in."""

import strawberry

from tessera.articles import queries
from tessera.engine.nodes import load_node
from tessera.engine.scalars import HTML
from tessera.queues import models as queue_models
from tessera.queues import queries as queues
from tessera.queues.graphql import Template, TemplateKind


@strawberry.type(description="A filled-in template.")
class TemplatePreview:
    subject: str
    body_html: HTML
    body: str


@strawberry.type
class ArticleQuery:
    @strawberry.field(description="Templates usable for a ticket, or all.")
    async def templates(
        self, info: strawberry.Info, ticket_id: strawberry.ID | None = None, kind: TemplateKind | None = None
    ) -> list[Template]:
        ticket = None if ticket_id is None else await load_node(info, ticket_id, "Ticket")
        if ticket_id is not None and ticket is None:
            return []
        wanted = None if kind is None else queue_models.TemplateKind[kind.name]
        return Template.of_all(
            await queues.templates_for(info.context.actor, None if ticket is None else ticket.queue_id, wanted)
        )

    @strawberry.field(description="A template filled in for a ticket: salutation, answer, signature, placeholders.")
    async def template_preview(
        self, info: strawberry.Info, template_id: strawberry.ID, ticket_id: strawberry.ID
    ) -> TemplatePreview | None:
        template = await load_node(info, template_id, "Template")
        ticket = await load_node(info, ticket_id, "Ticket")
        if template is None or ticket is None:
            return None
        filled = await queries.filled_in(info.context.actor, template, ticket)
        return TemplatePreview(subject=filled.subject, body_html=HTML(filled.body_html), body=filled.body)
