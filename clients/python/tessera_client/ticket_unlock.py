from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketUnlock(BaseModel):
    ticket_unlock: "TicketUnlockTicketUnlock" = Field(alias="ticketUnlock")


TicketUnlockTicketUnlock = TicketPayloadFields
TicketUnlock.model_rebuild()
