"""The API of articles, and the verbs of tickets that say something."""

from tessera.articles.graphql.bulk import BulkMutation
from tessera.articles.graphql.inputs import ArticleInput, AttachmentInput, TicketCreateInput
from tessera.articles.graphql.mutations import ArticleMutation
from tessera.articles.graphql.templates import ArticleQuery
from tessera.articles.graphql.types import Article, Attachment, TicketArticles

__all__ = [
    "Article",
    "ArticleInput",
    "ArticleMutation",
    "ArticleQuery",
    "Attachment",
    "AttachmentInput",
    "BulkMutation",
    "TicketArticles",
    "TicketCreateInput",
]
