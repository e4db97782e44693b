"""The API of articles, and the verbs of tickets that say something."""

from tessera.articles.graphql.bulk import BulkMutation, TicketBulkItem
from tessera.articles.graphql.inputs import ArticleInput, AttachmentInput, TicketCreateInput, article_in
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
    "TicketBulkItem",
    "TicketCreateInput",
    "article_in",
]
