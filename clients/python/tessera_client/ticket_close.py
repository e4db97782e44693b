from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketClose(BaseModel):
    ticket_close: "TicketCloseTicketClose" = Field(alias="ticketClose")


TicketCloseTicketClose = TicketPayloadFields
TicketClose.model_rebuild()
