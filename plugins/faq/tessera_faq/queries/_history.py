"""Who sees what happened to an item: agents everything that happened to the items they read, others nothing."""

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from tessera.kit.actor import Actor
from tessera.kit.journal import MAX_NAME, Entry
from tessera.kit.model import among
from tessera.kit.paging import Key, Listing
from tessera_faq._refs import ITEM
from tessera_faq.queries._items import visible_to

MAX_KINDS = 100


def visible_facts(actor: Actor) -> QuerySet[Entry]:
    """Return the facts about items an actor sees: all of an item they read for agents, none for others."""
    facts = Entry.filter(subject_kind=ITEM)
    if actor.is_customer_user:
        return facts.filter(id__isnull=True)
    return facts.filter(subject_id__in=Subquery(visible_to(actor).values("id")))


def history(actor: Actor, kinds: list[str] | None) -> Listing[Entry]:
    """List the facts about items an actor sees, by `subject_id`, oldest first, of some kinds or of all."""
    facts = visible_facts(actor)
    return Listing.of(
        facts if kinds is None else facts.filter(among("name", kinds[:MAX_KINDS], longest=MAX_NAME)), (Key("id"),)
    )
