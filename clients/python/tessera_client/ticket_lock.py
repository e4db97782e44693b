from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketLock(BaseModel):
    ticket_lock: "TicketLockTicketLock" = Field(alias="ticketLock")


TicketLockTicketLock = TicketPayloadFields
TicketLock.model_rebuild()
