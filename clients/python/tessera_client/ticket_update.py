from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketUpdate(BaseModel):
    ticket_update: "TicketUpdateTicketUpdate" = Field(alias="ticketUpdate")


TicketUpdateTicketUpdate = TicketPayloadFields
TicketUpdate.model_rebuild()
