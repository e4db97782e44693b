"""Verbs of queues, their addresses, texts and templates."""

from tessera.queues.service._addresses import create_address, update_address
from tessera.queues.service._queues import QueueChanges, create_queue, update_queue
from tessera.queues.service._texts import (
    create_auto_response,
    create_salutation,
    create_signature,
    create_template,
    update_auto_response,
    update_salutation,
    update_signature,
    update_template,
)

__all__ = [
    "QueueChanges",
    "create_address",
    "create_auto_response",
    "create_queue",
    "create_salutation",
    "create_signature",
    "create_template",
    "update_address",
    "update_auto_response",
    "update_queue",
    "update_salutation",
    "update_signature",
    "update_template",
]
