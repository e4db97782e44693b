from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketUnwatch(BaseModel):
    ticket_unwatch: "TicketUnwatchTicketUnwatch" = Field(alias="ticketUnwatch")


TicketUnwatchTicketUnwatch = TicketPayloadFields
TicketUnwatch.model_rebuild()
