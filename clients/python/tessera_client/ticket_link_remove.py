from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketLinkRemove(BaseModel):
    ticket_link_remove: "TicketLinkRemoveTicketLinkRemove" = Field(
        alias="ticketLinkRemove"
    )


TicketLinkRemoveTicketLinkRemove = TicketPayloadFields
TicketLinkRemove.model_rebuild()
