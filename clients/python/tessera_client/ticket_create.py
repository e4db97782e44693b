from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketCreate(BaseModel):
    ticket_create: "TicketCreateTicketCreate" = Field(alias="ticketCreate")


TicketCreateTicketCreate = TicketPayloadFields
TicketCreate.model_rebuild()
