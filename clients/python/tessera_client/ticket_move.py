from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketPayloadFields


class TicketMove(BaseModel):
    ticket_move: "TicketMoveTicketMove" = Field(alias="ticketMove")


TicketMoveTicketMove = TicketPayloadFields
TicketMove.model_rebuild()
