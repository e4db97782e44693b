from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketLinkAdd(BaseModel):
    ticket_link_add: "TicketLinkAddTicketLinkAdd" = Field(alias="ticketLinkAdd")


TicketLinkAddTicketLinkAdd = TicketPayloadFields
TicketLinkAdd.model_rebuild()
