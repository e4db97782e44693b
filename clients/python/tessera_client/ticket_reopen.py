from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketReopen(BaseModel):
    ticket_reopen: "TicketReopenTicketReopen" = Field(alias="ticketReopen")


TicketReopenTicketReopen = TicketPayloadFields
TicketReopen.model_rebuild()
