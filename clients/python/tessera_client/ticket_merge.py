from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketMerge(BaseModel):
    ticket_merge: "TicketMergeTicketMerge" = Field(alias="ticketMerge")


TicketMergeTicketMerge = TicketPayloadFields
TicketMerge.model_rebuild()
