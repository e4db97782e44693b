"""The API of the knowledge base."""

from tessera_faq.graphql.mutations import FaqMutation
from tessera_faq.graphql.reads import FaqQuery, HitFaqItem
from tessera_faq.graphql.types import FaqCategory, FaqItem, TicketFaq

__all__ = ["FaqCategory", "FaqItem", "FaqMutation", "FaqQuery", "HitFaqItem", "TicketFaq"]
