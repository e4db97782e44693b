from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import TicketStoryFields


class TicketByNumber(BaseModel):
    ticket_by_number: Optional["TicketByNumberTicketByNumber"] = Field(
        alias="ticketByNumber"
    )


TicketByNumberTicketByNumber = TicketStoryFields
TicketByNumber.model_rebuild()
