"""The verbs of the knowledge base."""

from tessera_faq.service._categories import create_category, update_category
from tessera_faq.service._importing import export_items, import_items
from tessera_faq.service._items import approve_item, create_item, touch, update_item
from tessera_faq.service._steps import NewAttachment
from tessera_faq.service._tickets import follow_merge, link_tickets, unlink_tickets
from tessera_faq.service._votes import count_views, vote

__all__ = [
    "NewAttachment",
    "approve_item",
    "count_views",
    "create_category",
    "create_item",
    "export_items",
    "follow_merge",
    "import_items",
    "link_tickets",
    "touch",
    "unlink_tickets",
    "update_category",
    "update_item",
    "vote",
]
