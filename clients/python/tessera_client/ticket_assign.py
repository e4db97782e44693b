from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketAssign(BaseModel):
    ticket_assign: "TicketAssignTicketAssign" = Field(alias="ticketAssign")


TicketAssignTicketAssign = TicketPayloadFields
TicketAssign.model_rebuild()
