from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketWatch(BaseModel):
    ticket_watch: "TicketWatchTicketWatch" = Field(alias="ticketWatch")


TicketWatchTicketWatch = TicketPayloadFields
TicketWatch.model_rebuild()
