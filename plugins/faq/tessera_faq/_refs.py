"""How the journal calls items and categories; pure."""

from tessera.kit.ids import ObjectRef
from tessera_faq.models import Category, Item

ITEM = "faq.item"
CATEGORY = "faq.category"


def item_ref(item: Item) -> ObjectRef:
    """Return the reference to an item."""
    return ObjectRef(ITEM, item.id)


def category_ref(category: Category) -> ObjectRef:
    """Return the reference to a category."""
    return ObjectRef(CATEGORY, category.id)
