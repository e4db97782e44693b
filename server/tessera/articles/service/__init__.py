"""The verbs of articles; whoever says something on a ticket does it here."""

from tessera.articles.service._adding import NewArticle, NewAttachment
from tessera.articles.service._arriving import add_automatic, add_incoming
from tessera.articles.service._bulk import BulkChange, change_later, change_once
from tessera.articles.service._tickets import merge, open_ticket, split
from tessera.articles.service._writing import (
    add_article,
    add_note,
    add_portal_message,
    forward,
    log_call,
    remark,
    reply,
)

__all__ = [
    "BulkChange",
    "NewArticle",
    "NewAttachment",
    "add_article",
    "add_automatic",
    "add_incoming",
    "add_note",
    "add_portal_message",
    "change_later",
    "change_once",
    "forward",
    "log_call",
    "merge",
    "open_ticket",
    "remark",
    "reply",
    "split",
]
