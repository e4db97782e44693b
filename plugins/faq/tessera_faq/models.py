"""Tables of the knowledge base: categories, items and what belongs to them."""

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from tessera.access.models import Group
from tessera.kit.clock import now
from tessera.kit.model import Row, Versioned
from tessera.tickets.models import Ticket

MAX_TITLE = 255
MAX_KEY = 500
MAX_NUMBER = 50


class Audience(StrEnum):
    """Who may read: agents; customers too; everybody."""

    INTERNAL = "internal"
    EXTERNAL = "external"
    PUBLIC = "public"


class Category(Versioned):
    """A topic; `path` is its full name from the root, levels joined by `::`."""

    name = fields.CharField(max_length=200)
    path = fields.CharField(max_length=500)
    path_key = fields.CharField(max_length=MAX_KEY, unique=True)
    parent: fields.ForeignKeyNullableRelation["Category"] = fields.ForeignKeyField(
        "faq.Category", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    parent_id: int | None
    active = fields.BooleanField(default=True)

    class Meta:
        """Never deleted, only switched off."""

        app = "faq"
        table = "faq_category"


class CategoryGroup(Row):
    """A group whose agents see a category."""

    category: fields.ForeignKeyRelation[Category] = fields.ForeignKeyField(
        "faq.Category", related_name=False, on_delete=fields.RESTRICT
    )
    category_id: int
    group: fields.ForeignKeyRelation[Group] = fields.ForeignKeyField(
        "tessera.Group", related_name=False, on_delete=fields.RESTRICT
    )
    group_id: int

    class Meta:
        """Each pair once."""

        app = "faq"
        table = "faq_category_group"
        constraints = (UniqueConstraint(fields=("category", "group"), name="faq_category_group_unique"),)


class CategoryLine(Row):
    """A category and one above it, or itself: one look-up finds what lies below, whatever the depth."""

    category: fields.ForeignKeyRelation[Category] = fields.ForeignKeyField(
        "faq.Category", related_name=False, on_delete=fields.RESTRICT
    )
    category_id: int
    above: fields.ForeignKeyRelation[Category] = fields.ForeignKeyField(
        "faq.Category", related_name=False, on_delete=fields.RESTRICT
    )
    above_id: int

    class Meta:
        """Each pair once."""

        app = "faq"
        table = "faq_category_line"
        constraints = (UniqueConstraint(fields=("category", "above"), name="faq_category_line_unique"),)
        indexes = (Index(fields=("above_id",), name="faq_category_line_above"),)


class Item(Versioned):
    """An entry in one language; the six texts are HTML made safe, an empty one says nothing.

    `original` is the first item of its translations, none for that one itself. `vote_sum` and `vote_count` belong to
    `rating`, their mean; these and `view_count` change without a new version.
    """

    number = fields.CharField(max_length=MAX_NUMBER, unique=True)
    title = fields.CharField(max_length=MAX_TITLE)
    title_key = fields.CharField(max_length=MAX_KEY)
    language = fields.CharField(max_length=20)
    category: fields.ForeignKeyRelation[Category] = fields.ForeignKeyField(
        "faq.Category", related_name=False, on_delete=fields.RESTRICT
    )
    category_id: int
    audience = fields.CharField(max_length=20)
    approved = fields.BooleanField()
    active = fields.BooleanField(default=True)
    symptom = fields.TextField(default="")
    problem = fields.TextField(default="")
    solution = fields.TextField(default="")
    field4 = fields.TextField(default="")
    field5 = fields.TextField(default="")
    comment = fields.TextField(default="")
    author_kind = fields.CharField(max_length=20)
    author_id: int | None = fields.BigIntField(null=True)
    author_name = fields.CharField(max_length=200)
    original: fields.ForeignKeyNullableRelation["Item"] = fields.ForeignKeyField(
        "faq.Item", related_name=False, null=True, on_delete=fields.RESTRICT
    )
    original_id: int | None
    valid_from = fields.DatetimeField(null=True)
    valid_until = fields.DatetimeField(null=True)
    rating = fields.FloatField(null=True)
    vote_sum = fields.IntField(default=0)
    vote_count = fields.IntField(default=0)
    view_count = fields.IntField(default=0)

    class Meta:
        """Never deleted, only switched off: a number is never used again."""

        app = "faq"
        table = "faq_item"
        indexes = (
            Index(fields=("category_id", "updated_at"), name="faq_item_of_category"),
            Index(fields=("original_id",), name="faq_item_of_original"),
            Index(fields=("updated_at",), name="faq_item_updated"),
        )


class Keyword(Row):
    """A word an item is found by; the key is the word folded."""

    item: fields.ForeignKeyRelation[Item] = fields.ForeignKeyField(
        "faq.Item", related_name=False, on_delete=fields.RESTRICT
    )
    item_id: int
    name = fields.CharField(max_length=100)
    name_key = fields.CharField(max_length=MAX_KEY)

    class Meta:
        """Each word once."""

        app = "faq"
        table = "faq_keyword"
        constraints = (UniqueConstraint(fields=("item", "name_key"), name="faq_keyword_unique"),)
        indexes = (Index(fields=("name_key",), name="faq_keyword_key"),)


class ItemAttachment(Row):
    """A file of an item; the bytes are a blob."""

    item: fields.ForeignKeyRelation[Item] = fields.ForeignKeyField(
        "faq.Item", related_name=False, on_delete=fields.RESTRICT
    )
    item_id: int
    filename = fields.CharField(max_length=255)
    content_type = fields.CharField(max_length=200)
    size = fields.BigIntField()
    digest = fields.CharField(max_length=64, db_index=True)

    class Meta:
        """Read with their item."""

        app = "faq"
        table = "faq_attachment"
        indexes = (Index(fields=("item_id",), name="faq_attachment_of_item"),)


class Vote(Row):
    """What a person thinks of an item: 0, 25, 50, 75 or 100."""

    item: fields.ForeignKeyRelation[Item] = fields.ForeignKeyField(
        "faq.Item", related_name=False, on_delete=fields.RESTRICT
    )
    item_id: int
    voter_kind = fields.CharField(max_length=20)
    voter_id = fields.BigIntField()
    vote = fields.IntField()
    voted_at = fields.DatetimeField(default=now)

    class Meta:
        """Once per person."""

        app = "faq"
        table = "faq_vote"
        constraints = (UniqueConstraint(fields=("item", "voter_kind", "voter_id"), name="faq_vote_unique"),)


class ItemTicket(Row):
    """An item that has to do with a ticket."""

    item: fields.ForeignKeyRelation[Item] = fields.ForeignKeyField(
        "faq.Item", related_name=False, on_delete=fields.RESTRICT
    )
    item_id: int
    ticket: fields.ForeignKeyRelation[Ticket] = fields.ForeignKeyField(
        "tessera.Ticket", related_name=False, on_delete=fields.RESTRICT
    )
    ticket_id: int
    created_at = fields.DatetimeField(default=now)

    class Meta:
        """Each pair once."""

        app = "faq"
        table = "faq_item_ticket"
        constraints = (UniqueConstraint(fields=("item", "ticket"), name="faq_item_ticket_unique"),)
        indexes = (Index(fields=("ticket_id",), name="faq_item_ticket_ticket"),)
