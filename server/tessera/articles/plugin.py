"""What the articles declare."""

from tessera.articles import queries
from tessera.articles import settings as own_settings
from tessera.articles.graphql import ArticleMutation, ArticleQuery, BulkMutation, TicketArticles
from tessera.articles.jobs import bulk_update
from tessera.engine.roots import Mutation, Query
from tessera.files.hooks import BlobOwner
from tessera.plugin import Extension, Job, Schedule, Setting, hookimpl
from tessera.tickets.graphql import Ticket


@hookimpl
def extensions() -> list[Extension]:
    return [
        Extension(Query, ArticleQuery),
        Extension(Mutation, ArticleMutation),
        Extension(Mutation, BulkMutation),
        Extension(Ticket, TicketArticles),
    ]


@hookimpl
def jobs() -> list[Job | Schedule]:
    return [Job("articles.bulk_update", bulk_update, in_unit=False)]


@hookimpl
def settings() -> list[Setting[object]]:
    return [value for value in vars(own_settings).values() if isinstance(value, Setting)]


@hookimpl
def blob_owners() -> list[BlobOwner]:
    return [BlobOwner("articles", queries.named_digests)]
