from typing import Optional

from .base_model import BaseModel
from .fragments import TicketStoryFields


class Ticket(BaseModel):
    ticket: Optional["TicketTicket"]


TicketTicket = TicketStoryFields
Ticket.model_rebuild()
