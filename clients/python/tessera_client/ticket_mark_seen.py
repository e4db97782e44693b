from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketMarkSeen(BaseModel):
    ticket_mark_seen: "TicketMarkSeenTicketMarkSeen" = Field(alias="ticketMarkSeen")


TicketMarkSeenTicketMarkSeen = TicketPayloadFields
TicketMarkSeen.model_rebuild()
