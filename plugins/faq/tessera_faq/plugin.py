"""What the knowledge base declares."""

from typing import Any

from tessera.engine.roots import Mutation, Query
from tessera.files.hooks import BlobOwner
from tessera.links.hooks import Linkable
from tessera.plugin import Command, Extension, Guard, Handler, Permission, Route, Setting, hookimpl
from tessera.search.graphql import SearchHit
from tessera.search.hooks import Searchable
from tessera.search.service import keeping
from tessera.settings.events import SettingChanged
from tessera.tickets.events import TicketMerged
from tessera.tickets.graphql import Ticket
from tessera_faq import _routes as pages
from tessera_faq import cli, queries, service
from tessera_faq import handlers as own
from tessera_faq import permissions as rights
from tessera_faq import settings as knobs
from tessera_faq._refs import ITEM
from tessera_faq.events import ItemChanged, ItemCreated
from tessera_faq.graphql import FaqMutation, FaqQuery, HitFaqItem, TicketFaq

ITEMS = Searchable(
    ITEM,
    "FaqItem",
    visible=queries.visible_to,
    texts=queries.indexed,
    stale_on=(ItemCreated, ItemChanged),
    named=queries.numbered,
)


@hookimpl
def extensions() -> list[Extension]:
    return [
        Extension(Query, FaqQuery),
        Extension(Mutation, FaqMutation),
        Extension(Ticket, TicketFaq),
        Extension(SearchHit, HitFaqItem),
    ]


@hookimpl
def handlers() -> list[Handler]:
    return [
        Handler("faq.on_ticket_merged", on=TicketMerged, run=own.on_ticket_merged),
        Handler("faq.on_texts_changed", on=SettingChanged, run=own.on_texts_changed, when=own.is_about_texts),
        *keeping(ITEMS),
    ]


@hookimpl
def guards() -> list[Guard]:
    return [Guard(on=SettingChanged, run=own.refuse_bad_texts)]


@hookimpl
def permissions() -> list[Permission]:
    return [rights.EDIT, rights.APPROVE, rights.MANAGE]


@hookimpl
def settings() -> list[Setting[Any]]:
    return [knobs.APPROVAL_REQUIRED, knobs.LANGUAGES, knobs.FIELDS, knobs.LINK]


@hookimpl
def commands() -> list[Command]:
    return [Command("faq", cli.app)]


@hookimpl
def routes() -> list[Route]:
    return [Route("GET", f"{queries.PAGE}{{number}}", pages.show)]


@hookimpl
def blob_owners() -> list[BlobOwner]:
    return [BlobOwner("faq", queries.named_digests)]


@hookimpl
def linkables() -> list[Linkable]:
    return [Linkable(ITEM, visible=queries.visible_to, touch=service.touch)]


@hookimpl
def searchables() -> list[Searchable]:
    return [ITEMS]
